"""The documentation of the API for programs: ``/jsonrpc/2/openrpc.json``.

It must not know what is documented, nor for whom: that is ``jsonrpc.api.discovery``.
"""

from odoo import http
from odoo.http import Controller, Response, request, route

from . import answer
from .border import BorderHooks
from .door import Door


class DocumentDispatcher(BorderHooks, http.Dispatcher):
    """Serves documents to the callers of the API: the same keys, limits, origins and errors.

    Odoo's own ``http`` type would answer a bad key with a page in HTML, and let it be guessed
    without end.
    """

    routing_type = "jsonrpc2.document"
    # It costs what a call of rpc.discover costs.
    door = Door(verbs=("GET", "HEAD"), calls=("rpc.discover",), public=True)


#: Of the routes that serve a document.
ROUTING = {"type": "jsonrpc2.document", "auth": "jsonrpc", "save_session": False, "readonly": False}


class DocumentController(Controller):
    @route("/jsonrpc/2/openrpc.json", **ROUTING)
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
