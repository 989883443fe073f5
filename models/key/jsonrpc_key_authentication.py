"""The abstract model ``jsonrpc.key.authentication``: a token becomes a credential, or is refused.

A token is a key's own, or an access token that was issued for a key (``jsonrpc_access_token.py``).
This module must not know HTTP: a caller is a token, an address and an origin.
"""

import logging
from datetime import datetime
from functools import partial
from typing import NamedTuple

import psycopg2
import psycopg2.errors

from odoo import api, fields, models
from odoo.tools import SQL, ormcache
from odoo.tools.misc import consteq

from ...engine.access import network, origin, token_format
from ...engine.access.companies import companies_in_force
from ...engine.access.credential import Credential
from ...engine.access.recent import Recent
from ...engine.access.scope import narrow_to_scope
from ...engine.compat import odoo_base, odoo_orm

_logger = logging.getLogger(__name__)

#: Seconds between two writes of a key's last use, by one worker.
_TOUCH_INTERVAL = 60.0
#: Keys whose last use one worker remembers.
_TOUCHED = 10_000


class TokenRefused(Exception):
    """A token proves nobody. The reason is for the server's log; callers are not told.

    :param reason: in a few words
    :param key_id: of the key that the token belongs to, if there is one
    """

    def __init__(self, reason, key_id=None):
        super().__init__(reason)
        self.reason = reason
        self.key_id = key_id


class _StoredKey(NamedTuple):
    """The part of a usable key that authentication needs; cached in the registry by its digest."""

    key_id: int
    digest: str
    user_id: int
    name: str
    publishable: bool
    access: str
    full_orm: bool
    expires_at: datetime | None
    grants: frozenset | None
    company_ids: frozenset
    networks: tuple
    origins: frozenset


class JsonrpcKeyAuthentication(models.AbstractModel):
    _name = "jsonrpc.key.authentication"
    _description = "Authentication by a JSON-RPC API Key"

    @api.model
    def _authenticate(self, token, remote_addr=None, page_origin=None):
        """Find the credential that a token proves.

        A token that is not well-formed costs no query. A known one costs one, and none as long
        as the registry's cache holds it. One that is refused costs one, whatever the reason, so
        that the time of an answer does not tell the reasons apart either.

        :param str token: what the caller sent
        :param remote_addr: address of the caller, as Odoo's ``proxy_mode`` sees it
        :param page_origin: the request's ``Origin``, if it has one
        :returns: a :class:`Credential`, or ``None`` for a token that is malformed, unknown,
            revoked, expired, of a user who is archived or no longer internal, from an address
            or a page that the key is not for, or restricted to companies that its user has left:
            the caller learns nothing of which, the log does
        """
        try:
            return self._credential_of_token(token, remote_addr, page_origin)
        except TokenRefused as refused:
            _logger.info(
                "API key refused: %s (key %s, address %s)", refused.reason, refused.key_id or "unknown", remote_addr
            )
            return None

    @api.model
    def _authenticate_client(self, client_id, secret, remote_addr=None, page_origin=None):
        """Find the credential of an OAuth 2.0 client.

        :param str client_id: its public id
        :param str secret: the token of the key
        :returns: a :class:`Credential`, or ``None``: as :meth:`_authenticate`, and for the id of
            another key, or an access token in the place of the secret
        """
        if token_format.is_access_token(secret):
            return None
        credential = self._authenticate(secret, remote_addr, page_origin)
        if credential is None or client_id != token_format.client_id_of_key(credential.key_id):
            return None
        return credential

    @api.model
    def _credential_of_token(self, token, remote_addr, page_origin):
        """The credential that a token proves.

        :raises TokenRefused: as :meth:`_authenticate` says
        """
        if not token_format.is_well_formed(token):
            raise TokenRefused("malformed")
        digest = token_format.digest_of_token(token)
        if not token_format.is_access_token(token):
            return self._credential_of_key(digest, remote_addr, page_origin)
        key_digest, scope, expires_at = self._stored_access_token(digest)
        if expires_at <= fields.Datetime.now():
            raise TokenRefused("access token expired")
        credential = narrow_to_scope(self._credential_of_key(key_digest, remote_addr, page_origin), scope)
        if credential is None:
            raise TokenRefused("the key has lost what the scope of the access token needs")
        return credential

    @api.model
    def _credential_of_key(self, digest, remote_addr, page_origin):
        """The credential of the key with this digest.

        :raises TokenRefused: as :meth:`_authenticate` says
        """
        stored = self._stored_key(digest)
        if not consteq(stored.digest, digest):
            raise TokenRefused("unknown")
        reason = self._why_not(stored, remote_addr, page_origin)
        company_ids = None
        if stored.company_ids and not reason:
            company_ids = self._companies_in_force(stored)
            reason = not company_ids and "its user has left its companies"
        if reason:
            # Found in the cache, it has cost no query so far, which would tell it from others.
            self._find_key(digest)
            raise TokenRefused(reason, stored.key_id)
        self._touch(stored.key_id, remote_addr)
        return Credential(
            kind="key",
            user_id=stored.user_id,
            key_id=stored.key_id,
            name=stored.name,
            access=stored.access,
            full_orm=stored.full_orm,
            grants=stored.grants,
            publishable=stored.publishable,
            company_ids=company_ids,
            for_page=page_origin in stored.origins,
        )

    @api.model
    def _why_not(self, stored, remote_addr, page_origin):
        """Why a key cannot be used here and now, or ``None``.

        :param stored: the :class:`_StoredKey`
        """
        if stored.expires_at and stored.expires_at <= fields.Datetime.now():
            return "expired"
        if stored.networks and not network.is_address_in(stored.networks, remote_addr):
            return "wrong address"
        # Browsers set Origin, and pages cannot change it; programs can send any. So the check
        # protects the visitors of other pages, and no server.
        if stored.origins and page_origin not in stored.origins and (page_origin or stored.publishable):
            return f"wrong origin {page_origin!r}"
        return None

    @api.model
    def _companies_in_force(self, stored):
        """The companies that calls with a restricted key may see: those that its user still has.

        :returns: a tuple of ids, the user's current company first if it is one of them
        """
        # sudo: nobody is authenticated yet who could read the user.
        user = self.env["res.users"].sudo().browse(stored.user_id)
        return companies_in_force(odoo_base.company_ids(user), stored.company_ids, user.company_id.id)

    @api.model
    @ormcache("digest")
    def _stored_key(self, digest):
        """The usable key with this digest.

        Raises for any other, so that neither guesses nor dead keys fill the cache.

        :raises TokenRefused: there is none
        """
        return self._find_key(digest)

    @api.model
    def _find_key(self, digest):
        """:meth:`_stored_key`, in one query."""
        self.env.cr.execute(
            SQL(
                """
                SELECT k.id, k.digest, k.user_id, k.name, k.kind = 'publishable', k.access, COALESCE(k.full_orm, FALSE),
                       k.expires_at, k.active, k.reach, k.addresses, k.origins,
                       u.active AND NOT COALESCE(u.share, FALSE),
                       CASE WHEN k.active THEN ARRAY(
                           SELECT company_id FROM jsonrpc_key_company_rel WHERE key_id = k.id
                       ) END,
                       CASE WHEN k.active THEN ARRAY(
                           SELECT g.namespace || '.' || may.action
                             FROM jsonrpc_key_grant g,
                                  LATERAL (VALUES ('read', g.may_read), ('create', g.may_create),
                                                  ('update', g.may_update), ('delete', g.may_delete),
                                                  ('call', g.may_call)) AS may (action, granted)
                            WHERE g.key_id = k.id AND may.granted
                       ) END
                  FROM jsonrpc_key k
                  JOIN res_users u ON u.id = k.user_id
                 WHERE k.digest = %s
                """,
                digest,
            )
        )
        row = self.env.cr.fetchone()
        if row is None:
            raise TokenRefused("unknown")
        *common, expires_at, active, reach, addresses, origins, internal, company_ids, granted = row
        key_id, user_id, publishable = common[0], common[2], common[4]
        if not active:
            raise TokenRefused("revoked", key_id)
        if expires_at and expires_at <= fields.Datetime.now():
            raise TokenRefused("expired", key_id)
        if not internal and not (publishable and user_id == self._public_user_id()):
            raise TokenRefused("its user is archived or not internal", key_id)
        return _StoredKey(
            *common,
            expires_at=expires_at,
            # An unknown reach counts as restricted.
            grants=None if reach == "all" else frozenset(tuple(pair.rsplit(".", 1)) for pair in granted),
            company_ids=frozenset(company_ids),
            networks=network.parse_networks(addresses or ""),
            origins=origin.valid_origins(origins or ""),
        )

    @api.model
    @ormcache("digest")
    def _stored_access_token(self, digest):
        """The digest of the key, the scope and the expiry of an access token.

        Raises for any other digest, so that guesses do not fill the cache.

        :raises TokenRefused: there is no such access token
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
            raise TokenRefused("unknown access token")
        return row

    @api.model
    @ormcache("kind")
    def _page_origins(self, kind):
        """The origins of all usable keys of a kind: pages of these origins may call the gateway, without cookies.

        :param str kind: of the keys
        :rtype: frozenset[str]
        """
        self.env.cr.execute(
            SQL(
                "SELECT DISTINCT origins FROM jsonrpc_key"
                " WHERE active AND kind = %s AND origins IS NOT NULL AND origins != ''",
                kind,
            )
        )
        return frozenset().union(*(origin.valid_origins(text) for (text,) in self.env.cr.fetchall()))

    @api.model
    def _touch(self, key_id, remote_addr):
        """Note the use of a key, at most once a minute, without making the caller wait.

        In a transaction of its own: the request's may be read-only, rolled back or replayed.
        A row that another worker holds is skipped rather than waited for.
        """
        used = odoo_orm.kept_with_registry(self.env.registry, "keys_used", partial(Recent, _TOUCH_INTERVAL, _TOUCHED))
        if not used.is_first(key_id):
            return
        try:
            with self.env.registry.cursor() as cr:
                cr.execute(
                    SQL(
                        """
                        SET LOCAL synchronous_commit TO off;
                        UPDATE jsonrpc_key
                           SET last_used_at = date_trunc('second', now() AT TIME ZONE 'UTC'),
                               last_used_from = %(address)s
                         WHERE id = (
                               SELECT id
                                 FROM jsonrpc_key
                                WHERE id = %(key_id)s
                                  AND (last_used_at IS NULL
                                       OR last_used_at < now() AT TIME ZONE 'UTC' - interval %(interval)s)
                                  FOR NO KEY UPDATE SKIP LOCKED)
                        """,
                        address=remote_addr,
                        key_id=key_id,
                        interval=f"{_TOUCH_INTERVAL} seconds",
                    ),
                    log_exceptions=False,
                )
        except psycopg2.errors.SerializationFailure:
            _logger.debug("Another worker has just noted the last use of API key %s", key_id)
        except psycopg2.Error:
            _logger.warning("The last use of API key %s could not be noted", key_id, exc_info=True)
