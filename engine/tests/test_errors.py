"""The codes, types and bands of the errors, and the error object that each becomes."""

from ..protocol import errors
from .common import TestCase

EXPECTED = {
    errors.ParseError: (-32700, "parse_error"),
    errors.InvalidRequest: (-32600, "invalid_request"),
    errors.MethodNotFound: (-32601, "method_not_found"),
    errors.InvalidParams: (-32602, "invalid_params"),
    errors.InternalError: (-32603, "internal_error"),
    errors.Unauthenticated: (-32001, "unauthenticated"),
    errors.Forbidden: (-32002, "forbidden"),
    errors.NotFound: (-32003, "not_found"),
    errors.ValidationFailed: (-32004, "validation_failed"),
    errors.UserRefused: (-32005, "user_error"),
    errors.Conflict: (-32006, "conflict"),
    errors.RateLimited: (-32007, "rate_limited"),
    errors.TooLarge: (-32008, "too_large"),
    errors.CallTimeout: (-32009, "timeout"),
    errors.MethodNotAllowed: (-32010, "method_not_allowed"),
    errors.UnsupportedMediaType: (-32011, "unsupported_media_type"),
    errors.Unavailable: (-32012, "unavailable"),
    errors.IdempotencyMismatch: (-32013, "idempotency_mismatch"),
    errors.InProgress: (-32014, "in_progress"),
    errors.RolledBack: (-32015, "rolled_back"),
    errors.CursorExpired: (-32016, "cursor_expired"),
}
BASES = {errors.RpcError, errors.GatewayError, errors.ApplicationError}


class TestErrorObject(TestCase):
    def test_every_class_has_its_code_and_type(self):
        for error_class, (code, type_) in EXPECTED.items():
            with self.subTest(error_class.__name__):
                member = error_class().as_member()
                self.assertEqual(member["code"], code)
                self.assertEqual(member["message"], error_class.message)
                self.assertEqual(member["data"], {"type": type_})

    def test_every_class_of_the_module_is_expected_here(self):
        defined = {
            value
            for value in vars(errors).values()
            if isinstance(value, type) and issubclass(value, errors.RpcError)
        }
        self.assertEqual(defined - BASES, set(EXPECTED))

    def test_codes_and_types_are_unique(self):
        codes, types = zip(*EXPECTED.values(), strict=True)
        self.assertEqual(len(set(codes)), len(EXPECTED))
        self.assertEqual(len(set(types)), len(EXPECTED))

    def test_every_class_is_documented(self):
        for error_class in EXPECTED:
            with self.subTest(error_class.__name__):
                self.assertTrue(vars(error_class)["__doc__"])

    def test_request_id_is_sent_when_given(self):
        member = errors.NotFound().as_member("req-1")
        self.assertEqual(member["data"], {"type": "not_found", "request_id": "req-1"})

    def test_message_and_extras_are_sent(self):
        member = errors.NotFound("No such partner", data={"partner_id": 7}).as_member()
        self.assertEqual(
            member,
            {
                "code": -32003,
                "message": "No such partner",
                "data": {"type": "not_found", "partner_id": 7},
            },
        )

    def test_extras_never_replace_type_or_request_id(self):
        error = errors.NotFound(data={"type": "mine", "request_id": "mine"})
        self.assertEqual(
            error.as_member("req-1")["data"], {"type": "not_found", "request_id": "req-1"}
        )
        self.assertEqual(error.as_member()["data"]["request_id"], "mine")

    def test_extras_are_copied(self):
        data = {"n": 1}
        error = errors.NotFound(data=data)
        data["n"] = 2
        self.assertEqual(error.data, {"n": 1})

    def test_empty_message_stays_empty(self):
        self.assertEqual(errors.NotFound("").message, "")

    def test_message_is_the_text_of_the_exception(self):
        self.assertEqual(str(errors.NotFound("No such partner")), "No such partner")

    def test_lazy_message_becomes_text(self):
        class Lazy:
            def __str__(self):
                return "translated"

        class Archived(errors.ApplicationError):
            code, message = 1001, Lazy()

        self.assertEqual(Archived().as_member()["message"], "translated")

    def test_invalid_request_carries_the_id(self):
        self.assertEqual(errors.InvalidRequest(id=7).id, 7)
        self.assertIsNone(errors.InvalidRequest().id)

    def test_bases_cannot_be_raised(self):
        for base in BASES:
            with self.subTest(base.__name__), self.assertRaisesRegex(TypeError, base.__name__):
                base()


class TestGatewayError(TestCase):
    def test_code_outside_the_band_is_refused(self):
        for code in (-32100, -31999, -32603, 1000, 0, "-32001", None, True):
            with self.subTest(code), self.assertRaisesRegex(TypeError, "Stray.*-32099"):
                type("Stray", (errors.GatewayError,), {"code": code})

    def test_missing_code_is_refused(self):
        with self.assertRaisesRegex(TypeError, "Stray.*None"):
            type("Stray", (errors.GatewayError,), {})

    def test_edges_of_the_band_are_accepted(self):
        for code in (-32099, -32000):
            with self.subTest(code):
                made = type("Edge", (errors.GatewayError,), {"code": code})
                self.assertEqual(made.code, code)


class TestApplicationError(TestCase):
    def test_type_and_message_follow_the_name(self):
        for name, type_, message in (
            ("PartnerArchived", "partner_archived", "Partner archived"),
            ("Gone", "gone", "Gone"),
            ("VATNumberWrong", "vat_number_wrong", "Vat number wrong"),
            ("Level2Missing", "level2_missing", "Level2 missing"),
            ("Snake_Case", "snake_case", "Snake case"),
        ):
            with self.subTest(name):
                made = type(name, (errors.ApplicationError,), {"code": 1000})
                self.assertEqual((made.type, made.message), (type_, message))

    def test_own_type_and_message_are_kept(self):
        class Archived(errors.ApplicationError):
            code, message, type = 1001, "Partner archived", "archived"

        self.assertEqual(
            Archived().as_member(),
            {"code": 1001, "message": "Partner archived", "data": {"type": "archived"}},
        )

    def test_code_that_is_no_int_of_1000_or_above_is_refused(self):
        for code in (999, 0, -32001, True, 1000.0, "1001", None):
            with self.subTest(code), self.assertRaisesRegex(TypeError, "Stray.*1000"):
                type("Stray", (errors.ApplicationError,), {"code": code})

    def test_base_without_code_is_allowed_and_cannot_be_raised(self):
        class StockError(errors.ApplicationError):
            """Base of the errors of a stock."""

        class Empty(StockError):
            code = 1002

        with self.assertRaisesRegex(TypeError, "StockError declares no code"):
            StockError()
        self.assertEqual(Empty().as_member()["data"]["type"], "empty")

    def test_refinement_without_code_keeps_code_and_type(self):
        class Archived(errors.ApplicationError):
            code = 1003

        class LongArchived(Archived):
            """No code of its own: callers see the same error."""

        self.assertEqual(LongArchived().as_member(), Archived().as_member())
