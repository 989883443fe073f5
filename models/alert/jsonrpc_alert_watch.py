"""The abstract model ``jsonrpc.alert.watch``: what is wrong right now, as far as a rule asks for it.

A finding has a subject, which stays the same as long as the same thing is wrong, so that it is told
of once. It must not know who is told, nor how.
"""

from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

#: Findings of one kind that a message names.
_MAX_FINDINGS = 50


class JsonrpcAlertWatch(models.AbstractModel):
    _name = "jsonrpc.alert.watch"
    _description = "What a JSON-RPC Alert watches"

    def _findings(self):
        """What is wrong now.

        :returns: dict of the words for people by subject
        """
        self.ensure_one()
        return getattr(self, f"_findings_{self.kind}")()

    def _findings_error(self):
        """Faults of ours that are new since the rule was made, or came back; muted ones are none."""
        domain = [("state", "in", ("open", "back")), ("last_seen", ">=", self.create_date)]
        return {
            f"error-{error.id}-{error.resolved_at or ''}": self.env._(
                "%(exception)s in %(method)s: %(message)s",
                exception=error.exception,
                method=error.method or "–",
                message=error.message or "",
            )
            for error in self.env["jsonrpc.error"].search(domain, limit=_MAX_FINDINGS)
        }

    def _findings_rate(self):
        """Too many calls of the last minutes were errors."""
        since = fields.Datetime.now() - timedelta(minutes=self.minutes)
        query = self.env["jsonrpc.call"]._search([("called_at", ">=", since)])
        outcomes = ("refused", "failed") if self.count_refused else ("failed",)
        ((calls, errors),) = self.env.execute_query(
            query.select(SQL("count(*)"), SQL("count(*) FILTER (WHERE outcome IN %s)", outcomes))
        )
        share = 100 * errors / calls if calls else 0
        if calls < self.min_calls or share < self.percent:
            return {}
        return {
            "rate": self.env._(
                "%(share).1f %% of the last %(calls)s calls were errors (%(minutes)s minutes).",
                share=share,
                calls=calls,
                minutes=self.minutes,
            )
        }

    def _findings_silence(self):
        """Keys that called before, and call no more; of keys that the rule names, those that never called too."""
        before = fields.Datetime.now() - timedelta(hours=self.hours)
        keys = self.key_ids or self.env["jsonrpc.key"].search([("last_used_at", "!=", False)])
        silent = keys.filtered(
            lambda key: key.state in ("active", "expiring") and (key.last_used_at or key.create_date) < before
        )
        return {
            f"key-{key.id}-{key.last_used_at or ''}": self.env._(
                "The API key “%(name)s” has made no call for %(hours)s hours.", name=key.name, hours=self.hours
            )
            for key in silent[:_MAX_FINDINGS]
        }
