"""The way into the gateway and out of it, for every door, in the one order that is written here.

A door is a routing type of Odoo with a protocol of its own. Odoo calls its dispatcher at four
moments, and :class:`BorderHooks` hands each of them to the :class:`Border` of the request::

    Odoo                       Border            step                                     refused with
    route found                Border()           1. the request's id
                                                  2. the page that calls (cors.py)
    ir.http._authenticate      models/ir_http.py  3. the key in the headers               401
    Dispatcher.pre_dispatch    check_headers      4. a browser's preflight                204 or 403
                                                  5. verb                                 405
                                                  6. media type, encoding                 415
    Dispatcher.dispatch        identify           7. a database that has the addon        as the door says
                                                  8. who calls; cookies of foreign pages  401, 403
                                                  9. whoever has no call left             429
                               read_body         10. the body, up to its limit            413
                               admit             11. limits, by the calls in the body     429
                               (the door's protocol: its calls, by the pipeline)
                               leave             12. headers, compression, the log
    Dispatcher.post_dispatch   guard_cookies     13. the session's cookie
    Dispatcher.handle_error    refuse             a refusal or failure of any step: lockout,
                                                  log, status, headers, body

Step 3 stands where Odoo has it: a wrong key is refused before all else. The policies are in files
of their own, one each; this file knows their order, and no door.

A new door says what it lets in, and has the rest by that, grants, read-only keys and the log too
(``door_call.py``)::

    class PriceListDispatcher(BorderHooks, http.Dispatcher):
        routing_type = "my_addon.price_list"
        door = Door(verbs=("GET",), calls=("price.list",))

    class PriceListController(Controller):
        @route("/my_addon/prices.csv", type="my_addon.price_list", auth="jsonrpc", save_session=False)
        def prices(self):
            return request.make_response(...)

A door whose calls stand in its body overrides ``dispatch``, as ``dispatcher.py`` does.
"""

from http import HTTPStatus

import werkzeug.exceptions

from odoo import http

from ..engine.access.credential import Credential
from ..engine.access.settings import MAX_BODY
from ..engine.compat import odoo_http
from ..engine.dispatch import settings
from ..engine.dispatch.answer import Stream
from ..engine.dispatch.context import CallContext
from ..engine.dispatch.journal import call_log, refusals
from ..engine.dispatch.limits import lockout, policies
from ..engine.protocol.errors import (
    Forbidden,
    InvalidRequest,
    MethodNotAllowed,
    RateLimited,
    TooLarge,
    UnsupportedMediaType,
)
from ..engine.protocol.values import ABSENT
from . import answer as http_answer
from . import body, rate_headers, session_cookie, stream_body
from .cors import Origin
from .database import has_addon
from .door import Door
from .door_call import call_controller
from .refusal import Refusal, refusal_of, too_many
from .request_id import request_id_of


class Border:
    """One request on its way in and out.

    :param request: the :class:`odoo.http.Request`, whose route is known
    :param Door door: where it knocks
    :ivar request_id: its identifier in answers, errors and logs
    :ivar call_id: what the door's protocol calls the request by, a JSON-RPC id for example; the
        door sets it as soon as it has read it, for :attr:`Door.refused`
    :ivar log: what its calls leave behind; ``None`` until it has entered
    """

    def __init__(self, request, door):
        self.request = request
        self.door = door
        httprequest = request.httprequest
        self.request_id = request_id_of(httprequest.headers.get("X-Request-Id"))
        self.origin = Origin(httprequest, request.env, has_keys=self.env is not None)
        self.call_id = ABSENT
        self.log = None
        self._levels = None
        self._rate_headers = []

    @property
    def database(self):
        """Name of the database, if the addon is installed there: server-wide, it answers on every one."""
        return self.request.db if has_addon(self.request.registry) else None

    @property
    def env(self):
        """The environment of the request; ``None`` without a database that has the addon."""
        return self.request.env if self.database else None

    # -- in

    def check_headers(self):
        """Answer a preflight, and refuse by its headers what the door does not let in.

        :raises Refusal: a preflight for a page that nobody allowed; another verb; a compressed
            body, or one of another media type: ``text/plain`` above all, which a page of any site
            may send with the user's cookies (Fetch, "CORS-safelisted request-header")
        """
        httprequest, door = self.request.httprequest, self.door
        if self.origin.is_preflight:
            if self.origin.is_refused:
                raise Refusal(Forbidden("Pages of this origin may not call here"), HTTPStatus.FORBIDDEN)
            werkzeug.exceptions.abort(http.Response(status=HTTPStatus.NO_CONTENT, headers=self.origin.headers()))
        if httprequest.method not in door.verbs:
            error = MethodNotAllowed(f"Only {' and '.join(door.verbs)} can be used here")
            raise Refusal(error, HTTPStatus.METHOD_NOT_ALLOWED, [("Allow", ", ".join(door.verbs))])
        if not door.media_types:
            return
        if httprequest.mimetype not in door.media_types:
            error = UnsupportedMediaType(f"Content-Type must be {' or '.join(door.media_types)}")
            raise Refusal(error, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if httprequest.headers.get("Content-Encoding", "identity").lower() != "identity":
            error = UnsupportedMediaType("Compressed bodies are not accepted")
            raise Refusal(error, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

    def read_body(self):
        """The whole body.

        :raises Refusal: it is larger than its limit
        :raises werkzeug.exceptions.HTTPException: it is incomplete
        :rtype: bytes
        """
        httprequest = self.request.httprequest
        try:
            return body.read_body(httprequest)
        except werkzeug.exceptions.RequestEntityTooLarge:
            limit = httprequest.max_content_length
            error = TooLarge(f"A body holds at most {limit} bytes here", data={"limit": limit})
            raise Refusal(error, HTTPStatus.REQUEST_ENTITY_TOO_LARGE) from None

    def identify(self, routing):
        """Find out who sends a request, before its body is read.

        :param dict routing: of the route; ``jsonrpc_unproved_body`` is how many bytes a body may have that
            nobody known sends
        :returns: the :class:`CallContext` for its calls
        :raises Refusal: the door needs a database, and none is selected; nothing good proves who
            calls; a page that nobody allowed calls on behalf of its visitor; the caller has no call left
        """
        env = self.env
        if env is None and self.door.needs_database:
            raise Refusal(InvalidRequest("No database is selected"), HTTPStatus.BAD_REQUEST)
        credential = self.request.jsonrpc_credential = self._credential(routing, env)
        context = CallContext(
            env=env,
            credential=credential,
            request_id=self.request_id,
            remote_addr=self.request.httprequest.remote_addr,
            endpoint=self.request.httprequest.path,
            door=self.request.dispatcher.routing_type,
            user_agent=self.request.httprequest.headers.get("User-Agent"),
            may_use_cookies=self.origin.may_use_cookies,
        )
        self.log = call_log.of_request(context)
        if self._levels is None and (empty := policies.empty_buckets(context)):
            self._limit(empty)
        self._bound_body(routing, credential)
        return context

    def _bound_body(self, routing, credential):
        """Set how large the body may be, where the route does not say it, or says it for callers who are known."""
        httprequest, limit = self.request.httprequest, self.request.httprequest.max_content_length
        if "max_content_length" not in routing:
            # Odoo's own default is that of an upload.
            limit = min(limit, settings.number(self.env, MAX_BODY))
        if not credential.is_known:
            limit = min(limit, routing.get("jsonrpc_unproved_body", limit))
        httprequest.max_content_length = limit

    def admit(self, context, methods):
        """Let the calls of a request in.

        :param context: what :meth:`identify` gave back
        :param methods: the name of the method of each call that is to be made
        :raises Refusal: a limit is reached
        """
        if self._levels is None:
            # Once, however often Odoo replays the request.
            self._levels = policies.take_calls(context, methods)
        self._limit(self._levels)

    def _limit(self, levels):
        """:raises Refusal: there is not enough left"""
        self._rate_headers = rate_headers.of_levels(levels)
        self.log.limited(levels)
        if error := policies.limit_refusal(levels):
            raise too_many(error)

    def _credential(self, routing, env):
        """What is proved about the caller before any call is made.

        :raises Refusal: only by a cookie, on behalf of a page that nobody allowed to use it
        """
        credential = self._proved(routing, env)
        self.origin.proved(credential)
        if credential.kind == "session" and not self.origin.may_use_cookies:
            raise Refusal(Forbidden("Pages of this origin may not use the session"), HTTPStatus.FORBIDDEN)
        return credential

    def _proved(self, routing, env):
        if self.door.prove is not None:
            return self.door.prove(self.request)
        if routing["auth"] == "jsonrpc":
            return self.request.jsonrpc_credential
        if env is None:
            return Credential(kind="public", user_id=None)
        if routing["auth"] == "none":
            return self.request.registry["ir.http"]._jsonrpc_credential()
        if env.user._is_public():
            return Credential(kind="public", user_id=env.uid)
        return Credential(kind="session", user_id=env.uid)

    # -- out

    def leave(self, answer, *, status=HTTPStatus.OK, headers=(), error=None):
        """Answer a request.

        :param answer: the encoded body, empty for none; a stream, which is sent once the request's
            transaction has ended; or a response that says itself how long it may be kept and by whom
        :param int status: of HTTP, for a body
        :param headers: more headers for a body, as ``(name, value)`` pairs
        :param error: the ``error`` member of the answer to a request of which no call was made
        :returns: the :class:`odoo.http.Response`
        """
        if self.log is not None:
            self.log.finish(error)
        elif error and self.database:
            refusals.note_refusal(
                self.database,
                error,
                request_id=self.request_id,
                address=self.request.httprequest.remote_addr,
                endpoint=self.request.httprequest.path,
                door=self.request.dispatcher.routing_type,
                user_agent=self.request.httprequest.headers.get("User-Agent"),
            )
        common = [*self._rate_headers, *self.origin.headers(), ("X-Request-Id", self.request_id)]
        if isinstance(answer, http.Response):
            answer.headers.extend([*self.door.headers, *common])
            return answer
        headers = [*headers, *self.door.headers, *common]
        if isinstance(answer, Stream):
            return stream_body.make_stream_response(answer, headers)
        return http_answer.make_response(answer, status, headers, compressed=self.door.compressed)

    def refuse(self, exc):
        """Answer an exception that ended the whole request.

        :param exc: as of :func:`refusal_of`; or werkzeug's, with a response that is given back as it is
        :returns: the :class:`odoo.http.Response`
        """
        if isinstance(exc, werkzeug.exceptions.HTTPException) and exc.code is None:
            return exc.get_response()
        refusal = refusal_of(exc, self.env, self.door.failure_status)
        if self.log is not None:
            self.log.lost(refusal.error)
        refusal = self._after_guess(refusal)
        status, content = self.door.refused(refusal, self)
        error = refusal.error.as_member(self.request_id)
        response = self.leave(content, status=status, headers=refusal.headers, error=error)
        body.discard_body(self.request.httprequest)
        return response

    def _after_guess(self, refusal):
        """The refusal itself; or, after too many wrong secrets, that of who sends them."""
        httprequest = self.request.httprequest
        unproved = refusal.code == HTTPStatus.UNAUTHORIZED and "Authorization" in httprequest.headers
        if (refusal.guess or unproved) and self.database:
            try:
                lockout.note_failure(self.database, httprequest.remote_addr)
            except RateLimited as error:
                return too_many(error)
        return refusal

    def guard_cookies(self, response):
        """Keep the cookies that a response sets from travelling where they must not."""
        session_cookie.guard(response, self.request.httprequest, self.origin)


class BorderHooks:
    """What Odoo calls on the dispatcher of a door, before :class:`odoo.http.Dispatcher` among its bases.

    :cvar Door door: what the door lets in
    """

    door: Door

    def __init__(self, request):
        super().__init__(request)
        self.border = Border(request, self.door)

    @classmethod
    def is_compatible_with(cls, request):
        """Always: what a door refuses gets an answer of its own, not Odoo's page in HTML."""
        return True

    def pre_dispatch(self, rule, args):
        """Refuse what the headers say already."""
        super().pre_dispatch(rule, args)
        self.border.check_headers()

    def dispatch(self, endpoint, args):
        """Answer a request that calls what its door says, with what its controller gives back.

        :param endpoint: the controller method of the route, with its ``routing``
        :param dict args: the parts of the URL that the route names
        :returns: the HTTP response
        """
        self.request.params = dict(args)
        if self.door.media_types:
            # For the controller, from where werkzeug keeps it.
            self.border.read_body()
        context = self.border.identify(endpoint.routing)
        self.border.admit(context, self.door.calls)
        if self.door.public:
            response = odoo_http.call_endpoint(self.request, endpoint)
        else:
            response = call_controller(context, self.border.log, self.door, endpoint, args)
        return self.border.leave(response)

    def post_dispatch(self, response):
        """Finish the response."""
        super().post_dispatch(response)
        self.border.guard_cookies(response)

    def handle_error(self, exc):
        """Answer an exception that ended the whole request."""
        return self.border.refuse(exc)
