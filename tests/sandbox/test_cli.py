"""The command line: what goes to us, what goes on to pytest, what is refused."""

import contextlib
import io
import os
import subprocess
import sys
from unittest import mock

from common import CHECKOUT, SandboxCase

from sandbox import cli, commands
from sandbox.errors import Interrupted, SandboxError


class TestParse(SandboxCase):
    def test_run_defaults(self):
        options = cli.parse(["run"])
        self.assertEqual((options.port, options.workers, options.fresh), (8069, 0, False))

    def test_pytest_arguments_pass_in_order(self):
        options = cli.parse(["test", "-k", "key or token", "--no-browser", "-x", "tests/test_key.py"])
        self.assertEqual(options.rest, ["-k", "key or token", "-x", "tests/test_key.py"])
        self.assertTrue(options.no_browser)

    def test_arguments_after_two_dashes_pass_verbatim(self):
        options = cli.parse(["test", "-x", "--", "--no-browser"])
        self.assertEqual(options.rest, ["-x", "--no-browser"])
        self.assertFalse(options.no_browser)

    def test_no_abbreviation_swallows_a_pytest_option(self):
        self.assertEqual(cli.parse(["test", "--no-header"]).rest, ["--no-header"])

    def test_stages_are_split(self):
        self.assertEqual(cli.parse(["test", "--only", "lint,odoo"]).only, ("lint", "odoo"))

    def test_odoo_path_from_the_environment(self):
        with mock.patch.dict(os.environ, {"ODOO_PATH": "/opt/odoo"}):
            self.assertEqual(cli.parse(["run"]).odoo, "/opt/odoo")

    def test_faults_need_workers_that_can_be_killed(self):
        for arguments, workers in (
            ([], 0), (["--workers", "3"], 3), (["--faults"], 2), (["--faults", "--workers", "3"], 3),
        ):
            with self.subTest(arguments=arguments):
                options = cli.parse(["bench", "--seconds", "5", *arguments])
                self.assertEqual(commands.bench_workers(options), workers)
                self.assertEqual(options.rest[:2], ["--seconds", "5"])

    def test_wrong_values_are_refused(self):
        for arguments in (
            ["run", "--port", "70000"], ["run", "--port", "x"], ["run", "--workers", "-1"],
            ["run", "--surplus"], ["test", "--only", "nothing"], ["dance"], [],
        ):
            with self.subTest(arguments=arguments), self.assertRaises(SystemExit) as caught:
                cli.parse(arguments)
            self.assertEqual(caught.exception.code, 2)


class TestMain(SandboxCase):
    def status(self, outcome):
        self.enter(mock.patch.object(cli.signals, "install"))
        with mock.patch.object(commands, "run", side_effect=outcome):
            return cli.main(["run"])

    def test_error_is_one_sentence_and_a_status(self):
        self.assertEqual(self.status(SandboxError("Port 1 is taken.")), 1)
        self.assertEqual(self.errors.getvalue(), "sandbox: Port 1 is taken.\n")

    def test_interruption_has_the_signal_in_its_status(self):
        self.assertEqual(self.status(Interrupted(15)), 143)

    def test_full_disk_is_named(self):
        self.assertEqual(self.status(OSError(28, "No space left on device", "/cache/x")), 1)
        self.assertIn("The disk is full: /cache/x", self.errors.getvalue())

    def test_refused_file_is_named(self):
        self.assertEqual(self.status(PermissionError(13, "Permission denied", "/cache")), 1)
        self.assertEqual(
            self.errors.getvalue(), "sandbox: The operating system refuses: Permission denied: /cache.\n"
        )


class TestInterpreter(SandboxCase):
    def main(self, version):
        with mock.patch.object(sys, "version_info", version), contextlib.redirect_stderr(io.StringIO()) as said:
            from sandbox import __main__
            return __main__.main(), said.getvalue()

    def test_unsupported_python_is_refused(self):
        for version in ((3, 9, 18), (3, 14, 0), (2, 7, 18)):
            status, said = self.main(version)
            self.assertEqual(status, 2)
            self.assertIn("Odoo 19 needs Python 3.10 to 3.13", said)
            self.assertEqual(said.count("\n"), 1)

    def test_help_names_every_command(self):
        finished = subprocess.run(
            [sys.executable, "-m", "sandbox", "--help"], cwd=CHECKOUT, capture_output=True, text=True, check=True
        )
        for command in ("run", "test", "bench", "shell"):
            self.assertIn(command, finished.stdout)
