"""What the lines of a resource have in common, whether they expose a field or a method.

It must not know what a line exposes.
"""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..registry_cache import forget_caches

#: The form of an external name.
NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


class JsonrpcResourceLine(models.AbstractModel):
    _name = "jsonrpc.resource.line"
    _inherit = ["jsonrpc.audited", "jsonrpc.plain.text"]
    _description = "JSON-RPC Resource Line"
    _order = "sequence, id"
    _allow_sudo_commands = False

    resource_id = fields.Many2one("jsonrpc.resource", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="External Name", required=True)

    _audit_ignored = frozenset({"sequence"})

    def _audit_subject(self):
        return self.resource_id

    def _label(self):
        """What messages call the line."""
        return self.name

    def _refuse(self, reason):
        """:raises ValidationError: names the line and the reason"""
        raise ValidationError(
            self.env._(
                "Resource %(resource)s, %(line)s: %(reason)s.",
                resource=self.resource_id.name,
                line=self._label(),
                reason=reason,
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        """:raises AccessError: the resource is one that only Settings administrators define"""
        resources = self.env["jsonrpc.resource"].browse(
            {vals["resource_id"] for vals in vals_list if vals.get("resource_id")}
        )
        with resources._opening_checked():
            lines = super().create(vals_list)
        lines.resource_id._check_may_expose()
        lines.resource_id._check_lines()
        lines.resource_id._track()
        forget_caches(self.env)
        return lines

    def write(self, vals):
        """:raises AccessError: the resource is one that only Settings administrators define"""
        resources = self.resource_id
        resources._check_may_expose()
        moved = resources.browse([vals["resource_id"]] if vals.get("resource_id") else [])
        with (resources | moved)._opening_checked():
            result = super().write(vals)
        resources |= self.resource_id
        resources._check_may_expose()
        resources._check_lines()
        resources._track()
        forget_caches(self.env)
        return result

    def unlink(self):
        """:raises AccessError: the resource is one that only Settings administrators define"""
        resources = self.resource_id
        resources._check_may_expose()
        forget_caches(self.env)
        result = super().unlink()
        resources.exists()._check_lines()
        resources.exists()._track()
        return result
