"""Where a key may be used: in which companies, from which addresses, on which pages.

It knows what may be asked for; that it is obeyed is authentication's business
(``jsonrpc_key_auth.py``), and in calls that of their context.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.access import network, origin


class JsonrpcKey(models.Model):
    _inherit = "jsonrpc.key"

    company_ids = fields.Many2many(
        "res.company",
        relation="jsonrpc_key_company_rel",
        column1="key_id",
        column2="company_id",
        # A company that goes must not leave a key without its restriction.
        ondelete="restrict",
        string="Only in these companies",
        help="Calls see and change records of these companies only. Empty: all companies of the user.",
    )
    addresses = fields.Char(
        string="Only from these addresses",
        help="IPv4 and IPv6 addresses or networks, for example 192.0.2.7, 2001:db8::/32. Empty: from everywhere.",
    )
    origins = fields.Char(
        string="Only from pages of",
        help="Origins of web pages, for example https://shop.example.com. Browsers let them call the gateway with "
        "this key. Empty: programs and pages that are allowed in the settings.",
    )

    _origins_index = models.Index("(origins) WHERE active AND origins IS NOT NULL")

    @api.constrains("origins", "addresses")
    def _check_where(self):
        """:raises ValidationError: an item is no origin of pages, or no address or network"""
        for key in self:
            check_origins(self.env, key.origins or "")
            for text in network.split(key.addresses or ""):
                try:
                    network.parse(text)
                except ValueError as exc:
                    raise ValidationError(
                        self.env._(
                            "%s is neither an address nor a network: write it as 192.0.2.7, 192.0.2.0/24 "
                            "or 2001:db8::/32.",
                            text,
                        )
                    ) from exc

    @api.constrains("company_ids", "user_id")
    def _check_companies(self):
        """:raises ValidationError: the user does not belong to a company"""
        for key in self:
            # sudo: a manager of keys need not belong to the companies of all users.
            foreign = key.sudo().company_ids - key.user_id.sudo().company_ids
            if foreign:
                names = {"user": key.user_id.name, "company": foreign[0].name}
                raise ValidationError(self.env._("%(user)s does not belong to %(company)s.", **names))


def check_origins(env, text):
    """See to it that a list is one of origins.

    :param text: separated by commas
    :raises ValidationError: an item is no origin of web pages
    """
    for item in origin.split(text):
        if not origin.is_origin(item):
            raise ValidationError(
                env._(
                    "%s is not the origin of a web page: write it as https://shop.example.com, "
                    "without a path, in lower case.",
                    item,
                )
            )
