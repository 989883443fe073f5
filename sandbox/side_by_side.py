"""``test`` in several processes: a job for each stage, and for each group of test files with a database of its own."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from . import addon, grouping, odoo_tests, processes, reports, schedule, stages
from .console import say
from .grouping import Group
from .installation import Installation
from .odoo_server import Odoo
from .odoo_tests import NO_TESTS, Ground
from .paths import ADDON, CHECKOUT
from .reports import Report
from .schedule import Job, Outcome

#: Seconds that no group of test files should take longer than.
_LONGEST = 60.0
#: What all groups wait for, so it comes first.
_INSTALL = "install"
_FIRST = 1e6
#: Seconds that the other stages take, roughly.
_STAGES = {"lint": 20.0, "protocol": 10.0, "sandbox": 20.0}


def test(installed: Installation, options: argparse.Namespace, slots: int) -> int:
    """Run the stages.

    :param slots: how many processes at a time
    :returns: the exit status
    """
    started = time.monotonic()
    told = _Telling()
    jobs = [_stage(name, options) for name in stages.BEFORE_ODOO if name in options.only]
    if "odoo" in options.only:
        with odoo_tests.ground(installed, options) as ground:
            schedule.run([*_odoo(ground, options, told), *jobs], slots, told)
    else:
        schedule.run(jobs, slots, told)
    return told.end(time.monotonic() - started, options)


def _stage(name: str, options: argparse.Namespace) -> Job:
    """A stage that needs no Odoo, by a sandbox of its own that cleans up after itself."""
    command = [sys.executable, "-m", "sandbox", "test", "--only", name]
    if options.odoo:
        command += ["--odoo", options.odoo]

    def start(output: IO[bytes]) -> subprocess.Popen:
        return processes.start(command, cwd=CHECKOUT, stdout=output, stderr=output)

    return Job(name, _STAGES[name], start)


def _odoo(ground: Ground, options: argparse.Namespace, told: _Telling) -> list[Job]:
    """One job that installs the addon, and one for each group, on a copy of what it has made."""
    source = ground.odoo("source")

    def install(output: IO[bytes]) -> subprocess.Popen:
        ground.fill(source)
        return source.start_preparing(output, install=[ADDON, *addon.test_addons()])

    jobs = [Job(_INSTALL, _FIRST, install)]
    files = grouping.test_files(CHECKOUT / "tests")
    if options.no_browser:
        say(f"- --no-browser leaves out {len(files.pop(grouping.BROWSER, []))} files of tests/{grouping.BROWSER}")
    for group in grouping.divide(files, grouping.durations(), _LONGEST):
        odoo = ground.odoo(group.name)
        report = odoo.workspace.root / "report.json"
        told.reports[group.name] = report
        start = _group(ground, source, odoo, group, options, report)
        jobs.append(Job(group.name, group.seconds, start, needs=_INSTALL))
    return jobs


def _group(
    ground: Ground, source: Odoo, odoo: Odoo, group: Group, options: argparse.Namespace, report: Path
) -> Callable[[IO[bytes]], subprocess.Popen]:
    def start(output: IO[bytes]) -> subprocess.Popen:
        ground.copy(source, odoo)
        return processes.start(
            odoo_tests.pytest_command(odoo, [*options.rest, *(f"tests/{path}" for path in group.files)]),
            cwd=odoo.workspace.addons, stdout=output, stderr=output,
            env=odoo_tests.pytest_environment(odoo, options, SANDBOX_REPORT=report),
        )

    return start


class _Telling:
    """Prints each job's output whole as soon as it ends, and in the end what all of them say together.

    :ivar reports: file that a job's pytest writes its report to, by the job's name
    """

    def __init__(self) -> None:
        self.reports: dict[str, Path] = {}
        self._outcomes: list[tuple[Outcome, Report]] = []

    def __call__(self, outcome: Outcome) -> None:
        """Take note of a job that has ended."""
        name, output = outcome.job.name, outcome.output
        report = self._report(outcome)
        self._outcomes.append((outcome, report))
        print(f"\n----- {name} -----", flush=True)
        if name in self.reports:
            output = reports.without_closing_line(output)
        if output.strip():
            print(output.strip("\n"), flush=True)

    def _report(self, outcome: Outcome) -> Report:
        report = Report()
        name, status = outcome.job.name, outcome.status
        if status is None:
            report.add_error(f"{name} - was not run, for {outcome.job.needs} failed")
            return report
        found = reports.read(self.reports[name]) if name in self.reports else None
        if found:
            report.add(found)
        fine = (0, NO_TESTS) if found else (0,)
        if status not in fine and not report.failures:
            report.add_error(f"{name} - ended with exit status {status}")
        return report

    def end(self, seconds: float, options: argparse.Namespace) -> int:
        """Print the times, the failures and the closing line.

        :param seconds: that all took
        :returns: the exit status of the command
        """
        total = Report()
        rows: list[Sequence[str]] = [("", "seconds", "CPU", "")]
        for outcome, report in self._outcomes:
            total.add(report)
            summary = reports.summary(report.counts) if report.counts else ""
            rows.append((outcome.job.name, f"{outcome.seconds:.1f}", f"{outcome.cpu:.1f}", summary))
        print("\n" + reports.table(rows))
        for line in total.failures:
            print(line)
        print(reports.closing_line(total.counts, seconds), flush=True)
        if total.failures or total.counts["failed"] or total.counts["error"]:
            return 1
        ran = any(outcome.status == 0 for outcome, _report in self._outcomes if outcome.job.name in self.reports)
        return 0 if ran or "odoo" not in options.only else NO_TESTS
