"""What Odoo, werkzeug and psycopg keep to themselves is used in ``engine/compat`` only, checked on the syntax trees.

``engine/compat/__init__.py`` says where the line is. A name counts as ours if any file of the addon
defines it: so whatever this check finds is a breach, and it may miss one.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from .common import TestCase
from .test_structure import ROOT, files

#: Where the rule holds; elsewhere are tests and tools.
PARTS = ("__init__.py", "api.py", "engine/", "models/", "controllers/", "wizards/")
#: The contract tests of ``engine/compat``.
CONTRACTS = ("tests/orm/test_compat.py", "tests/http/test_compat_http.py")
BUT = ("engine/compat/", "engine/tests/")

#: Ordinary Odoo: named in its developer documentation, or used by ten or more files of its business addons.
ORDINARY = frozenset(
    {
        # what a model says of itself, and records of themselves
        "_abstract", "_auto", "_check_company_auto", "_description", "_fields", "_ids", "_inherit", "_inherits",
        "_log_access", "_name", "_order", "_origin", "_rec_name", "_table", "_transient",
        # methods that addons call or override
        "_compute_display_name", "_field_to_sql", "_has_field_access", "_read_group", "_search",
        "_auth_method_public", "_commit_progress", "_is_public", "_xmlid_to_res_id",
        # translation
        "_",
    }
)  # fmt: skip
#: These have no underscore, and yet are nobody's business.
PRIVATE = frozenset(
    {
        "FutureResponse", "RegistryError", "cache_invalidated", "current_test", "default_env", "nodb_routing_map",
        "not_null_fields", "original_endpoint", "original_routing", "registry_invalidated",
    }
)  # fmt: skip
PRIVATE_MODULES = ("odoo.orm", "odoo.service", "odoo.sql_db", "odoo.modules.module", "odoo.tests")
_REACHING = frozenset({"getattr", "setattr", "hasattr", "delattr"})


def defined(sources: Iterable[str]) -> set[str]:
    """The names that the addon defines: functions, classes, variables, attributes of ``self``."""
    found = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_own(node.value):
                found.add(node.attr)
    return found


def private_uses(path: str, source: str, ours: set[str]) -> list[str]:
    """Return what a file uses that is neither ours nor ordinary Odoo, a sentence each.

    :param path: of the file in the addon, with slashes
    :param ours: names that the addon defines
    """
    tree = ast.parse(source, path)
    found = [(line, f"imports {module}") for line, module in _private_imports(tree)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if _is_private(node.attr, ours) or (node.attr == "__dict__" and not _is_own(node.value)):
                found.append((node.lineno, f"uses {ast.unparse(node)}"))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _REACHING:
            names = [arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)]
            if any(_is_private(str(name), ours) for name in names):
                found.append((node.lineno, f"uses {ast.unparse(node)}"))
    return [f"{path}:{line}: {what}: a function of engine/compat is to do that" for line, what in sorted(found)]


def _is_private(name: str, ours: set[str]) -> bool:
    if name in PRIVATE:
        return True
    if not name.startswith("_") or (name.startswith("__") and name.endswith("__")):
        return False
    return name not in ORDINARY and name not in ours and "jsonrpc" not in name


def _is_own(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def _private_imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield imports from modules that are not for addons; for type checkers they are only names."""
    typing = {
        below
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for below in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in typing:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            private = any(name == module or name.startswith(f"{module}.") for module in PRIVATE_MODULES)
            if private or name.rpartition(".")[2] in PRIVATE:
                yield node.lineno, name


class TestPrivateUse(TestCase):
    def setUp(self):
        super().setUp()
        paths = [path for path in files() if path.startswith(PARTS) and not path.startswith(BUT)]
        self.sources = {path: (ROOT / path).read_text("utf-8") for path in paths}

    def test_private_parts_of_others_are_used_in_compat_only(self):
        ours = defined(self.sources.values())
        found = [use for path, source in self.sources.items() for use in private_uses(path, source, ours)]
        self.assertEqual(found, [], "\n".join(["", *found]))

    def test_every_function_of_compat_has_a_contract_test(self):
        tests = "".join((ROOT / path).read_text("utf-8") for path in CONTRACTS)
        functions = [
            f"{path.stem}.{node.name}"
            for path in sorted((ROOT / "engine/compat").glob("odoo_*.py"))
            for node in ast.parse(path.read_text("utf-8")).body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        ]
        self.assertTrue(functions)
        self.assertEqual([name for name in functions if not re.search(rf"\b{re.escape(name)}\b", tests)], [])

    def test_the_walk_reaches_the_addon(self):
        some = {"models/ir_http.py", "controllers/outage.py", "engine/dispatch/pipeline.py"}
        self.assertLessEqual(some, set(self.sources))


class TestPrivateUseChecker(TestCase):
    """The checker itself: what it must find, and what it must let pass."""

    def test_uses_are_found(self):
        for source in (
            "request._serve_db()",
            "httprequest._HTTPRequest__wrapped.environ",
            "registry._setup_models__(cr)",
            "self._fetch_query(query, fields)",
            "super()._sql_error_to_message(exc)",
            "registry.__dict__.setdefault('x', {})",
            "self.env.registry.__dict__['x'] = 1",
            "http.Request._serve_db = mine",
            "getattr(method, '_api_model', False)",
            "setattr(http.Request, '_serve_db', mine)",
            "env.transaction.default_env = env",
            "registry.cache_invalidated",
            "from odoo.orm.models import NO_ACCESS",
            "from odoo.http import RegistryError",
            "http.FutureResponse()",
            "from odoo import sql_db",
            "import odoo.service.server",
            "def f():\n    from odoo.modules import module",
        ):
            with self.subTest(source=source):
                self.assertTrue(private_uses("models/a.py", source, {"_ours"}))

    def test_ordinary_odoo_and_our_own_pass(self):
        for source in (
            "model._fields[name]",
            "lean(model)._search(domain)",
            "self.env._('Hello')",
            "record._ours()",
            "registry['jsonrpc.key']._jsonrpc_anything",
            "function.__name__",
            "cls.__dict__",
            "exc.__cause__ = other",
            "getattr(exc, 'context', {})",
            "getattr(model, name)",
            "from odoo.modules.registry import Registry",
            "from odoo import api, fields, models",
            "if TYPE_CHECKING:\n    from odoo.sql_db import BaseCursor",
        ):
            with self.subTest(source=source):
                self.assertEqual(private_uses("models/a.py", source, {"_ours"}), [])

    def test_what_is_set_on_something_else_is_not_ours(self):
        self.assertEqual(defined(["def f(self, cr):\n    self._a = cr._b = 1"]), {"f", "_a"})

    def test_use_names_file_line_and_offender(self):
        self.assertEqual(
            private_uses("models/a.py", "import re\nrequest._serve_db()", set()),
            ["models/a.py:2: uses request._serve_db: a function of engine/compat is to do that"],
        )
