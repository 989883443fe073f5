"""What a door of the gateway lets in, as data: ``border.py`` reads it for every request."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from odoo import http

from ..engine.access.credential import Credential
from .refusal import Refusal, as_jsonrpc


@dataclass(frozen=True, slots=True)
class Door:
    """What a door lets in, and how it answers. How large a body may be, its routes say (``max_content_length``).

    :ivar verbs: HTTP verbs
    :ivar media_types: of bodies; without any, no body is expected, and none is looked at
    :ivar calls: the methods that a request calls, where it is the same ones each time
    :ivar access: whether they change anything, ``"read"`` or ``"write"``
    :ivar public: whether they need no grant, and no key; else there is one of them, and it is called as any
        method is: with grants, read-only keys and the log
    :ivar needs_database: whether it is closed where no database with the addon is selected
    :ivar prove: how its callers prove themselves, if not by headers and cookies: takes the
        :class:`odoo.http.Request` and gives a :class:`Credential`, or raises a :class:`Refusal`
    :ivar refused: how its refusals look: takes a :class:`Refusal` and the :class:`~.border.Border`, gives
        the HTTP status and the body
    :ivar failure_status: HTTP status of a failure in the midst of a call; 200 where the body says it
    :ivar compressed: whether its answers may be compressed
    :ivar headers: more headers of all its answers
    """

    verbs: tuple[str, ...]
    media_types: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    access: Literal["read", "write"] = "read"
    public: bool = False
    needs_database: bool = True
    prove: Callable[[http.Request], Credential] | None = None
    refused: Callable[[Refusal, Any], tuple[int, bytes]] = as_jsonrpc
    failure_status: int = HTTPStatus.INTERNAL_SERVER_ERROR
    compressed: bool = True
    headers: tuple[tuple[str, str], ...] = ()
