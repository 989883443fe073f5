"""The model ``jsonrpc.change``: one row for each committed change of a record that is followed.

Rows are written by triggers (``engine/events/triggers.py``) and nobody may change them.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.access.settings import CHANGE_DAYS
from ...engine.events import retention

#: Rows that are looked at in one transaction.
_VACUUM_PORTION = 10_000


class JsonrpcChange(models.Model):
    _name = "jsonrpc.change"
    _description = "JSON-RPC Change"
    _order = "id desc"
    _rec_name = "model"
    # Made by hand: transaction ids have a type that Odoo does not know, and the rows outnumber Odoo's ids.
    _auto = False
    _log_access = False
    _allow_sudo_commands = False

    xid = fields.Char("Transaction", required=True, readonly=True, help="Id of the transaction, in 64 bits.")
    model = fields.Char(required=True, readonly=True)
    record_id = fields.Integer("Record ID", required=True, readonly=True, aggregator=None)
    operation = fields.Selection(
        [("created", "Created"), ("changed", "Changed"), ("deleted", "Deleted")], required=True, readonly=True
    )
    columns = fields.Text("Fields", readonly=True, help="What was changed, separated by commas.")
    image = fields.Json("Before", readonly=True, help="What decided before the change who could see the record.")
    changed_at = fields.Datetime("Time", required=True, readonly=True, help="When the transaction began.")

    def init(self):
        """Make the table, where there is none."""
        self.env.cr.execute(
            SQL(
                """
                CREATE TABLE IF NOT EXISTS jsonrpc_change (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    xid xid8 NOT NULL,
                    model varchar NOT NULL,
                    record_id integer NOT NULL,
                    operation varchar NOT NULL,
                    columns text,
                    image jsonb,
                    changed_at timestamp NOT NULL
                );
                CREATE INDEX IF NOT EXISTS jsonrpc_change_model_xid_id_index ON jsonrpc_change (model, xid, id)
                """
            )
        )

    @api.model
    def _cron_vacuum(self):
        """Delete what is too old, portion by portion, each in a transaction of its own."""
        progress = self.env["ir.cron"]._commit_progress
        retention.forget_other_clusters(self.env.cr)
        days = self.env["jsonrpc.call"]._days(CHANGE_DAYS)
        before = fields.Datetime.now() - timedelta(days=days)
        while days and (deleted := retention.purge(self.env.cr, before, _VACUUM_PORTION)):
            if not progress(deleted, remaining=_VACUUM_PORTION):
                return
        progress(remaining=0)
