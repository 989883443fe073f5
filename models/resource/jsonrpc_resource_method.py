"""The model ``jsonrpc.resource.method``: one exposed method of a resource's model."""

from odoo import api, fields, models

from ...engine.resources.definition import MethodDef
from ...engine.resources.json_types import read_params_schema
from ...engine.resources.method_line import check_method_line
from ...engine.resources.operations.registry import OPERATIONS
from .jsonrpc_resource_line import NAME


class JsonrpcResourceMethod(models.Model):
    _name = "jsonrpc.resource.method"
    _inherit = "jsonrpc.resource.line"
    _description = "JSON-RPC Resource Method"

    name = fields.Char(
        string="External Name",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="What external systems call it, after the name of the resource and a dot.",
    )
    method = fields.Char(required=True, help="The public method of the model.")
    access = fields.Selection(
        [("read", "Read"), ("write", "Write")],
        required=True,
        default="write",
        help="Read promises that nothing is changed; keys that only read may call it.",
    )
    takes_ids = fields.Boolean("Takes Ids", default=True, help="It is called on records of the resource.")
    params_schema = fields.Text(
        "Params",
        help="JSON Schema of an object whose properties are the params. Empty: the type hints of the method tell.",
    )
    expects_action = fields.Boolean(
        "Expects an Action",
        help="The method is meant to answer a window of Odoo, which callers get as a result."
        " Without it such an answer is an error: somebody would have to fill in the window before anything is done.",
    )
    description = fields.Text(help="Published in the documentation of the API; the docstring of the method by default.")

    #: Fields of a line that say how callers reach the method; the texts for people say nothing.
    _telling = frozenset({"name", "description", "sequence", "resource_id"})

    def _opened(self):
        """What the line opens, as a set of hashable values: any other way to call is another one."""
        self.ensure_one()
        stored = (name for name, field in self._fields.items() if field.store and name not in models.MAGIC_COLUMNS)
        return {tuple((name, str(self[name])) for name in sorted(set(stored) - self._telling - {"id"}))}

    @api.depends("method")
    def _compute_name(self):
        for line in self:
            line.name = line.name or line.method

    @api.constrains("name", "method", "access", "takes_ids", "params_schema", "resource_id")
    def _check_method(self):
        for line in self:
            # sudo: managers of the gateway need not be able to read how models are made.
            resource = line.resource_id.sudo()
            if not NAME.fullmatch(line.name) or line.name in OPERATIONS:
                line._refuse(
                    self.env._(
                        "an external name is made of lower-case letters, digits and underscores,"
                        " starts with a letter, and is no operation"
                    )
                )
            try:
                described = MethodDef(line.name, line.method, line.access, line.takes_ids, line._read_params_schema())
                check_method_line(self.env[resource.model], described)
            except (TypeError, ValueError) as exc:
                line._refuse(exc)

    def _read_params_schema(self):
        """The JSON Schema of the params.

        :returns: a dict, or ``None`` where the signature tells
        :raises ValueError: it is none that params can be checked by
        """
        text = (self.params_schema or "").strip()
        return read_params_schema(text) if text else None

    def _label(self):
        return self.env._("method %s", self.name)
