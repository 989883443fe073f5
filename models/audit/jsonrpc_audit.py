"""The model ``jsonrpc.audit``: one row for each change of what decides who may call what.

A row is written in plain SQL in the transaction of its change, so neither is there without the other.
Nobody edits a row: the ORM refuses it, whoever asks, and only age deletes.
"""

import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_datetime

from ...engine.access.settings import AUDIT_DAYS

_INSERT = """
    INSERT INTO jsonrpc_audit (
        changed_at, user_id, login, door, path, address, by_key, action, model, record_id, record_name,
        subject_model, subject_id, subject_name, holder_id, changes)
    VALUES %s
"""


class JsonrpcAudit(models.Model):
    _name = "jsonrpc.audit"
    _description = "JSON-RPC Change"
    _order = "id desc"
    _rec_name = "record_name"
    # No foreign keys: the trail outlives what it is of.
    _log_access = False
    _allow_sudo_commands = False

    changed_at = fields.Datetime("Time", required=True, readonly=True)
    user_id = fields.Integer("User ID", readonly=True, aggregator=None)
    login = fields.Char("User", readonly=True, help="The login of who made the change.")
    door = fields.Selection(
        [
            ("web", "Web client"),
            ("import", "Import of a file"),
            ("rpc", "RPC with a password or an API key of Odoo"),
            ("gateway", "JSON-RPC Gateway"),
            ("page", "Another page"),
            ("cron", "Scheduled action"),
            ("module", "Installation or upgrade"),
            ("script", "Script or shell"),
        ],
        string="By way of",
        readonly=True,
    )
    path = fields.Char(readonly=True, help="Path of the URL that was called.")
    address = fields.Char("From", readonly=True, help="Address of the client.")
    by_key = fields.Char("With API key", readonly=True, help="The key of the gateway that the change was made with.")
    action = fields.Selection(
        [
            ("created", "Created"),
            ("issued", "Issued"),
            ("changed", "Changed"),
            ("replaced", "Replaced"),
            ("revoked", "Revoked"),
            ("deleted", "Deleted"),
        ],
        readonly=True,
    )
    model = fields.Selection(
        [
            ("jsonrpc.key", "API key"),
            ("jsonrpc.key.grant", "Grant"),
            ("jsonrpc.resource", "Resource"),
            ("jsonrpc.resource.field", "Field of a resource"),
            ("jsonrpc.resource.method", "Method of a resource"),
            ("jsonrpc.limit", "Limit"),
            ("jsonrpc.alert", "Alert"),
            ("ir.config_parameter", "Setting"),
        ],
        string="What",
        readonly=True,
    )
    record_id = fields.Integer("Record ID", readonly=True, aggregator=None)
    record_name = fields.Char("Record", readonly=True, help="As it was called then.")
    subject_model = fields.Char(readonly=True)
    subject_id = fields.Integer("Belongs to ID", readonly=True, aggregator=None)
    subject_name = fields.Char("Belongs to", readonly=True, help="The key of a grant, the resource of a line.")
    holder_id = fields.Integer(readonly=True, aggregator=None, help="The user that the key acts as, who may see this.")
    changes = fields.Text("Changes as JSON", readonly=True)
    summary = fields.Text("From what to what", compute="_compute_summary")
    changes_pretty = fields.Text("As JSON", compute="_compute_changes_pretty")
    has_subject = fields.Boolean(compute="_compute_has_subject", help="What was changed is still there.")

    _time_index = models.Index("(changed_at)")
    _subject_index = models.Index("(subject_model, subject_id, id)")
    _holder_index = models.Index("(holder_id, id)")

    @api.depends("record_name", "subject_name")
    def _compute_display_name(self):
        for row in self:
            names = dict.fromkeys(filter(None, (row.subject_name, row.record_name)))
            row.display_name = ": ".join(names)

    @api.depends("changes", "model")
    @api.depends_context("lang", "tz")
    def _compute_summary(self):
        for row in self:
            row.summary = "\n".join(row._described(change) for change in json.loads(row.changes or "[]"))

    @api.depends("changes")
    def _compute_changes_pretty(self):
        for row in self:
            row.changes_pretty = json.dumps(json.loads(row.changes or "[]"), indent=2, ensure_ascii=False)

    @api.depends("subject_model", "subject_id")
    def _compute_has_subject(self):
        for row in self:
            subject = self.env[row.subject_model].browse(row.subject_id).exists()
            row.has_subject = bool(subject) and subject.has_access("read")

    def _described(self, change):
        """One change for people, in the language of the reader where the field is still there.

        :param dict change: see :func:`~.audited_state.differences`
        """
        # sudo: labels are no secret to who reads the row.
        field = self.env[self.model].sudo().fields_get([change["field"]]).get(change["field"], {})
        choices = dict(field.get("selection", ()))
        texts = []
        for side in ("old", "new"):
            value, text = change[side], change[f"{side}_text"]
            if change["type"] == "boolean":
                text = self.env._("yes") if value else self.env._("no")
            elif change["type"] == "datetime" and value:
                text = format_datetime(self.env, value)
            elif change["type"] == "selection" and value:
                text = str(choices.get(value, text))
            texts.append(text or (value if value is not None else self.env._("nothing")))
        label = field.get("string") or change["label"]
        if change["old"] is None and self.action in ("created", "issued"):
            return f"{label}: {texts[1]}"
        if self.action == "deleted":
            return f"{label}: {texts[0]}"
        return f"{label}: {texts[0]} → {texts[1]}"

    def action_open_subject(self):
        """Open what was changed, if it still exists."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.subject_model,
            "res_id": self.subject_id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------
    # Nobody edits a row
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """:raises AccessError: always"""
        self._refuse_edits()

    def write(self, vals):
        """:raises AccessError: always"""
        self._refuse_edits()

    def unlink(self):
        """:raises AccessError: always"""
        self._refuse_edits()

    def _refuse_edits(self):
        raise AccessError(self.env._("Nobody edits the audit trail."))

    @api.model
    def _append(self, rows):
        """Add rows to the trail, in this transaction.

        :param rows: ``(record, state, action, changes)`` each; see ``jsonrpc_audited.py``
        """
        if not rows:
            return
        door = self.env["ir.http"]._jsonrpc_door()
        # sudo: whoever makes the change, the trail says who it was.
        user = self.env.user.sudo()
        now = fields.Datetime.now()
        who = (now, user.id or None, user.login or None, door.door, door.path, door.address, door.by_key)
        lines = [
            (
                *who,
                action,
                record._name,
                record.id,
                state.name,
                *state.subject,
                state.holder_id or None,
                json.dumps(changes, ensure_ascii=False),
            )
            for record, state, action, changes in rows
        ]
        # psycopg writes a tuple as a row of VALUES.
        self.env.cr.execute(SQL(_INSERT, SQL(", ").join(SQL("%s", line) for line in lines)))

    @api.model
    def _is_being_uninstalled(self):
        """Whether the tables of the gateway are on their way out."""
        # sudo: not everybody may read which addons are installed.
        modules = self.env["ir.module.module"].sudo()
        there = [("name", "=", "jsonrpc_gateway"), ("state", "in", ("installed", "to upgrade"))]
        return not modules.search_count(there)

    # ------------------------------------------------------------------
    # Retention
    # ------------------------------------------------------------------

    @api.model
    def _vacuum(self, limit):
        """Delete the oldest changes that need not be kept any more.

        :param int limit: rows to delete at most
        :returns: how many were deleted
        """
        # Fewer would let somebody who changes a setting remove the traces of it.
        days = max(self.env["jsonrpc.call"]._days(AUDIT_DAYS), AUDIT_DAYS.least)
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM jsonrpc_audit
                 WHERE id IN (SELECT id FROM jsonrpc_audit WHERE changed_at < %s ORDER BY changed_at LIMIT %s)
                """,
                fields.Datetime.now() - timedelta(days=days),
                limit,
            )
        )
        return self.env.cr.rowcount

