"""Jobs side by side: order, slots, needs, and an end for all of them."""

import signal
import sys
import time

from common import SandboxCase, alive, await_that, python

from sandbox import processes, schedule
from sandbox.schedule import Job


class TestSchedule(SandboxCase):
    def setUp(self):
        super().setUp()
        self.spans = {}

    def job(self, name, seconds=1.0, code="pass", **options):
        """A job that runs Python code, and notes when it was started."""

        def start(output):
            self.spans[name] = time.monotonic()
            return processes.start([sys.executable, "-c", code], stdout=output, stderr=output)

        return Job(name, seconds, start, **options)

    def outcomes(self, *jobs, slots=2):
        told = []
        outcomes = schedule.run(jobs, slots, told.append)
        self.assertEqual(told, outcomes)
        return {outcome.job.name: outcome for outcome in outcomes}

    def test_output_and_status_are_each_jobs_own(self):
        outcomes = self.outcomes(
            self.job("good", code="print('a'); import sys; print('b', file=sys.stderr)"),
            self.job("bad", code="print('c'); raise SystemExit(3)"),
        )
        self.assertEqual(sorted(outcomes["good"].output.split()), ["a", "b"])
        self.assertEqual((outcomes["good"].status, outcomes["bad"].status), (0, 3))
        self.assertEqual(outcomes["bad"].output, "c\n")

    def test_longest_job_starts_first(self):
        self.outcomes(self.job("short", 1), self.job("long", 9), self.job("middle", 5), slots=1)
        self.assertEqual(list(self.spans), ["long", "middle", "short"])

    def test_no_more_run_at_a_time_than_there_are_slots(self):
        jobs = [self.job(str(number), code="import time; time.sleep(0.3)") for number in range(4)]
        outcomes = self.outcomes(*jobs, slots=2)
        ends = {name: self.spans[name] + 0.3 for name in outcomes}
        for name, start in self.spans.items():
            at_once = [one for one in self.spans if self.spans[one] <= start < ends[one]]
            self.assertLessEqual(len(at_once), 2, name)

    def test_job_waits_for_the_one_that_it_needs(self):
        first = self.job("first", 1, code="import time; time.sleep(0.3)")
        outcomes = self.outcomes(self.job("second", 9, needs="first"), first)
        self.assertEqual(list(outcomes), ["first", "second"])
        self.assertGreaterEqual(self.spans["second"], self.spans["first"] + 0.3)

    def test_what_needs_a_failed_job_is_not_run(self):
        outcomes = self.outcomes(
            self.job("first", code="raise SystemExit(1)"),
            self.job("second", needs="first"),
            self.job("third", needs="second"),
            self.job("other"),
        )
        self.assertEqual({name: outcome.status for name, outcome in outcomes.items()},
                         {"first": 1, "second": None, "third": None, "other": 0})
        self.assertEqual(set(self.spans), {"first", "other"})

    def test_time_of_the_processor_is_measured(self):
        busy = "import time\nwhile time.process_time() < 0.3: pass"
        outcomes = self.outcomes(self.job("busy", code=busy), self.job("idle", code="import time; time.sleep(0.3)"))
        self.assertGreaterEqual(outcomes["busy"].cpu, 0.3)
        self.assertLess(outcomes["idle"].cpu, 0.25)

    def test_job_that_cannot_start_stops_the_others(self):
        def refuse(output):
            raise OSError("no")

        started = []

        def start(output):
            started.append(processes.start(["sleep", "60"], stdout=output))
            return started[0]

        with self.assertRaises(OSError):
            schedule.run([Job("fine", 9, start), Job("refused", 1, refuse)], 2, lambda outcome: None)
        self.assertFalse(alive(started[0].pid))


class TestEnd(SandboxCase):
    SANDBOX = (
        "import sys\n"
        "from sandbox import processes, schedule, signals\n"
        "from sandbox.errors import Interrupted\n"
        "signals.install()\n"
        "def start(output):\n"
        "    child = processes.start(['sleep', '60'], stdout=output)\n"
        "    print(child.pid)\n"
        "    return child\n"
        "jobs = [schedule.Job(str(number), 1, start) for number in range(5)]\n"
        "try:\n"
        "    schedule.run(jobs, 3, lambda outcome: print('ended'))\n"
        "except Interrupted as interrupted:\n"
        "    sys.exit(128 + interrupted.signum)\n"
    )

    def check(self, signum, status):
        process = python(self.SANDBOX)
        children = [int(process.stdout.readline()) for _ in range(3)]
        process.send_signal(signum)
        said, _errors = process.communicate(timeout=30)
        self.assertEqual((process.returncode, said), (status, ""))
        self.assertTrue(await_that(lambda: not any(map(alive, children))), "a child is still there")

    def test_ctrl_c_stops_all(self):
        self.check(signal.SIGINT, 130)

    def test_sigterm_stops_all(self):
        self.check(signal.SIGTERM, 143)

    def test_even_sigkill_leaves_no_child(self):
        self.check(signal.SIGKILL, -9)
