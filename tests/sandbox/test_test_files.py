"""The tests in Odoo: Odoo's own runner finds every file, and each stands by what it needs."""

import ast
from collections import Counter
from pathlib import Path

from common import CHECKOUT, SandboxCase

TESTS = CHECKOUT / "tests"
FOLDERS = ("orm", "http", "server", "browser")
#: What a class needs, by the class at its root; a plain ``BaseCase`` needs nothing of these.
ROOTS = {"TransactionCase": "orm", "HttpCase": "http", "JsonRpcCase": "http", "ServerCase": "server"}
#: Names that start a server or a browser, and what those need.
HELPERS = {"Server": "server", "Database": "server", "Browser": "browser", "start_tour": "browser",
           "browser_js": "browser"}
#: Folders whose classes may have a root of each kind.
ALLOWED = {"orm": {"orm"}, "http": {"http", "browser"}, "server": {"server", "browser"}}


def test_files():
    """Every test file that needs Odoo."""
    return [path for folder in FOLDERS for path in sorted((TESTS / folder).glob("test_*.py"))]


class Classes:
    """What the classes of a file are built on, here and in the files that it imports them from."""

    def __init__(self, path):
        self.path, self.tree = path, ast.parse(path.read_text())
        self.bases = {
            node.name: [base.id for base in node.bases if isinstance(base, ast.Name)]
            for node in self.tree.body if isinstance(node, ast.ClassDef)
        }
        self.imported = {
            alias.name: node for node in self.tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
        }

    def kinds(self, name):
        """What a class needs, ``orm``, ``http`` or ``server``; of several bases, of each."""
        if name in self.bases:
            return {kind for base in self.bases[name] for kind in self.kinds(base)}
        if name in ROOTS:
            return {ROOTS[name]}
        node = self.imported.get(name)
        if node is None or not node.level:
            return set()
        folder = self.path.parents[node.level - 1]
        module = folder.joinpath(*(node.module or "").split(".")).with_suffix(".py")
        return Classes(module).kinds(name) if module.is_file() else set()

    def helpers(self):
        """What the names that are used in the file need."""
        names = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}
        return {HELPERS[name] for name in names & set(HELPERS)}


def misplaced(path):
    """What a file does not keep of the rule, a sentence each."""
    classes, folder, found = Classes(path), path.parent.name, []
    for name in classes.bases:
        for kind in classes.kinds(name):
            if folder not in ALLOWED[kind]:
                found.append(f"{folder}/{path.name}: {name} belongs to {kind}/")
    needed = classes.helpers()
    for kind in needed & {"server", "browser"}:
        if folder not in ALLOWED.get(kind, {kind}):
            found.append(f"{folder}/{path.name}: it starts what belongs to {kind}/")
    if folder == "browser" and "browser" not in needed:
        found.append(f"{folder}/{path.name}: it drives no browser")
    return found


class TestTestFiles(SandboxCase):
    def test_odoos_runner_is_given_every_file(self):
        tree = ast.parse((TESTS / "__init__.py").read_text())
        imported = Counter(
            f"{node.module}/{alias.name}.py" for node in tree.body if isinstance(node, ast.ImportFrom)
            for alias in node.names
        )
        there = {f"{path.parent.name}/{path.name}" for path in test_files()}
        self.assertEqual(set(imported), there)
        self.assertEqual(set(imported.values()), {1})

    def test_no_two_files_have_the_same_name(self):
        # The runner looks at names in ``tests``: the second would hide the first.
        names = Counter(path.name for path in test_files())
        self.assertEqual([name for name, count in names.items() if count > 1], [])

    def test_no_test_file_is_elsewhere(self):
        tools = {TESTS / "sandbox", TESTS / "addons"}
        there = {path for path in TESTS.rglob("test_*.py") if not tools & set(path.parents)}
        self.assertEqual(there, set(test_files()))

    def test_each_file_stands_by_what_it_needs(self):
        self.assertEqual([sentence for path in test_files() for sentence in misplaced(path)], [])

    def test_breaches_are_found(self):
        (self.folder / "common.py").write_text("class JsonRpcCase(HttpCase):\n    pass\n")
        for folder, text, expected in (
            ("orm", "class TestX(BaseCase):\n    pass\n", 0),
            ("orm", "class TestX(TransactionCase):\n    pass\n", 0),
            ("orm", "from ..common import HttpCase\nclass A(HttpCase):\n    pass\nclass TestX(A):\n    pass\n", 2),
            ("http", "class TestX(TransactionCase):\n    pass\n", 1),
            ("http", "class TestX(BaseCase):\n    def test(self):\n        with Server():\n            pass\n", 1),
            ("http", "class TestX(HttpCase):\n    def test(self):\n        self.start_tour('x')\n", 1),
            ("server", "class TestX(HttpCase):\n    pass\n", 1),
            ("server", "class TestX(ServerCase):\n    pass\n", 0),
            ("browser", "class TestX(HttpCase):\n    def test(self):\n        self.start_tour('x')\n", 0),
            ("browser", "class TestX(HttpCase):\n    pass\n", 1),
        ):
            with self.subTest(folder=folder, text=text):
                path = Path(self.folder, folder, "test_x.py")
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
                self.assertEqual(len(misplaced(path)), expected, misplaced(path))
