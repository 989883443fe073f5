"""The benchmarks' own arithmetic and client, without Odoo: what they report is what was measured."""

import http.server
import threading
import unittest
from types import SimpleNamespace

from .. import (
    cases,  # noqa: F401 - importing the cases registers them
    measure,
    pairs,
    report,
    resource_cases,  # noqa: F401
    targets,
)
from ..client import ExchangeError, Response, Server
from ..endpoints import Call
from ..registry import CASES, Case, case

_CONTEXT = {"cpu": "some", "cores": 2, "load_1_min": 0.1, "workers": None}


def times(key, *samples):
    group, _, name = key.partition(": ")
    return measure.Times(Case(group, name, lambda fixture, round_: []), samples)


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers what was sent; its length is missing where the path asks for that."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(self.headers)
        self.send_response(200)
        if self.path != "/endless":
            self.send_header("Content-Length", str(len(body) + (self.path == "/short")))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing."""


class TestClient(unittest.TestCase):
    def setUp(self):
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        self.http.seen = []
        self.addCleanup(self.http.server_close)
        self.addCleanup(self.http.shutdown)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.server = Server.at(f"http://127.0.0.1:{self.http.server_address[1]}", "db")

    def test_answer_larger_than_a_packet_comes_back_whole(self):
        payload = ["é" * 300_000]
        response, seconds = self.server.exchange(self.server.compose("/", payload))
        self.assertEqual((response.status, response.json()), (200, payload))
        self.assertGreater(seconds, 0)

    def test_database_is_named_but_beside_a_cookie(self):
        self.server.exchange(self.server.compose("/", 1))
        self.server.exchange(self.server.compose("/", 1, {"Cookie": "session_id=x"}))
        self.assertEqual([headers["X-Odoo-Database"] for headers in self.http.seen], ["db", None])

    def test_incomplete_answers_are_refused(self):
        for path in ("/short", "/endless"):
            with self.subTest(path), self.assertRaises(ExchangeError):
                self.server.exchange(self.server.compose(path, 1))

    def test_other_schemes_are_refused(self):
        with self.assertRaises(ValueError):
            Server.at("https://127.0.0.1", "db")

    def test_run_is_interleaved_and_counts_no_warmup(self):
        sent = []

        def build(name):
            def calls(fixture, round_):
                sent.append((name, round_))
                return [Call(self.server.compose("/", name), lambda response: response.json(), name.__eq__)] * 2

            return calls

        chosen = [Case("g", "a", build("a"), calls=2), Case("g", "b", build("b"), every=2)]
        fixture = SimpleNamespace(endpoints=SimpleNamespace(server=self.server))
        taken = measure.run(chosen, fixture, rounds=4, warmup=1, seed=0, progress=lambda round_: None)
        self.assertEqual([len(one.samples) for one in taken], [4, 2])
        self.assertEqual([round_ for name, round_ in sent if name == "a"], [0, 1, 2, 3, 4])
        self.assertEqual([round_ for name, round_ in sent if name == "b"], [0, 1, 3])

    def test_wrong_answer_ends_the_run(self):
        wrong = Case("g", "a", lambda f, r: [Call(self.server.compose("/", 1), lambda r: r.json(), lambda n: n == 2)])
        fixture = SimpleNamespace(endpoints=SimpleNamespace(server=self.server))
        with self.assertRaisesRegex(ExchangeError, "g: a"):
            measure.run([wrong], fixture, rounds=1, warmup=0, seed=0, progress=lambda round_: None)


class TestFigures(unittest.TestCase):
    def test_p95_leaves_a_twentieth_out(self):
        self.assertEqual(times("g: a", *range(100)).p95, 95)
        self.assertEqual(times("g: a", 7).p95, 7)

    def test_fastest_of_theirs_counts(self):
        target = targets.Target("p", "g: ours", ["g: b", "g: c"], at_least=1.5)
        taken = {one.case.key: one for one in (times("g: ours", 2), times("g: b", 9), times("g: c", 3))}
        verdict = target.judge(taken)
        self.assertEqual((verdict.ratio, verdict.met), (1.5, True))

    def test_at_most_compares_the_other_way(self):
        target = targets.Target("p", "g: ours", ["g: b"], at_most=1.2)
        verdict = target.judge({"g: ours": times("g: ours", 2.6), "g: b": times("g: b", 2)})
        self.assertEqual((verdict.ratio, verdict.met), (1.3, False))

    def test_target_of_a_case_that_was_not_run_is_not_judged(self):
        self.assertIsNone(targets.Target("p", "g: a", ["g: b"], at_least=1).judge({"g: a": times("g: a", 1)}))

    def test_targets_name_cases_that_exist(self):
        keys = {one.key for one in CASES}
        for target in targets.TARGETS:
            self.assertLessEqual({target.ours, *target.theirs}, keys, target.promise)

    def test_two_cases_of_one_name_are_refused(self):
        with self.assertRaises(ValueError):
            case("no-op", "/web/version")(lambda fixture, round_: [])

    def test_report_says_missed_and_the_ratio_to_the_first(self):
        taken = [times("g: ours", 2.0), times("g: theirs", 3.0)]
        verdict = targets.Target("promise", "g: ours", ["g: theirs"], at_least=2).judge(
            {one.case.key: one for one in taken}
        )
        text = report.as_text(taken, [verdict], _CONTEXT, 1)
        self.assertIn("1.50x", text)
        self.assertRegex(text, r"MISSED +1\.50x +promise")
        document = report.as_json(taken, [verdict], _CONTEXT, 1)
        self.assertEqual(document["groups"][0]["cases"][1]["ratio"], 1.5)
        self.assertEqual(document["targets"][0]["met"], False)


class TestPairs(unittest.TestCase):
    """Two servers, case by case."""

    def setUp(self):
        self.sent = []

    def fixture(self, name, refused=()):
        def exchange(raw):
            self.sent.append((name, raw))
            return Response(200, {}, raw), 0.001

        endpoints = SimpleNamespace(server=SimpleNamespace(exchange=exchange))
        return SimpleNamespace(refused=refused, endpoints=endpoints)

    def taken(self, chosen, there=(), **options):
        options = {"rounds": 3, "warmup": 1, "seed": 0, "progress": lambda round_: None, **options}
        return pairs.run(chosen, self.fixture("here"), self.fixture("there", there), **options)

    def case(self, name, every=1):
        def build(fixture, round_):
            return [Call(name, lambda response: response.body, lambda result: result not in fixture.refused)]

        return Case("g", name, build, every=every)

    def test_each_round_goes_to_both_servers(self):
        (pair,) = self.taken([self.case("a")])
        self.assertEqual((len(pair.here), len(pair.there)), (3, 3))
        self.assertEqual(sorted(self.sent), [("here", "a")] * 4 + [("there", "a")] * 4)

    def test_a_case_that_the_other_server_does_not_know_is_new(self):
        known, new = self.taken([self.case("a"), self.case("b")], there=["b"])
        self.assertTrue(known.there)
        self.assertEqual((len(new.here), new.there, new.is_slower), (3, [], False))
        self.assertIn("new", pairs.as_text([known, new], _CONTEXT, 3))

    def test_a_wrong_answer_here_ends_the_run(self):
        with self.assertRaises(ExchangeError):
            pairs.run(
                [self.case("a")],
                self.fixture("here", ["a"]),
                self.fixture("there"),
                rounds=1,
                warmup=0,
                seed=0,
                progress=lambda round_: None,
            )

    def test_slower_is_what_is_so_in_the_middle_of_the_rounds(self):
        case_ = self.case("a")
        for here, there, slower in (
            ((1.0, 1.0, 9.0), (1.0, 1.0, 1.0), False),
            ((1.04, 2.08, 1.0), (1.0, 2.0, 1.0), True),
            ((1.02, 2.04, 1.0), (1.0, 2.0, 1.0), False),
        ):
            with self.subTest(here=here):
                pair = pairs.Pair(case_, here, there)
                self.assertEqual(pair.is_slower, slower)
                self.assertEqual("SLOWER" in pairs.as_text([pair], _CONTEXT, 3), slower)
