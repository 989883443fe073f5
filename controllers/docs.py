"""The documentation of the API for people: ``/jsonrpc/2/docs``.

It must not know what is documented: the page asks ``openrpc.json``.
"""

from odoo.http import Controller, request, route

from ..engine.compat import odoo_base
from .document import ROUTING

#: Everything that the page loads is ours, and nothing of it may be put into another page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS = "jsonrpc_gateway.assets_docs"


class DocsController(Controller):
    @route("/jsonrpc/2/docs", **ROUTING)
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
