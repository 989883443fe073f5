"""Imports point one way only, and in no circle: the rule of the architecture, checked on the syntax trees.

::

    protocol <- access <- dispatch  <- controllers
    protocol <- access <- resources <- models        api <- models
    events   <- resources, models
    compat <- anyone in engine, models, controllers

The whole addon is read, whether it can be imported here or not. Imports for type checkers count
like all others.
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
    "api": {"engine/protocol", "engine/access"},
    "engine": set(),
    "engine/protocol": set(),
    "engine/access": {"engine/protocol"},
    "engine/dispatch": {"engine/protocol", "engine/access", "engine/compat"},
    # The outbox and how it is read, whoever reads.
    "engine/events": {"engine/protocol", "engine/access", "engine/compat"},
    "engine/resources": {"engine/protocol", "engine/access", "engine/compat", "engine/events"},
    "engine/compat": set(),
    # Of what is pure.
    "engine/tests": {"engine/protocol", "engine/access", "engine/events"},
    "models": {"api", "engine/protocol", "engine/access", "engine/events", "engine/resources", "engine/compat"},
    "controllers": {"api", "engine/protocol", "engine/access", "engine/dispatch", "engine/compat"},
    # Forms over the models, on the same side of the house.
    "wizards": {"engine/protocol", "engine/access", "engine/compat", "api", "models"},
    # They may look into every room.
    "tests": {
        "api", "models", "controllers", "wizards",
        "engine/protocol", "engine/access", "engine/dispatch", "engine/events", "engine/resources", "engine/compat",
        "engine/tests",
    },
    # Tools beside the addon: they run it from outside and never load it. Only their own
    # tests, in a folder of their name, import them.
    "sandbox": {"benchmarks"},
    "benchmarks": {"sandbox"},
    "examples": set(),
    "docs": set(),
}  # fmt: skip
TOOLS = {"sandbox", "benchmarks", "examples", "docs"}
PURE = sys.stdlib_module_names | {"orjson", "pydantic", "pydantic_core"}
#: What each part may import from outside; a part that is not named here may import anything.
MAY_USE = {
    "engine/protocol": PURE,
    "engine/access": PURE,
    "engine/tests": PURE | {"hypothesis", "jsonschema", "referencing", "typing_extensions"},
    "engine/events/position.py": PURE,
    "engine/events/snapshot.py": PURE,
    "engine/events/watch.py": PURE,
    "engine/tests/common.py": PURE | {"odoo.tests"},
    "api": sys.stdlib_module_names | {"odoo", "pydantic"},
}
#: Parts that know the ORM and no HTTP.
NO_HTTP = {"api", "engine/dispatch", "engine/events", "engine/resources"}
HTTP = {"odoo.http", "werkzeug", f"{ADDON}.engine.compat.odoo_http"}
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
        target = top if top in TOOLS else _part(rest.replace(".", "/") or ROOT_FILE)
        if target in TOOLS and path.startswith(f"tests/{target}/"):
            return None
        if target != part and target not in MAY_IMPORT[part]:
            return f"{part} imports {target}"
        return f"{part} imports {module}" if part in NO_HTTP and _is_below(module, HTTP) else None
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
    """Return the part of the addon that a file belongs to: its top folder, a floor of ``engine``, or its own name."""
    first, *rest = PurePosixPath(path.removesuffix(".py")).parts
    return f"{first}/{rest[0]}" if first == "engine" and rest and rest[0] != ROOT_FILE else first


def circles(sources: dict[str, str]) -> list[list[str]]:
    """Return the groups of modules that import each other in a circle, by whichever way.

    :param sources: text of each file by its path in the addon
    """
    modules = {_module(path): path for path in sources}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        names = [name.removeprefix(f"{ADDON}.") for _line, name in _imports(path, ast.parse(sources[path], path))]
        # A name is a module, or something in one.
        found = {name if name in modules else name.rpartition(".")[0] for name in names}
        graph[module] = found & modules.keys() - {module}
    reached = {module: _reachable(graph, module) for module in graph}
    groups = {frozenset(other for other in reached[module] if module in reached[other]) for module in graph}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix(f"/{ROOT_FILE}").replace("/", ".")


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    reached, waiting = set(), [start]
    while waiting:
        for module in graph[waiting.pop()] - reached:
            reached.add(module)
            waiting.append(module)
    return reached


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

    def test_no_modules_import_each_other_in_a_circle(self):
        found = circles({path: (ROOT / path).read_text("utf-8") for path in files()})
        self.assertEqual(found, [], "\n".join(["", *map(" <-> ".join, found)]))

    def test_the_walk_reaches_the_addon(self):
        self.assertLessEqual(
            {"__init__.py", "engine/protocol/jsonrpc/codec.py", "engine/tests/test_structure.py"}, set(files())
        )

    def test_every_rule_is_about_a_known_part(self):
        for targets in MAY_IMPORT.values():
            self.assertLessEqual(targets, set(MAY_IMPORT))


class TestChecker(TestCase):
    """The checker itself: what it must find, and what it must let pass."""

    def test_breaches_are_found(self):
        for path, source in (
            # the pure package
            ("engine/protocol/codec.py", "import odoo"),
            ("engine/protocol/codec.py", "from odoo import models"),
            ("engine/protocol/codec.py", "import werkzeug.exceptions"),
            ("engine/protocol/codec.py", "import requests"),
            ("engine/protocol/codec.py", "def f():\n    from odoo.tools import SQL"),
            ("engine/protocol/codec.py", "if TYPE_CHECKING:\n    from odoo.api import Environment"),
            ("engine/protocol/codec.py", "try:\n    import odoo\nexcept ImportError:\n    pass"),
            ("engine/protocol/codec.py", "from ... import models"),
            ("engine/protocol/codec.py", "from ..dispatch import context"),
            ("engine/protocol/codec.py", "from ..dispatch.context import CallContext"),
            ("engine/protocol/codec.py", "from ... import api"),
            ("engine/protocol/codec.py", "from odoo.addons.jsonrpc_gateway import api"),
            ("engine/protocol/codec.py", "import odoo.addons.jsonrpc_gateway.api"),
            ("engine/protocol/codec.py", "from odoo.addons import jsonrpc_gateway"),
            ("engine/protocol/codec.py", "from odoo.addons.web import controllers"),
            ("engine/protocol/codec.py", "from .... import anything"),
            ("engine/protocol/codec.py", "from ....other import anything"),
            ("engine/protocol/codec.py", "import hypothesis"),
            ("engine/tests/test_a.py", "from odoo.tests import BaseCase"),
            ("engine/tests/test_a.py", "from ... import models"),
            ("engine/tests/common.py", "from odoo import models"),
            # the ways up and across
            ("api.py", "from . import models"),
            ("api.py", "from .engine.dispatch.context import CallContext"),
            ("api.py", "import werkzeug"),
            ("api.py", "import psycopg2"),
            ("engine/resources/domain.py", "from ...models import jsonrpc_key"),
            ("engine/resources/domain.py", "from ..dispatch import pipeline"),
            ("engine/events/feed.py", "from ..resources import domain"),
            ("engine/events/feed.py", "from ..dispatch import pipeline"),
            ("engine/resources/domain.py", "from odoo.http import Response"),
            ("models/jsonrpc_key.py", "from ..engine.dispatch import pipeline"),
            ("models/jsonrpc_key.py", "from ..controllers.api import Api"),
            ("models/jsonrpc_key.py", "from odoo.addons.jsonrpc_gateway.engine.dispatch import pipeline"),
            ("engine/dispatch/pipeline.py", "from ...models import jsonrpc_key"),
            ("engine/dispatch/pipeline.py", "from ...controllers import api"),
            ("engine/dispatch/pipeline.py", "from ... import api"),
            ("engine/dispatch/pipeline.py", "from ..resources import domain"),
            ("engine/dispatch/pipeline.py", "from werkzeug.exceptions import NotFound"),
            ("engine/dispatch/pipeline.py", "from odoo import http"),
            ("engine/dispatch/pipeline.py", "from ..compat import odoo_http"),
            ("engine/resources/query/reader.py", "from ...compat.odoo_http import routes"),
            ("controllers/api.py", "from ..models import jsonrpc_key"),
            ("wizards/issue.py", "from ..controllers import api"),
            ("__init__.py", "from .engine import dispatch"),
            ("__init__.py", "from . import controllers, engine"),
            # the tools
            ("models/jsonrpc_key.py", "from .. import sandbox"),
            ("controllers/api.py", "import sandbox.paths"),
            ("tests/test_a.py", "from benchmarks import cases"),
            ("tests/sandbox/test_paths.py", "from benchmarks import cases"),
            ("tests/test_sandbox.py", "from sandbox import paths"),
            ("tests/test_a.py", "from odoo.addons.jsonrpc_gateway.examples import client"),
            ("sandbox/run.py", "from ..engine.protocol import codec"),
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
            ("engine/helpers/text.py", "import re"),
            ("helpers/text.py", "import re"),
            ("hooks.py", "import re"),
        ):
            with self.subTest(path=path, source=source):
                self.assertTrue(breaches(path, source))

    def test_allowed_imports_pass(self):
        for path, source in (
            ("__init__.py", "from . import controllers, models, wizards"),
            ("engine/protocol/codec.py", "import json\nimport orjson\nfrom pydantic import BaseModel"),
            ("engine/protocol/codec.py", "from __future__ import annotations"),
            ("engine/protocol/codec.py", "from pydantic_core import core_schema"),
            ("engine/protocol/codec.py", "from . import errors\nfrom .errors import RpcError"),
            ("engine/protocol/codec.py", "from odoo.addons.jsonrpc_gateway.engine.protocol import errors"),
            ("engine/tests/test_a.py", "from ..protocol import codec\nimport hypothesis"),
            ("engine/tests/common.py", "from odoo.tests import BaseCase"),
            ("api.py", "from odoo import api\nfrom .engine.protocol.errors import RpcError"),
            ("api.py", "from .engine.protocol import errors"),
            ("engine/resources/domain.py", "from odoo.fields import Domain\nfrom ..protocol import spec"),
            ("models/__init__.py", "from . import ir_http, jsonrpc_key"),
            ("models/jsonrpc_key.py", "from ..engine.resources.schema import specs\nfrom .. import api"),
            ("models/jsonrpc_key.py", "from odoo import http\nhttp.root"),
            ("models/jsonrpc_key.py", "def f(request):\n    return request.env"),
            ("models/ir_http.py", "from odoo.http import request"),
            ("engine/dispatch/pipeline.py", "from ..protocol.errors import RpcError\nimport psycopg2"),
            ("engine/dispatch/pipeline.py", "from ..compat import odoo_db"),
            ("engine/resources/following.py", "from ..events.watch import Watch"),
            ("controllers/api.py", "from ..engine.compat import odoo_http"),
            ("controllers/api.py", "from odoo.http import request, route\nimport werkzeug"),
            ("controllers/api.py", "from ..engine.dispatch import pipeline\nfrom ..engine.protocol import codec"),
            (
                "wizards/issue.py",
                "from ..models.jsonrpc_key import ACCESS\nfrom ..engine.protocol import errors",
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
            breaches("engine/dispatch/pipeline.py", "import json\n\nfrom ...models import jsonrpc_key"),
            ["engine/dispatch/pipeline.py:3: engine/dispatch imports models"],
        )

    def test_circles_are_found_whatever_their_length_and_way(self):
        for sources, expected in (
            ({"models/a.py": "from . import b", "models/b.py": "from .c import d", "models/c.py": "import re"}, []),
            ({"models/a.py": "from . import b", "models/b.py": "from .a import c"}, [["models.a", "models.b"]]),
            (
                {
                    "models/a.py": "if TYPE_CHECKING:\n    from .b import B",
                    "models/b.py": "from . import c",
                    "models/c.py": "def f():\n    from .a import A",
                },
                [["models.a", "models.b", "models.c"]],
            ),
            # A package whose parts do not ask it for anything is none.
            ({"models/__init__.py": "from . import a, b", "models/a.py": "from . import b", "models/b.py": ""}, []),
            (
                {"models/__init__.py": "from . import a\nB = 1", "models/a.py": "from . import B"},
                [["models", "models.a"]],
            ),
        ):
            with self.subTest(sources=sources):
                self.assertEqual(circles(sources), expected)
