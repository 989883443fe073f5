"""The abstract model ``jsonrpc.expiring``: rows of bookkeeping that end at a moment, and are deleted after it."""

from odoo import api, fields, models
from odoo.tools import SQL

#: Rows that one statement removes: it must not hold a write up.
_PORTION = 10_000


class JsonrpcExpiring(models.AbstractModel):
    _name = "jsonrpc.expiring"
    _description = "JSON-RPC Row that Expires"

    expires_at = fields.Datetime(required=True, readonly=True, index=True)

    @api.autovacuum
    def _gc_expired(self):
        """Delete what has expired.

        :returns: rows removed, and whether there may be more (``ir.autovacuum`` comes back then)
        """
        if self._abstract:
            # Odoo asks this model too, which has no table.
            return 0, False
        table = SQL.identifier(self._table)
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM %s WHERE id IN (
                    SELECT id FROM %s WHERE expires_at < now() AT TIME ZONE 'UTC' LIMIT %s)
                """,
                table,
                table,
                _PORTION,
            )
        )
        removed = self.env.cr.rowcount
        return removed, removed == _PORTION
