"""The abstract model ``jsonrpc.call.dashboard``: the figures of the app's first page, by a few statements over the log.

Everybody gets those of the calls that they may see. It must not know how they are drawn.
"""

import math
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...engine.protocol.jsonrpc import curl

#: Length of each period, and of the bars that it is drawn with.
_PERIODS = {
    "hour": (timedelta(hours=1), timedelta(minutes=1)),
    "day": (timedelta(days=1), timedelta(minutes=30)),
    "week": (timedelta(days=7), timedelta(hours=3)),
}
#: Lines of each table.
_TOP = 6
#: A key that expires sooner is shown.
_EXPIRES_SOON = timedelta(days=30)
#: Durations are counted in steps of 5 %, which is as good as sorting them, and much faster.
_STEP = math.log(1.05)


class JsonrpcCallDashboard(models.AbstractModel):
    _name = "jsonrpc.call.dashboard"
    _description = "Figures of the JSON-RPC Calls"

    @api.model
    def _first_steps(self):
        # sudo: whether there is a resource at all, which no user but a manager may read.
        resource = self.env["jsonrpc.resource"].sudo().search([], limit=1)
        method = f"{resource.name}.search" if resource else "system.whoami"
        return {
            "has_key": bool(self.env["jsonrpc.key"].search_count([], limit=1)),
            "has_resource": bool(resource),
            "called": bool(self.search_count([("key_id", "!=", False), ("outcome", "=", "done")], limit=1)),
            "curl": curl.command(
                f"{self.get_base_url()}/jsonrpc/2/api",
                [{"method": method}],
                headers=[("Authorization", "Bearer YOUR_API_KEY")],
            ),
        }

    @api.model
    def _dashboard(self, period):
        if period not in _PERIODS:
            raise ValidationError(self.env._("There is no period %r.", period))
        length, step = _PERIODS[period]
        now = fields.Datetime.now()
        since = now - length
        # So much that a million calls are grouped in memory; until the end of this transaction.
        self.env.cr.execute("SET LOCAL work_mem TO '64MB'")
        return {
            "since": fields.Datetime.to_string(since),
            "step": step.total_seconds(),
            **self._dashboard_figures(since, step, math.ceil(length / step)),
            "methods": self._dashboard_methods(since),
            "errors": self._dashboard_errors(since),
            "keys": self._dashboard_keys(now),
            "lost": self._dashboard_lost(since),
        }

    def _dashboard_figures(self, since, step, count):
        query = self._search([("called_at", ">=", since)])
        rows = self.env.execute_query(
            SQL(
                "%s GROUP BY 1, 2, 3",
                query.select(
                    SQL("floor(date_part('epoch', called_at - %s) / %s)::int", since, step.total_seconds()),
                    SQL("outcome"),
                    SQL("floor(ln(greatest(duration, 0.001)) / %s)::int", _STEP),
                    SQL("count(*)"),
                ),
            )
        )
        series = [Counter() for _bar in range(count)]
        durations, outcomes = Counter(), Counter()
        for bar, outcome, duration, calls in rows:
            outcomes[outcome] += calls
            series[min(max(bar, 0), count - 1)][outcome] += calls
            if outcome in ("done", "dry_run"):
                durations[duration] += calls
        return {
            "series": [
                {"done": bar["done"] + bar["dry_run"], "refused": bar["refused"], "failed": bar["failed"]}
                for bar in series
            ],
            "calls": outcomes.total(),
            "refused": outcomes["refused"],
            "failed": outcomes["failed"],
            "p50": _percentile(durations, 0.5),
            "p95": _percentile(durations, 0.95),
        }

    def _dashboard_methods(self, since):
        query = self._search([("called_at", ">=", since), ("method", "!=", False)])
        rows = self.env.execute_query(
            SQL(
                "%s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s",
                query.select(
                    SQL("method"),
                    SQL("count(*)"),
                    SQL("count(*) FILTER (WHERE outcome IN ('refused', 'failed'))"),
                    SQL("avg(duration)"),
                ),
                _TOP,
            )
        )
        return [dict(zip(("method", "calls", "errors", "average"), row, strict=True)) for row in rows]

    def _dashboard_errors(self, since):
        query = self._search([("called_at", ">=", since), ("outcome", "in", ("refused", "failed"))])
        rows = self.env.execute_query(
            SQL(
                # Faults of ours first: they are for the administrator to mend.
                "%s GROUP BY 1, 2, 3 ORDER BY (outcome = 'failed') DESC, 4 DESC, 1, 2 LIMIT %s",
                query.select(SQL("error_type"), SQL("method"), SQL("outcome"), SQL("count(*)")),
                _TOP,
            )
        )
        return [dict(zip(("error_type", "method", "outcome", "calls"), row, strict=True)) for row in rows]

    def _dashboard_keys(self, now):
        domain = [("active", "=", True), ("expires_at", ">", now), ("expires_at", "<=", now + _EXPIRES_SOON)]
        keys = self.env["jsonrpc.key"].search(domain, order="expires_at", limit=_TOP)
        return [
            {"id": key.id, "name": key.name, "expires_at": fields.Datetime.to_string(key.expires_at)} for key in keys
        ]

    def _dashboard_lost(self, since):
        """Calls that the log lacks; whose they were is not known, so that only managers are told."""
        losses = self.env["jsonrpc.call.loss"]
        if not losses.has_access("read"):
            return 0
        return sum(losses.search([("lost_at", ">=", since)]).mapped("count"))


def _percentile(durations, part):
    """The duration that a part of the calls does not exceed.

    :param durations: how many calls took each step of durations
    :returns: milliseconds, where a step begins: some call took as long
    """
    left = durations.total() * part
    for step in sorted(durations):
        left -= durations[step]
        if left <= 0:
            return math.exp(step * _STEP)
    return None
