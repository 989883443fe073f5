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

from odoo import http

from ..engine.access.settings import MAX_BATCH
from ..engine.compat import odoo_http
from ..engine.dispatch import settings
from ..engine.dispatch.answer import Stream
from ..engine.dispatch.pipeline import Pipeline
from ..engine.protocol.errors import InvalidRequest, ParseError, TooLarge, Unauthenticated
from ..engine.protocol.jsonrpc import batch, codec, weight
from ..engine.protocol.jsonrpc.message import failure, recover_id
from ..engine.protocol.values import ABSENT
from . import request_options, single
from .border import BorderHooks
from .database import serve_on
from .door import Door
from .refusal import BEARER_CHALLENGE, Refusal

#: How much memory a body may stand for: so many times its bytes, and so many bytes more. A body of
#: ``_SMALL`` bytes is not even looked at. Who is refused for any reason has cost no more.
_UNKNOWN, _KNOWN, _SMALL = (3.5, 6 << 20), (24, 64 << 20), 64 << 10


class JsonRpcDispatcher(BorderHooks, http.Dispatcher):
    """Reads a JSON-RPC payload, runs its calls through the pipeline, answers to the letter."""

    routing_type = "jsonrpc2"
    door = Door(
        verbs=("POST",),
        media_types=("application/json", "application/json-rpc"),
        # The service endpoints have methods that need none.
        needs_database=False,
        failure_status=HTTPStatus.OK,
    )

    def dispatch(self, endpoint, args):
        """Answer the body of the request.

        :param endpoint: the controller method of the route, with its ``routing``
        :param dict args: the parts of the URL that the route names
        :returns: the HTTP response; JSON-RPC errors travel with status 200
        """
        self.request.params = dict(args)
        border, routing = self.border, endpoint.routing
        context = border.identify(routing)
        raw = border.read_body()
        try:
            _check_size(raw, context.credential)
            payload = codec.decode_payload(raw)
        except ParseError as error:
            # It costs what a call costs.
            border.admit(context, [""])
            return self._respond(routing, failure(None, error, border.request_id))
        except TooLarge as error:
            border.admit(context, [""])
            raise Refusal(error, HTTPStatus.REQUEST_ENTITY_TOO_LARGE) from error
        border.call_id = recover_id(payload)
        if self.request.db is None and (database_of := routing.get("jsonrpc_database")):
            response = serve_on(self.request, database_of(payload))
            if response is not None:
                return response
        border.admit(context, batch.method_names(payload, _name_of(endpoint)))
        headers = self.request.httprequest.headers
        try:
            modes = request_options.batch_modes(headers)
            payload = request_options.with_idempotency_key(payload, headers)
        except InvalidRequest as error:
            return self._respond(routing, failure(border.call_id, error, border.request_id))
        if isinstance(payload, list):
            border.log.batch_of(len(payload), modes)
        if routing.get("jsonrpc_resolver"):
            resolve = partial(odoo_http.undecorated(endpoint), **args)
        else:
            resolve = partial(single.resolve, endpoint, args)
        pipeline = Pipeline(context, resolve, border.log, atomic="atomic" in modes)
        answered = batch.run(
            payload,
            pipeline,
            limit=settings.number(context.env, MAX_BATCH) if isinstance(payload, list) else 1,
            request_id=border.request_id,
            references="references" in modes,
            undo=pipeline.undo if "atomic" in modes else None,
            refused=border.log.refused,
            foresee=pipeline.foresee,
        )
        if routing["auth"] == "jsonrpc" and _nobody_was_let_in(context.credential, answered):
            return self._respond(routing, answered, HTTPStatus.UNAUTHORIZED, [BEARER_CHALLENGE])
        return self._respond(routing, answered)

    def _respond(self, routing, answered, status=HTTPStatus.OK, headers=()):
        """The HTTP response for what :func:`batch.run` gave back; a notification is answered by an empty body."""
        if shape := routing.get("jsonrpc_error_shape"):
            for response in answered if isinstance(answered, list) else [answered]:
                if response and "error" in response:
                    shape(response["error"])
        error = answered.get("error") if isinstance(answered, dict) else None
        return self.border.leave(_body(answered), status=status, headers=headers, error=error)


def _check_size(raw, credential):
    """See to it that a body does not stand for more than its sender may cost, before it is parsed.

    :param bytes raw: the body
    :raises TooLarge: it does
    """
    if len(raw) <= _SMALL:
        return
    times, slack = _KNOWN if credential.is_known else _UNKNOWN
    size, most = weight.estimated_size(raw), int(times * len(raw)) + slack
    # What is broken anyway is refused for that.
    if size > most and not codec.is_too_deep(raw):
        raise TooLarge(
            f"This body stands for about {size >> 20} MiB of values, and {most >> 20} MiB are read of it:"
            f" send less at once{'' if credential.is_known else ', or a credential in the header'}",
            data={"limit": most, "size": size},
        )


def _name_of(endpoint):
    """By which one name each call of a route counts: a limit must not be walked around by another name.

    :returns: a function of the method and the params; ``None`` where the method itself is the name
    """
    if endpoint.routing.get("jsonrpc_resolver"):
        return endpoint.routing.get("jsonrpc_name")
    name = single.method_name(endpoint)
    return lambda method, params: name


def _body(answered):
    """What goes over the wire: bytes, or the stream that a single call is answered with, without an envelope."""
    if answered is ABSENT:
        return b""
    result = answered.get("result") if isinstance(answered, dict) else None
    return result if isinstance(result, Stream) else codec.encode(answered)


def _nobody_was_let_in(credential, answered):
    """Whether a caller without credentials was refused every call, for that reason."""
    if credential.kind != "public" or not answered:
        return False
    responses = answered if isinstance(answered, list) else [answered]
    return all(response.get("error", {}).get("code") == Unauthenticated.code for response in responses)
