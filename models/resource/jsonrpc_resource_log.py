"""The abstract model ``jsonrpc.resource.log``: how much of a resource's calls the log keeps."""

from odoo import fields, models

from ..call.jsonrpc_call import LEVELS


class JsonrpcResourceLog(models.AbstractModel):
    _name = "jsonrpc.resource.log"
    _description = "Log of the Calls of a JSON-RPC Resource"

    log_level = fields.Selection(
        LEVELS,
        string="Log of calls",
        help="The most that is kept of the calls of this resource, whatever their key says; empty for no limit.",
    )
