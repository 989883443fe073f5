"""Which calls of a batch are looked at together."""

from ..protocol.jsonrpc.alike import Coming
from ..protocol.jsonrpc.message import Request
from .common import TestCase


def get(position, id_, method="contact.get", **more):
    return Request(method, {"id": id_, **more}, id=position, position=position)


class TestAlike(TestCase):
    def positions(self, requests, index=0):
        found = Coming(requests).alike(requests[index], "id")
        return None if found is None else list(found.positions)

    def test_neighbours_that_differ_in_the_param_only(self):
        requests = [get(1, 5), get(2, 6), get(3, {"$ref": "/0/id"}), get(4, "x")]
        found = Coming(requests).alike(requests[0], "id")
        self.assertEqual(list(found.positions), [1, 2, 3, 4])
        self.assertEqual(list(found.values), [5, 6, {"$ref": "/0/id"}, "x"])

    def test_whatever_stands_between_ends_them(self):
        for between in (
            get(2, 6, fields=["name"]),
            get(2, 6, method="contact.update"),
            Request("contact.get", [6], position=2),
            Request("contact.get", {"ids": [6]}, position=2),
            Request("contact.get", position=2),
        ):
            self.assertIsNone(self.positions([get(1, 5), between, get(3, 7)]))

    def test_what_is_no_request_ends_them(self):
        self.assertIsNone(self.positions([get(1, 5), get(3, 7)]))
        self.assertEqual(self.positions([get(1, 5), get(3, 7), get(4, 8)], 1), [3, 4])

    def test_the_order_of_params_is_no_difference(self):
        one = Request("contact.get", {"fields": ["name"], "id": 1}, position=1)
        self.assertEqual(self.positions([one, get(2, 2, fields=["name"])]), [1, 2])

    def test_all_of_them_share_what_the_first_kept(self):
        requests = [get(1, 5), get(2, 6), get(3, 7, method="other.get"), get(4, 8), get(5, 9)]
        coming = Coming(requests)
        first = coming.alike(requests[0], "id")
        first.kept = "found"
        self.assertIs(coming.alike(requests[1], "id"), first)
        self.assertIsNone(coming.alike(requests[2], "id"))
        later = coming.alike(requests[3], "id")
        self.assertIsNone(later.kept)
        self.assertIs(coming.alike(requests[4], "id"), later)

    def test_a_call_that_did_not_come_by_the_batch_is_alone(self):
        self.assertIsNone(Coming([get(1, 5), get(2, 6)]).alike(get(0, 5), "id"))
