"""The abstract model ``jsonrpc.call.retention``: how long calls are kept, and how they are forgotten."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.access.settings import LOG_DAYS, LOG_ROWS
from ...engine.protocol.whole_number import parse_whole_number

#: A thousand years: earlier moments are none that Python has.
_MOST_DAYS = 365_000
#: Rows that are deleted in one transaction.
_VACUUM_PORTION = 10_000


class JsonrpcCallRetention(models.AbstractModel):
    _name = "jsonrpc.call.retention"
    _description = "Retention of the JSON-RPC Calls"

    @api.model
    def _number(self, setting):
        # sudo: run by the scheduler, and by managers who may not read parameters.
        number = parse_whole_number(self.env["ir.config_parameter"].sudo().get_param(setting.name) or "")
        return setting.default if number is None else number

    @api.model
    def _days(self, setting):
        """A number of days as a setting has it, and no more than there are dates for."""
        return min(self._number(setting), _MOST_DAYS)

    @api.model
    def _cron_vacuum(self):
        """Delete what is too old or too much, portion by portion, each in a transaction of its own."""
        progress = self.env["ir.cron"]._commit_progress
        before = self._retained_since()
        while before and (deleted := self._vacuum(before, _VACUUM_PORTION)):
            if not progress(deleted, remaining=_VACUUM_PORTION):
                return
        while deleted := self.env["jsonrpc.audit"]._vacuum(_VACUUM_PORTION):
            if not progress(deleted, remaining=_VACUUM_PORTION):
                return
        self.env["jsonrpc.error"]._vacuum(before)
        self.env["jsonrpc.call.loss"]._vacuum(before)
        progress(remaining=0)

    @api.model
    def _retained_since(self):
        """The moment from which calls are kept.

        :returns: a naive UTC datetime, or ``None`` where all are
        """
        moments = []
        if days := self._days(LOG_DAYS):
            moments.append(fields.Datetime.now() - timedelta(days=days))
        if rows := self._number(LOG_ROWS):
            # The last row that may stay; all of this is read from the index on time.
            statement = "SELECT called_at FROM jsonrpc_call ORDER BY called_at DESC, id DESC OFFSET %s LIMIT 1"
            self.env.cr.execute(SQL(statement, rows - 1))
            moments += [moment for (moment,) in self.env.cr.fetchall()]
        return max(moments, default=None)

    @api.model
    def _vacuum(self, before, limit):
        """Delete the oldest calls before a moment.

        :param int limit: rows to delete at most
        :returns: how many were deleted
        """
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM jsonrpc_call
                 WHERE id IN (SELECT id FROM jsonrpc_call WHERE called_at < %s ORDER BY called_at LIMIT %s)
                """,
                before,
                limit,
            )
        )
        return self.env.cr.rowcount
