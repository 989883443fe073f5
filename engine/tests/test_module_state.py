"""What one process holds between requests is held by ``engine/dispatch/process.py`` only, checked on the syntax trees.

A module elsewhere may have tables and caches of pure functions (``lru_cache``), nothing that its
functions change.
"""

import ast
from collections.abc import Iterator

from .common import TestCase
from .test_private_use import PARTS
from .test_structure import ROOT, files

OWNER = "engine/dispatch/process.py"

_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
_MAKERS = frozenset(
    {
        "dict", "list", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict", "LRU", "Recent",
        "WeakKeyDictionary", "WeakValueDictionary", "WeakSet", "count",
    }
)  # fmt: skip
#: Of these, being there is enough.
_OF_THREADS = frozenset({"local", "Lock", "RLock", "Semaphore", "BoundedSemaphore", "Event", "Condition", "Queue"})
_CHANGING = frozenset(
    {
        "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove",
        "setdefault", "sort", "update", "__setitem__", "is_first",
    }
)  # fmt: skip


def changed_state(path: str, source: str) -> list[str]:
    """Return the names at the top of a module that its functions change, a sentence each.

    :param path: of the file in the addon, with slashes
    """
    tree = ast.parse(source, path)
    kept, local = _state(tree)
    found = {(line, name) for name, line in local.items()}
    for function in (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))):
        found |= {(line, name) for line, name in _changes(function) if name in kept}
        said = [node for node in ast.walk(function) if isinstance(node, ast.Global)]
        found |= {(node.lineno, name) for node in said for name in node.names}
    # Also where nothing but a reference to the method that changes it is handed on.
    for node in tree.body:
        if isinstance(node, ast.Expr):
            found |= {(line, name) for line, name in _changes(node) if name in kept and "register" in ast.unparse(node)}
    return [f"{path}:{line}: {name} is state of the process: {OWNER} is to hold it" for line, name in sorted(found)]


def _state(tree: ast.Module) -> tuple[set[str], dict[str, int]]:
    """The names at the top of a module of what can be changed, and those of what each thread has for itself."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    threads = {cls.name for cls in classes if any("local" in ast.unparse(base) for base in cls.bases)}
    threads |= {cls.name for cls in classes if any(_is_changeable(value) for value in _own_values(cls))}
    kept, local = set(), {}
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            if _made_by(node.value) in {*_OF_THREADS, *threads}:
                local |= dict.fromkeys(names, node.lineno)
            elif _is_changeable(node.value):
                kept |= names
    return kept, local


def _made_by(value: ast.expr) -> str:
    return ast.unparse(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""


def _is_changeable(value: ast.expr) -> bool:
    return isinstance(value, _DISPLAYS) or _made_by(value) in _MAKERS | _OF_THREADS


def _own_values(cls: ast.ClassDef) -> Iterator[ast.expr]:
    """Yield what a class puts into attributes of its objects."""
    for node in ast.walk(cls):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Attribute) for target in targets):
                yield node.value


def _changes(below: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield whatever is changed somewhere, with its line: by a method, an item or an attribute."""
    for node in ast.walk(below):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in _CHANGING or isinstance(node.ctx, (ast.Store, ast.Del)):
                yield node.lineno, node.value.id
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            if isinstance(node.ctx, (ast.Store, ast.Del)):
                yield node.lineno, node.value.id
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "next":
            yield from ((node.lineno, arg.id) for arg in node.args[:1] if isinstance(arg, ast.Name))


class TestModuleState(TestCase):
    def test_only_the_owner_holds_what_functions_change(self):
        found = []
        for path in files():
            if path.startswith(PARTS) and not path.startswith("engine/tests/") and path != OWNER:
                found += changed_state(path, (ROOT / path).read_text("utf-8"))
        self.assertEqual(found, [], "\n".join(["", *found]))

    def test_the_owner_is_there(self):
        self.assertIn(OWNER, set(files()))


class TestModuleStateChecker(TestCase):
    """The checker itself: what it must find, and what it must let pass."""

    def test_changed_state_is_found(self):
        for source in (
            "_kept = {}\ndef f(x):\n    _kept[x] = 1",
            "_kept: dict[str, int] = {}\ndef f(x):\n    return _kept.setdefault(x, 1)",
            "_kept = set()\ndef f(x):\n    _kept.add(x)",
            "_kept = collections.deque()\nclass A:\n    def f(self):\n        _kept.append(1)",
            "_kept = []\ndef f():\n    del _kept[0]",
            "_kept = {}\nos.register_at_fork(after_in_child=_kept.clear)",
            "_kept = None\ndef f():\n    global _kept\n    _kept = 1",
            "_ids = itertools.count(1)\ndef f():\n    return next(_ids)",
            "_current = threading.local()",
            "class _Open:\n    def __init__(self):\n        self._all: set[int] = set()\n_open = _Open()",
            "_room = threading.BoundedSemaphore(8)",
            "class _Current(threading.local):\n    call = None\ncurrent = _Current()",
        ):
            with self.subTest(source=source):
                self.assertTrue(changed_state("models/a.py", source))

    def test_tables_and_caches_of_functions_pass(self):
        for source in (
            "TABLE = {1: 2}\ndef f(x):\n    return TABLE[x]",
            "TABLE = {}\nTABLE.update(a=1)",
            "def f():\n    kept = {}\n    kept['a'] = 1",
            "@lru_cache\ndef f(x):\n    return x",
            "_logger = logging.getLogger(__name__)\ndef f():\n    _logger.info('x')",
            "class A:\n    def __init__(self):\n        self.kept = {}\n        self.kept['a'] = 1",
            "class A(threading.local):\n    call = None",
        ):
            with self.subTest(source=source):
                self.assertEqual(changed_state("models/a.py", source), [])

    def test_change_names_file_line_and_name(self):
        self.assertEqual(
            changed_state("models/a.py", "_kept = {}\ndef f(x):\n    _kept[x] = 1"),
            ["models/a.py:3: _kept is state of the process: engine/dispatch/process.py is to hold it"],
        )
