"""The ground that tests in Odoo stand on: databases on the user's own server are gone afterwards, always."""

from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from common import SandboxCase

from sandbox import odoo_tests, paths
from sandbox.errors import SandboxError
from sandbox.files import write_json


class TestUsersServer(SandboxCase):
    """``--database-url``: notes tell which databases are whose."""

    def setUp(self):
        super().setUp()
        self.enter(mock.patch.object(paths, "CHECKOUT", self.folder))
        self.server = SimpleNamespace(identity="me@db.invalid:", drop_all=mock.Mock())
        self.home = self.folder / ".sandbox"
        self.workspace = paths.Workspace(self.home / "scratch-own")
        self.workspace.root.mkdir(parents=True)

    def note(self, name, server="me@db.invalid:"):
        """A note that another run has left, and its workspace's folder."""
        root = self.home / f"scratch-{name}"
        write_json(self.home / f"databases-{name}.json", {"server": server, "workspace": str(root), "prefix": name})
        return root

    def dropped(self):
        return [call.args[0] for call in self.server.drop_all.call_args_list]

    def notes(self):
        return sorted(path.name for path in self.home.glob("databases-*"))

    def test_own_databases_are_dropped_at_the_end(self):
        with odoo_tests._noted(self.server, self.workspace, "own"):
            self.assertEqual((self.dropped(), self.notes()), ([], ["databases-own.json"]))
        self.assertEqual((self.dropped(), self.notes()), (["own"], []))

    def test_own_databases_are_dropped_after_a_failure(self):
        with self.assertRaises(SandboxError), odoo_tests._noted(self.server, self.workspace, "own"):
            raise SandboxError("no")
        self.assertEqual((self.dropped(), self.notes()), (["own"], []))

    def test_databases_of_a_killed_run_are_dropped_by_the_next(self):
        self.note("killed")
        with odoo_tests._noted(self.server, self.workspace, "own"):
            self.assertEqual((self.dropped(), self.notes()), (["killed"], ["databases-own.json"]))

    def test_databases_of_a_running_one_stay(self):
        self.note("running").mkdir()
        with odoo_tests._noted(self.server, self.workspace, "own"):
            self.assertEqual(self.dropped(), [])
        self.assertEqual(self.notes(), ["databases-running.json"])

    def test_databases_of_another_server_stay(self):
        self.note("elsewhere", server="me@other.invalid:")
        with odoo_tests._noted(self.server, self.workspace, "own"):
            self.assertEqual(self.dropped(), [])
        self.assertEqual(self.notes(), ["databases-elsewhere.json"])


class TestPytestCommand(SandboxCase):
    def command(self, *arguments):
        venv = SimpleNamespace(python=Path("/venv/python"))
        workspace = paths.Workspace(self.folder)
        odoo = SimpleNamespace(venv=venv, workspace=workspace, database="db")
        return [str(part) for part in odoo_tests.pytest_command(odoo, arguments)]

    def test_without_a_path_everything_runs(self):
        tests = str(self.folder / "addons/jsonrpc_gateway/tests")
        self.assertEqual(self.command("-k", "key")[-3:], ["-k", "key", tests])

    def test_named_file_runs_alone(self):
        command = self.command("-v", "tests/sandbox/test_cli.py")
        self.assertEqual(command[-2:], ["-v", str(self.folder / "addons/jsonrpc_gateway/tests/sandbox/test_cli.py")])
