"""Routes of the door in ``prices.py`` that do what they should not."""

from werkzeug.exceptions import NotFound

from odoo.http import Controller, request, route

from . import prices  # noqa: F401 - the routing type


class DoorsController(Controller):
    @route("/my_custom_api/<string:name>/lie", type="test_jsonrpc_gateway.prices", auth="jsonrpc", save_session=False)
    def lie(self, name):
        """Write, behind a door that says it reads."""
        return request.make_response(str(request.env["res.partner"].create({"name": name}).id))

    @route("/my_custom_api/<string:name>/missing", type="test_jsonrpc_gateway.prices", auth="jsonrpc")
    def missing(self, name):
        """What controllers of Odoo are used to raise."""
        raise NotFound(f"No {name}")
