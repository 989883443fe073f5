"""The table of the token buckets; ``engine/dispatch/limits/buckets.py`` is who uses it."""

from odoo import api, fields, models
from odoo.tools import SQL


class JsonrpcBucket(models.Model):
    _name = "jsonrpc.bucket"
    _description = "JSON-RPC Token Bucket"
    # Made by hand: Odoo's tables count ids as 32-bit integers, and each attempt to take from a
    # bucket would use one up. Unlogged and half empty pages keep updates in place and cheap.
    _auto = False

    name = fields.Char(required=True)
    full_at = fields.Float(required=True)
    cost = fields.Float()
    capacity = fields.Float()
    failures = fields.Integer(required=True)

    def init(self):
        """Make the table, where there is none."""
        self.env.cr.execute(
            SQL(
                """
                CREATE UNLOGGED TABLE IF NOT EXISTS jsonrpc_bucket (
                    name text PRIMARY KEY,
                    full_at double precision NOT NULL,
                    cost double precision,
                    capacity double precision,
                    failures integer NOT NULL DEFAULT 0
                ) WITH (fillfactor = 50)
                """
            )
        )

    @api.autovacuum
    def _gc_full_buckets(self):
        """Forget the buckets that have been full for a day: a new one would be no different."""
        self.env.cr.execute(
            SQL("DELETE FROM jsonrpc_bucket WHERE full_at < extract(epoch FROM now() - interval '1 day')")
        )
