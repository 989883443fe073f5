"""Imports point one way only: the rule of the architecture, checked on the syntax trees.

::

    protocol <- api <- resources <- models
    protocol <- dispatch <- controllers

The whole addon is read, whether it can be imported here or not.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from .common import TestCase

ADDON = "jsonrpc_gateway"
ROOT = Path(__file__).resolve().parents[2]
ROOT_FILE = "__init__"

#: What each part of the addon may import of the others, besides itself.
MAY_IMPORT = {
    ROOT_FILE: {"controllers", "models", "wizards"},
    "__manifest__": set(),
    "protocol": set(),
    "api": {"protocol"},
    "resources": {"protocol", "api"},
    "models": {"protocol", "api", "resources"},
    "dispatch": {"protocol"},
    "controllers": {"protocol", "api", "dispatch"},
    # Forms over the models, on the same side of the house.
    "wizards": {"protocol", "api", "models"},
    "tests": {"protocol", "api", "resources", "models", "dispatch", "controllers", "wizards"},
    # Tools beside the addon: they run it from outside and never load it. Only their own
    # tests, in a folder of their name, import them.
    "sandbox": {"benchmarks"},
    "benchmarks": {"sandbox"},
    "examples": set(),
}
TOOLS = {"sandbox", "benchmarks", "examples"}
PURE = sys.stdlib_module_names | {"orjson", "pydantic", "pydantic_core"}
#: What each part may import from outside; a part that is not named here may import anything.
MAY_USE = {
    "protocol": PURE,
    "protocol/tests": PURE | {"hypothesis", "jsonschema", "referencing", "typing_extensions"},
    "protocol/tests/common.py": PURE | {"odoo.tests"},
    "api": sys.stdlib_module_names | {"odoo", "pydantic"},
}
#: Parts that know the ORM and no HTTP.
NO_HTTP = {"api", "dispatch", "resources"}
HTTP = {"odoo.http", "werkzeug"}
MAY_USE_REQUEST = {"controllers", "models/ir_http.py", "tests"}


def breaches(path: str, source: str) -> list[str]:
    """Return what a file does against the rule, a sentence each.

    :param path: of the file in the addon, with slashes
    """
    tree = ast.parse(source, path)
    found = []
    for line, module in _imports(path, tree):
        reason = _judge(path, module)
        if reason:
            found.append(f"{path}:{line}: {reason}")
    if not _is_within(path, MAY_USE_REQUEST):
        found += [f"{path}:{line}: uses odoo.http.request" for line in _request_uses(tree)]
    return list(dict.fromkeys(found))


def _judge(path: str, module: str) -> str | None:
    """Return why a file may not import a module; ours are spelled ``jsonrpc_gateway...``."""
    part = _part(path)
    if part not in MAY_IMPORT:
        return f"{part} is not in MAY_IMPORT: decide what it may import"
    top, _, rest = module.partition(".")
    if top == ADDON or top in TOOLS:
        target = module if top in TOOLS else rest
        target = target.partition(".")[0] or ROOT_FILE
        if target in TOOLS and path.startswith(f"tests/{target}/"):
            return None
        if target != part and target not in MAY_IMPORT[part]:
            return f"{part} imports {target}"
        return None
    if part in NO_HTTP and _is_below(module, HTTP):
        return f"{part} imports {module}"
    # The closest entry decides: a file's own, then those of its folders.
    parents = [path, *map(str, PurePosixPath(path).parents), part]
    allowed = next((MAY_USE[name] for name in parents if name in MAY_USE), None)
    if allowed is not None and not _is_below(module, allowed):
        return f"{part} imports {module}"
    return None


def _imports(path: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every imported module with its line, wherever in the file it is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, _ours(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                folder = (ADDON, *PurePosixPath(path).parent.parts)
                kept = folder[: len(folder) - node.level + 1]
                base = ".".join([*kept, base] if base else kept) or "(outside of the addon)"
            for alias in node.names:
                # The name may be a module itself; what it is below of is judged alike.
                yield node.lineno, _ours(f"{base}.{alias.name}")


def _ours(module: str) -> str:
    """Return a module of this addon under the addon's own name, any other as it is."""
    return (
        module.removeprefix("odoo.addons.")
        if _is_below(module, {f"odoo.addons.{ADDON}"})
        else module
    )


def _request_uses(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that take ``request`` from ``odoo.http``, by import or by attribute."""
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                modules[name] = alias.name if alias.asname else name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                if f"{node.module}.{alias.name}" in ("odoo.http.request", "odoo.http.*"):
                    yield node.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _dotted(node, modules) == "odoo.http.request":
            yield node.lineno


def _dotted(node: ast.AST, modules: dict[str, str]) -> str:
    """Return the dotted name that an expression stands for, or an empty string."""
    if isinstance(node, ast.Name):
        return modules.get(node.id, "")
    if isinstance(node, ast.Attribute) and (base := _dotted(node.value, modules)):
        return f"{base}.{node.attr}"
    return ""


def _part(path: str) -> str:
    """Return the part of the addon that a file belongs to: its top folder, or its own name."""
    return PurePosixPath(path).parts[0].removesuffix(".py")


def _is_within(path: str, places: set[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def _is_below(module: str, tops) -> bool:
    """Whether a module is one of some, or inside of one; every prefix of its name is tried."""
    parts = module.split(".")
    return any(".".join(parts[:length]) in tops for length in range(1, len(parts) + 1))


def files() -> Iterator[str]:
    """Yield every Python file of the addon, by its path in it."""
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT)
        if not any(part.startswith(".") or part == "node_modules" for part in relative.parts):
            yield relative.as_posix()


class TestLayers(TestCase):
    def test_no_file_of_the_addon_breaks_the_rule(self):
        found = []
        for path in files():
            found += breaches(path, (ROOT / path).read_text("utf-8"))
        self.assertEqual(found, [], "\n".join(["", *found]))

    def test_the_walk_reaches_the_addon(self):
        self.assertLessEqual(
            {"__init__.py", "protocol/codec.py", "protocol/tests/test_layers.py"}, set(files())
        )

    def test_every_rule_is_about_a_known_part(self):
        for targets in MAY_IMPORT.values():
            self.assertLessEqual(targets, set(MAY_IMPORT))


class TestChecker(TestCase):
    """The checker itself: what it must find, and what it must let pass."""

    def test_breaches_are_found(self):
        for path, source in (
            # the pure package
            ("protocol/codec.py", "import odoo"),
            ("protocol/codec.py", "from odoo import models"),
            ("protocol/codec.py", "import werkzeug.exceptions"),
            ("protocol/codec.py", "import requests"),
            ("protocol/codec.py", "def f():\n    from odoo.tools import SQL"),
            ("protocol/codec.py", "if TYPE_CHECKING:\n    from odoo.api import Environment"),
            ("protocol/codec.py", "try:\n    import odoo\nexcept ImportError:\n    pass"),
            ("protocol/codec.py", "from .. import models"),
            ("protocol/codec.py", "from ..dispatch import context"),
            ("protocol/codec.py", "from ..dispatch.context import CallContext"),
            ("protocol/codec.py", "from .. import api"),
            ("protocol/codec.py", "from odoo.addons.jsonrpc_gateway import api"),
            ("protocol/codec.py", "import odoo.addons.jsonrpc_gateway.api"),
            ("protocol/codec.py", "from odoo.addons import jsonrpc_gateway"),
            ("protocol/codec.py", "from odoo.addons.web import controllers"),
            ("protocol/codec.py", "from ... import anything"),
            ("protocol/codec.py", "from ...other import anything"),
            ("protocol/codec.py", "import hypothesis"),
            ("protocol/tests/test_a.py", "from odoo.tests import BaseCase"),
            ("protocol/tests/test_a.py", "from ... import models"),
            ("protocol/tests/common.py", "from odoo import models"),
            # the ways up and across
            ("api.py", "from . import models"),
            ("api.py", "from .dispatch.context import CallContext"),
            ("api.py", "import werkzeug"),
            ("api.py", "import psycopg2"),
            ("resources/domain.py", "from ..models import jsonrpc_key"),
            ("resources/domain.py", "from ..dispatch import pipeline"),
            ("resources/domain.py", "from odoo.http import Response"),
            ("models/jsonrpc_key.py", "from ..dispatch import pipeline"),
            ("models/jsonrpc_key.py", "from ..controllers.api import Api"),
            ("models/jsonrpc_key.py", "from odoo.addons.jsonrpc_gateway.dispatch import pipeline"),
            ("dispatch/pipeline.py", "from ..models import jsonrpc_key"),
            ("dispatch/pipeline.py", "from ..controllers import api"),
            ("dispatch/pipeline.py", "from .. import api"),
            ("dispatch/pipeline.py", "from ..resources import domain"),
            ("dispatch/pipeline.py", "from werkzeug.exceptions import NotFound"),
            ("dispatch/pipeline.py", "from odoo import http"),
            ("controllers/api.py", "from ..models import jsonrpc_key"),
            ("wizards/issue.py", "from ..controllers import api"),
            ("__init__.py", "from . import dispatch"),
            ("__init__.py", "from . import controllers, protocol"),
            # the tools
            ("models/jsonrpc_key.py", "from .. import sandbox"),
            ("controllers/api.py", "import sandbox.paths"),
            ("tests/test_a.py", "from benchmarks import cases"),
            ("tests/sandbox/test_paths.py", "from benchmarks import cases"),
            ("tests/test_sandbox.py", "from sandbox import paths"),
            ("tests/test_a.py", "from odoo.addons.jsonrpc_gateway.examples import client"),
            ("sandbox/run.py", "from ..protocol import codec"),
            # the request
            ("models/jsonrpc_key.py", "from odoo.http import request"),
            ("models/jsonrpc_key.py", "from odoo.http import request as current"),
            ("models/jsonrpc_key.py", "from odoo.http import *"),
            ("models/jsonrpc_key.py", "from odoo import http\nhttp.request.env"),
            ("models/jsonrpc_key.py", "from odoo import http as web\nweb.request.env"),
            ("models/jsonrpc_key.py", "import odoo\nodoo.http.request"),
            ("models/jsonrpc_key.py", "import odoo.http\nodoo.http.request"),
            ("models/jsonrpc_key.py", "import odoo.http as h\ndef f():\n    return h.request.env"),
            ("wizards/issue.py", "from odoo.http import request"),
            # a part that nobody has decided about
            ("helpers/text.py", "import re"),
            ("hooks.py", "import re"),
        ):
            with self.subTest(path=path, source=source):
                self.assertTrue(breaches(path, source))

    def test_allowed_imports_pass(self):
        for path, source in (
            ("__init__.py", "from . import controllers, models, wizards"),
            ("protocol/codec.py", "import json\nimport orjson\nfrom pydantic import BaseModel"),
            ("protocol/codec.py", "from __future__ import annotations"),
            ("protocol/codec.py", "from pydantic_core import core_schema"),
            ("protocol/codec.py", "from . import errors\nfrom .errors import RpcError"),
            ("protocol/codec.py", "from odoo.addons.jsonrpc_gateway.protocol import errors"),
            ("protocol/tests/test_a.py", "from .. import codec\nimport hypothesis"),
            ("protocol/tests/common.py", "from odoo.tests import BaseCase"),
            ("api.py", "from odoo import api\nfrom .protocol.errors import RpcError"),
            ("api.py", "from .protocol import errors"),
            ("resources/domain.py", "from odoo.fields import Domain\nfrom .. import api"),
            ("models/__init__.py", "from . import ir_http, jsonrpc_key"),
            ("models/jsonrpc_key.py", "from ..resources.schema import specs\nfrom .. import api"),
            ("models/jsonrpc_key.py", "from odoo import http\nhttp.root"),
            ("models/jsonrpc_key.py", "def f(request):\n    return request.env"),
            ("models/ir_http.py", "from odoo.http import request"),
            ("dispatch/pipeline.py", "from ..protocol.errors import RpcError\nimport psycopg2"),
            ("controllers/api.py", "from odoo.http import request, route\nimport werkzeug"),
            ("controllers/api.py", "from ..dispatch import pipeline\nfrom ..protocol import codec"),
            (
                "wizards/issue.py",
                "from ..models.jsonrpc_key import ACCESS\nfrom ..protocol import errors",
            ),
            ("tests/test_a.py", "from ..models import jsonrpc_key\nfrom odoo.http import request"),
            ("tests/addons/other/__init__.py", "from . import controllers"),
            ("tests/addons/other/a.py", "from odoo.addons.jsonrpc_gateway import api as jsonrpc"),
            ("sandbox/__main__.py", "from . import paths\nimport sandbox.paths\nimport argparse"),
            ("benchmarks/cases.py", "from sandbox import paths"),
            ("tests/sandbox/test_paths.py", "from sandbox import paths"),
        ):
            with self.subTest(path=path, source=source):
                self.assertEqual(breaches(path, source), [])

    def test_breach_names_file_line_and_offender(self):
        self.assertEqual(
            breaches("dispatch/pipeline.py", "import json\n\nfrom ..models import jsonrpc_key"),
            ["dispatch/pipeline.py:3: dispatch imports models"],
        )
