"""Bad surroundings: each is one clear sentence."""

import shutil
import socket
from pathlib import Path
from unittest import mock

from common import SandboxCase

from sandbox import addon, apt, chromium, files, network, odoo_server, odoo_tree, paths
from sandbox.errors import NetworkError, SandboxError
from sandbox.processes import Finished


class TestPort(SandboxCase):
    def test_taken_port_is_refused(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with self.assertRaisesRegex(SandboxError, f"Port {port} is taken .* --port"):
                odoo_server.check_port(port)

    def test_taken_websocket_port_matters_with_workers_only(self):
        # Not with real ports: the one three below a free one may be somebody's.
        made = self.enter(mock.patch.object(odoo_server.socket, "socket"))
        bind = made.return_value.__enter__.return_value.bind
        bind.side_effect = lambda address: self.refuse(address, 8072)
        odoo_server.check_port(8069)
        with self.assertRaisesRegex(SandboxError, "Port 8072 is taken"):
            odoo_server.check_port(8069, workers=2)

    @staticmethod
    def refuse(address, port):
        if address[1] == port:
            raise OSError(98, "Address already in use")

    def test_free_port_is_accepted(self):
        odoo_server.check_port(odoo_server.free_port())


class TestDownload(SandboxCase):
    def setUp(self):
        super().setUp()
        self.sleep = self.enter(mock.patch.object(network.time, "sleep"))

    def test_network_is_tried_again_then_named(self):
        attempt = mock.Mock(return_value=Finished(100, "", "E: Temporary failure resolving 'archive'"))
        with self.assertRaisesRegex(NetworkError, "No network: Odoo 19 .* after 3 attempts .*Temporary failure"):
            network.download("Odoo 19", attempt)
        self.assertEqual(attempt.call_count, 3)

    def test_second_attempt_may_succeed(self):
        outcomes = [Finished(1, "", "Connection reset by peer"), Finished(0, "fine", "")]
        self.assertEqual(network.download("x", mock.Mock(side_effect=outcomes)).output, "fine")

    def test_full_disk_is_not_tried_again(self):
        attempt = mock.Mock(return_value=Finished(1, "", "write failed: No space left on device"))
        with self.assertRaisesRegex(SandboxError, "The disk is full"):
            network.download("x", attempt)
        self.assertEqual(attempt.call_count, 1)

    def test_other_failures_are_not_blamed_on_the_network(self):
        said = "Resolved 103 packages in 7s\nDownloaded pygments\nerror: Failed to build `x`\n  a traceback"
        attempt = mock.Mock(return_value=Finished(1, "", said))
        with self.assertRaisesRegex(SandboxError, "error: Failed to build `x`$") as caught:
            network.download("x", attempt)
        self.assertNotIsInstance(caught.exception, NetworkError)

    def test_the_systems_words_are_picked_from_a_long_line(self):
        said = "WARNING: broken by 'X(<object at 0x7f>: [Errno -3] Temporary failure in name resolution')"
        with self.assertRaisesRegex(NetworkError, r"3 attempts \(Temporary failure in name resolution\);"):
            network.download("x", mock.Mock(return_value=Finished(1, "", said)))


class TestApt(SandboxCase):
    ROW = "Debian|Debian|bookworm|main|Packages|http://mirror.invalid/debian/"

    def test_the_release_is_picked_not_its_updates(self):
        listing = "\n".join([
            "Debian|Debian-Security|bookworm-security|main|Packages|http://mirror.invalid/security/",
            "Debian|Debian|bookworm-updates|main|Packages|http://mirror.invalid/debian/",
            "Other|Other|stable|main|Packages|http://other.invalid/",
            "Debian|Debian|bookworm|contrib|Packages|http://mirror.invalid/debian/",
            "Debian|Debian|bookworm|main|Translations|http://mirror.invalid/debian/",
            self.ROW,
        ])
        self.assertEqual(apt.parse_targets(listing), apt.Archive("http://mirror.invalid/debian/", "bookworm"))

    def test_a_machine_without_debian_sources_has_none(self):
        self.assertIsNone(apt.parse_targets("Ubuntu|Ubuntu|noble|main|Packages|http://mirror.invalid/\n\n|\n"))

    def test_without_apt_a_checkout_is_asked_for(self):
        with mock.patch.object(shutil, "which", return_value=None), self.assertRaisesRegex(SandboxError, "--odoo PATH"):
            apt.Apt(self.folder)

    def test_unsigned_archives_are_refused_whatever_the_machine_allows(self):
        client = apt.Apt.__new__(apt.Apt)
        client.folder = self.folder
        config = client._configuration("x").read_text()
        self.assertIn('Acquire::AllowInsecureRepositories "false";', config)
        self.assertIn('APT::Get::AllowUnauthenticated "false";', config)


class TestOdooTree(SandboxCase):
    def odoo(self, release):
        (self.folder / "odoo").mkdir()
        (self.folder / "odoo" / "release.py").write_text(release)
        return odoo_tree.provide(str(self.folder), self.folder)

    def test_folder_without_odoo_is_refused(self):
        with self.assertRaisesRegex(SandboxError, "There is no Odoo in"):
            odoo_tree.provide(str(self.folder), self.folder)

    def test_another_series_is_refused(self):
        with self.assertRaisesRegex(SandboxError, "needs Odoo 19.0, and .* holds Odoo 18.0"):
            self.odoo("version_info = (18, 0, 0, FINAL, 0, '')\n")

    def test_checkout_has_both_addons_folders(self):
        for folder in ("odoo/addons/base", "addons/web"):
            (self.folder / folder).mkdir(parents=True)
            (self.folder / folder / "__manifest__.py").write_text("{}")
        (self.folder / "odoo" / "release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
        tree = odoo_tree.provide(str(self.folder), self.folder)
        self.assertEqual(tree.addons, (self.folder.resolve() / "odoo/addons", self.folder.resolve() / "addons"))


class TestFiles(SandboxCase):
    def test_connection_is_private_and_whole(self):
        path = self.folder / "connection.json"
        files.write_json(path, {"url": "http://127.0.0.1"})
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(files.read_json(path), {"url": "http://127.0.0.1"})
        self.assertEqual([entry.name for entry in self.folder.iterdir()], ["connection.json"])

    def test_half_written_json_counts_as_empty(self):
        path = self.folder / "state.json"
        path.write_text('{"api_key": ')
        self.assertEqual(files.read_json(path), {})

    def test_too_little_space_is_told_early(self):
        usage = mock.Mock(free=100 * 2**20)
        with (
            mock.patch.object(shutil, "disk_usage", return_value=usage),
            self.assertRaisesRegex(SandboxError, "The disk is too full: Odoo 19 needs 2500 MB .* 100 MB are free"),
        ):
            files.require_space(self.folder / "not" / "there", 2500, "Odoo 19")

    def test_socket_path_is_short_enough(self):
        workspace = paths.Workspace(Path("/") / ("x" * 300))
        with mock.patch.object(paths.tempfile, "gettempdir", return_value="/" + "t" * 200):
            self.assertLess(len(str(workspace.socket / ".s.PGSQL.5432.lock")), 108)

    def test_relative_cache_home_is_ignored(self):
        with mock.patch.dict(paths.os.environ, {"XDG_CACHE_HOME": "cache", "HOME": "/home/somebody"}):
            self.assertEqual(paths.cache_root(), Path("/home/somebody/.cache/jsonrpc-gateway-sandbox"))


class TestChromium(SandboxCase):
    def test_missing_browser_names_the_package(self):
        with (
            mock.patch.object(shutil, "which", return_value=None),
            self.assertRaisesRegex(SandboxError, "apt-get install chromium.*--no-browser"),
        ):
            chromium.require()


class TestAddon(SandboxCase):
    def setUp(self):
        super().setUp()
        self.enter(mock.patch.object(addon, "CHECKOUT", self.folder))
        (self.folder / "models").mkdir()
        (self.folder / "models" / "key.py").write_text("a = 1\n")

    def test_fingerprint_changes_with_the_source_only(self):
        before = addon.fingerprint()
        (self.folder / "tests").mkdir()
        (self.folder / "tests" / "test_key.py").write_text("")
        (self.folder / "models" / "key.pyc").write_text("")
        (self.folder / ".sandbox").mkdir()
        (self.folder / ".sandbox" / "state.json").write_text("")
        self.assertEqual(addon.fingerprint(), before)
        (self.folder / "models" / "key.py").write_text("a = 2\n")
        self.assertNotEqual(addon.fingerprint(), before)

    def test_link_has_the_technical_name_and_is_mended(self):
        workspace = paths.Workspace(self.folder / "work")
        workspace.addons.mkdir(parents=True)
        (workspace.addons / "jsonrpc_gateway").symlink_to("/nowhere")
        addon.link(workspace)
        self.assertEqual((workspace.addons / "jsonrpc_gateway").resolve(), self.folder.resolve())
