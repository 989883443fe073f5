"""The abstract model ``jsonrpc.key.power``: nobody widens a key whom they could not issue.

Every change of a key or of its grants passes :meth:`_power_kept`, by whatever door it comes. What widens is
in ``engine/access/power.py``; who may give that much is :meth:`_check_may_issue`, as for a new key; and like
issuing, widening asks for the password.
"""

from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import AccessError, RedirectWarning

from ...engine.access import power
from ...engine.protocol.spec import LOG_LEVELS


class JsonrpcKeyPower(models.AbstractModel):
    _name = "jsonrpc.key.power"
    _description = "Power of a JSON-RPC API Key"

    def _power(self):
        """What a key may do now, for :func:`~...engine.access.power.widened_by`."""
        self.ensure_one()
        # sudo: what a key may do does not depend on who looks.
        key = self.sudo()
        return {
            "active": key.active,
            "access": key.access,
            "reach": key.reach,
            "grant_ids": frozenset(
                (grant.namespace, action) for grant in key.grant_ids for action in grant._actions()
            ),
            "full_orm": key.full_orm,
            "expires_at": key.expires_at,
            "company_ids": frozenset(key.company_ids.ids),
            "addresses": key.addresses,
            "origins": key.origins,
            "log_level": LOG_LEVELS.index(self.env["jsonrpc.call"]._level_of(key.log_level)),
        }

    @contextmanager
    def _power_kept(self):
        """Refuse what happens inside if it widens one of the keys, unless the user may give that much.

        :raises AccessError: the current user could not issue such a key
        :raises RedirectWarning: they could, and have not given their password within ten minutes
        """
        if self.env.su:
            # Bookkeeping of the gateway, and scripts.
            yield
            return
        before = {key: key._power() for key in self}
        yield
        for key, power_before in before.items():
            if key.exists() and (widened := power.widened_by(power_before, key._power())):
                key._check_may_widen(widened)

    def _check_may_widen(self, names):
        """Check that the current user may give a key what it has now.

        :param names: the fields by which it is wider than before
        :raises AccessError: they could not issue such a key
        :raises RedirectWarning: their password is missing
        """
        self.ensure_one()
        key = self.sudo()
        try:
            self._check_may_issue(key.user_id.sudo(False), full_orm=key.full_orm, kind=key.kind)
        except AccessError as exc:
            labels = self.fields_get(names, ["string"])
            words = ", ".join(str(labels[name]["string"]) for name in names if name in labels)
            raise AccessError(
                self.env._(
                    "You cannot give the API key “%(key)s” more than it has (%(fields)s). %(reason)s",
                    key=key.name,
                    fields=words,
                    reason=exc.args[0],
                )
            ) from exc
        self._check_identity()

    @api.model
    def _check_identity(self):
        """:raises RedirectWarning: whoever is at the screen has not given their password within ten minutes"""
        if self.env["ir.http"]._jsonrpc_identity_proved():
            return
        raise RedirectWarning(
            self.env._("To give an API key more power, confirm your password and save again."),
            self.env.ref("jsonrpc_gateway.ir_actions_server_confirm_identity").id,
            self.env._("Confirm my password"),
        )
