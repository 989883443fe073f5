"""The table of remembered writes; ``engine/dispatch/transaction/idempotency.py`` is who uses it."""

from odoo import api, fields, models
from odoo.tools import SQL

#: Rows that one statement of the vacuum removes: it must not hold a write up.
_VACUUM_BATCH = 10_000


class JsonrpcIdempotency(models.Model):
    _name = "jsonrpc.idempotency"
    _description = "JSON-RPC Idempotency Key"
    _log_access = False
    _allow_sudo_commands = False

    scope = fields.Char(required=True, readonly=True, help="Whose key it is; others may use the same.")
    key = fields.Char(required=True, readonly=True)
    fingerprint = fields.Char(required=True, readonly=True, help="Digest of the method and its params.")
    outcome = fields.Text(required=True, readonly=True, help="What was answered, as JSON.")
    expires_at = fields.Datetime(required=True, readonly=True, index=True)

    _scope_key_unique = models.UniqueIndex("(scope, key)")

    @api.autovacuum
    def _gc_expired(self):
        """Forget what nobody may repeat any more.

        :returns: rows removed, and whether there may be more (``ir.autovacuum`` comes back then)
        """
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM jsonrpc_idempotency WHERE id IN (
                    SELECT id FROM jsonrpc_idempotency
                     WHERE expires_at < now() AT TIME ZONE 'UTC' LIMIT %s)
                """,
                _VACUUM_BATCH,
            )
        )
        removed = self.env.cr.rowcount
        return removed, removed == _VACUUM_BATCH
