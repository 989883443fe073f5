"""What the code has names for, callers and administrators find in ``docs/``: nothing stays undocumented.

The names are read from the code itself: settings and errors from their modules, headers, methods and
operations from the syntax trees.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ..access import settings
from ..protocol import errors
from .common import TestCase

ROOT = Path(__file__).resolve().parents[2]
#: A header's name as a whole string: words with capitals, joined by hyphens, or one of those that are one word.
_HEADER = re.compile(r"[A-Z][A-Za-z]*(?:-[A-Z][A-Za-z]*)+|RateLimit|Origin|Vary|Cookie|Authorization|Allow", re.ASCII)


def trees(*folders: str) -> Iterator[ast.Module]:
    """The syntax trees of the addon's own code in some folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "tests" not in path.parts:
                yield ast.parse(path.read_text("utf-8"))


def strings(tree: ast.AST) -> Iterator[str]:
    """All string literals, docstrings too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def constants(module: ast.AST) -> dict[str, object]:
    """What names of a class or module are assigned a literal."""
    return {
        target.id: node.value.value
        for node in ast.iter_child_nodes(module)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def methods() -> Iterator[str]:
    """Methods of the curated API that the addon itself declares, by their whole names."""
    for tree in trees("models"):
        for cls in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            namespace = constants(cls).get("_jsonrpc_namespace")
            for function in (node for node in cls.body if isinstance(node, ast.FunctionDef)):
                for decorator in function.decorator_list:
                    if namespace and ast.unparse(decorator).startswith("jsonrpc.method("):
                        yield f"{namespace}.{function.name}"


def operations() -> Iterator[str]:
    """The operations of resources."""
    for tree in trees("engine/resources/operations"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Operation":
                yield from (ast.literal_eval(word.value) for word in node.keywords if word.arg == "name")


def service_methods() -> Iterator[str]:
    """The methods of the service endpoints."""
    for tree in trees("controllers"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_common", "_object"):
                yield ast.literal_eval(node.args[0])


class TestDocumentation(TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.words = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.rst")))

    def check(self, names: set[str], least: int) -> None:
        """Every name stands in the documentation as a word of its own, in the form of code."""
        self.assertGreaterEqual(len(names), least, "the names are looked for in the wrong place")
        missing = [
            name
            for name in sorted(names)
            if not re.search(rf"``[^`\n]*(?<![\w.-]){re.escape(name)}(?![\w-])", self.words)
        ]
        self.assertEqual(missing, [], "not named in docs/")

    def test_settings_are_documented(self):
        found = {value.name for value in vars(settings).values() if isinstance(value, settings.Setting)}
        found |= {
            value
            for name, value in vars(settings).items()
            if name.isupper() and isinstance(value, str) and "." in value
        }
        self.check(found, 10)

    def test_no_setting_is_read_past_the_table_of_settings(self):
        read = [
            argument.value
            for tree in trees("controllers", "models", "engine", "wizards")
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "get_param"
            for argument in call.args[:1]
            if isinstance(argument, ast.Constant)
        ]
        self.assertEqual([name for name in read if name.startswith("jsonrpc_gateway.")], [])

    def test_error_types_are_documented(self):
        found = {
            cls.type
            for cls in vars(errors).values()
            if isinstance(cls, type) and issubclass(cls, errors.RpcError) and "type" in vars(cls)
        }
        self.check(found, 18)

    def test_headers_are_documented(self):
        found = {text for tree in trees("controllers") for text in strings(tree) if _HEADER.fullmatch(text)}
        self.check(found, 20)

    def test_methods_are_documented(self):
        self.check(set(methods()) | set(service_methods()), 10)

    def test_operations_are_documented(self):
        self.check(set(operations()), 8)
