"""The service ``object``: any public method of any model, with the rights of one user.

What Odoo's own ``execute`` and ``execute_kw`` do (``odoo/service/model.py``), with errors
that say what to mend. It must not know how the user was authenticated, nor HTTP.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from odoo.exceptions import AccessError
from odoo.tools.json import json_default

from ...access.companies import companies_in_context, companies_in_force
from ...compat import odoo_base, odoo_orm
from ...protocol.errors import InvalidParams, MethodNotFound
from ...protocol.jsonrpc import codec
from ...protocol.jsonrpc.message import Encoded
from . import columns
from .plain_read import plain_read

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel


def reads_only(env: Environment, model: str, method: str) -> bool:
    """Whether Odoo itself marks a model's method as reading (``odoo.api.readonly``).

    :returns: False for whatever is not known, an unknown model or method too
    """
    return model in env and odoo_orm.reads_only(env[model], method)


def execute(
    env: Environment,
    user_id: int,
    model: str,
    method: str,
    args: list,
    kwargs: dict[str, Any],
    company_ids: tuple[int, ...] | None = None,
) -> Encoded:
    """Call a model's method as a user.

    :param env: environment on the transaction of the request, whoever its user is
    :param user_id: whose rights hold
    :param args: for a method on records, their ids first
    :param kwargs: ``context`` among them is the context of the call; its ``company_id`` and
        ``allowed_company_ids`` switch companies
    :param company_ids: the companies that the call is restricted to, the current one first;
        ``None`` for all of the user's
    :returns: the encoded result, as Odoo's own endpoints give it, ``null`` included
    :raises InvalidParams: arguments that do not fit the method
    :raises MethodNotFound: there is no such model or method
    :raises AccessError: the method is private, or the user may not
    :raises Exception: whatever the method raises
    """
    env = env(user=user_id, context={}, su=False)
    # Flushes and recomputations of this call happen as its user.
    odoo_orm.act_as(env)
    records = _model(env, model)
    kwargs = _with_companies(env, kwargs, company_ids)
    _check_arguments(records, method, args, kwargs)
    plain = None
    if columns.suffice(records, method, args, kwargs):
        kwargs = {**kwargs, "context": {"prefetch_fields": False, **(kwargs.get("context") or {})}}
        plain = plain_read(records, method, args, kwargs)
    result = odoo_orm.call_public_method(records, method, args, kwargs) if plain is None else plain
    # Here, while an error in it still has its cause in this call's name.
    env.cr.flush()
    return Encoded(codec.encode(result, json_default))


def _model(env: Environment, name: str) -> BaseModel:
    if name not in env:
        raise MethodNotFound(f"The model {name!r} does not exist")
    return env[name]


def _with_companies(
    env: Environment, kwargs: dict[str, Any], company_ids: tuple[int, ...] | None
) -> dict[str, Any]:
    """Check the companies of the context, and make ``company_id`` the current one.

    :param company_ids: as of :func:`execute`
    :raises AccessError: the user does not belong to one of them, or the call is restricted to others
    :raises InvalidParams: they are no ids
    """
    context = kwargs.get("context") or {}
    if not isinstance(context, dict):
        raise _invalid("kwargs.context", "dict_type", "The context is an object")
    company = context.get("company_id")
    allowed = context.get("allowed_company_ids")
    if not company and not allowed:
        if company_ids is None:
            return kwargs
        allowed = list(company_ids)
    allowed = [] if allowed is None else allowed
    if not isinstance(allowed, list) or not all(type(id_) is int for id_ in [company or 0, *allowed]):
        raise _invalid("kwargs.context", "int_type", "company_id and allowed_company_ids hold ids of companies")
    companies = list(companies_in_context({"company_id": company or None, "allowed_company_ids": allowed}))
    if set(companies) - set(companies_in_force(odoo_base.company_ids(env.user), company_ids)):
        raise AccessError(env._("Access to unauthorized or invalid companies."))
    return {**kwargs, "context": {**context, "allowed_company_ids": companies}}


def _check_arguments(records: BaseModel, name: str, args: list, kwargs: dict[str, Any]) -> None:
    """Refuse what cannot be called, before it is called.

    :raises AccessError: the method is private
    :raises MethodNotFound: there is no such method
    :raises InvalidParams: the arguments do not fit its signature
    """
    try:
        method = odoo_orm.public_method(records, name)
    except AttributeError as exc:
        raise MethodNotFound(str(exc)) from exc
    if not odoo_orm.takes_no_ids(method):
        if not args:
            raise _invalid("args.0", "missing", f"{name} is called on records: their ids come first")
        args = args[1:]
    named = {key: value for key, value in kwargs.items() if key != "context"}
    try:
        _signature(method).bind(records, *args, **named)
    except TypeError as exc:
        raise _invalid("args", "arguments", f"{name}: {exc}") from exc


# As dear as the rest of the check together, and always the same for a function.
_signature = lru_cache(maxsize=1024)(inspect.signature)


def _invalid(path: str, kind: str, reason: str) -> InvalidParams:
    return InvalidParams(reason, data={"errors": [{"path": path, "type": kind, "message": reason}]})
