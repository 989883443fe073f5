"""The model ``jsonrpc.resource.field``: one exposed field of a resource."""

from odoo import api, fields, models

from ...engine.compat import odoo_orm
from ...engine.resources import definition
from ...engine.resources.kinds import KINDS
from .jsonrpc_resource_line import NAME

#: Kept by Odoo itself.
_KEPT = frozenset({"id", "create_uid", "create_date", "write_uid", "write_date", "display_name", "parent_path"})
_KEYS = frozenset({"char", "integer", "selection"})


class JsonrpcResourceField(models.Model):
    _name = "jsonrpc.resource.field"
    _inherit = "jsonrpc.resource.line"
    _description = "JSON-RPC Resource Field"

    model_id = fields.Many2one(related="resource_id.model_id")
    field_id = fields.Many2one(
        "ir.model.fields", required=True, ondelete="cascade", domain="[('model_id', '=', model_id)]"
    )
    field_type = fields.Selection(related="field_id.ttype")
    field_relation = fields.Char(related="field_id.relation")
    name = fields.Char(
        string="External Name",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="What external systems call it. It can stay when the field behind it changes.",
    )
    readable = fields.Boolean(default=True)
    writable = fields.Boolean()
    required = fields.Boolean("Required on Create", help="A create without it is refused.")
    filterable = fields.Boolean()
    sortable = fields.Boolean()
    sensitive = fields.Boolean(help="Its values are kept in no log of calls.")
    key = fields.Boolean(
        "Key", help="Its values identify records: upsert may find them by it, and it may stand where an id may."
    )
    target_id = fields.Many2one(
        "jsonrpc.resource",
        string="Described By",
        ondelete="set null",
        domain="[('model', '=', field_relation)]",
        help="The resource that says what can be read, filtered by and created on the other side of this relation.",
    )

    #: Fields of a line that open something of the record.
    _opening = ("readable", "writable", "filterable", "sortable", "key", "target_id")

    def _opened(self):
        """What the line opens, as a set of hashable values."""
        self.ensure_one()
        name = self.field_id.name
        return {(name, flag, self[flag].id if flag == "target_id" else True) for flag in self._opening if self[flag]}

    @api.depends("field_id")
    def _compute_name(self):
        for line in self:
            # sudo: managers of the gateway need not be able to read how models are made.
            line.name = line.name or line.sudo().field_id.name

    @api.constrains("name", "field_id", "resource_id")
    def _check_unique(self):
        for line in self:
            others = line.resource_id.field_ids - line
            if line.name in others.mapped("name"):
                line._refuse(self.env._("another line has the same external name"))
            if line.field_id in others.field_id:
                line._refuse(self.env._("another line exposes the same field"))

    @api.constrains("name")
    def _check_name(self):
        for line in self:
            if not NAME.fullmatch(line.name):
                line._refuse(
                    self.env._(
                        "an external name is made of lower-case letters, digits and underscores,"
                        " and starts with a letter"
                    )
                )
            if line.name == "id":
                line._refuse(self.env._("id is there without a line, and is nothing else"))

    @api.constrains(
        "field_id", "resource_id", "readable", "writable", "required", "filterable", "sortable", "key", "target_id"
    )
    def _check_field(self):
        for line in self:
            # sudo: managers of the gateway need not be able to read how models are made.
            resource, field_record, target = line.resource_id.sudo(), line.sudo().field_id, line.target_id.sudo()
            model = self.env.get(resource.model)
            field = None if model is None else model._fields.get(field_record.name)
            if field is None or field_record.model_id != resource.model_id:
                line._refuse(self.env._("the model %s has no such field", resource.model))
            if not definition.exposable(field):
                line._refuse(self.env._("a field of type %s, or that nobody may read, cannot be exposed", field.type))
            if line.writable and not _writable(field):
                line._refuse(self.env._("Odoo itself keeps this field: it cannot be writable"))
            if line.required and not line.writable:
                line._refuse(self.env._("only a writable field can be required"))
            if line.filterable and not _filterable(model, field):
                line._refuse(self.env._("Odoo cannot search this field: it cannot be filterable"))
            if line.sortable and not _sortable(model, field):
                line._refuse(self.env._("only stored fields that are no relations can be sortable"))
            if line.key and not ((line.writable or line.readable) and field.store and field.type in _KEYS):
                line._refuse(self.env._("a key is a stored text, number or selection that can be read or written"))
            if target and target.model != field.comodel_name:
                line._refuse(self.env._("%s is no resource of the records on the other side", target.name))

    def _label(self):
        return self.env._("field %s", self.name)


def _writable(field):
    """Whether a value that is written can be read again."""
    if field.name in _KEPT or field.type == "many2one_reference":
        return False
    return not field.compute or bool(field.inverse) or (field.store and not field.readonly)


def _filterable(model, field):
    return odoo_orm.is_searchable(field) and "=" in KINDS[field.type].operators


def _sortable(model, field):
    return KINDS[field.type].sort_type is not None and definition.is_column(model, field)
