"""OAuth 2.0 client credentials: ``/jsonrpc/2/token`` (RFC 6749 section 4.4).

The client's id is the public id of a key, its secret the key's token. It must not know what an
access token is made of.
"""

import base64
import binascii
from http import HTTPStatus
from urllib.parse import unquote_plus

import orjson

from odoo import http
from odoo.http import Controller, request, route

from ..engine.access.credential import REALM
from ..engine.access.settings import TOKEN_LIFETIME
from ..engine.dispatch import settings
from ..engine.protocol.errors import Forbidden, InvalidRequest, Unauthenticated
from .border import BorderHooks
from .door import Door
from .refusal import Refusal

_FORM = "application/x-www-form-urlencoded"
_GRANT = "client_credentials"
# Bytes; what a client has to say is short.
_MAX_BODY = 16 * 1024

_CHALLENGE = ("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"')


class TokenRefused(Refusal):
    """A request that gets no token (RFC 6749 section 5.2).

    :param str code: the error that the RFC has for it
    :param str reason: one sentence for people
    :param error: the class of the error, for the log
    """

    def __init__(self, code, reason, error=InvalidRequest):
        super().__init__(error(reason), HTTPStatus.BAD_REQUEST)
        self.oauth_code = code


def _as_oauth(refusal, border):
    """A refusal as RFC 6749 section 5.2 has it.

    :returns: HTTP status and body
    """
    status = refusal.code
    if isinstance(refusal, TokenRefused):
        code = refusal.oauth_code
    elif status == HTTPStatus.UNAUTHORIZED:
        code = "invalid_client"
    elif status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        code = "temporarily_unavailable"
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        code = "server_error"
    else:
        code = "invalid_request"
        if status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            status = HTTPStatus.BAD_REQUEST
    return status, orjson.dumps({"error": code, "error_description": refusal.error.message})


def _client_credential(request):
    """Prove the client of a well-formed request; the ``prove`` of the door.

    :returns: the :class:`Credential` of its key
    :raises Refusal: the request is malformed, or proves nobody
    """
    httprequest = request.httprequest
    form = _single_values(httprequest)
    client_id, secret = _client(form, httprequest.headers.get("Authorization"))
    grant_type = form.get("grant_type")
    if not grant_type:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if grant_type != _GRANT:
        raise TokenRefused("unsupported_grant_type", f"The only grant_type is {_GRANT}")
    address, page = httprequest.remote_addr, httprequest.headers.get("Origin")
    credential = request.env["jsonrpc.key"]._authenticate_client(client_id, secret, address, page)
    if credential is None:
        error = Unauthenticated("The client is unknown, or its secret is wrong")
        raise Refusal(error, HTTPStatus.UNAUTHORIZED, [_CHALLENGE], guess=True)
    return credential


class TokenDispatcher(BorderHooks, http.Dispatcher):
    """Takes a form, as OAuth has it, and answers with JSON."""

    routing_type = "jsonrpc2.token"
    door = Door(
        verbs=("POST",),
        media_types=(_FORM,),
        calls=("token",),
        public=True,
        prove=_client_credential,
        refused=_as_oauth,
        # Its answers are secrets: their length must not tell of their content.
        compressed=False,
        # RFC 6749 section 5.1.
        headers=(("Pragma", "no-cache"),),
    )


class TokenController(Controller):
    @route(
        "/jsonrpc/2/token",
        type="jsonrpc2.token",
        auth="none",
        save_session=False,
        readonly=False,
        max_content_length=_MAX_BODY,
    )
    def token(self):
        """Give an access token for the key of the client that the border has let in.

        :returns: the token as JSON
        :raises TokenRefused: the key gets none, or none of that scope
        """
        credential = request.jsonrpc_credential
        if credential.publishable:
            raise TokenRefused("unauthorized_client", "A publishable key gets no access tokens", Forbidden)
        scope = request.httprequest.form.get("scope", "")
        lifetime = settings.number(request.env, TOKEN_LIFETIME)
        token = request.env["jsonrpc.access.token"]._issue(credential, scope, lifetime)
        if token is None:
            raise TokenRefused("invalid_scope", "The scope is wider than the key, or none that there is", Forbidden)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": lifetime}
        return orjson.dumps(answer | ({"scope": scope} if scope else {}))


def _single_values(httprequest):
    """The form's parameters.

    :raises TokenRefused: one is repeated (section 3.2), or the client's secret stands in the URL
    """
    if {"client_secret", "client_id"} & httprequest.args.keys():
        raise TokenRefused("invalid_request", "Credentials in the URL end up in logs; send them in the body")
    for name, values in httprequest.form.lists():
        if len(values) > 1:
            raise TokenRefused("invalid_request", f"{name} is repeated")
    return httprequest.form


def _client(form, authorization):
    """Who the client says that it is (section 2.3.1).

    :returns: its id and secret; empty if it says nothing, which proves nobody
    :raises TokenRefused: it says it twice, or in a way that cannot be read
    """
    scheme, _blank, encoded = (authorization or "").partition(" ")
    in_body = "client_id" in form or "client_secret" in form
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    if in_body:
        raise TokenRefused("invalid_request", "Credentials stand in the header and in the body")
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise TokenRefused("invalid_request", "The Authorization header cannot be read") from None
    if not colon:
        raise TokenRefused("invalid_request", "The Authorization header cannot be read")
    # Both are form-urlencoded before they are put together.
    return unquote_plus(name), unquote_plus(secret)
