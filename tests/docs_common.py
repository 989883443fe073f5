"""What examples in the documentation find when a test runs them: a server, keys, and a web shop."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import JsonRpcCase

SHOP = "https://shop.example.com"
_URL = "http://127.0.0.1:8069"


@tagged("post_install", "-at_install")
class DocsCase(JsonRpcCase):
    """Knows what the addresses and keys in the text stand for."""

    def setUp(self):
        super().setUp()
        key = self.issue_key()
        self.replaced = {
            _URL: self.base_url(),
            '"jsonrpc_gateway"': f'"{self.env.cr.dbname}"',
            "X-Odoo-Database: jsonrpc_gateway": f"X-Odoo-Database: {self.env.cr.dbname}",
            # The client's id is that of the key behind "jrg_sk_...".
            "CLIENT_ID": self.env["jsonrpc.key"].search([], order="id desc", limit=1).client_id,
            "jrg_sk_...": key,
            "jrg_sk_shop...": self.issue_key(grants={"partner": ["read", "create"]}),
            "jrg_sk_reads...": self.issue_key(access="read"),
            "jrg_sk_orm...": self.issue_key(full_orm=True),
            "jrg_pk_...": self._publishable_key(),
            "ODOO_API_KEY": self.env["res.users.apikeys"].with_user(self.admin)._generate("rpc", "Docs", None),
        }

    def _publishable_key(self):
        """A key of a web shop, and a resource that it may search."""
        country = self.env["ir.model.fields"]._get("res.country", "name")
        self.env["jsonrpc.resource"].create(
            {
                "name": "shop_country",
                "model_id": country.model_id.id,
                "audience": "publishable",
                "field_ids": [Command.create({"field_id": country.id})],
            }
        )
        return self.issue_key(kind="publishable", access="read", origins=f"{SHOP}, {self.base_url()}")

    def here(self, text):
        """A text of the documentation with this server, its keys, and its database."""
        for told, real in self.replaced.items():
            text = text.replace(told, real)
        return text
