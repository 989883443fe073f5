"""What a MethodSpec refuses to be."""

from ..protocol import errors
from ..protocol.spec import ErrorSpec, MethodSpec, ParamSpec
from ..protocol.values import ABSENT
from .common import TestCase


def spec(name="partner.get_info", **members):
    return MethodSpec(
        name, **({"params": (), "result": {}, "bind": dict, "invoke": print} | members)
    )


def param(name, required=True):
    return ParamSpec(name, {}, required)


class TestMethodSpec(TestCase):
    def test_words_joined_by_dots_are_names(self):
        for name in ("a", "echo", "partner.get_info", "a.b.c", "A1.b_2", "rpcx.a", "a.rpc.b"):
            with self.subTest(name):
                self.assertEqual(spec(name).name, name)

    def test_other_names_are_refused(self):
        for name in (
            "", ".", "a.", ".a", "a..b", "1a", "a.1b", "_a", "a._b", "a b", "a-b", "a/b",
            "é", "a\n", "a.b\n", "$a", "a٣",
        ):  # fmt: skip
            with self.subTest(name), self.assertRaisesRegex(ValueError, "is no method name"):
                spec(name)

    def test_reserved_name_is_refused(self):
        with self.assertRaisesRegex(ValueError, "'rpc.discover'.*reserved"):
            spec("rpc.discover")

    def test_reserved_name_is_open_to_the_gateway(self):
        self.assertEqual(spec("rpc.discover", reserved=True).name, "rpc.discover")

    def test_reserved_flag_does_not_open_other_names(self):
        with self.assertRaisesRegex(ValueError, "is no method name"):
            spec("rpc.", reserved=True)

    def test_method_that_streams_only_reads(self):
        self.assertTrue(spec(access="read", streams=True).streams)
        with self.assertRaisesRegex(ValueError, "only reads"):
            spec(access="write", streams=True)

    def test_only_reads_are_looked_up_together(self):
        self.assertEqual(spec(access="read", differing="id").differing, "id")
        with self.assertRaises(ValueError):
            spec(access="write", differing="id")

    def test_unknown_access_is_refused(self):
        for access in ("", "admin", None, "READ", "unlink"):
            with self.subTest(access), self.assertRaisesRegex(ValueError, "partner.get_info: acc"):
                spec(access=access)

    def test_actions_follow_from_access(self):
        self.assertEqual(spec().actions, ("read",))
        self.assertEqual(spec(access="write").actions, ("call",))

    def test_actions_that_access_allows_are_accepted(self):
        for action in ("create", "update", "delete", "call"):
            self.assertEqual(spec(access="write", actions=(action,)).actions, (action,))
        self.assertEqual(spec(access="read", actions=("call",)).actions, ("call",))

    def test_actions_that_access_does_not_do_are_refused(self):
        pairs = [("write", "read"), ("read", "create"), ("read", "update"), ("read", "delete")]
        for access, action in pairs:
            with self.subTest(access, action=action):
                with self.assertRaisesRegex(ValueError, f"access '{access}' does not {action}"):
                    spec(access=access, actions=(action,))

    def test_unknown_action_is_refused(self):
        for action in ("", "write", "READ", None):
            with self.subTest(action), self.assertRaisesRegex(ValueError, "no action"):
                spec(actions=(action,))

    def test_namespace_is_the_first_word(self):
        for name, namespace in (("a", "a"), ("a.b", "a"), ("a.b.c", "a")):
            self.assertEqual(spec(name).namespace, namespace)

    def test_two_params_of_one_name_are_refused(self):
        with self.assertRaisesRegex(ValueError, "two params are named 'a'"):
            spec(params=(param("a"), param("b"), param("a")))

    def test_required_param_after_optional_one_is_refused(self):
        with self.assertRaisesRegex(ValueError, "required param comes after"):
            spec(params=(param("a", required=False), param("b")))

    def test_required_params_first_are_accepted(self):
        params = (param("a"), param("b"), param("c", required=False))
        self.assertEqual(spec(params=params).params, params)

    def test_two_errors_of_one_code_are_refused(self):
        twins = (ErrorSpec(1001, "A", "a"), ErrorSpec(1001, "B", "b"))
        with self.assertRaisesRegex(ValueError, "two errors have the code 1001"):
            spec(errors=twins)

    def test_defaults_expose_nothing(self):
        self.assertEqual(spec().access, "read")
        self.assertIs(spec().public, False)
        self.assertIs(spec().publishable, False)
        self.assertIs(spec().needs_grant, True)
        self.assertIs(spec().reserved, False)

    def test_spec_cannot_be_changed(self):
        with self.assertRaises(AttributeError):
            spec().public = True

    def test_specs_are_hashable_and_equal_whatever_runs_them(self):
        first, second = spec(bind=dict), spec(bind=list)
        self.assertEqual(first, second)
        self.assertEqual(len({first, second}), 1)
        self.assertNotEqual(first, spec(public=True))


class TestParamSpec(TestCase):
    def test_default_is_absent_and_not_null(self):
        self.assertIs(param("a").default, ABSENT)

    def test_param_with_unhashable_parts_is_hashable(self):
        self.assertEqual(hash(ParamSpec("a", {"type": "array"}, False, [])), hash(
            ParamSpec("a", {"type": "array"}, False, [])
        ))  # fmt: skip


class TestErrorSpec(TestCase):
    def test_class_and_its_docstring_are_the_documentation(self):
        class PartnerArchived(errors.ApplicationError):
            """The partner is archived;
            unarchive it before calling again."""

            code = 1001

        self.assertEqual(
            ErrorSpec.of_class(PartnerArchived),
            ErrorSpec(
                1001,
                "Partner archived",
                "partner_archived",
                "The partner is archived;\nunarchive it before calling again.",
            ),
        )

    def test_docstring_of_a_base_class_is_not_published(self):
        class Undocumented(errors.ApplicationError):
            code = 1002

        self.assertEqual(ErrorSpec.of_class(Undocumented).description, "")
