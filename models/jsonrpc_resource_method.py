"""The model ``jsonrpc.resource.method``: one exposed method of a resource's model."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..resources import definition, json_types, python_method
from ..resources.definition import MethodDef

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


class JsonrpcResourceMethod(models.Model):
    _name = "jsonrpc.resource.method"
    _description = "JSON-RPC Resource Method"
    _order = "sequence, id"
    _allow_sudo_commands = False

    resource_id = fields.Many2one("jsonrpc.resource", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
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
    description = fields.Text(help="Published in the documentation of the API; the docstring of the method by default.")

    @api.depends("method")
    def _compute_name(self):
        for line in self:
            line.name = line.name or line.method

    @api.constrains("name", "method", "access", "takes_ids", "params_schema", "resource_id")
    def _check_method(self):
        for line in self:
            # sudo: managers of the gateway need not be able to read how models are made.
            resource = line.resource_id.sudo()
            if not _NAME.fullmatch(line.name) or line.name in definition.OPERATIONS:
                line._refuse(
                    self.env._(
                        "an external name is made of lower-case letters, digits and underscores,"
                        " starts with a letter, and is no operation"
                    )
                )
            try:
                described = MethodDef(line.name, line.method, line.access, line.takes_ids, line._read_params_schema())
                python_method.check(self.env[resource.model], described)
            except (TypeError, ValueError) as exc:
                line._refuse(exc)

    def _read_params_schema(self):
        """The JSON Schema of the params.

        :returns: a dict, or ``None`` where the signature tells
        :raises ValueError: it is none that params can be checked by
        """
        text = (self.params_schema or "").strip()
        return json_types.read(text) if text else None

    def _refuse(self, reason):
        """:raises ValidationError: names the line and the reason"""
        raise ValidationError(
            self.env._(
                "Resource %(resource)s, method %(method)s: %(reason)s.",
                resource=self.resource_id.name,
                method=self.name,
                reason=reason,
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        """:raises AccessError: the resource is one that only Settings administrators define"""
        lines = super().create(vals_list)
        lines.resource_id._check_may_expose()
        lines.resource_id._check_full_names()
        lines.resource_id._forget_cached()
        return lines

    def write(self, vals):
        """:raises AccessError: the resource is one that only Settings administrators define"""
        resources = self.resource_id
        resources._check_may_expose()
        result = super().write(vals)
        resources |= self.resource_id
        resources._check_may_expose()
        resources._check_full_names()
        resources._forget_cached()
        return result

    def unlink(self):
        """:raises AccessError: the resource is one that only Settings administrators define"""
        self.resource_id._check_may_expose()
        self.resource_id._forget_cached()
        return super().unlink()
