"""The page that shows the token of a new key, once.

It must not store the token: that goes from the action's context to the page, and nowhere else.
"""

from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.http import db_list


class JsonrpcKeyShow(models.AbstractModel):
    """Has no table, so that nothing can be left in it."""

    _name = "jsonrpc.key.show"
    _description = "Show a JSON-RPC API Key"

    # The web client asks for the defaults by ``onchange``, which wants an id.
    id = fields.Id()
    token = fields.Char(string="API key", readonly=True)
    publishable = fields.Boolean(readonly=True)
    curl = fields.Char(string="Try it in a shell", readonly=True)

    @api.model
    def _show(self, key, token):
        """The action that opens the page.

        :param key: the ``jsonrpc.key`` that was just issued
        :param str token: of the key
        :returns: a window action; its context is the only place where the token ever is
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Your new API key"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_token": token,
                "default_publishable": key.kind == "publishable",
                "default_curl": self._curl(key, token),
            },
        }

    @api.model
    def _curl(self, key, token):
        """A line to paste into a shell that calls this database with the token."""
        url = self.get_base_url()
        # Where several databases answer under this host name, the caller has to say which.
        several = len(db_list(force=True, host=urlsplit(url).netloc)) > 1
        database = f"-H 'X-Odoo-Database: {self.env.cr.dbname}' " if several else ""
        method, origin = "system.whoami", ""
        if key.kind == "publishable":
            method, origin = "system.list_methods", f"-H 'Origin: {key.origins.split(',')[0].strip()}' "
        return (
            f"curl {url}/jsonrpc/2/api -H 'Authorization: Bearer {token}' {database}{origin}"
            "-H 'Content-Type: application/json' "
            f"""-d '{{"jsonrpc": "2.0", "method": "{method}", "id": 1}}'"""
        )
