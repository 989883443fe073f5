"""The registry of operations is what everything else that lists operations goes by."""

import sys
import tempfile
from dataclasses import replace
from importlib import import_module, invalidate_caches
from pathlib import Path

from ...engine.access.credential import Credential
from ...engine.dispatch.context import CallContext
from ...engine.protocol.errors import InvalidParams
from ...engine.resources import operations
from ...engine.resources.methods import operation_spec
from ...engine.resources.operations.registry import OPERATIONS, collect_operations, index_operations
from ..resource_common import ResourceCase, define


class TestRegistry(ResourceCase):
    def test_file_with_an_operation_is_found_by_itself(self):
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder, "some_operations")
            package.mkdir()
            (package / "__init__.py").touch()
            (package / "shared.py").write_text("HELP = 1")
            (package / "added.py").write_text(
                f"from dataclasses import replace\nfrom {operations.__name__}.count import OPERATION as COUNT\n"
                "OPERATION = replace(COUNT, name='added', sequence=99)\n"
            )
            sys.path.insert(0, folder)
            try:
                invalidate_caches()
                import_module("some_operations")
                self.assertEqual(list(collect_operations("some_operations")), ["added"])
            finally:
                sys.path.remove(folder)
                for name in [name for name in sys.modules if name.partition(".")[0] == "some_operations"]:
                    del sys.modules[name]

    def test_every_file_that_declares_an_operation_is_in_the_registry(self):
        folder = Path(operations.__file__).parent
        declaring = {path.stem for path in folder.glob("*.py") if "\nOPERATION = " in path.read_text("utf-8")}
        self.assertEqual(set(OPERATIONS), declaring)

    def test_two_operations_of_one_name_are_refused(self):
        with self.assertRaisesRegex(ValueError, "count"):
            index_operations([OPERATIONS["count"], replace(OPERATIONS["get"], name="count")])

    def test_every_operation_can_be_switched_on_the_form(self):
        model = self.env["jsonrpc.resource"]
        form = model.get_view(view_type="form")["arch"]
        previewed = dict(model._fields["preview_operation"].selection)
        for name, operation in OPERATIONS.items():
            with self.subTest(name):
                self.assertEqual(model._fields[operation.switch].string, operation.label)
                self.assertIn(f'<field name="{operation.switch}"', form)
                self.assertEqual(previewed[name], operation.label)

    def test_new_resource_only_has_what_resources_had_from_the_start(self):
        resource = define(self.env, "fresh", "res.bank", {"name": {}})
        on = {name for name, operation in OPERATIONS.items() if resource[operation.switch]}
        self.assertEqual(on, {"search", "get", "count"})

    def test_every_switch_opens_its_method_and_reserves_its_name(self):
        resource = define(self.env, "switched", "res.bank", {"name": {"writable": True}})
        resource.write({operation.switch: False for operation in OPERATIONS.values()})
        for name, operation in OPERATIONS.items():
            with self.subTest(name):
                self.assertIsNone(self.env["jsonrpc.api"]._jsonrpc_methods().get(f"switched.{name}"))
                resource[operation.switch] = True
                spec = self.env["jsonrpc.api"]._jsonrpc_methods()[f"switched.{name}"]
                self.assertEqual(spec.actions, operation.actions)

    def test_resources_that_change_records_can_be_told_from_the_others(self):
        resource = define(self.env, "told", "res.bank", {"name": {"writable": True}})
        model = self.env["jsonrpc.resource"]
        for operation in OPERATIONS.values():
            with self.subTest(operation.name):
                resource.write({each.switch: each is operation for each in OPERATIONS.values()})
                writes = operation.access == "write"
                self.assertEqual(resource.changes_records, writes)
                self.assertEqual(resource in model.search([("changes_records", "=", True)]), writes)
                self.assertEqual(resource in model.search([("changes_records", "=", False)]), not writes)

    def test_what_a_check_notes_and_forgets_to_refuse_is_refused(self):
        def check(call):
            call.failures.add("domain", "wrong", "This is wrong")
            return call

        ran = []
        forgetful = replace(OPERATIONS["count"], check=check, run=ran.append)
        catalogue, _specs = self.env["jsonrpc.resource"]._jsonrpc_catalogue()
        spec = operation_spec(catalogue, catalogue.documented("contact"), forgetful)
        context = CallContext(env=self.env(user=self.user), credential=Credential("key", self.user.id), request_id="1")
        with self.assertRaises(InvalidParams):
            spec.invoke(context, {})
        self.assertEqual(ran, [])
