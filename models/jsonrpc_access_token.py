"""The model ``jsonrpc.access.token``: what a client gets for a key, to use in its place for minutes.

OAuth 2.0 client credentials (RFC 6749 section 4.4). A token is opaque, stored as its digest, can do
what its key can or less, and is nothing without it. It must not know HTTP.
"""

from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.orm.models import NO_ACCESS
from odoo.tools import SQL, ormcache

from ..engine.access import token_format
from ..engine.protocol.spec import ACTIONS
from .jsonrpc_key_auth import Refused

#: The scope of a token that may do what its key may, but changes nothing.
_READ = "read"
_VACUUM_BATCH = 10_000


class JsonrpcAccessToken(models.Model):
    _name = "jsonrpc.access.token"
    _description = "JSON-RPC Access Token"
    _log_access = False
    _allow_sudo_commands = False

    key_id = fields.Many2one("jsonrpc.key", required=True, readonly=True, index=True, ondelete="cascade")
    digest = fields.Char(required=True, readonly=True, copy=False, groups=NO_ACCESS)
    scope = fields.Char(readonly=True)
    expires_at = fields.Datetime(required=True, readonly=True, index=True)

    _digest_unique = models.UniqueIndex("(digest)")

    @api.model
    def _issue(self, credential, scope, lifetime):
        """Make a token for a key.

        :param credential: of the key, proved by its secret
        :param str scope: items separated by blanks; empty for all that the key may do
        :param int lifetime: in seconds
        :returns: the token, which is stored nowhere; ``None`` for a scope that is wider than the key
        """
        if narrowed(credential, scope) is None:
            return None
        token = token_format.generate("access")
        # sudo: tokens are the gateway's own bookkeeping, nobody has rights on them.
        self.sudo().create(
            {
                "key_id": credential.key_id,
                "digest": token_format.digest(token),
                "scope": scope,
                "expires_at": fields.Datetime.now() + timedelta(seconds=lifetime),
            }
        )
        return token

    @api.autovacuum
    def _gc_expired(self):
        """Forget the tokens that nobody can use any more.

        :returns: rows removed, and whether there may be more (``ir.autovacuum`` comes back then)
        """
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM jsonrpc_access_token WHERE id IN (
                    SELECT id FROM jsonrpc_access_token
                     WHERE expires_at < now() AT TIME ZONE 'UTC' LIMIT %s)
                """,
                _VACUUM_BATCH,
            )
        )
        removed = self.env.cr.rowcount
        return removed, removed == _VACUUM_BATCH


class JsonrpcKey(models.Model):
    _inherit = "jsonrpc.key"

    client_id = fields.Char(
        compute="_compute_client_id",
        string="Client ID",
        help="For OAuth 2.0 clients: with the token as client secret, /jsonrpc/2/token gives out access tokens "
        "that live for minutes.",
    )

    def _compute_client_id(self):
        for key in self:
            key.client_id = client_id(key.id)

    @api.model
    def _authenticate_client(self, client, secret, remote_addr=None, page_origin=None):
        """Find the key of an OAuth 2.0 client.

        :param str client: its public id
        :param str secret: the token of the key
        :returns: a :class:`Credential`, or ``None``: as :meth:`_authenticate`, and for the id of
            another key, or an access token in the place of the secret
        """
        if token_format.is_access_token(secret):
            return None
        credential = self._authenticate(secret, remote_addr, page_origin)
        if credential is None or client != client_id(credential.key_id):
            return None
        return credential

    @api.model
    def _proved(self, token, remote_addr, page_origin):
        """Take an access token in the place of a key, too."""
        if not token_format.is_access_token(token):
            return super()._proved(token, remote_addr, page_origin)
        if not token_format.well_formed(token):
            raise Refused("malformed")
        key_digest, scope, expires_at = self._access_token(token_format.digest(token))
        if expires_at <= fields.Datetime.now():
            raise Refused("access token expired")
        credential = narrowed(self._proved_by_digest(key_digest, remote_addr, page_origin), scope)
        if credential is None:
            raise Refused("the key has lost what the scope of the access token needs")
        return credential

    @api.model
    @ormcache("digest")
    def _access_token(self, digest):
        """The key's digest, the scope and the end of an access token.

        :raises Refused: there is none; so that guesses do not fill the cache
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT k.digest, COALESCE(t.scope, ''), t.expires_at
                  FROM jsonrpc_access_token t JOIN jsonrpc_key k ON k.id = t.key_id
                 WHERE t.digest = %s
                """,
                digest,
            )
        )
        row = self.env.cr.fetchone()
        if row is None:
            raise Refused("unknown access token")
        return row


def client_id(key_id):
    """The public id of a key, for OAuth 2.0 clients."""
    return f"jrg-{key_id}"


def narrowed(credential, scope):
    """What is left of a credential under a scope.

    :param credential: a :class:`Credential`
    :param str scope: empty for all of it; ``"read"`` for all that changes nothing; or items like
        ``partner:read``, separated by blanks
    :returns: a :class:`Credential` that may do nothing that the one given may not; ``None`` where
        an item is none of these, or is not granted to it
    """
    items = scope.split()
    if not items:
        return credential
    # Under any scope the whole ORM stays closed: nothing in it can be told apart.
    if items == [_READ]:
        return replace(credential, access="read", full_orm=False)
    grants = {tuple(item.partition(":")[::2]) for item in items}
    if not all(_may_grant(credential, *grant) for grant in grants):
        return None
    access = "read" if {action for _namespace, action in grants} == {"read"} else credential.access
    return replace(credential, grants=frozenset(grants), access=access, full_orm=False)


def _may_grant(credential, namespace, action):
    if not namespace or action not in ACTIONS or (credential.access == "read" and action != "read"):
        return False
    return credential.grants is None or (namespace, action) in credential.grants
