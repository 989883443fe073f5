"""The model ``jsonrpc.change.source``: which models are followed, and since when without a gap."""

import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.events import triggers
from ...engine.resources.following import watches

_logger = logging.getLogger(__name__)


class JsonrpcChangeSource(models.Model):
    _name = "jsonrpc.change.source"
    _description = "Model Whose Changes Are Followed"
    _rec_name = "model"
    _auto = False
    _log_access = False
    _allow_sudo_commands = False

    model = fields.Char(required=True, readonly=True)
    generation = fields.Char(required=True, readonly=True, help="Another one after each gap.")
    purged_xid = fields.Char(
        "Forgotten Until", required=True, readonly=True, help="The newest transaction whose changes are no longer kept."
    )

    def init(self):
        """Make the table, where there is none."""
        self.env.cr.execute(
            SQL(
                """
                CREATE TABLE IF NOT EXISTS jsonrpc_change_source (
                    id integer GENERATED ALWAYS AS IDENTITY,
                    model varchar PRIMARY KEY,
                    generation varchar NOT NULL,
                    purged_xid xid8 NOT NULL
                )
                """
            )
        )

    def _register_hook(self):
        """See to it that the triggers are there whenever a registry is loaded: upgrades may have taken some."""
        super()._register_hook()
        try:
            with self.env.cr.savepoint(flush=False):
                self._follow()
        except Exception:
            # A server must start; those who follow are told nothing wrong, for the source stays as it was.
            _logger.exception("The triggers that follow changes could not be made")

    @api.model
    def _follow(self):
        """Follow what resources say is to be followed, and nothing else.

        :raises UserError: a table was written to for too long
        """
        if self.env["jsonrpc.audit"]._is_being_uninstalled():
            # What goes with us must not come back: rules and fields of ours are deleted one by one.
            return
        # sudo: what is followed does not depend on who asks.
        resources = self.env["jsonrpc.resource"].sudo().search([("track_changes", "=", True)])
        found = watches(resources._jsonrpc_definitions(), self.env)
        try:
            with self.env.cr.savepoint(flush=False):
                triggers.ensure(self.env.cr, found)
        except psycopg2.errors.LockNotAvailable as exc:
            raise UserError(
                self.env._("A table is written to all the time: its changes cannot be tracked yet. Try again.")
            ) from exc

    @api.model
    def _follow_again(self):
        """Follow what is to be followed now, after a change of something else than resources."""
        self.env.flush_all()
        self.env.cr.execute("SELECT 1 FROM jsonrpc_change_source LIMIT 1")
        if self.env.cr.fetchone() and self.env.registry.ready:
            self._follow()
