"""What the form of a resource says of its calls is what calls do."""

import json

from odoo.tests import Form, tagged

from ...engine.protocol import errors
from ...engine.resources.operations.registry import OPERATIONS
from ..common import JsonRpcCase


@tagged("post_install", "-at_install")
class TestPreview(JsonRpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        bank = cls.env["ir.model"]._get("res.bank")
        named = {field.name: field.id for field in bank.field_id}
        cls.resource = cls.env["jsonrpc.resource"].create(
            {
                "name": "tried_bank",
                "model_id": bank.id,
                "field_ids": [
                    (0, 0, {"field_id": named["name"], "writable": True, "required": True}),
                    (0, 0, {"field_id": named["bic"], "name": "swift", "writable": True, "key": True}),
                    (0, 0, {"field_id": named["country"], "writable": True}),
                ],
                **{f"can_{operation}": True for operation in OPERATIONS},
            }
        )

    def previewed(self, operation):
        resource = self.resource.with_context(allowed_company_ids=self.env.company.ids)
        resource.invalidate_recordset()
        resource.preview_operation = operation
        return resource

    def test_every_previewed_request_is_understood(self):
        key = self.issue_key()
        impossible = (errors.InvalidParams.code, errors.MethodNotFound.code, errors.InternalError.code)
        for operation in OPERATIONS:
            with self.subTest(operation):
                request = json.loads(self.previewed(operation).preview_request)
                self.assertEqual(request["method"], f"tried_bank.{operation}")
                answer = self.rpc(request["method"], request["params"], key=key)
                self.assertNotIn(answer.get("error", {}).get("code"), impossible, answer)

    def test_previewed_response_and_schema_have_the_external_names(self):
        preview = self.previewed("search")
        (record,) = json.loads(preview.preview_response)["result"]["records"]
        self.assertEqual(set(record), {"id", "name", "swift", "country"})
        self.assertIn("swift", preview.preview_schema)
        self.assertNotIn("bic", preview.preview_schema)

    def test_renamed_field_is_renamed_in_the_preview(self):
        self.resource.field_ids.filtered(lambda line: line.name == "swift").name = "bank_code"
        self.assertIn("bank_code", self.previewed("get").preview_response)

    def test_operation_that_is_switched_off_has_no_preview(self):
        self.resource.can_delete = False
        self.assertFalse(self.previewed("delete").preview_request)

    def test_archived_resource_has_no_preview(self):
        self.resource.active = False
        self.assertFalse(self.previewed("search").preview_request)

    def test_preview_starts_with_what_is_switched_on(self):
        self.resource.write({"can_search": False, "can_get": False})
        self.resource.invalidate_recordset()
        self.assertEqual(self.resource.preview_operation, "count")
        self.assertEqual(self.resource.field_count, 3)

    def test_form_shows_another_operation_when_asked(self):
        with Form(self.resource) as form:
            form.preview_operation = "create"
            self.assertIn("tried_bank.create", form.preview_request)

    def test_unsaved_resource_has_no_preview(self):
        self.assertFalse(Form(self.env["jsonrpc.resource"]).preview_request)
