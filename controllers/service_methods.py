"""The methods of the services ``common`` and ``object``, as functions with typed params.

Their results are those of Odoo's own services (``odoo/service/common.py`` and ``model.py``).
Each proves by its own arguments who calls; none of them knows the envelope around it.
"""

import contextlib
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessDenied, MissingError
from odoo.http import db_list, request
from odoo.tools import config

from ..engine.access.credential import Credential
from ..engine.access.settings import DEBUG_IN_ERRORS
from ..engine.compat import odoo_base, odoo_server
from ..engine.dispatch import settings
from ..engine.dispatch.context import CallContext
from ..engine.dispatch.errors import in_odoo_shape
from ..engine.dispatch.limits import lockout
from ..engine.dispatch.orm.execute import execute as execute_as
from ..engine.protocol import signature
from ..engine.protocol.errors import Forbidden, MethodNotFound, RpcError

UserId = Annotated[int, Field(gt=0, lt=2**31)] | Literal[False] | None
Password = str | Literal[False] | None
Context = CallContext


def version() -> dict[str, Any]:
    """The version of the server."""
    return odoo_server.version()


def about(extended: bool = False) -> Any:
    """A word about the server; with its version if ``extended``."""
    return odoo_server.about(extended)


def list_databases() -> list[str]:
    """The databases that can be reached under this host name.

    :raises Forbidden: the server's configuration keeps the list to itself (``list_db``)
    """
    if not config["list_db"]:
        raise Forbidden("This server does not list its databases")
    return db_list()


def login(context: Context, db: str, login: str, password: str) -> Any:
    """The id of the user with these credentials, or ``false``.

    A password also opens a session, by cookie.
    """
    return authenticate(context, db, login, password)


def authenticate(
    context: Context, db: str, login: str, password: str, user_agent_env: dict[str, Any] | None = None
) -> Any:
    """The id of the user with these credentials, or ``false``.

    A password also opens a session, by cookie. An API key does not: a session reaches the web
    client, which a key must not open around two-factor authentication. Odoo itself refuses the
    password of a user who has that (``_rpc_api_keys_only``).

    :param user_agent_env: accepted as Odoo does, and not used
    """
    _check_database(context, db)
    credential = {"type": "password", "login": login, "password": password}
    try:
        with lockout.attempt(db, context.remote_addr, wrong=(AccessDenied,)):
            proved = request.env["res.users"].authenticate(credential, {"interactive": False})
    except AccessDenied:
        return False
    user = request.env["res.users"].browse(proved["uid"])
    if proved["auth_method"] == "password" and not odoo_base.has_second_factor(user.sudo()):
        _open_session(context, login, proved["uid"])
    return proved["uid"]


def execute(context: Context, db: str, uid: UserId, password: Password, model: str, method: str, *args: Any) -> Any:
    """Call a method of a model with positional arguments; :func:`_proved` has said who does."""
    return execute_kw(context, db, uid, password, model, method, list(args))


def execute_kw(
    context: Context,
    db: str,
    uid: UserId,
    password: Password,
    model: str,
    method: str,
    args: list[Any],
    kwargs: dict[str, Any] | None = None,
) -> Any:
    """Call a method of a model with positional and named arguments; :func:`_proved` has said who does."""
    who = context.credential
    # Else a key could lift its own restrictions, and outlive its discovery by a successor.
    if who.kind == "key" and model.startswith("jsonrpc."):
        raise Forbidden("The gateway is not administered with its own keys")
    return execute_as(context.env, who.user_id, model, method, args, kwargs or {}, who.company_ids)


def _check_database(context, name):
    """:raises Forbidden: the request is not served on this database, whether it exists or not"""
    if context.env is None or name != context.env.cr.dbname:
        raise Forbidden("This database cannot be reached here")


def _proved(context, values):
    """Whose rights a call of ``execute`` or ``execute_kw`` has.

    :param context: of the request, with what its headers proved
    :param dict values: the params: ``db``; ``uid``, empty for whoever the headers prove; and
        ``password``, a password or an Odoo API key, or empty to rely on the headers
    :returns: the credential of the call
    :raises AccessDenied: nothing proves that the caller is this user
    :raises Forbidden: not this database, or a key that is not for this endpoint
    :raises RateLimited: the address has sent too many wrong passwords
    """
    _check_database(context, values["db"])
    uid, password, credential = values["uid"] or None, values["password"], context.credential
    if password:
        if credential.kind == "key" or uid is None:
            raise AccessDenied
        _check_password(context, uid, password)
        return Credential(kind="password", user_id=uid)
    if credential.kind == "key" and not credential.full_orm:
        raise Forbidden("This key has no full ORM access")
    if credential.kind not in ("key", "session") or uid not in (None, credential.user_id):
        raise AccessDenied
    return credential


#: The right on its model that a method of every model needs; the others know themselves what they need.
_RIGHTS = {"create": "create", "write": "write", "unlink": "unlink", "copy": "create"}


def _still_allowed(context, values):
    """:raises AccessError: the caller has no right on the model any more that a call needed when it was made"""
    right = _RIGHTS.get(values["method"])
    if right and values["model"] in context.env:
        context.env(user=context.credential.user_id, su=False)[values["model"]].check_access(right)


def _check_password(context, uid, password):
    """:raises AccessDenied: nobody has this id and password; :raises RateLimited: too many were wrong"""
    wrong = (AccessDenied, MissingError)
    # Which calls of this request have proved already is no guess.
    known = (uid, password) in _proved_before()
    guess = contextlib.nullcontext() if known else lockout.attempt(request.db, context.remote_addr, wrong=wrong)
    try:
        with guess:
            odoo_base.check_password(request.env(user=SUPERUSER_ID), uid, password)
    except wrong:
        raise AccessDenied from None
    _proved_before().add((uid, password))


def _proved_before():
    """What calls of this request have proved: no guesses, so no question whether guessing is over.

    The passwords themselves are checked at each call: one may change them.
    """
    if not hasattr(request, "jsonrpc_proved"):
        request.jsonrpc_proved = set()
    return request.jsonrpc_proved


def _open_session(context, login, user_id):
    """Log the request's session in; the verified password makes a second check needless.

    Not for a page that may not use the session afterwards: it could log its visitors in as
    somebody else.
    """
    if not context.may_use_cookies:
        return
    session = request.session
    # The routes keep sessions from being saved, so that only a login sets a cookie.
    session.can_save = True
    session["pre_login"] = login
    session["pre_uid"] = user_id
    session.finalize(request.env(user=None, su=False))


def _explained(context, exc):
    """What went wrong, in Odoo's shape; errors of our own get it from the endpoint."""
    if isinstance(exc, RpcError):
        return exc
    debug = settings.enabled(context.env, DEBUG_IN_ERRORS)
    return in_odoo_shape(exc, context.env, debug=debug, may_write=context.credential.access == "write")


def _spread(function):
    """Turn a function with typed params into one of the context and the bound values."""
    spread = signature.arguments(function)
    injected = tuple(signature.injected_names(function, (CallContext,)))

    def call(context, values):
        args, kwargs = spread(dict.fromkeys(injected, context) | values)
        return function(*args, **kwargs)

    return call


def _described(name, function, access, **more):
    return signature.describe(
        function,
        name=name,
        invoke=_spread(function),
        explain=_explained,
        injected=(CallContext,),
        access=access,
        # The arguments of each call, not the request, prove who calls.
        public=True,
        secrets=("password",),
        **more,
    )


def _common(name, function, access, **more):
    return _described(name, function, access, log_name=lambda params: f"common/{name}", **more)


def _object(name, function):
    # Every call here is one of "execute": the model and its method say what it was.
    return _described(
        name,
        function,
        "write",
        identify=_proved,
        recheck=_still_allowed,
        log_name=lambda params: f"{params.get('model')}/{params.get('method')}",
    )


SERVICES = {
    "common": {
        "version": _common("version", version, "read"),
        "about": _common("about", about, "read"),
        "list": _common("list", list_databases, "read"),
        "login": _common("login", login, "write", proves_identity=True),
        "authenticate": _common("authenticate", authenticate, "write", proves_identity=True),
    },
    "object": {
        "execute": _object("execute", execute),
        "execute_kw": _object("execute_kw", execute_kw),
    },
}

_READING = {name: replace(spec, access="read") for name, spec in SERVICES["object"].items()}


def find_service_method(service, method, *, reading=False):
    """The specification of a service's method.

    :param str service: ``"common"`` or ``"object"``
    :param str method: its name
    :param bool reading: whether the model's method behind ``execute`` is known to read only
    :raises MethodNotFound: the service has no such method
    """
    spec = SERVICES[service].get(method)
    if spec is None:
        raise MethodNotFound(f"The service {service!r} has no method {method!r}")
    return _READING[method] if reading else spec
