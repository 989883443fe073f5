"""How a token finds the key that it stands for, and why it is refused if it is.

It knows what a key demands of whoever uses it; it must not know HTTP, nor who manages keys.
"""

import logging
import time
from datetime import datetime
from typing import NamedTuple

import psycopg2
import psycopg2.errors

from odoo import api, fields, models
from odoo.tools import SQL, ormcache
from odoo.tools.misc import consteq

from ..engine.access import network, origin, token_format
from ..engine.access.credential import Credential

_logger = logging.getLogger(__name__)

#: Seconds between two writes of a key's last use, by one worker.
_TOUCH_INTERVAL = 60.0


class Refused(Exception):
    """Nobody is proved. The reason is for the server's log; callers are not told.

    :param reason: in a few words
    :param key_id: of the key that the token stands for, if there is one
    """

    def __init__(self, reason, key_id=None):
        super().__init__(reason)
        self.reason = reason
        self.key_id = key_id


class _StoredKey(NamedTuple):
    """What authentication needs of a usable key, kept in the registry's cache under its digest."""

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


class JsonrpcKey(models.Model):
    _inherit = "jsonrpc.key"

    @api.model
    def _authenticate(self, token, remote_addr=None, page_origin=None):
        """Find whom a token stands for.

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
            return self._proved(token, remote_addr, page_origin)
        except Refused as refused:
            _logger.info(
                "API key refused: %s (key %s, address %s)", refused.reason, refused.key_id or "unknown", remote_addr
            )
            return None

    @api.model
    def _proved(self, token, remote_addr, page_origin):
        """The credential that a token is.

        :raises Refused: as :meth:`_authenticate` says
        """
        if not token_format.well_formed(token):
            raise Refused("malformed")
        return self._proved_by_digest(token_format.digest(token), remote_addr, page_origin)

    @api.model
    def _proved_by_digest(self, digest, remote_addr, page_origin):
        """The credential of the key with this digest.

        :raises Refused: as :meth:`_authenticate` says
        """
        stored = self._stored_key(digest)
        if not consteq(stored.digest, digest):
            raise Refused("unknown")
        reason = self._why_not(stored, remote_addr, page_origin)
        company_ids = None
        if stored.company_ids and not reason:
            company_ids = self._companies_in_force(stored)
            reason = not company_ids and "its user has left its companies"
        if reason:
            # Found in the cache, it has cost no query so far, which would tell it from others.
            self._find_key(digest)
            raise Refused(reason, stored.key_id)
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
        )

    @api.model
    def _why_not(self, stored, remote_addr, page_origin):
        """Why a key cannot be used here and now, or ``None``.

        :param stored: the :class:`_StoredKey`
        """
        if stored.expires_at and stored.expires_at <= fields.Datetime.now():
            return "expired"
        if stored.networks and not network.contains(stored.networks, remote_addr):
            return "wrong address"
        # Programs send no Origin and can send any; pages cannot choose. So it protects the
        # visitors of pages, and makes a publishable key of little use elsewhere.
        if stored.origins and page_origin not in stored.origins and (page_origin or stored.publishable):
            return f"wrong origin {page_origin!r}"
        return None

    @api.model
    def _companies_in_force(self, stored):
        """The companies that calls with a key are restricted to, those that its user still has.

        :returns: a tuple of ids, the user's current company first if it is one of them
        """
        # sudo: nobody is proved yet who could read the user.
        user = self.env["res.users"].sudo().browse(stored.user_id)
        own = [company_id for company_id in user._get_company_ids() if company_id in stored.company_ids]
        current = user.company_id.id if len(own) > 1 else None
        return tuple(sorted(own, key=lambda company_id: (company_id != current, company_id)))

    @api.model
    @ormcache("digest")
    def _stored_key(self, digest):
        """The usable key with this digest.

        Raises for any other, so that neither guesses nor dead keys fill the cache.

        :raises Refused: there is none
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
            raise Refused("unknown")
        *common, expires_at, active, reach, addresses, origins, internal, company_ids, granted = row
        key_id, user_id, publishable = common[0], common[2], common[4]
        if not active:
            raise Refused("revoked", key_id)
        if expires_at and expires_at <= fields.Datetime.now():
            raise Refused("expired", key_id)
        if not internal and not (publishable and user_id == self._public_user_id()):
            raise Refused("its user is archived or not internal", key_id)
        return _StoredKey(
            *common,
            expires_at=expires_at,
            # What is neither known to be unrestricted nor granted is refused.
            grants=None if reach == "all" else frozenset(tuple(pair.rsplit(".", 1)) for pair in granted),
            company_ids=frozenset(company_ids),
            networks=network.networks(addresses or ""),
            origins=origin.origins(origins or ""),
        )

    @api.model
    @ormcache()
    def _page_origins(self):
        """The origins of the pages that some usable key is for: their browsers may call us, without cookies.

        :rtype: frozenset[str]
        """
        self.env.cr.execute(
            SQL("SELECT DISTINCT origins FROM jsonrpc_key WHERE active AND origins IS NOT NULL AND origins != ''")
        )
        return frozenset().union(*(origin.origins(text) for (text,) in self.env.cr.fetchall()))

    @api.model
    def _touch(self, key_id, remote_addr):
        """Note the use of a key, at most once a minute, without making the caller wait.

        In a transaction of its own: the request's may be read-only, rolled back or replayed.
        A row that another worker holds is skipped rather than waited for.
        """
        now = time.monotonic()
        touched = self.env.registry.__dict__.setdefault("_jsonrpc_key_touched", {})
        if now - touched.get(key_id, -_TOUCH_INTERVAL) < _TOUCH_INTERVAL:
            return
        touched[key_id] = now
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
