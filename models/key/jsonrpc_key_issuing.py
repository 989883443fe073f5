"""The abstract model ``jsonrpc.key.issuing``: who may issue which key, and how one is made."""

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command

from ...engine.access import token_format
from ...engine.compat import odoo_base
from ..registry_cache import forget_caches

_logger = logging.getLogger(__name__)


class JsonrpcKeyIssuing(models.AbstractModel):
    _name = "jsonrpc.key.issuing"
    _description = "Issuing of a JSON-RPC API Key"

    @api.model
    def _issue(
        self,
        *,
        name,
        user=None,
        kind="secret",
        access="read",
        reach=None,
        grants=None,
        full_orm=False,
        expires_at=None,
        **restrictions,
    ):
        """Make a key; the only moment at which its token is known.

        :param str name: what the key is for
        :param user: the ``res.users`` record that the key acts as; an internal user, and
            only a Settings administrator may choose another one than themselves. A publishable
            key acts as the public user unless a Settings administrator chooses another
        :param str kind: ``"secret"`` or ``"publishable"``
        :param str access: ``"read"`` or ``"write"``, the most that methods may do
        :param str reach: ``"all"``, or ``"restricted"`` to the grants; by default ``"restricted"``
            where grants are given, and ``"all"`` where not
        :param dict grants: actions (:data:`~..engine.protocol.spec.ACTIONS`) by namespace
        :param bool full_orm: also accept the key on ``/jsonrpc/2/object``
        :param restrictions: ``company_ids`` (ids), ``addresses``, ``origins``
        :param expires_at: naive UTC datetime, or ``None`` for a key that never expires
        :returns: ``(key, token)``; the token is stored nowhere
        :raises AccessError: the current user may not issue this key
        :raises ValidationError: the key could never be used, or would live longer than core
            allows the current user's own API keys (``api_key_duration`` of their groups)
        """
        public = self.env["res.users"].browse(self._public_user_id())
        if user is None:
            user = public if kind == "publishable" else self.env.user
        self._check_may_issue(user, full_orm=full_orm, kind=kind)
        odoo_base.check_key_expiry(self.env, expires_at)
        if expires_at and expires_at <= fields.Datetime.now():
            raise ValidationError(self.env._("The key would expire in the past."))
        token = token_format.generate_token(kind)
        company_ids = restrictions.pop("company_ids", ())
        # sudo: nobody has the right to create keys, so each key has a token that was made here,
        # and an issuer that was checked above.
        key = self.sudo().create(
            {
                "name": name,
                "user_id": user.id,
                "kind": kind,
                "access": access,
                "reach": reach or ("all" if grants is None else "restricted"),
                "full_orm": full_orm,
                "expires_at": expires_at,
                "token_hint": token_format.hint_of_token(token),
                "digest": token_format.digest_of_token(token),
                "company_ids": [Command.set(list(company_ids))],
                **restrictions,
            }
        )
        # sudo: an issuer also makes the lines of a key that acts as another user.
        lines = self.env["jsonrpc.key.grant"].sudo()
        lines.create([{"key_id": key.id, **lines._values(*grant)} for grant in (grants or {}).items()])
        # Unknown tokens are not cached, so only the origins of pages can be out of date.
        if key.origins:
            forget_caches(self.env)
        _logger.info("API key %s issued for user %s by user %s", key.id, user.id, self.env.uid)
        return key.sudo(False), token

    def _check_may_issue(self, user, *, full_orm=False, kind="secret"):
        """:raises AccessError: see :meth:`_issue`"""
        if self.env.su:
            return
        if not self.env.user.has_group("jsonrpc_gateway.jsonrpc_gateway_group_user"):
            raise AccessError(self.env._("Only users of the JSON-RPC Gateway can issue API keys."))
        if kind == "publishable":
            if not self.env.user.has_group("jsonrpc_gateway.jsonrpc_gateway_group_manager"):
                raise AccessError(self.env._("Only a manager of the JSON-RPC Gateway can issue publishable keys."))
            # Every visitor of the page acts as this user.
            if user.id != self._public_user_id() and not self.env.is_system():
                raise AccessError(
                    self.env._("Only a Settings administrator can let a publishable key act as a user.")
                )
        elif user != self.env.user and not self.env.is_system():
            raise AccessError(self.env._("Only a Settings administrator can issue a key for another user."))
        if full_orm and not self.env.user.has_group("jsonrpc_gateway.jsonrpc_gateway_group_manager"):
            raise AccessError(self.env._("Only a manager of the JSON-RPC Gateway can give a key full ORM access."))
