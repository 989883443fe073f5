"""What other addons import to publish JSON-RPC methods: the decorator, the errors, the caller.

It knows how a Python function becomes a :class:`~..engine.protocol.spec.MethodSpec`; it must not
know where methods are stored, how they are found, nor that calls travel by HTTP.

Example::

    from odoo import models
    from odoo.addons.jsonrpc_gateway import api as jsonrpc

    class PartnerApi(models.AbstractModel):
        _name = "jsonrpc.api.partner"
        _inherit = "jsonrpc.api"
        _description = "JSON-RPC API: partners"
        _jsonrpc_namespace = "partner"

        @jsonrpc.method(access="read", errors=[jsonrpc.NotFound])
        def get_name(self, partner_id: int) -> str:
            \"\"\"The name of a partner.\"\"\"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from odoo import api

from .engine.access.credential import Credential
from .engine.protocol.errors import (
    ApplicationError,
    Conflict,
    Forbidden,
    InvalidParams,
    NotFound,
    RpcError,
    Unauthenticated,
    UserRefused,
    ValidationFailed,
)
from .engine.protocol.spec import Action

__all__ = [
    "ApplicationError",
    "Conflict",
    "Credential",
    "Forbidden",
    "InvalidParams",
    "Mark",
    "NotFound",
    "RpcError",
    "Unauthenticated",
    "UserRefused",
    "ValidationFailed",
    "mark_of",
    "method",
]

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mark:
    """What :func:`method` says of a function; found again by walking the MRO.

    :ivar name: last part of the method's name, after the namespace
    :ivar access: ``"read"`` or ``"write"``; a read-only key may call only reads
    :ivar action: the right on the namespace that a key needs; ``None`` to derive it
    :ivar public: callable without any credential
    :ivar publishable: callable with a key that stands in a web page
    :ivar needs_grant: whether a restricted key must be granted it
    :ivar errors: the error classes that the function declares
    :ivar deprecated: why, and what to call instead; ``None`` while it is current
    :ivar streams: whether the function is a generator of lines
    """

    name: str
    access: Literal["read", "write"]
    action: Action | None
    public: bool
    publishable: bool
    needs_grant: bool
    errors: tuple[type[RpcError], ...]
    deprecated: str | None
    streams: bool = False


def method(
    name: str | None = None,
    *,
    access: Literal["read", "write"],
    action: Action | None = None,
    public: bool = False,
    publishable: bool = False,
    needs_grant: bool = True,
    errors: Iterable[type[RpcError]] = (),
    deprecated: str | None = None,
    streams: bool = False,
) -> Callable[[_Function], _Function]:
    """Publish a method of a ``jsonrpc.api`` model as ``<namespace>.<name>``.

    The type hints of the function validate its params and document them; a parameter
    annotated with :class:`Credential` is not a param: it receives who is calling.
    It implies :func:`odoo.api.private`: without it Odoo would offer the method to every
    user through ``/json/2``, ``call_kw`` and ``execute_kw``, around the gateway
    (``get_public_method`` in ``odoo/service/model.py``).

    :param name: the verb; the function's own name by default
    :param access: ``"read"`` promises that nothing is changed: PostgreSQL holds read-only
        callers to it, and what others change in spite of it may go with a later call that fails
    :param action: the right that a restricted key must be granted on the namespace: ``"read"``,
        ``"create"``, ``"update"``, ``"delete"`` or ``"call"``. By default ``"read"`` for what
        only reads, and ``"call"`` for the rest
    :param public: callable without any credential, as the public user
    :param publishable: callable with a publishable key: by anybody who looks into the web page
        that it stands in, as the public user unless an administrator chose another
    :param needs_grant: ``False`` only for what tells callers about themselves: every key may
        call it, whatever it is restricted to
    :param errors: the errors that callers should expect, for the documentation
    :param deprecated: why, and what to call instead
    :param streams: the function is a generator of ``bytes``, one or more whole lines of JSON at a
        time, each ended by a newline. It runs after the request's transaction, in one of its own
        that only reads: ``self`` is in that one, ``odoo.http.request`` is gone. Experimental: internal
        to the gateway until exports use it, and not published in the documentation
    :returns: the decorator, which gives the function back
    """

    def decorate(function: _Function) -> _Function:
        function._jsonrpc_mark = Mark(
            name=name or function.__name__,
            access=access,
            action=action,
            public=public,
            publishable=publishable,
            needs_grant=needs_grant,
            errors=tuple(errors),
            deprecated=deprecated,
            streams=streams,
        )
        return api.private(function)

    return decorate


def mark_of(function: Any) -> Mark | None:
    """The mark that :func:`method` left on ``function``, if any."""
    return getattr(function, "_jsonrpc_mark", None)
