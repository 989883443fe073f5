"""The model ``jsonrpc.access.token``: a token that an OAuth client uses in place of its key for minutes.

OAuth 2.0 client credentials (RFC 6749 section 4.4). A token is opaque, stored as its digest, may
never do more than its key, and ends with it. ``jsonrpc_key_authentication.py`` reads the table.
"""

from datetime import timedelta

from odoo import api, fields, models

from ...engine.access import token_format
from ...engine.access.scope import narrow_to_scope


class JsonrpcAccessToken(models.Model):
    _name = "jsonrpc.access.token"
    _inherit = "jsonrpc.expiring"
    _description = "JSON-RPC Access Token"
    _log_access = False
    _allow_sudo_commands = False

    key_id = fields.Many2one("jsonrpc.key", required=True, readonly=True, index=True, ondelete="cascade")
    digest = fields.Char(required=True, readonly=True, copy=False, groups=fields.NO_ACCESS)
    scope = fields.Char(readonly=True)

    _digest_unique = models.UniqueIndex("(digest)")

    @api.model
    def _issue(self, credential, scope, lifetime):
        """Make a token for a key.

        :param credential: of the key, proved by its secret
        :param str scope: see :mod:`~...engine.access.scope`
        :param int lifetime: in seconds
        :returns: the token, which is stored nowhere; ``None`` for a scope that is wider than the key
        """
        if narrow_to_scope(credential, scope) is None:
            return None
        token = token_format.generate_token("access")
        # sudo: tokens are the gateway's own bookkeeping, nobody has rights on them.
        self.sudo().create(
            {
                "key_id": credential.key_id,
                "digest": token_format.digest_of_token(token),
                "scope": scope,
                "expires_at": fields.Datetime.now() + timedelta(seconds=lifetime),
            }
        )
        return token
