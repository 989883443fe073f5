"""The abstract model ``jsonrpc.resource.preview``: what its callers send and get, for the administrator who defines it.

It must not know how the documentation is made of specifications: it shows a part of it.
"""

import json

from odoo import api, fields, models

from ...engine.protocol.openrpc.document import openrpc_document
from ...engine.resources.operations.registry import OPERATIONS


class JsonrpcResourcePreview(models.AbstractModel):
    _name = "jsonrpc.resource.preview"
    _description = "Preview of a JSON-RPC Resource"

    field_count = fields.Integer("Number of Fields", compute="_compute_field_count")
    preview_operation = fields.Selection(
        selection=[(operation.name, operation.label) for operation in OPERATIONS.values()],
        string="Operation",
        compute="_compute_preview_operation",
        store=False,
        readonly=False,
        help="The operation that the preview is of.",
    )
    preview_request = fields.Text("Request", compute="_compute_preview", help="The least that a call needs.")
    preview_response = fields.Text("Response", compute="_compute_preview", help="Its form; the values are made up.")
    preview_schema = fields.Text("JSON Schema", compute="_compute_preview", help="As in the OpenRPC document.")

    @api.depends("field_ids")
    def _compute_field_count(self):
        counts = dict(
            self.env["jsonrpc.resource.field"]._read_group(
                [("resource_id", "in", self.ids)], ["resource_id"], ["__count"]
            )
        )
        for resource in self:
            resource.field_count = counts.get(resource._origin, 0)

    @api.depends(*(operation.switch for operation in OPERATIONS.values()))
    def _compute_preview_operation(self):
        for resource in self:
            allowed = [name for name, operation in OPERATIONS.items() if resource[operation.switch]]
            if resource.preview_operation not in allowed:
                resource.preview_operation = allowed[0] if allowed else False

    @api.depends("preview_operation", "name", "active", "field_ids", "write_date")
    def _compute_preview(self):
        """Show the resource as it is saved: that is what callers get."""
        methods = self.env["jsonrpc.api"]._jsonrpc_methods()
        for resource in self:
            spec = methods.get(f"{resource._origin.name}.{resource.preview_operation}")
            texts = _texts(spec) if resource._origin.active and spec else (False, False, False)
            resource.preview_request, resource.preview_response, resource.preview_schema = texts


def _texts(spec):
    """A request, its response, and the schemas of both, as JSON that people can read.

    :param spec: a :class:`~..engine.protocol.spec.MethodSpec`
    """
    document = openrpc_document([spec], title="", version="", server_url="")
    (method,) = document["methods"]
    example = next(iter(method.get("examples", ())), {"params": [], "result": {"value": None}})
    params = {param["name"]: param["value"] for param in example["params"]}
    request = {"jsonrpc": "2.0", "id": 1, "method": spec.name, "params": params}
    response = {"jsonrpc": "2.0", "result": example["result"]["value"], "id": 1}
    schemas = {
        "params": {param["name"]: param["schema"] for param in method["params"]},
        "result": method["result"]["schema"],
        "components": {"schemas": document["components"]["schemas"]},
    }
    return tuple(json.dumps(value, indent=2, ensure_ascii=False) for value in (request, response, schemas))
