"""OAuth 2.0 client credentials: ``/jsonrpc/2/token`` (RFC 6749 section 4.4).

The client's id is the public id of a key, its secret the key's token. It must not know what an
access token is made of.
"""

import base64
import binascii
from urllib.parse import unquote_plus

import orjson

from odoo import http
from odoo.http import Controller, request, route

from ..engine.access.credential import REALM
from ..engine.dispatch import limits, settings
from ..engine.dispatch.context import CallContext
from ..engine.protocol.errors import RateLimited
from . import rate_headers
from .cors import Origin
from .request_id import request_id_of

_FORM = "application/x-www-form-urlencoded"
_GRANT = "client_credentials"
# Bytes; what a client has to say is short.
_MAX_BODY = 16 * 1024


class _Refused(Exception):
    """A request that gets no token (RFC 6749 section 5.2).

    :param error: the code that the RFC has for it
    :param reason: one sentence for people
    :param status: of HTTP
    :param headers: more headers
    """

    def __init__(self, error, reason, status=400, headers=()):
        super().__init__(reason)
        self.error = error
        self.reason = reason
        self.status = status
        self.headers = list(headers)


class TokenController(Controller):
    # csrf=False: a client is no browser, and proves itself in each request.
    @route(
        "/jsonrpc/2/token",
        type="http",
        auth="none",
        csrf=False,
        save_session=False,
        readonly=False,
        max_content_length=_MAX_BODY,
    )
    def token(self, **_params):
        """Give an access token for a key.

        :returns: the token as JSON, or an error as JSON
        """
        origin = Origin(request)
        if origin.is_preflight:
            return http.Response(status=204 if origin.is_allowed else 403, headers=origin.headers())
        try:
            body, status, headers = self._granted(), 200, []
        except _Refused as refused:
            body, status, headers = (
                {"error": refused.error, "error_description": refused.reason},
                refused.status,
                refused.headers,
            )
        headers += [
            ("Content-Type", "application/json"),
            # RFC 6749 section 5.1.
            ("Cache-Control", "no-store"),
            ("Pragma", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Request-Id", request_id_of(request.httprequest.headers.get("X-Request-Id"))),
            *origin.headers(),
        ]
        return request.make_response(orjson.dumps(body), headers, status=status)

    def _granted(self):
        httprequest = request.httprequest
        if httprequest.method != "POST":
            raise _Refused("invalid_request", "Only POST is answered here", 405, [("Allow", "POST")])
        if httprequest.mimetype != _FORM:
            raise _Refused("invalid_request", f"The Content-Type is {_FORM}")
        if request.env is None or "jsonrpc.access.token" not in request.env:
            raise _Refused("invalid_request", "No database is selected")
        form = _single_values(httprequest)
        client_id, secret = _client(form, httprequest.headers.get("Authorization"))
        grant_type = form.get("grant_type")
        if not grant_type:
            raise _Refused("invalid_request", "grant_type is missing")
        if grant_type != _GRANT:
            raise _Refused("unsupported_grant_type", f"The only grant_type is {_GRANT}")
        return self._token(client_id, secret, form.get("scope", ""))

    def _token(self, client_id, secret, scope):
        """Prove the client, and make the token."""
        address, page = request.httprequest.remote_addr, request.httprequest.headers.get("Origin")
        tokens = request.env["jsonrpc.access.token"]
        credential = request.env["jsonrpc.key"]._authenticate_client(client_id, secret, address, page)
        if credential is None:
            self._note_failure(address)
            challenge = ("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"')
            raise _Refused("invalid_client", "The client is unknown, or its secret is wrong", 401, [challenge])
        levels = limits.take(CallContext(request.env, credential, "", address), ["token"])
        if error := limits.refusal(levels):
            raise _too_many(error)
        if credential.publishable:
            raise _Refused("unauthorized_client", "A publishable key gets no access tokens")
        lifetime = settings.number(request.env, settings.TOKEN_LIFETIME)
        token = tokens._issue(credential, scope, lifetime)
        if token is None:
            raise _Refused("invalid_scope", "The scope is wider than the key, or none that there is")
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": lifetime}
        return answer | ({"scope": scope} if scope else {})

    def _note_failure(self, address):
        try:
            limits.note_failure(request.db, address)
        except RateLimited as error:
            raise _too_many(error) from None


def _too_many(error):
    return _Refused("temporarily_unavailable", error.message, 429, rate_headers.of_refusal(error))


def _single_values(httprequest):
    """The form's parameters.

    :raises _Refused: one is repeated (section 3.2), or the client's secret stands in the URL
    """
    if {"client_secret", "client_id"} & httprequest.args.keys():
        raise _Refused("invalid_request", "Credentials in the URL end up in logs; send them in the body")
    for name, values in httprequest.form.lists():
        if len(values) > 1:
            raise _Refused("invalid_request", f"{name} is repeated")
    return httprequest.form


def _client(form, authorization):
    """Who the client says that it is (section 2.3.1).

    :returns: its id and secret; empty if it says nothing, which proves nobody
    :raises _Refused: it says it twice, or in a way that cannot be read
    """
    scheme, _blank, encoded = (authorization or "").partition(" ")
    in_body = "client_id" in form or "client_secret" in form
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    if in_body:
        raise _Refused("invalid_request", "Credentials stand in the header and in the body")
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _Refused("invalid_request", "The Authorization header cannot be read") from None
    if not colon:
        raise _Refused("invalid_request", "The Authorization header cannot be read")
    # Both are form-urlencoded before they are put together.
    return unquote_plus(name), unquote_plus(secret)
