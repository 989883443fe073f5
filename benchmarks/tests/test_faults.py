"""The run with faults, without Odoo: its judge can fail, and its clients repeat what they must."""

import http.server
import json
import random
import subprocess
import sys
import threading
import time
import unittest

from ..client import Server
from ..faults import report
from ..faults.callers import Caller, is_response
from ..faults.judge import Evidence, Verdict, judge
from ..faults.tally import Tally
from ..faults.workers import workers_of
from ..faults.writes import Job, Jobs, Write, kinds

RUN = "abc"
WAYS = {kind.name: kind for kind in kinds("db")}


def write(number=1, *, kind="create_simple", result=None, **more):
    """A write that was acknowledged with the new partner's id."""
    result = {"partner_id": number} if result is None else result
    return Write(f"Fault {RUN} 0-{number}", WAYS[kind], 7, attempts=1, acknowledged=True, result=result, **more)


def unanswered(number=1, **more):
    return Write(f"Fault {RUN} 0-{number}", WAYS["create_simple"], 7, attempts=1, **more)


def happened(*writes):
    """Evidence that each of these took place once, and was logged and remembered."""
    evidence = Evidence()
    for one in writes:
        number = int(one.token.rpartition("-")[2])
        evidence.partners[one.token].append(number)
        evidence.rows[one.token] += 1
        evidence.memories[one.token].append({"partner_id": number})
    return evidence


class TestJudge(unittest.TestCase):
    def assert_broken(self, writes, evidence, *texts):
        breaches = judge(writes, evidence).breaches
        self.assertEqual(len(breaches), len(texts), breaches)
        for breach, text in zip(breaches, texts, strict=True):
            self.assertIn(text, breach)

    def test_writes_that_happened_once_keep_every_promise(self):
        writes = [write(1), write(2, batch="b", replayed=True), write(3, batch="b")]
        writes[1].attempts = 3
        verdict = judge(writes, happened(*writes))
        self.assertEqual(verdict.breaches, [])
        counts = {name: count for name, count in verdict.counts.items() if count}
        self.assertEqual(
            counts,
            {
                "writes": 3,
                "acknowledged": 3,
                "acknowledged after a retry": 1,
                "replayed": 1,
                "acknowledged, exactly once": 3,
                "atomic batches": 1,
                "rows of the log": 3,
                "remembered": 3,
            },
        )

    def test_write_that_was_given_up_may_have_happened_once_or_not(self):
        done, lost = unanswered(1, given_up=True), unanswered(2, given_up=True)
        verdict = judge([done, lost], happened(done))
        self.assertEqual(verdict.breaches, [])
        self.assertEqual(verdict.counts["never acknowledged"], 2)
        self.assertEqual(verdict.counts["never acknowledged, took place"], 1)

    def test_missing_write_is_found(self):
        self.assert_broken([write()], Evidence(), "acknowledged, and missing")
        self.assertEqual(judge([write()], Evidence()).counts["acknowledged, missing"], 1)

    def test_doubled_write_is_found_whoever_was_told(self):
        for one in (write(), unanswered(given_up=True)):
            with self.subTest(acknowledged=one.acknowledged):
                evidence = happened(one, one)
                evidence.partners[one.token] = [1, 8]
                evidence.memories[one.token] = [{"partner_id": 1}]
                breaches = judge([one], evidence).breaches
                self.assertIn("took place 2 times", breaches[0])
                name = "acknowledged, doubled" if one.acknowledged else "never acknowledged, doubled"
                self.assertEqual(judge([one], evidence).counts[name], 1)

    def test_change_without_its_trace_is_found_and_the_other_way_round(self):
        evidence = happened(write())
        evidence.rows.clear()
        self.assert_broken([write()], evidence, "took place 1 times, and the log says 0")
        evidence = happened(write())
        evidence.rows[write().token] = 2
        self.assert_broken([write()], evidence, "the log says 2")
        trace = Evidence()
        trace.rows[write().token] = 1
        self.assert_broken([unanswered(given_up=True)], trace, "took place 0 times, and the log says 1")

    def test_memory_that_is_missing_or_another_is_found(self):
        evidence = happened(write())
        evidence.memories.clear()
        self.assert_broken([write()], evidence, "is remembered 0 times")
        evidence.memories[write().token] = [{"partner_id": 2}]
        self.assert_broken([write()], evidence, "answered {'partner_id': 1}, and remembered [{'partner_id': 2}]")

    def test_answer_about_another_record_is_found(self):
        evidence = happened(write())
        evidence.partners[write().token] = [5]
        self.assert_broken([write()], evidence, "answered the id 1, and has [5]")

    def test_half_an_atomic_batch_is_found(self):
        writes = [unanswered(1, batch="b", given_up=True), unanswered(2, batch="b", given_up=True)]
        self.assert_broken(writes, happened(writes[0]), "Atomic batch b: 1 of 2 calls took place")

    def test_write_that_nobody_answers_or_that_is_refused_is_found(self):
        self.assert_broken([unanswered()], Evidence(), "not answered in 1 attempts")
        self.assert_broken([unanswered(refused="internal_error")], Evidence(), "refused with internal_error")

    def test_write_that_nobody_has_sent_is_found(self):
        self.assert_broken([], happened(write()), *["nobody has sent it"] * 3)

    def test_report_says_what_was_broken(self):
        verdict = Verdict(breaches=[f"breach {number}" for number in range(25)])
        text = report.as_text({"requests": 3}, {"unavailable": 2}, verdict)
        for part in ("requests", "unavailable", "BROKEN  breach 19", "and 5 more"):
            self.assertIn(part, text)
        self.assertNotIn("breach 20", text)
        self.assertIn("KEPT", report.as_text({}, {}, Verdict()))


class Flaky(http.server.BaseHTTPRequestHandler):
    """Answers each request with the next of the server's answers."""

    def do_POST(self):
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, payload, self.headers))
        answer = self.server.answers.pop(0)(payload)
        if answer is None:
            return  # the connection ends, and that is all
        status, body = answer
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args):
        """Nothing."""


def result(call, **more):
    return {"jsonrpc": "2.0", "result": {"partner_id": 1}, "id": call["id"], **more}


def error(kind, id_=None, **data):
    return {"jsonrpc": "2.0", "error": {"code": -32000, "message": kind, "data": {"type": kind, **data}}, "id": id_}


class TestCaller(unittest.TestCase):
    def setUp(self):
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Flaky)
        self.http.seen = []
        self.addCleanup(self.http.server_close)
        self.addCleanup(self.http.shutdown)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.tally = Tally()

    def write(self, job, *answers, patience=60):
        """Let a client send a job to a server that answers so."""
        self.http.answers = list(answers)
        server = Server.at(f"http://127.0.0.1:{self.http.server_address[1]}", "db")
        now = time.monotonic()
        rng = random.Random(0)
        caller = Caller(server, "token", None, 7, self.tally, rng=rng, stop=now, deadline=now + patience)
        caller._write(job)
        return job.writes

    def job(self, count=1, **more):
        return Job([Write(f"Fault {RUN} 0-{n}", WAYS["create_simple"], 7) for n in range(count)], **more)

    def test_write_is_repeated_under_its_key_until_it_is_answered(self):
        (one,) = self.write(
            self.job(),
            lambda call: None,
            lambda call: (404, "<html>"),
            lambda call: (200, error("in_progress")),
            lambda call: (200, error("unavailable")),
            lambda call: (200, result(call, replayed=True)),
        )
        self.assertEqual((one.acknowledged, one.replayed, one.attempts, one.made_id), (True, True, 5, 1))
        self.assertEqual({call["idempotency_key"] for _path, call, _headers in self.http.seen}, {"Fault-abc-0-0"})
        expected = {"ExchangeError": 1, "HTTP 404 without JSON-RPC": 1, "in_progress": 1, "unavailable": 1}
        self.assertEqual(self.tally.errors, expected)

    def test_error_that_no_repetition_mends_ends_it(self):
        (one,) = self.write(self.job(), lambda call: (200, error("internal_error")))
        self.assertEqual((one.refused, one.attempts, one.settled), ("internal_error", 1, True))

    def test_client_that_gives_up_sends_once(self):
        (one,) = self.write(self.job(gives_up=True), lambda call: None)
        self.assertEqual((one.given_up, one.settled, one.attempts), (True, False, 1))

    def test_client_that_has_no_time_left_is_not_one_that_gives_up(self):
        (one,) = self.write(self.job(), lambda call: None, patience=-1)
        self.assertEqual((one.given_up, one.settled), (False, False))

    def test_only_what_was_not_answered_of_a_batch_is_repeated(self):
        self.write(
            self.job(3),
            lambda calls: (200, [error("conflict", 1), result(calls[2]), result(calls[0])]),
            lambda calls: (200, [result(calls[0])]),
        )
        self.assertEqual([len(call) for _path, call, _headers in self.http.seen], [3, 1])
        self.assertEqual(self.http.seen[1][1][0]["idempotency_key"], "Fault-abc-0-1")

    def test_atomic_batch_is_repeated_whole(self):
        writes = self.write(
            self.job(2, atomic=True),
            lambda calls: (200, error("unavailable")),
            lambda calls: (200, [error("rolled_back", 0), error("conflict", 1)]),
            lambda calls: (200, [result(call) for call in calls]),
        )
        self.assertEqual([len(call) for _path, call, _headers in self.http.seen], [2, 2, 2])
        self.assertEqual({headers["JSON-RPC-Batch"] for _path, _call, headers in self.http.seen}, {"atomic"})
        self.assertTrue(all(one.acknowledged for one in writes))

    def test_anything_else_is_no_response(self):
        for value in (None, 1, [], {}, {"error": {}}, {"error": {"data": {}}}):
            self.assertFalse(is_response(value), value)


class TestJobs(unittest.TestCase):
    def test_every_kind_and_shape_comes_up_and_no_token_twice(self):
        jobs = Jobs(RUN, 5, 7, list(WAYS.values()), random.Random(0))
        made = [jobs.next() for _ in range(500)]
        writes = [one for job in made for one in job.writes]
        self.assertEqual({one.kind.name for one in writes}, set(WAYS))
        self.assertEqual(len({one.token for one in writes}), len(writes))
        self.assertEqual({(len(job.writes), job.atomic) for job in made}, {(1, False), (3, False), (3, True)})
        self.assertTrue(any(job.gives_up for job in made))
        for job in made:
            self.assertEqual({one.kind.path for one in job.writes}, {job.path})
            self.assertEqual(len({one.batch for one in job.writes}), 1)
            self.assertEqual(job.atomic, job.writes[0].batch is not None)


class TestTally(unittest.TestCase):
    def test_longest_silence_is_kept(self):
        tally = Tally()
        for pause in (0.0, 0.2, 0.0):
            time.sleep(pause)
            tally.answered()
        self.assertGreaterEqual(tally.silence, 0.2)
        self.assertLess(tally.silence, 5)


class TestWorkers(unittest.TestCase):
    def test_children_count_but_for_the_one_for_web_sockets(self):
        code = (
            "import subprocess, sys\n"
            "sleep = [sys.executable, '-c', 'import sys; sys.stdin.read()']\n"
            "children = [subprocess.Popen([*sleep, *more], stdin=subprocess.PIPE) for more in ([], ['gevent'])]\n"
            "print(children[0].pid, flush=True)\n"
            "sys.stdin.read()\n"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            worker = int(parent.stdout.readline())
            self.assertEqual(workers_of(parent.pid), [worker])
        finally:
            parent.communicate()
        self.assertEqual(workers_of(parent.pid), [])
