"""The documentation of the API: ``/jsonrpc/2/openrpc.json`` for programs, ``/jsonrpc/2/docs`` for people.

It must not know what is documented, nor for whom: that is ``jsonrpc.api.discovery``.
"""

from http import HTTPStatus

from odoo.http import Controller, Response, request, route

from ..engine.compat import odoo_base, odoo_http
from . import answer
from .dispatcher import JsonRpcDispatcher


class DocumentDispatcher(JsonRpcDispatcher):
    """Serves documents to the callers of the API: the same keys, limits, origins and errors.

    Odoo's own ``http`` type would answer a bad key with a page in HTML, and let it be guessed
    without end.
    """

    routing_type = "jsonrpc2.document"
    verbs = ("GET", "HEAD")

    def _check_body(self):
        """There is none."""

    def dispatch(self, endpoint, args):
        """Answer a request for a document.

        It costs what a call of ``rpc.discover`` costs.
        """
        self.request.params = dict(args)
        context = self._context(endpoint.routing)
        if error := self._over_limit(context, ["rpc.discover"]):
            return self._too_many(error, None)
        response = odoo_http.call_endpoint(self.request, endpoint)
        response.headers.extend([*self._rate_headers, *self.origin.headers(), ("X-Request-Id", self.request_id)])
        return response

    def handle_error(self, exc):
        """As of a call, but a failure has an HTTP status of its own: there is no call to answer."""
        response = super().handle_error(exc)
        if response.status_code == HTTPStatus.OK:
            response.status_code = HTTPStatus.INTERNAL_SERVER_ERROR
        return response


#: Everything that the page loads is ours, and nothing of it may be put into another page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS = "jsonrpc_gateway.assets_docs"
_ROUTING = {"type": "jsonrpc2.document", "auth": "jsonrpc", "save_session": False, "readonly": False}


class DocsController(Controller):
    @route("/jsonrpc/2/openrpc.json", **_ROUTING)
    def openrpc(self):
        """The OpenRPC document of what the caller may call.

        :returns: the document, or 304 for a caller who has it already
        """
        document = request.env["jsonrpc.api.discovery"]._document(request.jsonrpc_credential)
        compressed = answer.accepts_gzip()
        headers = [
            ("Content-Type", "application/json"),
            ("X-Content-Type-Options", "nosniff"),
            # For this caller only, and to be asked for again each time: rights change.
            ("Cache-Control", "private, no-cache"),
            *(("Vary", name) for name in ("Accept-Encoding", "Authorization", "Cookie")),
        ]
        if compressed:
            headers.append(("Content-Encoding", "gzip"))
        response = Response(document.compressed if compressed else document.body, headers=headers)
        # The tag is of what is sent (RFC 9110 section 8.8.3.3), and encodings differ in that.
        response.set_etag(f"{document.etag}-gzip" if compressed else document.etag)
        return response.make_conditional(request.httprequest.environ)

    @route("/jsonrpc/2/docs", **_ROUTING)
    def docs(self):
        """A page to read the document, try methods and copy calls.

        It is the same for everybody: what the reader may call it asks of ``openrpc.json``.
        """
        debug = request.session.debug
        response = request.render(
            "jsonrpc_gateway.docs_page",
            {
                "language": (request.env.lang or "en_US").replace("_", "-"),
                "styles": odoo_base.asset_urls(request.env, _ASSETS, css=True, debug=debug),
                "scripts": odoo_base.asset_urls(request.env, _ASSETS, js=True, debug=debug),
            },
        )
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
