"""What the sandbox's own tests share: the standard library, no network, no Odoo."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


class SandboxCase(unittest.TestCase):
    """A test with a folder of its own that is gone afterwards."""

    def setUp(self):
        super().setUp()
        self.folder = Path(self.enter(tempfile.TemporaryDirectory()))
        self.errors = self.enter(contextlib.redirect_stderr(io.StringIO()))

    def enter(self, context):
        """``enterContext`` of Python 3.11, for 3.10."""
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value


def python(code, **options):
    """Start a Python that can import the sandbox.

    :param code: what it runs
    """
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def alive(pid):
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def await_that(condition, seconds=10.0):
    """Poll until something holds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()
