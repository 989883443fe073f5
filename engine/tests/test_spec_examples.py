"""Section 7 of the JSON-RPC 2.0 specification ("Examples"), verbatim.

The only liberty is in comparing: our error objects carry ``data``, which the examples leave
out and section 5.1 allows ("This may be omitted").
"""

import json

from ..protocol import errors, signature
from ..protocol.jsonrpc import batch, codec, message
from .common import TestCase


def subtract(minuend: int, subtrahend: int) -> int:
    return minuend - subtrahend


def sum_(*numbers: int) -> int:
    return sum(numbers)


def get_data() -> list:
    return ["hello", 5]


def take(*values: int) -> None:
    """What the examples' notifications call: update, notify_hello, notify_sum."""


FUNCTIONS = {
    "subtract": subtract,
    "sum": sum_,
    "get_data": get_data,
    "update": take,
    "notify_hello": take,
    "notify_sum": take,
}


def _invoker(function):
    spread = signature.arguments(function)

    def invoke(context, values):
        args, kwargs = spread(values)
        return function(*args, **kwargs)

    return invoke


METHODS = {
    name: signature.describe(function, name=name, invoke=_invoker(function))
    for name, function in FUNCTIONS.items()
}


def call(request):
    spec = METHODS.get(request.method)
    if spec is None:
        raise errors.MethodNotFound()
    return spec.invoke(None, spec.bind(request.params))


def serve(body):
    """Return the text that answers a body, or "" for nothing."""
    try:
        answer = batch.run(codec.decode(body.encode()), call)
    except errors.ParseError as error:
        answer = message.failure(None, error)
    return "" if answer is message.ABSENT else codec.encode(answer).decode()


def without_data(answer):
    if isinstance(answer, list):
        return [without_data(item) for item in answer]
    if "error" in answer:
        answer["error"].pop("data")
    return answer


class TestSpecificationExamples(TestCase):
    def assert_example(self, request, response):
        answer = serve(request)
        if not response:
            self.assertEqual(answer, "")
            return
        self.assertEqual(without_data(json.loads(answer)), json.loads(response))

    def test_rpc_call_with_positional_parameters(self):
        self.assert_example(
            '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
            '{"jsonrpc": "2.0", "result": 19, "id": 1}',
        )
        self.assert_example(
            '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
            '{"jsonrpc": "2.0", "result": -19, "id": 2}',
        )

    def test_rpc_call_with_named_parameters(self):
        self.assert_example(
            '{"jsonrpc": "2.0", "method": "subtract",'
            ' "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
            '{"jsonrpc": "2.0", "result": 19, "id": 3}',
        )
        self.assert_example(
            '{"jsonrpc": "2.0", "method": "subtract",'
            ' "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
            '{"jsonrpc": "2.0", "result": 19, "id": 4}',
        )

    def test_a_notification(self):
        self.assert_example('{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', "")
        self.assert_example('{"jsonrpc": "2.0", "method": "foobar"}', "")

    def test_rpc_call_of_non_existent_method(self):
        self.assert_example(
            '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
            '{"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"},'
            ' "id": "1"}',
        )

    def test_rpc_call_with_invalid_json(self):
        self.assert_example(
            '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
            '{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}',
        )

    def test_rpc_call_with_invalid_request_object(self):
        self.assert_example(
            '{"jsonrpc": "2.0", "method": 1, "params": "bar"}',
            '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"},'
            ' "id": null}',
        )

    def test_rpc_call_batch_invalid_json(self):
        self.assert_example(
            """[
              {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
              {"jsonrpc": "2.0", "method"
            ]""",
            '{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}',
        )

    def test_rpc_call_with_an_empty_array(self):
        self.assert_example(
            "[]",
            '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"},'
            ' "id": null}',
        )

    def test_rpc_call_with_an_invalid_batch_but_not_empty(self):
        self.assert_example(
            "[1]",
            """[
              {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}
            ]""",
        )

    def test_rpc_call_with_invalid_batch(self):
        self.assert_example(
            "[1,2,3]",
            """[
              {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
              {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
              {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}
            ]""",
        )

    def test_rpc_call_batch(self):
        self.assert_example(
            """[
                {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
                {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
                {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
                {"foo": "boo"},
                {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
                {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
            ]""",
            """[
                {"jsonrpc": "2.0", "result": 7, "id": "1"},
                {"jsonrpc": "2.0", "result": 19, "id": "2"},
                {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
                {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
                {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}
            ]""",
        )

    def test_rpc_call_batch_all_notifications(self):
        self.assert_example(
            """[
                {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
                {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
            ]""",
            "",
        )
