"""The namespace ``partner``: ``get_info`` and ``create_simple``, the examples of the documentation.

They are there on every database, so that a first call works before anything is set up, and show other
addons how a method is written.
"""

from typing import Annotated

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from odoo import models

from .. import api as jsonrpc

RecordId = Annotated[int, Field(gt=0, lt=2**31, description="Database id of a record")]
RequiredText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_INFO_FIELDS = ("name", "email", "phone", "is_company", "user_id")


class PartnerInfo(TypedDict):
    id: int
    name: str
    email: str | None
    phone: str | None
    is_company: bool
    salesperson: str | None


class CreatedPartner(TypedDict):
    partner_id: int


class JsonrpcApiPartner(models.AbstractModel):
    _name = "jsonrpc.api.partner"
    _inherit = "jsonrpc.api"
    _description = "JSON-RPC API: partners"
    _jsonrpc_namespace = "partner"

    @jsonrpc.method(access="read", errors=[jsonrpc.NotFound, jsonrpc.Forbidden])
    def get_info(self, partner_id: RecordId) -> PartnerInfo:
        """The business card of a partner.

        :param partner_id: database id of the partner
        :returns: the partner; ``null`` for what is not filled in
        """
        # Nothing but the columns of the answer: a partner has a hundred.
        partners = self.env["res.partner"].with_context(active_test=False, prefetch_fields=False)
        # A search applies the record rules: a partner that the caller may not see and one
        # that does not exist are the same answer.
        partner = partners.search_fetch([("id", "=", partner_id)], _INFO_FIELDS, order="id", limit=1)
        if not partner:
            raise jsonrpc.NotFound(f"There is no partner with id {partner_id}")
        return {
            "id": partner.id,
            "name": partner.name or "",
            "email": partner.email or None,
            "phone": partner.phone or None,
            "is_company": partner.is_company,
            "salesperson": partner.user_id.name or None,
        }

    @jsonrpc.method(access="write", action="create", errors=[jsonrpc.Forbidden, jsonrpc.ValidationFailed])
    def create_simple(self, name: RequiredText, email: str | None = None) -> CreatedPartner:
        """Create a partner from a name.

        :param name: full name, not blank
        :param email: address, if there is one
        :returns: the id of the new partner
        """
        partner = self.env["res.partner"].create({"name": name, "email": email or False})
        return {"partner_id": partner.id}
