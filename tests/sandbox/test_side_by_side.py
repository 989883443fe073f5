"""``test`` in several processes: which groups there are, and what all of them say together."""

import contextlib
import io
import json
import os
import sys
from collections import Counter
from unittest import mock

from common import CHECKOUT, SandboxCase

from sandbox import cli, grouping, processes, reports, schedule, side_by_side, tests_run
from sandbox.odoo_tests import NO_TESTS
from sandbox.schedule import Job, Outcome


class TestGroups(SandboxCase):
    def groups(self, longest, **seconds):
        files = {"server": [f"server/test_{name}.py" for name in seconds]}
        known = {f"server/test_{name}.py": value for name, value in seconds.items()}
        return grouping.divide(files, known, longest)

    def test_every_file_is_in_one_group(self):
        files = grouping.test_files(CHECKOUT / "tests")
        groups = grouping.divide(files, grouping.durations(), 20)
        grouped = Counter(path for group in groups for path in group.files)
        there = {
            path.relative_to(CHECKOUT / "tests").as_posix()
            for path in (CHECKOUT / "tests").rglob("test_*.py")
            if not path.is_relative_to(CHECKOUT / "tests" / "sandbox")
            and not path.is_relative_to(CHECKOUT / "tests" / "addons")
        }
        self.assertEqual(set(grouped), there)
        self.assertEqual(set(grouped.values()), {1})
        self.assertEqual(len({group.name for group in groups}), len(groups))

    def test_groups_take_about_the_same_time(self):
        groups = self.groups(60, a=50, b=40, c=30, d=20, e=10)
        self.assertEqual([group.seconds - grouping.START for group in groups], [50, 50, 50])

    def test_short_files_share_a_group(self):
        self.assertEqual(len(self.groups(60, a=5, b=5, c=5)), 1)

    def test_long_file_is_alone(self):
        groups = self.groups(60, a=100, b=5, c=5)
        self.assertIn(("server/test_a.py",), [group.files for group in groups])

    def test_browsers_follow_one_another(self):
        files = {"browser": ["browser/test_a.py", "browser/test_b.py"]}
        groups = grouping.divide(files, dict.fromkeys(files["browser"], 100), 60)
        self.assertEqual([group.files for group in groups], [("browser/test_a.py", "browser/test_b.py")])

    def test_files_of_two_folders_are_never_together(self):
        files = {"orm": ["orm/test_a.py"], "http": ["http/test_b.py"]}
        groups = grouping.divide(files, {}, 60)
        self.assertEqual([(group.name, group.files) for group in groups],
                         [("orm", ("orm/test_a.py",)), ("http", ("http/test_b.py",))])

    def test_listed_durations_are_of_files_that_are_there(self):
        for path in grouping.durations():
            self.assertTrue((CHECKOUT / "tests" / path).is_file(), path)


class TestReports(SandboxCase):
    def test_closing_line_of_pytest_is_removed(self):
        for line in (
            "===== 2 failed, 1 passed, 3 subtests passed, 1 warning, 1 error in 12.30s =====",
            "============ 934 passed, 2115 subtests passed in 408.43s (0:06:48) =============",
            "1 passed in 0.01s",
            "====== no tests ran in 0.00s ======",
            "======= 12 deselected in 1.00s ======",
            "== 1 passed in 90061.00s (1 day, 1:01:01) ==",
        ):
            with self.subTest(line=line):
                self.assertEqual(reports.without_closing_line(f"..\n{line}\n"), "..")

    def test_other_last_line_stays(self):
        for line in ("Killed", "1 passed", "He passed in 3 s", "E   assert 1 == 2"):
            self.assertEqual(reports.without_closing_line(f"..\n{line}\n"), f"..\n{line}")

    def test_sums_are_in_pytests_words(self):
        total = reports.Report(Counter(passed=3, failed=1), ["FAILED a"])
        total.add(reports.Report(Counter({"passed": 2, "error": 1, "warnings": 1, "subtests passed": 4}), ["ERROR b"]))
        self.assertEqual(total.failures, ["FAILED a", "ERROR b"])
        line = reports.closing_line(total.counts, 3723.5)
        self.assertIn(" 1 failed, 5 passed, 1 warning, 1 error, 4 subtests passed in 3723.50s (1:02:03) ", line)
        self.assertEqual(reports.without_closing_line(line), "")

    def test_no_tests_have_a_line_too(self):
        self.assertIn(" no tests ran in 1.00s ", reports.closing_line({}, 1))

    def test_what_the_plugin_writes_is_read(self):
        path = self.folder / "report.json"
        self.assertIsNone(reports.read(path))
        path.write_text(json.dumps({"counts": {"passed": 1}, "failures": ["FAILED a"]}))
        self.assertEqual(reports.read(path), reports.Report(Counter(passed=1), ["FAILED a"]))

    def test_columns_stand_below_each_other(self):
        self.assertEqual(reports.table([("", "s"), ("name", "1.0")]), "        s\nname  1.0")


class TestWhichWay(SandboxCase):
    def test_the_whole_runs_side_by_side_and_what_is_named_in_one_process(self):
        for arguments, expected in (
            ([], True), (["-k", "key"], True), (["--no-browser"], True), (["--durations=9"], True),
            (["--jobs", "4"], True), (["--only", "odoo"], True),
            (["tests/sandbox/test_cli.py"], False), (["tests/http"], False), (["--jobs", "1"], False),
            (["--jobs", "4", "tests/http"], False), (["-x"], False), (["--pdb"], False), (["--maxfail=2"], False),
            (["--only", "lint"], False),
        ):
            with self.subTest(arguments=arguments):
                self.assertEqual(tests_run.is_side_by_side(cli.parse(["test", *arguments])), expected)

    def test_wrong_number_of_jobs_is_refused(self):
        for number in ("0", "-1", "x", "65"):
            with self.subTest(number=number), self.assertRaises(SystemExit):
                cli.parse(["test", "--jobs", number])


class TestTelling(SandboxCase):
    """From the jobs' outcomes to what is printed, and the exit status."""

    def setUp(self):
        super().setUp()
        self.told = side_by_side._Telling()
        self.enter(mock.patch.dict(os.environ, {"COLUMNS": "80"}))

    def group(self, name, status, report=None, output="", **counts):
        """The outcome of a pytest that ended so."""
        self.told.reports[name] = self.folder / f"{name}.json"
        if report is not None or counts:
            self.told.reports[name].write_text(json.dumps({"counts": counts, "failures": report or []}))
        return self.job(name, status, output)

    def job(self, name, status, output="", needs=""):
        return Outcome(Job(name, 1, None, needs=needs), status, output)

    def end(self, *outcomes, only=tests_run.STAGES):
        """Tell of the outcomes.

        :returns: exit status, and the lines that were printed
        """
        options = cli.parse(["test", "--only", ",".join(only)])
        with contextlib.redirect_stdout(io.StringIO()) as said:
            for outcome in outcomes:
                self.told(outcome)
            status = self.told.end(61.5, options)
        return status, said.getvalue().splitlines()

    def test_all_good(self):
        status, lines = self.end(
            self.job("lint", 0), self.group("orm", 0, passed=3), self.group("http", 0, passed=4, deselected=1)
        )
        self.assertEqual(status, 0)
        self.assertEqual(lines[-1].strip("= "), "7 passed, 1 deselected in 61.50s (0:01:01)")

    def test_failures_are_repeated_at_the_end(self):
        line = "FAILED tests/orm/test_x.py::TestX::test_y - AssertionError: 1 != 2"
        output = f"F\nE   1 != 2\n{line}\n=== 1 failed, 2 passed in 3.00s ===\n"
        status, lines = self.end(
            self.group("orm", 1, [line], output, failed=1, passed=2), self.group("http", 0, passed=4)
        )
        self.assertEqual(status, 1)
        self.assertEqual(lines[-2], line)
        self.assertEqual(lines[-1].strip("= "), "1 failed, 6 passed in 61.50s (0:01:01)")
        # The group's output is there whole, but for pytest's closing line: there is one.
        self.assertIn("E   1 != 2", lines)
        self.assertEqual(sum(" passed in " in text for text in lines), 1)

    def test_failed_stage_is_an_error(self):
        status, lines = self.end(self.job("lint", 1, "x.py:1:1: E501\n"), self.group("orm", 0, passed=3))
        self.assertEqual(status, 1)
        self.assertIn("x.py:1:1: E501", lines)
        self.assertEqual(lines[-2], "ERROR lint - ended with exit status 1")
        self.assertIn("3 passed, 1 error in", lines[-1])

    def test_group_that_dies_is_an_error(self):
        status, lines = self.end(self.group("orm", -9, None, "Killed\n"), self.group("http", 0, passed=4))
        self.assertEqual(status, 1)
        self.assertEqual(lines[-2], "ERROR orm - ended with exit status -9")
        self.assertIn("4 passed, 1 error in", lines[-1])

    def test_group_that_fails_after_its_report_is_an_error(self):
        status, lines = self.end(self.group("orm", 3, passed=2))
        self.assertEqual(status, 1)
        self.assertEqual(lines[-2], "ERROR orm - ended with exit status 3")

    def test_groups_without_a_database_are_errors(self):
        status, lines = self.end(self.job("install", 1, "no\n"), self.job("orm", None, needs="install"))
        self.assertEqual(status, 1)
        self.assertEqual(lines[-2], "ERROR orm - was not run, for install failed")

    def test_group_of_which_nothing_was_selected_is_fine(self):
        status, lines = self.end(self.group("orm", NO_TESTS, deselected=5), self.group("http", 0, passed=1))
        self.assertEqual(status, 0)
        self.assertIn("1 passed, 5 deselected in", lines[-1])

    def test_nothing_selected_at_all_is_told(self):
        status, lines = self.end(self.group("orm", NO_TESTS, deselected=5), self.group("http", NO_TESTS, deselected=2))
        self.assertEqual(status, NO_TESTS)
        self.assertIn("7 deselected in", lines[-1])

    def test_real_job_is_told_of(self):
        def start(output):
            return processes.start([sys.executable, "-c", "print('hello')"], stdout=output)

        with contextlib.redirect_stdout(io.StringIO()) as said:
            schedule.run([Job("lint", 1, start)], 1, self.told)
        self.assertEqual(said.getvalue(), "\n----- lint -----\nhello\n")
