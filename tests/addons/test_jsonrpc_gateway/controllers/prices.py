"""A door of another addon: a file for whoever may read prices, with all that the border does."""

from odoo import http
from odoo.http import Controller, request, route

from odoo.addons.jsonrpc_gateway.controllers.border import BorderHooks
from odoo.addons.jsonrpc_gateway.controllers.door import Door


class PricesDispatcher(BorderHooks, http.Dispatcher):
    routing_type = "test_jsonrpc_gateway.prices"
    door = Door(verbs=("GET",), calls=("prices.list",))


class PricesController(Controller):
    @route("/my_custom_api/prices.csv", type="test_jsonrpc_gateway.prices", auth="jsonrpc", save_session=False)
    def prices(self):
        """Who asks, and what it costs."""
        lines = ["name,price", f"{request.env.user.login},1"]
        return request.make_response("\n".join(lines), [("Content-Type", "text/csv")])
