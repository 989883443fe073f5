"""Children, signals and locks: nothing outlives the sandbox."""

import os
import signal
import subprocess
import sys

from common import SandboxCase, alive, await_that, python

from sandbox import locks, processes
from sandbox.errors import SandboxError


class TestRun(SandboxCase):
    def test_output_errors_and_status_are_returned(self):
        code = "import sys; print(sys.stdin.read()); print('no', file=sys.stderr); sys.exit(3)"
        finished = processes.run([sys.executable, "-c", code], text="yes")
        self.assertEqual((finished.status, finished.output, finished.errors), (3, "yes\n", "no\n"))
        self.assertEqual(finished.last_words(), "no")

    def test_child_has_a_session_of_its_own(self):
        finished = processes.run([sys.executable, "-c", "import os; print(os.getsid(0) == os.getpid())"])
        self.assertEqual(finished.output, "True\n")

    def test_leftovers_of_the_session_are_swept(self):
        code = (
            "import subprocess, sys; child = subprocess.Popen(['sleep', '60'], start_new_session=False);"
            " print(child.pid)"
        )
        finished = processes.run([sys.executable, "-c", code])
        self.assertTrue(await_that(lambda: not alive(int(finished.output))))

    def test_child_that_ignores_sigterm_is_killed(self):
        code = (
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            " print('up', flush=True); time.sleep(60)"
        )
        with processes.running(
            [sys.executable, "-c", code], stdout=subprocess.PIPE,
            ending=((signal.SIGTERM, 0.3), (signal.SIGKILL, 5.0)),
        ) as process:
            process.stdout.readline()
            process.stdout.close()
        self.assertEqual(process.returncode, -signal.SIGKILL)


class TestSignals(SandboxCase):
    SANDBOX = (
        "import sys\n"
        "from sandbox import processes, signals\n"
        "from sandbox.errors import Interrupted\n"
        "signals.install()\n"
        "try:\n"
        "    with processes.running(['sleep', '60']) as child:\n"
        "        print(child.pid)\n"
        "        child.wait()\n"
        "except Interrupted as interrupted:\n"
        "    sys.exit(128 + interrupted.signum)\n"
    )

    def interrupted(self, signum, code=SANDBOX):
        process = python(code)
        child = int(process.stdout.readline())
        process.send_signal(signum)
        process.communicate(timeout=20)
        self.assertTrue(await_that(lambda: not alive(child)), "the child is still there")
        return process.returncode

    def test_ctrl_c_stops_the_child(self):
        self.assertEqual(self.interrupted(signal.SIGINT), 130)

    def test_sigterm_stops_the_child(self):
        self.assertEqual(self.interrupted(signal.SIGTERM), 143)

    def test_hangup_stops_the_child(self):
        self.assertEqual(self.interrupted(signal.SIGHUP), 129)

    def test_even_sigkill_leaves_no_child(self):
        self.assertEqual(self.interrupted(signal.SIGKILL), -9)

    def test_signal_is_held_back_and_then_delivered(self):
        code = (
            "import os, signal, sys\n"
            "from sandbox import signals\n"
            "from sandbox.errors import Interrupted\n"
            "signals.install()\n"
            "try:\n"
            "    with signals.deferred():\n"
            "        os.kill(os.getpid(), signal.SIGTERM)\n"
            "        print('whole')\n"
            "    print('never')\n"
            "except Interrupted:\n"
            "    os.kill(os.getpid(), signal.SIGTERM)\n"  # a second one does not disturb the clean-up
            "    print('cleaned')\n"
        )
        process = python(code)
        self.assertEqual(process.communicate(timeout=20)[0], "whole\ncleaned\n")
        self.assertEqual(process.returncode, 0)


class TestLocks(SandboxCase):
    HOLDER = (
        "import pathlib, sys, time\n"
        "from sandbox import locks\n"
        "with locks.exclusive(pathlib.Path(sys.stdin.readline().strip()), 'busy'):\n"
        "    print('held')\n"
        "    time.sleep(60)\n"
    )

    def test_second_holder_is_refused_and_a_killed_one_forgotten(self):
        path = self.folder / "lock"
        holder = python(self.HOLDER, stdin=subprocess.PIPE)
        holder.stdin.write(f"{path}\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), "held\n")
        with self.assertRaisesRegex(SandboxError, "busy"), locks.exclusive(path, "busy"):
            self.fail("the lock was given twice")
        holder.kill()
        holder.communicate()
        with locks.exclusive(path, "busy"), locks.attempt(path) as again:
            self.assertFalse(again)

    def test_no_child_keeps_the_lock(self):
        path = self.folder / "lock"
        with locks.exclusive(path, "busy"):
            child = processes.start(["sleep", "60"])
        self.addCleanup(processes.stop, child)
        with locks.attempt(path) as free:
            self.assertTrue(free)

    def test_waiting_says_why(self):
        path = self.folder / "lock"
        handle = os.open(path, os.O_CREAT | os.O_RDWR)
        locks.fcntl.flock(handle, locks.fcntl.LOCK_EX)
        holder = python("import time; time.sleep(0.5)")  # the lock goes with this process's end
        self.addCleanup(holder.communicate)
        os.close(handle)
        with locks.waiting(path, "Waiting for the other"), locks.attempt(path) as free:
            self.assertFalse(free)
