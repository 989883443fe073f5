"""The routing type ``jsonrpc2``: strict JSON-RPC 2.0 for any route of any addon.

Two kinds of routes use it. A hand-written controller is one method, validated by its type
hints, and guarded by our keys where its ``auth`` is ``"jsonrpc"``::

    @route("/my_api/get_name", type="jsonrpc2", auth="jsonrpc", jsonrpc_access="read")
    def get_name(self, partner_id: int) -> str: ...

An endpoint with many methods says ``jsonrpc_resolver=True``: it receives each parsed request
and gives back the method's specification and its params.

Odoo's own ``jsonrpc`` type (``JsonRPCDispatcher`` in ``odoo/http.py``) ignores ``method``,
refuses arrays and sends tracebacks. This one stands beside it, registered by subclassing
:class:`odoo.http.Dispatcher`, the extension point meant for that. It must not know any
particular method.
"""

from functools import partial
from http import HTTPStatus

import werkzeug.exceptions

from odoo import http
from odoo.exceptions import AccessDenied

from ..engine.access.credential import REALM, Credential
from ..engine.compat import odoo_http
from ..engine.dispatch import limits, settings
from ..engine.dispatch.context import CallContext
from ..engine.dispatch.errors import to_rpc_error
from ..engine.dispatch.journal import call_log, refusals, server_log
from ..engine.dispatch.pipeline import Pipeline
from ..engine.protocol.errors import (
    Forbidden,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    ParseError,
    RateLimited,
    RpcError,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from ..engine.protocol.jsonrpc import batch, codec
from ..engine.protocol.jsonrpc.message import failure, recover_id
from . import answer, body, rate_headers, request_options, single
from .cors import Origin
from .database import serve_on
from .request_id import request_id_of

#: Refusals before any call is looked at keep their HTTP status.
_REFUSALS: dict[int, type[RpcError]] = {
    HTTPStatus.UNAUTHORIZED: Unauthenticated,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowed,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaType,
    HTTPStatus.SERVICE_UNAVAILABLE: Unavailable,
}

#: A larger body (bytes) is not parsed for the id that a refusal could echo: who is refused
#: has no claim on our time.
_MAX_BODY_FOR_ID = 64 * 1024


server_log.install()


class JsonRpcDispatcher(http.Dispatcher):
    """Reads a JSON-RPC payload, runs its calls through the pipeline, answers to the letter."""

    routing_type = "jsonrpc2"
    verbs = ("POST",)
    mimetypes = ("application/json", "application/json-rpc")

    def __init__(self, request):
        super().__init__(request)
        self.request_id = request_id_of(request.httprequest.headers.get("X-Request-Id"))
        self.origin = Origin(request)
        self._rate_headers = []
        self._log = None

    @classmethod
    def is_compatible_with(cls, request):
        """Always: what we refuse gets a JSON-RPC error, not Odoo's page in HTML."""
        return True

    def pre_dispatch(self, rule, args):
        """Answer a preflight, and refuse what is no JSON-RPC message by its headers already.

        :raises werkzeug.exceptions.Forbidden: a preflight from an origin that nobody allowed
        :raises werkzeug.exceptions.MethodNotAllowed: any verb but POST
        :raises werkzeug.exceptions.UnsupportedMediaType: a compressed body, or a media type
            other than JSON: ``text/plain`` above all, which a page of any site may send
            with the user's cookies (Fetch, "CORS-safelisted request-header")
        """
        super().pre_dispatch(rule, args)
        httprequest = self.request.httprequest
        if self.origin.is_preflight:
            if not self.origin.is_known:
                raise werkzeug.exceptions.Forbidden("Pages of this origin may not call here")
            werkzeug.exceptions.abort(http.Response(status=HTTPStatus.NO_CONTENT, headers=self.origin.headers()))
        if httprequest.method not in self.verbs:
            raise werkzeug.exceptions.MethodNotAllowed(self.verbs, f"Only {' and '.join(self.verbs)} can be used here")
        self._check_body()

    def _check_body(self):
        """Refuse a body that is none of JSON by its headers.

        :raises werkzeug.exceptions.UnsupportedMediaType: as :meth:`pre_dispatch` says
        """
        httprequest = self.request.httprequest
        if httprequest.mimetype not in self.mimetypes:
            raise werkzeug.exceptions.UnsupportedMediaType(f"Content-Type must be {' or '.join(self.mimetypes)}")
        if httprequest.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise werkzeug.exceptions.UnsupportedMediaType("Compressed bodies are not accepted")

    def dispatch(self, endpoint, args):
        """Answer the body of the request.

        :param endpoint: the controller method of the route, with its ``routing``
        :param dict args: the parts of the URL that the route names
        :returns: the HTTP response; JSON-RPC errors travel with status 200
        """
        self.request.params = dict(args)
        routing = endpoint.routing
        try:
            payload = codec.decode(body.read(self.request.httprequest))
        except ParseError as error:
            return self._respond(routing, failure(None, error, self.request_id))
        if self.request.db is None and (database_of := routing.get("jsonrpc_database")):
            response = serve_on(self.request, database_of(payload))
            if response is not None:
                return response
        context = self._context(routing)
        self._log = call_log.of_request(context)
        if error := self._over_limit(context, batch.method_names(payload)):
            return self._too_many(error, recover_id(payload))
        headers = self.request.httprequest.headers
        try:
            modes = request_options.batch_modes(headers)
            payload = request_options.with_idempotency_key(payload, headers)
        except InvalidRequest as error:
            return self._respond(routing, failure(recover_id(payload), error, self.request_id))
        if routing.get("jsonrpc_resolver"):
            resolve = partial(odoo_http.undecorated(endpoint), **args)
        else:
            resolve = partial(single.resolve, endpoint, args)
        pipeline = Pipeline(context, resolve, self._log, atomic="atomic" in modes)
        answered = batch.run(
            payload,
            pipeline,
            limit=settings.number(self._env, settings.MAX_BATCH) if isinstance(payload, list) else 1,
            request_id=self.request_id,
            references="references" in modes,
            undo=pipeline.undo if "atomic" in modes else None,
            refused=self._log.refused,
        )
        if routing["auth"] == "jsonrpc" and _nobody_was_let_in(context.credential, answered):
            return self._respond(routing, answered, HTTPStatus.UNAUTHORIZED, [self._challenge()])
        return self._respond(routing, answered)

    def post_dispatch(self, response):
        """Finish the response; a session cookie that is set over https travels over https only.

        For a page of another origin that was allowed, it has to travel across sites too
        (RFC 6265bis section 5.6.7), which browsers accept of ``Secure`` cookies only. Those that
        block cookies of third parties make an exception for one that is kept apart for each site
        (``Partitioned``, draft-cutler-httpbis-partitioned-cookies). Within one site that would be a
        second cookie of the same name, beside the one of a user who is logged in there.
        """
        super().post_dispatch(response)
        httprequest = self.request.httprequest
        if httprequest.scheme == "https":
            cookies = response.headers.getlist("Set-Cookie")
            flags = "; Secure"
            if self.origin.is_allowed:
                flags += "; SameSite=None"
                if httprequest.headers.get("Sec-Fetch-Site") == "cross-site":
                    flags += "; Partitioned"
            response.headers.setlist("Set-Cookie", [f"{cookie}{flags}" for cookie in cookies])

    def handle_error(self, exc):
        """Answer an exception that ended the whole request.

        :param exc: a refusal before any call (werkzeug's HTTP exceptions, ``AccessDenied``),
            a concurrency failure that Odoo gave up on, or a surprise
        :returns: a JSON-RPC error, with the request's id where it can be told
        """
        if isinstance(exc, werkzeug.exceptions.HTTPException) and exc.code is None:
            return exc.get_response()
        response = self._failed(exc)
        body.discard(self.request.httprequest)
        return response

    def _failed(self, exc):
        status, headers = HTTPStatus.OK, []
        if isinstance(exc, (AccessDenied, http.SessionExpiredException)):
            status, headers = HTTPStatus.UNAUTHORIZED, [self._challenge()]
            error = Unauthenticated()
        elif isinstance(exc, werkzeug.exceptions.HTTPException):
            status = exc.code
            headers = [(name, value) for name, value in exc.get_headers() if name != "Content-Type"]
            error = _refusal(status)(exc.description)
        else:
            error = to_rpc_error(exc, self._env)
            error.__cause__ = exc
        if self._log is not None:
            self._log.lost(error)
        refused_credential = status == HTTPStatus.UNAUTHORIZED and "Authorization" in self.request.httprequest.headers
        if refused_credential and self._database:
            try:
                limits.note_failure(self._database, self.request.httprequest.remote_addr)
            except RateLimited as too_many:
                return self._too_many(too_many, self._recovered_id())
        return self._answer(failure(self._recovered_id(), error, self.request_id), status, headers)

    @property
    def _database(self):
        """Name of the database, if the addon is installed there: server-wide, it answers on every one."""
        registry = self.request.registry
        return self.request.db if registry is not None and "jsonrpc.key" in registry else None

    @property
    def _env(self):
        return self.request.env if self._database else None

    def _context(self, routing):
        return CallContext(
            env=self._env,
            credential=self._credential(routing),
            request_id=self.request_id,
            remote_addr=self.request.httprequest.remote_addr,
            endpoint=self.request.httprequest.path,
        )

    def _credential(self, routing):
        """What is proved about the caller before any call is looked at.

        :raises werkzeug.exceptions.Forbidden: only by a cookie, on behalf of a page that nobody
            allowed to use it
        """
        credential = self._proved(routing)
        if credential.kind == "session" and not self.origin.may_use_cookies:
            raise werkzeug.exceptions.Forbidden("Pages of this origin may not use the session")
        return credential

    def _proved(self, routing):
        request, env = self.request, self._env
        if routing["auth"] == "jsonrpc":
            return request.jsonrpc_credential
        if env is None:
            return Credential(kind="public", user_id=None)
        if routing["auth"] == "none":
            return request.registry["ir.http"]._jsonrpc_credential()
        if env.user._is_public():
            return Credential(kind="public", user_id=env.uid)
        return Credential(kind="session", user_id=env.uid)

    def _respond(self, routing, answered, status=HTTPStatus.OK, headers=()):
        if shape := routing.get("jsonrpc_error_shape"):
            for response in answered if isinstance(answered, list) else [answered]:
                if response and "error" in response:
                    shape(response["error"])
        return self._answer(answered, status, headers)

    def _over_limit(self, context, methods):
        """Why some methods may not be called, or ``None``; the answer tells what is left."""
        levels = limits.take(context, methods)
        self._rate_headers = rate_headers.of_levels(levels)
        return limits.refusal(levels)

    def _too_many(self, error, id_):
        """RFC 6585 section 4."""
        headers = rate_headers.of_refusal(error)
        return self._answer(failure(id_, error, self.request_id), HTTPStatus.TOO_MANY_REQUESTS, headers)

    def _answer(self, answered, status, headers):
        if self._log is not None:
            self._log.finish(answered)
        elif self._database and answered:
            refusals.note(
                self._database,
                answered["error"],
                request_id=self.request_id,
                address=self.request.httprequest.remote_addr,
                endpoint=self.request.httprequest.path,
            )
        headers = [*headers, *self._rate_headers, *self.origin.headers()]
        return answer.make(answered, self.request_id, status, headers)

    def _challenge(self):
        """RFC 6750 section 3: no error code where no credential was sent."""
        return "WWW-Authenticate", f'Bearer realm="{REALM}"'

    def _recovered_id(self):
        """The id of a refused request; None for a batch, and where nothing can be told."""
        httprequest = self.request.httprequest
        if not 0 < (httprequest.content_length or 0) <= _MAX_BODY_FOR_ID:
            return None
        try:
            return recover_id(codec.decode(httprequest.get_data()))
        except (ParseError, werkzeug.exceptions.HTTPException):
            return None


def _refusal(status):
    """The error class for a refusal with an HTTP status."""
    otherwise = InternalError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else InvalidRequest
    return _REFUSALS.get(status, otherwise)


def _nobody_was_let_in(credential, answered):
    """Whether a caller without credentials was refused every call, for that reason."""
    if credential.kind != "public" or not answered:
        return False
    responses = answered if isinstance(answered, list) else [answered]
    return all(response.get("error", {}).get("code") == Unauthenticated.code for response in responses)
