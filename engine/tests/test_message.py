"""One request in, one response out: every rule of sections 4 and 5."""

from ..protocol import errors
from ..protocol.jsonrpc.message import Request, failure, parse_request, recover_id, success
from ..protocol.values import ABSENT
from .common import TestCase

VALID = {"jsonrpc": "2.0", "method": "partner.get_info", "params": [1], "id": 1}


def request(**changes):
    """Return a valid request with other members; ABSENT takes one away."""
    return {key: value for key, value in (VALID | changes).items() if value is not ABSENT}


class TestAbsent(TestCase):
    def test_absent_is_false_and_is_not_null(self):
        self.assertFalse(ABSENT)
        self.assertIsNotNone(ABSENT)
        self.assertEqual(repr(ABSENT), "ABSENT")


class TestParseRequest(TestCase):
    def assert_invalid(self, value, member, id_=None):
        with self.assertRaises(errors.InvalidRequest) as caught:
            parse_request(value)
        self.assertEqual(caught.exception.data["member"], member)
        self.assertTrue(caught.exception.data["reason"])
        self.assertEqual(caught.exception.id, id_)
        self.assertIs(type(caught.exception.id), type(id_))

    def test_valid_request_is_read(self):
        self.assertEqual(parse_request(VALID), Request("partner.get_info", [1], 1))

    def test_version_other_than_2_0_is_invalid(self):
        for version in ("1.0", "2", "2.00", " 2.0", 2.0, 2, None, ABSENT, ["2.0"], True):
            with self.subTest(version):
                self.assert_invalid(request(jsonrpc=version), "jsonrpc", 1)

    def test_member_names_are_case_sensitive(self):
        self.assert_invalid({"JSONRPC": "2.0", "method": "a", "id": 1}, "jsonrpc", 1)
        self.assert_invalid({"jsonrpc": "2.0", "Method": "a", "id": 1}, "method", 1)
        self.assertTrue(parse_request({"jsonrpc": "2.0", "method": "a", "ID": 1}).is_notification)

    def test_method_that_is_no_string_is_invalid(self):
        for method in (1, None, ABSENT, ["a"], {"a": 1}, True, 1.5):
            with self.subTest(method):
                self.assert_invalid(request(method=method), "method", 1)

    def test_empty_method_is_a_string(self):
        self.assertEqual(parse_request(request(method="")).method, "")

    def test_params_that_are_not_structured_are_invalid(self):
        for params in ("bar", 1, 0, 1.5, True, False, None, ""):
            with self.subTest(params):
                self.assert_invalid(request(params=params), "params", 1)

    def test_params_are_array_object_or_absent(self):
        for params in ([], [1, "a"], {}, {"a": 1}, ABSENT):
            with self.subTest(params):
                self.assertEqual(parse_request(request(params=params)).params, params)

    def test_id_is_kept_exactly(self):
        for id_ in (0, 1, -1, 2**53 + 1, 2**64 - 1, 1.5, "", "1", "é😀", None):
            with self.subTest(id_):
                parsed = parse_request(request(id=id_))
                self.assertEqual(parsed.id, id_)
                self.assertIs(type(parsed.id), type(id_))
                self.assertFalse(parsed.is_notification)

    def test_id_of_another_type_is_invalid_with_null_id(self):
        for id_ in (True, False, [], {}, [1], {"a": 1}):
            with self.subTest(id_):
                self.assert_invalid(request(id=id_), "id", None)

    def test_no_id_is_a_notification(self):
        self.assertTrue(parse_request(request(id=ABSENT)).is_notification)

    def test_value_that_is_no_object_is_invalid(self):
        for value in (None, 1, 1.5, True, "a", [], [VALID]):
            with self.subTest(value):
                self.assert_invalid(value, None, None)

    def test_invalid_object_without_id_answers_null(self):
        self.assert_invalid({"foo": "boo"}, "jsonrpc", None)

    def test_unknown_members_are_ignored(self):
        self.assertEqual(parse_request(request(trace="x")), parse_request(VALID))


class TestRecoverId(TestCase):
    def test_ids_that_can_be_told_are_recovered(self):
        for id_ in (0, "", "1", -5, 1.5, None):
            with self.subTest(id_):
                self.assertEqual(recover_id({"id": id_}), id_)

    def test_everything_else_is_null(self):
        for value in ({"id": True}, {"id": []}, {"id": {}}, {}, [], [1], None, 1, "id", True):
            with self.subTest(value):
                self.assertIsNone(recover_id(value))


class TestResponse(TestCase):
    def test_success_has_result_and_no_error(self):
        self.assertEqual(success(1, [2]), {"jsonrpc": "2.0", "result": [2], "id": 1})

    def test_success_with_null_keeps_the_member(self):
        self.assertEqual(success(None, None), {"jsonrpc": "2.0", "result": None, "id": None})

    def test_failure_has_error_and_no_result(self):
        self.assertEqual(
            failure(0, errors.MethodNotFound(), "req-1"),
            {
                "jsonrpc": "2.0",
                "error": {
                    "code": -32601,
                    "message": "Method not found",
                    "data": {"type": "method_not_found", "request_id": "req-1"},
                },
                "id": 0,
            },
        )

    def test_failure_without_request_id_names_none(self):
        self.assertNotIn("request_id", failure(1, errors.Conflict())["error"]["data"])


class TestExtensions(TestCase):
    """The two members that are ours."""

    def test_extensions_are_read(self):
        read = parse_request(request(idempotency_key="order-17", validate_only=True))
        self.assertEqual((read.idempotency_key, read.validate_only), ("order-17", True))
        plain = parse_request(VALID)
        self.assertEqual((plain.idempotency_key, plain.validate_only), (None, False))

    def test_extensions_of_another_form_are_invalid(self):
        for member, values in (
            ("idempotency_key", ("", "two words", "é", "a" * 256, 7, None, ["a"], "line\n")),
            ("validate_only", (1, 0, "true", None, [])),
        ):
            for value in values:
                with self.subTest(member=member, value=value):
                    with self.assertRaises(errors.InvalidRequest) as caught:
                        parse_request(request(**{member: value}))
                    self.assertEqual((caught.exception.data["member"], caught.exception.id), (member, 1))
