"""The model ``jsonrpc.limit``: how many calls an administrator grants, to whom.

It knows what a policy says; it must not know how calls are counted.
"""

from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from .registry_cache import forget_caches

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Policy(NamedTuple):
    """A limit as the dispatch reads it, on every request.

    :ivar limit_id: database id, part of the names of its buckets
    :ivar name: as the caller sees it in the headers
    :ivar subject: whose calls share a bucket: ``"key"``, ``"address"`` or ``"method"``
    :ivar key_ids: the keys that it is for; empty for all
    :ivar method: pattern of method names, for the subject ``"method"``
    :ivar quota: calls per window
    :ivar window: in seconds
    :ivar burst: calls at once
    """

    limit_id: int
    name: str
    subject: str
    key_ids: frozenset
    method: str
    quota: int
    window: int
    burst: int


class JsonrpcLimit(models.Model):
    _name = "jsonrpc.limit"
    _inherit = ["jsonrpc.audited", "jsonrpc.plain.text"]
    _description = "JSON-RPC Rate Limit"
    _order = "sequence, id"

    name = fields.Char(
        required=True,
        help="As callers see it in the RateLimit headers: lower-case letters, digits and hyphens.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    subject = fields.Selection(
        [
            ("key", "Each API key"),
            ("address", "Each address without a secret key"),
            ("method", "Each caller of a method"),
        ],
        required=True,
        default="key",
        help="Whose calls are counted together. A network of IPv6 addresses (/64) counts as one address. "
        "The calls with a publishable key are counted for each address that uses it.",
    )
    key_ids = fields.Many2many(
        "jsonrpc.key",
        string="Only these keys",
        help="Empty: all keys.",
    )
    method = fields.Char(
        help="Name of a method, or of several with * at the end, for example partner.*",
    )
    quota = fields.Integer(required=True, default=600, help="Calls that are granted in each window.")
    window = fields.Selection(
        [(name, name.capitalize()) for name in _SECONDS],
        required=True,
        default="minute",
    )
    burst = fields.Integer(
        required=True,
        default=600,
        help="Calls that may come at once after a pause; as many as the quota unless there is a reason.",
    )

    _quota_positive = models.Constraint("CHECK (quota > 0)", "The quota is at least one call.")
    _burst_positive = models.Constraint("CHECK (burst > 0)", "The burst is at least one call.")
    _name_unique = models.UniqueIndex("(name)", "Two limits cannot have the same name.")

    @api.constrains("name")
    def _check_name(self):
        for limit in self:
            # It is sent in a structured header (RFC 9651), where it must not need escapes.
            if not (limit.name.replace("-", "").isalnum() and limit.name.isascii() and limit.name.islower()):
                raise ValidationError(
                    self.env._("%s: the name of a limit has lower-case letters, digits and hyphens.", limit.name)
                )

    @api.constrains("subject", "method")
    def _check_method(self):
        for limit in self:
            if (limit.subject == "method") != bool(limit.method):
                raise ValidationError(
                    self.env._("%s: name the method, for a limit of methods and for no other.", limit.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        forget_caches(self.env)
        return super().create(vals_list)

    def write(self, vals):
        forget_caches(self.env)
        return super().write(vals)

    def unlink(self):
        forget_caches(self.env)
        return super().unlink()

    @api.model
    @ormcache()
    def _policies(self):
        """The limits in force, in order.

        :rtype: tuple[Policy, ...]
        """
        # sudo: the limits hold for callers who may not read them.
        return tuple(
            Policy(
                limit_id=limit.id,
                name=limit.name,
                subject=limit.subject,
                key_ids=frozenset(limit.key_ids.ids),
                method=limit.method or "",
                quota=limit.quota,
                window=_SECONDS[limit.window],
                burst=limit.burst,
            )
            for limit in self.sudo().with_context(active_test=True).search([])
        )
