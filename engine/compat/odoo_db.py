"""Private parts of ``odoo/sql_db.py`` and of what repeats its transactions: connections, cursors, their hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.sql_db import connection_info_for

from .odoo_server import is_testing

if TYPE_CHECKING:
    import psycopg2

    from odoo.models import BaseModel
    from odoo.sql_db import BaseCursor
    from odoo.tools.misc import Callbacks

#: What ``retrying`` repeats a request after (``service/model.py``), besides ``ConcurrencyError``.
CONCURRENCY_FAILURES: tuple[type[Exception], ...] = tuple(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)

#: How a cursor is marked that only reads because we said so.
_KEPT = "jsonrpc_gateway_kept_read_only"


def connection_info(database: str) -> dict[str, Any]:
    """The arguments of ``psycopg2.connect`` for a database, from the server's settings.

    Relies on ``odoo.sql_db.connection_info_for`` (769).

    :param database: its name
    """
    _name, info = connection_info_for(database)
    return info


def constraint_message(records: BaseModel, error: psycopg2.IntegrityError) -> str:
    """Odoo's sentence for a broken constraint of a model.

    Relies on ``BaseModel._sql_error_to_message`` (``orm/models.py``:3270).
    """
    return records._sql_error_to_message(error)


def replace_execute(cr: BaseCursor, execute: Callable[..., Any]) -> None:
    """Have a function called in the place of a cursor's ``execute``, until :func:`restore_execute`.

    For what must travel with the next statement, whoever makes it. There is no other place that all
    statements pass: psycopg2 sends ``BEGIN`` alone and knows no parameters of a transaction but its
    isolation; options of the connection outlive the transaction, and the pool takes them back by a
    statement; a cursor class is the choice of Odoo's pool. A ``SET`` of its own is one more round trip for
    each request: 40 µs on a local socket, where this costs 3 µs, and the whole way over a network.

    Relies on ``BaseCursor`` having no ``__slots__``, so that an attribute of one cursor hides the
    method, and on Odoo calling ``cr.execute`` for every statement (``sql_db.py``:405).
    """
    cr.execute = execute


def restore_execute(cr: BaseCursor) -> None:
    """Undo :func:`replace_execute`; nothing happens if there is nothing to undo."""
    vars(cr).pop("execute", None)


def keep_read_only(cr: BaseCursor) -> None:
    """Let a cursor change nothing in its transactions to come; called between two of them, by a hook of their end.

    Relies on psycopg2 saying ``BEGIN READ ONLY`` from then on, without a statement of its own, and on
    ``Cursor.__init__`` setting anew whether a connection only reads (``sql_db.py``). The cursor of a test
    is always inside of a transaction, where psycopg2 refuses that.
    """
    if is_testing():
        cr.execute("SET TRANSACTION READ ONLY")
    else:
        setattr(cr, _KEPT, True)
        cr.connection.readonly = True


def was_opened_read_only(cr: BaseCursor) -> bool:
    """Whether Odoo has made a cursor that only reads, and makes another one for a request that writes.

    Relies on ``BaseCursor.readonly``, which asks the connection, and so is true after
    :func:`keep_read_only` too; and on ``BaseCursor`` having no ``__slots__``.
    """
    return cr.readonly and not getattr(cr, _KEPT, False)


def let_read_only(cr: BaseCursor, **settings: int) -> None:
    """Let a new cursor change nothing, in none of its transactions, and set parameters of its session.

    Relies on the pool taking both back when it hands the connection out again: ``ConnectionPool.borrow``
    resets the session (``sql_db.py``, ``cnx.reset()``), ``Cursor.__init__`` sets whether it only reads.

    :param cr: from ``registry.cursor()``, without a statement so far
    :param settings: of PostgreSQL, by name
    """
    told = "; ".join(f"SET {name} = {value}" for name, value in settings.items())
    if is_testing():
        # The one transaction of a test has begun already, and is never committed.
        cr.execute(f"SET TRANSACTION READ ONLY; {told}")
        return
    cr.connection.set_session(readonly=True)
    cr.execute(told)
    # A rollback would take it back.
    cr.connection.commit()


class Hooks(NamedTuple):
    """What hung in a queue of a cursor's hooks.

    :ivar functions: in the order in which they are to run
    :ivar data: that they share
    """

    functions: tuple[Callable[[], Any], ...]
    data: dict[str, Any]


def take_hooks(queue: Callbacks) -> Hooks:
    """Take everything out of a queue of hooks, and run nothing.

    Relies on ``Callbacks._funcs``, a deque, and ``Callbacks.data``, a dict (``tools/misc.py``).

    :param queue: ``cr.postcommit``, ``cr.prerollback`` or another
    """
    taken = Hooks(tuple(queue._funcs), queue.data)
    queue._funcs.clear()
    queue.data = {}
    return taken


def put_hooks(queue: Callbacks, hooks: Hooks) -> None:
    """Put hooks into an empty queue, with their data.

    Relies on what :func:`take_hooks` does.
    """
    queue._funcs.extend(hooks.functions)
    queue.data = hooks.data


def run_hooks(queue: Callbacks, hooks: Hooks) -> None:
    """Run hooks where they look for their data: as what a queue holds, whatever it holds besides.

    Relies on ``Callbacks.run``, which takes one function after the other out of the queue, so that one
    of them may change it.
    """
    others = take_hooks(queue)
    put_hooks(queue, hooks)
    try:
        queue.run()
    finally:
        take_hooks(queue)
        put_hooks(queue, others)
