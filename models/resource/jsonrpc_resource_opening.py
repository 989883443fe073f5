"""The abstract model ``jsonrpc.resource.opening``: a resource is opened to a key by who could issue that key.

A manager decides what is exposed, and not what a key may do that acts as somebody else: what such a key
reaches is opened by a Settings administrator. Every change of a resource and of its lines passes here.
"""

from contextlib import contextmanager

from odoo import fields, models
from odoo.exceptions import AccessError

from ...engine.access import power
from ...engine.resources.operations.registry import OPERATIONS

#: Keys that an error names.
_MAX_NAMED = 5


class JsonrpcResourceOpening(models.AbstractModel):
    _name = "jsonrpc.resource.opening"
    _description = "Opening of a JSON-RPC Resource"

    @contextmanager
    def _opening_checked(self):
        """Refuse what happens inside if it opens one of the resources to a key beyond the current user.

        :raises AccessError: see :meth:`_check_opened`
        """
        if self.env.su:
            # Upgrades and scripts.
            yield
            return
        before = {resource: resource._openness() for resource in self}
        yield
        for resource, openness in before.items():
            if resource.exists() and power.opens(openness, resource._openness()):
                resource._check_opened()

    def _check_opened(self):
        """Check that no key gains what the current user could not give it.

        :raises AccessError: a key reaches a resource that the current user could not issue
        :raises RedirectWarning: they could, and their password is missing
        """
        if self.env.su:
            return
        for resource in self.sudo().filtered("active"):
            keys = resource._foreign_keys(self.env.uid)
            for key in keys:
                try:
                    key.sudo(False).with_env(self.env)._check_may_issue(key.user_id.with_env(self.env), kind=key.kind)
                except AccessError as exc:
                    raise AccessError(
                        self.env._(
                            "The resource %(resource)s is open to keys that act as somebody else: %(keys)s. Only a "
                            "Settings administrator can open more to them. Restrict these keys to grants, or ask one.",
                            resource=resource.name,
                            keys=", ".join(keys[:_MAX_NAMED].mapped("name")),
                        )
                    ) from exc
            if keys:
                self.env["jsonrpc.key"]._check_identity()

    def _openness(self):
        """What is open now, for :func:`~...engine.access.power.opens`."""
        self.ensure_one()
        # sudo: what is open does not depend on who looks.
        resource = self.sudo()
        return {
            "active": resource.active,
            "name": resource.name,
            "model": resource.model,
            "audience": resource.audience,
            "domain": resource.domain,
            "switches": {name for name, operation in OPERATIONS.items() if resource[operation.switch]},
            "lines": {
                part for lines in (resource.field_ids, resource.method_ids) for line in lines for part in line._opened()
            },
        }

    def _foreign_keys(self, user_id):
        """The usable keys that reach the resource and act as somebody else, public visitors aside.

        Full ORM access reaches the model anyway, and more of it.

        :param user_id: of who is not somebody else
        """
        self.ensure_one()
        keys = self.env["jsonrpc.key"]
        domain = [
            ("active", "=", True),
            ("full_orm", "=", False),
            ("user_id", "not in", (user_id, keys._public_user_id())),
            ("kind", "in", ["secret"] if self.audience == "keys" else ["secret", "publishable"]),
            "|",
            ("expires_at", "=", False),
            ("expires_at", ">", fields.Datetime.now()),
            "|",
            ("reach", "=", "all"),
            ("grant_ids.namespace", "=", self.name),
        ]
        return keys.search(domain)
