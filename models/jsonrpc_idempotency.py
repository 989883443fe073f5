"""The table of remembered writes; ``engine/dispatch/transaction/idempotency.py`` is who uses it."""

from odoo import fields, models


class JsonrpcIdempotency(models.Model):
    _name = "jsonrpc.idempotency"
    _inherit = "jsonrpc.expiring"
    _description = "JSON-RPC Idempotency Key"
    _log_access = False
    _allow_sudo_commands = False

    scope = fields.Char(required=True, readonly=True, help="Whose key it is; others may use the same.")
    key = fields.Char(required=True, readonly=True)
    fingerprint = fields.Char(required=True, readonly=True, help="Digest of the method and its params.")
    outcome = fields.Text(required=True, readonly=True, help="What was answered, as JSON.")

    _scope_key_unique = models.UniqueIndex("(scope, key)")
