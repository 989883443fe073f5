"""All operations, by name: whatever else lists them takes the list from here.

An operation is a module of this package with an ``OPERATION``. The package's modules are read from its
folder, so a new file is a new operation and nothing has to name it. Modules without one are what several
operations share.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType

from .operation import Operation


def collect_operations(package: str) -> Mapping[str, Operation]:
    """The operations in the modules of a package, by name, in their order.

    :param package: name of a package that is imported already
    :raises ValueError: two have the same name
    """
    names = [f"{package}.{module.name}" for module in pkgutil.iter_modules(sys.modules[package].__path__)]
    modules = [import_module(name) for name in names if name != __name__]
    return index_operations(module.OPERATION for module in modules if hasattr(module, "OPERATION"))


def index_operations(operations: Iterable[Operation]) -> Mapping[str, Operation]:
    """Operations by name, in their order.

    :raises ValueError: two have the same name
    """
    found: dict[str, Operation] = {}
    for operation in sorted(operations, key=lambda operation: (operation.sequence, operation.name)):
        if operation.name in found:
            raise ValueError(f"two operations are called {operation.name}")
        found[operation.name] = operation
    return MappingProxyType(found)


OPERATIONS = collect_operations(__package__)
