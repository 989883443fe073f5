"""The abstract model ``jsonrpc.key.rotation``: how a key is replaced by a new one with the same settings."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

#: The settings that a successor does not take over as they are.
_OWN_OF_EACH = {"expires_at", "grant_ids"}


class JsonrpcKeyRotation(models.AbstractModel):
    _name = "jsonrpc.key.rotation"
    _description = "Rotation of a JSON-RPC API Key"

    predecessor_id = fields.Many2one(
        "jsonrpc.key", string="Replaces", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    successor_ids = fields.One2many("jsonrpc.key", "predecessor_id", context={"active_test": False})
    successor_id = fields.Many2one("jsonrpc.key", string="Replaced by", compute="_compute_successor")
    replaced = fields.Boolean(compute="_compute_successor", help="Its successor is good.")

    @api.depends("successor_ids.state")
    def _compute_successor(self):
        for key in self:
            good = key.successor_ids.filtered(lambda successor: successor.state in ("active", "expiring"))
            key.successor_id = (good or key.successor_ids)[:1]
            key.replaced = bool(good)

    def action_rotate(self):
        """Ask how the key is to be replaced."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Replace the API key"),
            "res_model": "jsonrpc.key.rotate",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key_id": self.id, "dialog_size": "medium"},
        }

    def _rotate(self, *, overlap, expires_at):
        """Issue a successor with the same settings, and end this key after a while.

        :param timedelta overlap: how long both keys are good, so that there is time to give the
            new one to the system that holds the old one; zero revokes this key at once. An
            earlier expiry of this key stays
        :param expires_at: of the successor, as in :meth:`_issue`
        :returns: ``(successor, token)``
        :raises AccessError: the current user may not issue such a key
        :raises UserError: the key is revoked, or has a good successor already
        """
        self.ensure_one()
        self.check_access("write")
        # Without the lock, two at once would leave two successors.
        self.lock_for_update(allow_referencing=True)
        self._check_changeable()
        if self.replaced:
            raise UserError(self.env._("This key has been replaced already, by %s.", self.successor_id.token_hint))
        # sudo: the restrictions are kept even where the user may not read the companies in them.
        key = self.sudo()
        settings = {name: key[name] for name in self._settings - _OWN_OF_EACH}
        settings["company_ids"] = key.company_ids.ids
        known = key.grant_ids._grantable_namespaces()
        grants = {grant.namespace: grant._actions() for grant in key.grant_ids if grant.namespace in known}
        successor, token = self._issue(
            user=self.user_id,
            kind=self.kind,
            grants=grants,
            expires_at=expires_at,
            predecessor_id=self.id,
            **settings,
        )
        # sudo: only managers see limits, but the limits of a key hold for its successor too.
        limits = self.env["jsonrpc.limit"].sudo().with_context(active_test=False)
        limits.search([("key_ids", "in", self.ids)]).key_ids += successor.sudo()
        self._audit_relation("replaced", self.env._("Replaced by"), successor)
        if not overlap:
            self.action_revoke()
        else:
            end = fields.Datetime.now() + overlap
            if not self.expires_at or self.expires_at > end:
                self.expires_at = end
        _logger.info("API key %s replaced by %s, by user %s", self.id, successor.id, self.env.uid)
        return successor, token
