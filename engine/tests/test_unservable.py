"""Valid JSON that cannot be served: refused call by call, with the path, and with its id."""

from ..protocol.errors import InvalidRequest, ParseError
from ..protocol.jsonrpc import codec
from ..protocol.jsonrpc.message import failure, parse_request, recover_id
from ..protocol.jsonrpc.unservable import BigInteger, Unservable
from .common import TestCase

_BIG = "1180591620717411303424"  # 2 ** 70


def _call(params, more=""):
    return f'{{"jsonrpc":"2.0","method":"m","params":{params},"id":1{more}}}'.encode()


class TestUnservable(TestCase):
    def test_params_are_marked_with_the_paths(self):
        for params, path, kind in (
            (f"[{_BIG}]", "0", "int_too_large"),
            (f'{{"a":[{{"b":-{_BIG}}}]}}', "a.0.b", "int_too_large"),
            (r'["a\u0000b"]', "0", "string_unstorable"),
            (r'{"a":"\ud83d"}', "a", "string_unstorable"),
            (r'{"a":{"b\u0000":1}}', "a", "name_unstorable"),
        ):
            with self.subTest(params):
                request = parse_request(codec.decode_payload(_call(params)))
                self.assertIsInstance(request.params, Unservable)
                (error,) = request.params.errors
                self.assertEqual((error["path"], error["type"], request.id), (path, kind, 1))

    def test_neighbours_in_a_batch_are_read(self):
        raw = b"[" + _call(f"[{_BIG}]") + b"," + _call("[7]") + b"]"
        bad, good = codec.decode_payload(raw)
        self.assertIsInstance(bad["params"], Unservable)
        self.assertEqual(parse_request(good).params, [7])

    def test_large_id_is_echoed_as_it_came(self):
        for digits in (_BIG, f"-{_BIG}", "9" * 400):
            with self.subTest(digits[:10]):
                raw = f'{{"jsonrpc":"2.0","method":"m","id":{digits}}}'.encode()
                request = parse_request(codec.decode_payload(raw))
                self.assertEqual(request.id, BigInteger(digits))
                answer = codec.encode(failure(request.id, InvalidRequest()))
                self.assertTrue(answer.endswith(f'"id":{digits}}}'.encode()))

    def test_id_that_no_answer_can_carry_is_an_invalid_request(self):
        for id_ in ("9" * 401, r'"\ud83d"', r'"\u0000"'):
            with self.subTest(id_[:10]):
                payload = codec.decode_payload(f'{{"jsonrpc":"2.0","method":"m","id":{id_}}}'.encode())
                self.assertIsNone(recover_id(payload))
                with self.assertRaises(InvalidRequest) as caught:
                    parse_request(payload)
                self.assertEqual(caught.exception.data["member"], "id")

    def test_other_members_are_invalid_requests(self):
        for raw in (
            r'{"jsonrpc":"2.0","method":"m\u0000","id":1}',
            rf'{{"jsonrpc":"2.0","method":{_BIG},"id":1}}',
            r'{"jsonrpc":"2.0","method":"m","id":1,"x\u0000":2}',
            _BIG,
            rf"[[{_BIG}]]",
        ):
            with self.subTest(raw):
                payload = codec.decode_payload(raw.encode())
                for item in payload if isinstance(payload, list) else [payload]:
                    with self.assertRaises(InvalidRequest):
                        parse_request(item)

    def test_what_is_no_json_is_a_parse_error(self):
        for end in ("", "}", "]]", ',"a":1,"a":2'):
            with self.subTest(end), self.assertRaises(ParseError):
                codec.decode_payload(f'{{"a":[{_BIG}{end}'.encode())

    def test_paths_are_listed_up_to_a_bound(self):
        payload = codec.decode_payload(_call("[" + ",".join([_BIG] * 150) + "]"))
        self.assertEqual((len(payload["params"].errors), payload["params"].omitted), (100, 50))

    def test_a_million_digits_are_not_read(self):
        payload = codec.decode_payload(_call(f"[{'9' * 1_000_000}]"))
        self.assertEqual(payload["params"].errors[0]["type"], "int_too_large")
