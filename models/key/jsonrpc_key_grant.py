"""The model ``jsonrpc.key.grant``: what a restricted key may do, one line for each namespace.

:meth:`Credential.refusal` checks calls against the lines; a restricted key without any may do nothing.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import ormcache

from ...engine.compat import odoo_http
from ...engine.protocol.spec import ACTIONS


class JsonrpcGrantMixin(models.AbstractModel):
    """What a line grants, on a key and in the wizard that issues one."""

    _name = "jsonrpc.grant.mixin"
    _description = "JSON-RPC Grant"
    _order = "namespace"
    _rec_name = "namespace"

    namespace = fields.Selection(
        selection="_selection_namespace",
        string="Namespace",
        required=True,
        help="A resource, or the first word of methods: partner grants partner.search, partner.get_info, and so on.",
    )
    may_read = fields.Boolean("Read", default=True, help="Search, get, count, and methods that change nothing.")
    may_create = fields.Boolean("Create")
    may_update = fields.Boolean("Update")
    may_delete = fields.Boolean("Delete")
    may_call = fields.Boolean("Call", help="Other methods that change something.")

    @api.model
    def _selection_namespace(self):
        """The namespaces that can be granted: where there are methods that need a grant.

        Those that were granted before their addon went, or their resource was archived, stay:
        their keys can still be edited, and reach nothing by them.
        """
        known = self._grantable_namespaces()
        # sudo: a namespace is no secret to who may have a key at all.
        stored = self.env["jsonrpc.key.grant"].sudo()._read_group([], ["namespace"])
        gone = {namespace for (namespace,) in stored} - known
        return [(name, name) for name in sorted(known)] + [
            (name, self.env._("%s (gone)", name)) for name in sorted(gone)
        ]

    @api.model
    @ormcache()
    def _grantable_namespaces(self):
        """First words of the methods of this database that a restricted key must be granted.

        :rtype: frozenset[str]
        """
        methods = self.env["jsonrpc.api"]._jsonrpc_methods().values()
        names = {spec.namespace for spec in methods if spec.needs_grant and not spec.public}
        return frozenset(names) | self._route_namespaces()

    @api.model
    @ormcache(cache="routing")
    def _route_namespaces(self):
        """The same for the routes of other addons that are one method each, and let our keys in.

        :rtype: frozenset[str]
        """
        names = set()
        for _url, endpoint in odoo_http.routes(self.env):
            names.update(name.partition(".")[0] for name in _granted_names(endpoint))
        return frozenset(names)

    @api.constrains("namespace")
    def _check_namespace(self):
        """:raises ValidationError: nothing can be granted there (the ORM checks fixed selections only)"""
        known = self._grantable_namespaces()
        for grant in self:
            if grant.namespace not in known:
                raise ValidationError(self.env._("There is nothing to grant on %s.", grant.namespace))

    def _actions(self):
        """What one line grants.

        :rtype: tuple[str, ...]
        """
        return tuple(action for action in ACTIONS if self[f"may_{action}"])

    def _described(self):
        """What one line grants, for people: the labels of its columns."""
        labels = self.fields_get([f"may_{action}" for action in ACTIONS], ["string"])
        return ", ".join(labels[f"may_{action}"]["string"].lower() for action in self._actions())

    @api.model
    def _values(self, namespace, actions):
        """The values of a line that grants some actions and no other.

        :param str namespace: the first word of methods
        :param actions: of :data:`~..engine.protocol.spec.ACTIONS`
        """
        return {"namespace": namespace, **{f"may_{action}": action in actions for action in ACTIONS}}


class JsonrpcKeyGrant(models.Model):
    _name = "jsonrpc.key.grant"
    _inherit = ["jsonrpc.grant.mixin", "jsonrpc.audited"]
    _description = "JSON-RPC API Key Grant"
    _allow_sudo_commands = False

    key_id = fields.Many2one("jsonrpc.key", required=True, index=True, ondelete="cascade")

    _audit_ignored = frozenset({"key_id"})

    _namespace_unique = models.UniqueIndex(
        "(key_id, namespace)", "A key has one line for each namespace: tick what it may do there."
    )

    def _audit_subject(self):
        return self.key_id

    def _audit_holder(self):
        return self.key_id.user_id

    @api.model_create_multi
    def create(self, vals_list):
        """
        :raises UserError: the key is revoked
        :raises AccessError: the current user may not give the key more
        :raises RedirectWarning: they may, and their password is missing
        """
        keys = self.env["jsonrpc.key"].browse({vals["key_id"] for vals in vals_list if vals.get("key_id")})
        keys._grants_changed()
        with keys._power_kept():
            return super().create(vals_list)

    def write(self, vals):
        """
        :raises AccessError: a line was to be moved to another key, or the current user may not give the key more
        :raises RedirectWarning: they may, and their password is missing
        :raises UserError: the key is revoked
        """
        # Rights are checked on the line as it was, which another key is no part of.
        if any(grant.key_id.id != vals["key_id"] for grant in self if "key_id" in vals):
            raise AccessError(self.env._("A grant cannot be moved to another key."))
        self.key_id._grants_changed()
        with self.key_id._power_kept():
            return super().write(vals)

    def unlink(self):
        """:raises UserError: the key is revoked"""
        keys = self.key_id
        keys._grants_changed()
        with keys._power_kept():
            return super().unlink()


def _granted_names(endpoint):
    """The methods behind a route that a restricted key needs a grant for."""
    routing = endpoint.routing
    if routing["auth"] != "jsonrpc" or routing.get("jsonrpc_resolver") or routing.get("jsonrpc_public"):
        return ()
    if routing["type"] == "jsonrpc2":
        return (routing.get("jsonrpc_method") or odoo_http.function_of(endpoint).__name__,)
    door = odoo_http.dispatcher_of(routing).door
    return () if door.public else door.calls
