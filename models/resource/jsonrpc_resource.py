"""The model ``jsonrpc.resource``: what an administrator exposes of a model, without code.

It stores definitions and refuses wrong ones; what they do is in :mod:`..resources`.
"""

import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache

from ...engine.compat import odoo_orm
from ...engine.resources import definition
from ...engine.resources.exposable import is_never_exposed
from ...engine.resources.methods import resource_specs
from ...engine.resources.operations.registry import OPERATIONS
from ...engine.resources.query.plan import Plans
from ...engine.resources.suggestion import suggested_lines
from ...engine.resources.view import Catalogue
from ..registry_cache import forget_caches

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
#: What only a Settings administrator can expose.
_SENSITIVE = re.compile(r"ir\..*|res\.users(\..*)?")
#: By operation, the field that switches it on.
_SWITCHES = {name: operation.switch for name, operation in OPERATIONS.items()}
_WRITING = [operation.switch for operation in OPERATIONS.values() if operation.access == "write"]


class JsonrpcResource(models.Model):
    _name = "jsonrpc.resource"
    _inherit = [
        "jsonrpc.audited",
        "jsonrpc.plain.text",
        "jsonrpc.resource.log",
        "jsonrpc.resource.opening",
        "jsonrpc.resource.preview",
        "jsonrpc.resource.tracking",
    ]
    _description = "JSON-RPC Resource"
    _order = "name"
    _allow_sudo_commands = False

    name = fields.Char(
        required=True,
        help="What external systems call it: methods are named resource.search, resource.get, and so on. "
        "Lower-case letters, digits and underscores.",
    )
    model_id = fields.Many2one(
        "ir.model", required=True, ondelete="cascade", index=True, domain=[("transient", "=", False)]
    )
    model = fields.Char(related="model_id.model", string="Model Name")
    description = fields.Text(translate=True, help="What its records are; published in the documentation of the API.")
    active = fields.Boolean(default=True)
    domain = fields.Char(
        default="[]",
        required=True,
        help="Only records in this domain exist for callers, and no call can leave a record outside of it.",
    )
    order = fields.Char(
        string="Default Order",
        help="As in calls, by external names: name desc, id. Empty: by id.",
    )
    page_size = fields.Integer(default=80, required=True, help="Records in a page when a call does not say how many.")
    max_page_size = fields.Integer(
        string="Maximum Page Size",
        default=1000,
        required=True,
        help="Most records that one call can read, create, change or delete.",
    )
    # A switch for each operation, as can_search. Odoo exports labels from ir.model.fields, so they need not stand here.
    locals().update(
        {
            operation.switch: fields.Boolean(operation.label, default=operation.on_by_default)
            for operation in OPERATIONS.values()
        }
    )
    changes_records = fields.Boolean(compute="_compute_changes_records", search="_search_changes_records")
    audience = fields.Selection(
        [
            ("keys", "Secret keys and users"),
            ("publishable", "Publishable keys too, in web pages"),
            ("public", "Everybody, without a key"),
        ],
        string="Open to",
        required=True,
        default="keys",
        help="Publishable keys can be read by every visitor of the pages that they stand in. Calls with them, and "
        "those without a key, have the rights of the public user, and never more.",
    )
    deprecated = fields.Boolean(help="It still works; the documentation tells callers to stop using it.")
    deprecation_note = fields.Char(translate=True, help="Why, and what to call instead.")
    field_ids = fields.One2many("jsonrpc.resource.field", "resource_id", string="Fields", copy=True)
    method_ids = fields.One2many("jsonrpc.resource.method", "resource_id", string="Methods", copy=True)

    _name_unique = models.Constraint("UNIQUE (name)", "There is another resource of this name.")
    _page_size_range = models.Constraint(
        "CHECK (page_size >= 1 AND page_size <= max_page_size AND max_page_size <= 10000)",
        "A page has at least 1 record and at most the maximum, which is at most 10,000.",
    )

    @api.depends(*_SWITCHES.values())
    def _compute_changes_records(self):
        for resource in self:
            resource.changes_records = any(resource[switch] for switch in _WRITING)

    def _search_changes_records(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR([(switch, "=", True)] for switch in _WRITING)

    # ------------------------------------------------------------------
    # What may be defined
    # ------------------------------------------------------------------

    @api.constrains("name")
    def _check_name(self):
        for resource in self:
            if not _NAME.fullmatch(resource.name):
                raise ValidationError(
                    self.env._(
                        "Resource %s: a name is made of lower-case letters, digits and underscores,"
                        " and starts with a letter.",
                        resource.name,
                    )
                )
            if resource.name == "rpc":
                raise ValidationError(self.env._("Resource rpc: the specification of JSON-RPC reserves this name."))

    @api.constrains("model_id")
    def _check_model(self):
        for resource in self:
            model = self.env.get(resource.model)
            if model is None or is_never_exposed(model):
                raise ValidationError(
                    self.env._(
                        "Resource %(resource)s: the model %(model)s can never be exposed.",
                        resource=resource.name,
                        model=resource.model,
                    )
                )
            for line in resource.field_ids:
                if line.field_id.model_id != resource.model_id:
                    raise ValidationError(
                        self.env._(
                            "Resource %(resource)s, field %(field)s: it is not a field of the model %(model)s.",
                            resource=resource.name,
                            field=line.name,
                            model=resource.model,
                        )
                    )

    @api.constrains("domain", "model_id")
    def _check_domain(self):
        for resource in self:
            try:
                domain = Domain(definition.literal_domain(resource.domain))
                # sudo: whether the domain is right does not depend on what the administrator may read.
                self.env[resource.model].sudo().search_count(domain, limit=1)
            except Exception as exc:
                raise ValidationError(
                    self.env._(
                        "Resource %(resource)s: its domain is wrong (%(reason)s).", resource=resource.name, reason=exc
                    )
                ) from exc

    @api.constrains("order", "field_ids")
    def _check_order(self):
        for resource in self:
            try:
                terms = definition.parse_order(resource.order)
            except ValueError as exc:
                raise ValidationError(
                    self.env._(
                        "Resource %(resource)s: its default order is wrong (%(reason)s).",
                        resource=resource.name,
                        reason=exc,
                    )
                ) from exc
            sortable = {"id", *resource.field_ids.filtered("sortable").mapped("name")}
            for name, _descending in terms:
                if name not in sortable:
                    raise ValidationError(
                        self.env._(
                            "Resource %(resource)s: its default order names %(field)s, which is no sortable field.",
                            resource=resource.name,
                            field=name,
                        )
                    )

    @api.constrains("name", "method_ids", *_SWITCHES.values())
    def _check_full_names(self):
        declared, faults = self.env["jsonrpc.api"]._jsonrpc_declared_methods()
        taken = {*declared, *(fault.name for fault in faults)}
        for resource in self:
            operations = [name for name, switch in _SWITCHES.items() if resource[switch]]
            names = [f"{resource.name}.{name}" for name in [*operations, *resource.method_ids.mapped("name")]]
            for name in names:
                if name in taken or names.count(name) > 1:
                    raise ValidationError(
                        self.env._(
                            "Resource %(resource)s: there is a method %(method)s already.",
                            resource=resource.name,
                            method=name,
                        )
                    )

    def _check_may_expose(self):
        """:raises AccessError: one of the resources is of a model that only Settings administrators expose"""
        if self.env.su or self.env.is_system():
            return
        for resource in self.sudo():
            if _SENSITIVE.fullmatch(resource.model or ""):
                raise AccessError(
                    self.env._(
                        "Only a Settings administrator can define the resource %(resource)s of %(model)s.",
                        resource=resource.name,
                        model=resource.model,
                    )
                )

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """:raises AccessError: see :meth:`_check_may_expose` and :meth:`_opening_checked`"""
        resources = super().create(vals_list)
        resources._check_may_expose()
        resources._check_opened()
        resources._track()
        forget_caches(self.env)
        return resources

    def write(self, vals):
        """:raises AccessError: see :meth:`_check_may_expose` and :meth:`_opening_checked`"""
        self._check_may_expose()
        with self._opening_checked():
            result = super().write(vals)
        self._check_may_expose()
        self._track()
        forget_caches(self.env)
        return result

    def unlink(self):
        """:raises AccessError: see :meth:`_check_may_expose`"""
        self._check_may_expose()
        forget_caches(self.env)
        result = super().unlink()
        self.browse()._track()
        return result

    def copy_data(self, default=None):
        """Copies get a name of their own."""
        vals_list = super().copy_data(default)
        for resource, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = f"{resource.name}_copy"
        return vals_list

    def _check_lines(self):
        """Check what depends on all lines of a resource together.

        :raises ValidationError: as the checks say
        """
        self._check_order()
        self._check_full_names()

    def action_suggest_fields(self):
        """Add the lines that most integrations need; what is there already stays as it is."""
        self.check_access("write")
        for resource in self:
            # sudo: managers of the gateway need not be able to read how models are made.
            present = resource.sudo().field_ids
            chosen = suggested_lines(
                self.env[resource.model],
                fields_taken=set(present.mapped("field_id.name")),
                names_taken=set(present.mapped("name")),
            )
            known = {field.name: field.id for field in resource.sudo().model_id.field_id}
            resource.field_ids = [
                fields.Command.create({**flags, "field_id": known[name]}) for name, flags in chosen.items()
            ]
        return True

    # ------------------------------------------------------------------
    # What the registry of methods takes
    # ------------------------------------------------------------------

    @api.model
    def _jsonrpc_specs(self, lang=None, hidden=()):
        """Yield the specifications of the methods of all active resources.

        :param lang: of their texts; a call is the same in any
        :param hidden: fields not to document, as :meth:`_jsonrpc_hidden` gives them; a call
            goes by what its own caller sees
        """
        catalogue, specs = self._jsonrpc_catalogue(lang)
        yield from resource_specs(catalogue, self.sudo().env, hidden) if hidden else specs

    @api.model
    @ormcache("self.env.uid", "self.env.su")
    def _jsonrpc_hidden(self):
        """The exposed fields that the current user has no access to, and must not read about.

        :returns: a hashable value, empty where they may see everything
        """
        return self._jsonrpc_catalogue()[0].hidden(self.env)

    @api.model
    def _jsonrpc_catalogue(self, lang=None):
        """The definitions of all active resources, and the specifications that they make.

        :returns: a :class:`Catalogue` and a tuple of :class:`~..protocol.spec.MethodSpec`
        """
        # sudo: callers use definitions that they cannot read; every call runs with their rights.
        resources = self.sudo().with_context(lang=lang, active_test=True).search([])
        definitions = resources._jsonrpc_definitions()
        # A domain compares by its text here: definitions are equal without it.
        content = {name: (found, str(found.domain)) for name, found in definitions.items()}
        # Kept beside Odoo's cache, which is emptied for a hundred other reasons: types take
        # ten times as long to make as definitions to read.
        kept = odoo_orm.kept_with_registry(self.env.registry, "resource_specs", dict)
        if lang not in kept or kept[lang][0] != content:
            same = next((other for other in list(kept.values()) if other[0] == content), None)
            if same is None:
                catalogue = Catalogue(definitions)
                same = content, catalogue, tuple(resource_specs(catalogue, self.sudo().env))
            kept[lang] = same
        _content, catalogue, specs = kept[lang]
        return catalogue, specs

    @api.model
    def _jsonrpc_plans(self):
        """The statements of reads, made once, for as long as Odoo keeps what it knows of rules and groups.

        :rtype: Plans
        """
        return self._jsonrpc_plans_since(self._jsonrpc_groups_known())

    @api.model
    @ormcache("groups_known")
    def _jsonrpc_plans_since(self, groups_known):
        """Plans, in the cache that is emptied for rules, access rights, companies, fields and users."""
        return Plans()

    @api.model
    @ormcache(cache="groups")
    def _jsonrpc_groups_known(self):
        """Another object whenever Odoo forgets which group implies which."""
        return object()

    def _jsonrpc_definitions(self):
        """The definitions of those resources that can be served, by name."""
        served = self.filtered(lambda resource: resource.model in self.env)
        return definition.read_definitions(served, _SWITCHES)

    def action_open_calls(self):
        """The calls of the resource's methods."""
        self.ensure_one()
        domain = [("method", "=like", self.name.replace("_", "\\_") + ".%")]
        return self.env["jsonrpc.call"]._action_open((self.name, domain), search_default_today=1)
