"""An exception that Odoo or PostgreSQL raised -> the error that the caller gets.

The table is walked by the exception's MRO, so an addon's own ``UserError`` subclass finds
its nearest entry. It must not know which endpoint asks; no answer that it makes carries a
traceback, SQL or a path.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import errors as pg

from odoo import exceptions
from odoo.tools.json import json_default

from ..compat import odoo_db
from ..protocol.errors import (
    CallTimeout,
    Conflict,
    Forbidden,
    InternalError,
    InvalidParams,
    NotFound,
    RpcError,
    Unauthenticated,
    Unavailable,
    UserRefused,
    ValidationFailed,
)
from ..protocol.jsonrpc import codec

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.sql_db import BaseCursor


class TransactionLost(RuntimeError):
    """A method ended the transaction under the calls before it; nothing in it can be answered for."""


def must_bubble(exc: BaseException, cr: BaseCursor) -> bool:
    """Whether Odoo has to see ``exc`` itself, to replay or to end the whole request.

    ``retrying`` (``odoo/service/model.py``) replays concurrency failures, ``_serve_db``
    (``odoo/http.py``) repeats on the primary database what tried to write on a replica,
    and nothing can be answered call by call on a connection that is gone.

    :param exc: what a call raised
    :param cr: the cursor that the call ran on
    """
    if isinstance(exc, (*odoo_db.CONCURRENCY_FAILURES, exceptions.ConcurrencyError, TransactionLost)):
        return True
    if isinstance(exc, pg.ReadOnlySqlTransaction):
        return odoo_db.was_opened_read_only(cr)
    if isinstance(exc, (psycopg2.OperationalError, psycopg2.InterfaceError)):
        return bool(cr.closed or cr.connection.closed)
    return not isinstance(exc, Exception)


def _user_message(error: type[RpcError]) -> Callable[[Exception, Environment | None], RpcError]:
    """Odoo's own words: it writes and translates them for the user who called."""
    return lambda exc, env: error(str(exc.args[0]) if exc.args else None)


def _constant(error: type[RpcError], message: str | None = None) -> Callable[[Exception, Environment | None], RpcError]:
    """Our words only: the exception's own are not for the caller's eyes."""
    return lambda exc, env: error(message)


def _integrity(exc: psycopg2.IntegrityError, env: Environment | None) -> RpcError:
    """The sentence that Odoo has for the constraint (:func:`.odoo_db.constraint_message`), never the SQL.

    PostgreSQL's own words would show values that the caller may not read: of the conflicting
    key, or of the whole row.
    """
    if env is None:
        return ValidationFailed()
    table = exc.diag.table_name
    model = next((cls for cls in env.registry.values() if cls._table == table and not cls._abstract), None)
    records = env[model._name] if model else env["base"]
    message = odoo_db.constraint_message(records, exc)
    if not exc.diag.message_primary or exc.diag.message_primary in message:
        return ValidationFailed()
    if exc.diag.message_detail:
        message = message.replace(exc.diag.message_detail, "").split("\n\n", 1)[0]
    return ValidationFailed(env._("The operation cannot be completed: %s", message))


_TABLE: dict[type[BaseException], Callable[[Any, Environment | None], RpcError]] = {
    exceptions.AccessDenied: _constant(Unauthenticated, "Access denied"),
    exceptions.AccessError: _user_message(Forbidden),
    exceptions.MissingError: _user_message(NotFound),
    exceptions.ValidationError: _user_message(ValidationFailed),
    exceptions.LockError: _user_message(Conflict),
    exceptions.UserError: _user_message(UserRefused),
    exceptions.RedirectWarning: _user_message(UserRefused),
    exceptions.ConcurrencyError: _constant(Conflict, "Concurrent update; try again"),
    psycopg2.IntegrityError: _integrity,
    pg.ReadOnlySqlTransaction: _constant(Unavailable, "The database takes no changes now"),
    psycopg2.DataError: _constant(ValidationFailed, "A value is out of range, or not of its field's type"),
    pg.QueryCanceled: _constant(CallTimeout),
    psycopg2.OperationalError: _constant(Unavailable),
    psycopg2.InterfaceError: _constant(Unavailable),
    Exception: _constant(InternalError),
    **{error: _constant(Conflict, "Concurrent update; try again") for error in odoo_db.CONCURRENCY_FAILURES},
}


def to_rpc_error(exc: Exception, env: Environment | None = None, *, may_write: bool = True) -> RpcError:
    """The JSON-RPC error for ``exc``; an :class:`RpcError` is given back as it is.

    :param exc: what a call raised, and need not bubble (see :func:`must_bubble`)
    :param env: used for its translations and for the names of constraints
    :param may_write: whether the caller's transaction was open for changes, as far as it was ours
        to say: if so, a change that was refused tells of the database, not of the caller
    :returns: an error whose message is fit for the caller; unknown exceptions become
        :class:`InternalError` without a word about their cause
    """
    if isinstance(exc, RpcError):
        return exc
    if isinstance(exc, pg.ReadOnlySqlTransaction) and not may_write:
        return Forbidden("This credential may only read")
    handler = next(_TABLE[cls] for cls in type(exc).__mro__ if cls in _TABLE)
    return handler(exc, env)


def is_about_arguments(exc: Exception) -> bool:
    """Whether an exception is of a kind that the ORM raises for arguments that it cannot use."""
    return isinstance(exc, (ValueError, TypeError, KeyError)) and not isinstance(exc, (RpcError, codec.EncodeError))


def in_odoo_shape(exc: Exception, env: Environment | None, *, debug: bool, may_write: bool = True) -> RpcError:
    """The error for ``exc`` with the ``data`` that clients of Odoo's own RPC parse.

    A plain ``ValueError`` or ``TypeError`` out of the ORM is nearly always about an argument
    (an unknown field in a domain), and its text is what helps to mend the call.

    :param exc: what a service method raised
    :param debug: whether an administrator allowed tracebacks in answers
    :param may_write: as of :func:`to_rpc_error`
    :returns: an error whose ``data`` has ``name``, ``message``, ``arguments``, ``context``
        (``serialize_exception`` in ``odoo/http.py``), and ``debug`` if allowed
    """
    error = to_rpc_error(exc, env, may_write=may_write)
    if isinstance(error, InternalError) and is_about_arguments(exc):
        error = InvalidParams(str(exc))
    error.data.update(odoo_members(_odoo_name(exc), error.message))
    if isinstance(exc, (exceptions.UserError, exceptions.RedirectWarning)):
        error.data["arguments"] = _sendable(list(exc.args), [error.message])
        error.data["context"] = _sendable(getattr(exc, "context", {}), {})
    if debug:
        error.data["debug"] = "".join(traceback.format_exception(exc))
    return error


def _sendable(value: Any, otherwise: Any) -> Any:
    """What an exception carries, as Odoo sends it, where JSON can express it at all."""
    try:
        return codec.fragment(value, json_default)
    except codec.EncodeError:
        return otherwise


def odoo_members(name: str, text: str) -> dict[str, Any]:
    """The members that every error of Odoo's own RPC has.

    :param name: what Odoo calls the exception, ``odoo.exceptions.AccessError`` for example
    :param text: the message for people
    """
    return {"name": name, "message": text, "arguments": [text], "context": {}}


def _odoo_name(exc: Exception) -> str:
    if isinstance(exc, RpcError):
        return f"jsonrpc_gateway.{exc.type}"
    return f"{type(exc).__module__}.{type(exc).__name__}"
