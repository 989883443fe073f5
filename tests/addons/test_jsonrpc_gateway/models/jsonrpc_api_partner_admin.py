"""The method that the documentation shows (``docs/methods.rst``)."""

from typing import Annotated

from pydantic import Field

from odoo import models

from odoo.addons.jsonrpc_gateway import api as jsonrpc


class PartnerArchived(jsonrpc.ApplicationError):
    """The partner is archived; unarchive it before calling again."""

    code, message = 1101, "Partner archived"


class PartnerApi(models.AbstractModel):
    _name = "jsonrpc.api.partner_admin"
    _inherit = "jsonrpc.api"
    _description = "JSON-RPC API: partners"
    _jsonrpc_namespace = "partner_admin"

    @jsonrpc.method(access="write", errors=[jsonrpc.NotFound, PartnerArchived])
    def rename(self, partner_id: int, name: Annotated[str, Field(min_length=1)]) -> dict:
        """Rename a partner.

        :param partner_id: database id of the partner
        :param name: new name
        :returns: the id and the stored name
        """
        partner = self.env["res.partner"].with_context(active_test=False).search([("id", "=", partner_id)])
        if not partner:
            raise jsonrpc.NotFound
        if not partner.active:
            raise PartnerArchived
        partner.name = name
        return {"id": partner.id, "name": partner.name}
