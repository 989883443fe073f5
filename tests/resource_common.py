"""What the tests of resources share: two resources, and calls of them without HTTP.

A call goes through ``bind`` and ``invoke`` of the method's specification, in a savepoint, as
in the pipeline; ``test_resource_http.py`` goes the whole way.
"""

import orjson

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from ..engine.access.credential import Credential
from ..engine.dispatch.context import CallContext
from ..engine.protocol.errors import RpcError


def define(env, name, model, lines, **more):
    """Create a resource.

    :param dict lines: flags by name of the model's field
    """
    resource = env["jsonrpc.resource"].create({"name": name, "model_id": env["ir.model"]._get_id(model), **more})
    resource.field_ids = [
        Command.create({"field_id": env["ir.model.fields"]._get(model, field).id, **flags})
        for field, flags in lines.items()
    ]
    return resource


def add_line(resource, field, **flags):
    """Add a field to a resource."""
    env = resource.env
    return env["jsonrpc.resource.field"].create(
        {"resource_id": resource.id, "field_id": env["ir.model.fields"]._get(resource.model, field).id, **flags}
    )


@tagged("post_install", "-at_install")
class ResourceCase(TransactionCase):
    """The resources ``contact`` and ``land``, and a user who may do everything with partners."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, "resource_caller", groups="base.group_user,base.group_partner_manager", email="caller@example.com"
        )
        cls.credential = Credential(kind="key", user_id=cls.user.id)
        cls.belgium = cls.env.ref("base.be")
        cls.country = define(
            cls.env,
            "land",
            "res.country",
            {"name": {"filterable": True, "sortable": True}, "code": {"filterable": True, "sortable": True}},
        )
        cls.contact = define(
            cls.env,
            "contact",
            "res.partner",
            {
                "name": {"writable": True, "required": True, "filterable": True, "sortable": True},
                "ref": {"writable": True, "filterable": True, "sortable": True, "key": True},
                "email": {"writable": True},
                "type": {"writable": True, "filterable": True, "sortable": True},
                "is_company": {"writable": True, "filterable": True, "sortable": True},
                "active": {"writable": True, "filterable": True},
                "color": {"writable": True, "filterable": True, "sortable": True},
                "partner_latitude": {"name": "latitude", "writable": True, "filterable": True, "sortable": True},
                "comment": {"writable": True, "filterable": True},
                "country_id": {"name": "country", "writable": True, "filterable": True, "target_id": cls.country.id},
                "write_date": {"name": "updated_at", "filterable": True, "sortable": True},
                "image_1920": {"name": "image", "writable": True, "filterable": True},
                "category_id": {"name": "tags", "writable": True, "filterable": True},
            },
            can_create=True,
            can_update=True,
            can_delete=True,
            can_upsert=True,
        )
        for name, field in (("parent", "parent_id"), ("children", "child_ids")):
            add_line(cls.contact, field, name=name, writable=True, filterable=True, target_id=cls.contact.id)

    def call(self, method, params=None, *, user=None, credential=None):
        """Make a call as a caller's first of a request, undone if it fails.

        :param params: dict or list
        :returns: the result, as the caller gets it
        :raises RpcError: what the caller is told
        """
        env = self.env(user=user or self.user, su=False, context={"lang": "en_US"})
        spec = env["jsonrpc.api"]._jsonrpc_method(method)
        context = CallContext(env=env, credential=credential or self.credential, request_id="test")
        with self.env.cr.savepoint():
            result = spec.invoke(context, spec.bind({} if params is None else params))
            self.env.cr.flush()
        return orjson.loads(orjson.dumps(result))

    def do(self, operation, **params):
        """Call ``contact.<operation>``."""
        return self.call(f"contact.{operation}", params)

    def refused(self, error_type, operation, **params):
        """Call ``contact.<operation>``, which must be refused.

        :param str error_type: that it must be refused with
        :returns: the :class:`RpcError`
        """
        with self.assertRaises(RpcError) as caught:
            self.do(operation, **params)
        self.assertEqual(caught.exception.type, error_type, caught.exception.data)
        return caught.exception

    def errors(self, operation, **params):
        """Call ``contact.<operation>``, whose params must be found wrong.

        :returns: types by path
        """
        error = self.refused("invalid_params", operation, **params)
        return {failure["path"]: failure["type"] for failure in error.data["errors"]}

    def partners(self, *names, **values):
        """Create partners that differ in their names."""
        return self.env["res.partner"].create([{"name": name, **values} for name in names])

    def names(self, domain, **params):
        """The names of the records that a search finds."""
        return [record["name"] for record in self.do("search", domain=domain, fields=["name"], **params)["records"]]
