"""Translations: database addresses, pip's indexes, pytest's paths, the pinned requirements."""

import re
import shlex
from pathlib import Path

from common import CHECKOUT, SandboxCase

from sandbox import database, demo_call, odoo_tests, pip_settings, venv
from sandbox.errors import SandboxError


class TestDatabaseUrl(SandboxCase):
    def test_all_parts_are_read(self):
        server, name = database.parse_url("postgresql://me:p%40ss@db.invalid:5433/mine?sslmode=require", None)
        self.assertEqual(
            (server.host, server.port, server.user, server.password, server.sslmode, name),
            ("db.invalid", 5433, "me", "p@ss", "require", "mine"),
        )
        self.assertEqual(server.odoo_options()["db_sslmode"], "require")

    def test_socket_folder_may_be_the_host(self):
        server, name = database.parse_url("postgresql://me@/mine?host=/run/postgresql", None)
        self.assertEqual((server.host, server.port, name), ("/run/postgresql", None, "mine"))

    def test_password_is_not_shown(self):
        server, _name = database.parse_url("postgresql://me:secret@localhost", None)
        self.assertNotIn("secret", repr(server) + server.identity)

    def test_nonsense_is_refused(self):
        for url in ("mysql://me@localhost", "localhost", "postgresql://localhost/x", "postgresql://me@h:x/d",
                    "postgresql://me@h/d?surplus=1", "postgresql://me@h/d?sslmode"):
            with self.subTest(url=url), self.assertRaisesRegex(SandboxError, "--database-url"):
                database.parse_url(url, None)

    def test_libpq_finds_it_by_the_environment(self):
        server, name = database.parse_url("postgresql://me:p%40ss@db.invalid:5433/mine?sslmode=require", None)
        self.assertEqual(
            server.libpq_environment(name),
            {
                "PGHOST": "db.invalid", "PGPORT": "5433", "PGUSER": "me", "PGPASSWORD": "p@ss",
                "PGSSLMODE": "require", "PGDATABASE": "mine",
            },
        )
        embedded = database.Server(None, "/run/postgresql", None, "odoo")
        self.assertEqual(set(embedded.libpq_environment("mine")), {"PGHOST", "PGUSER", "PGDATABASE"})


class TestPipSettings(SandboxCase):
    def test_indexes_are_translated(self):
        listing = "\n".join([
            ":env:.index-url='http://env.invalid/simple'",
            "global.index-url='http://global.invalid/simple'",
            "global.extra-index-url='http://a.invalid http://b.invalid'",
            "global.find-links='/wheels /more'",
            "global.timeout='60'",
        ])
        self.assertEqual(pip_settings.uv_environment(listing, {}), {
            "UV_DEFAULT_INDEX": "http://env.invalid/simple",
            "UV_INDEX": "http://a.invalid http://b.invalid",
            "UV_INDEX_STRATEGY": "unsafe-best-match",
            "UV_FIND_LINKS": "/wheels,/more",
        })

    def test_what_the_user_told_uv_stands(self):
        listing = "global.index-url='http://pip.invalid'"
        self.assertEqual(pip_settings.uv_environment(listing, {"UV_DEFAULT_INDEX": "http://uv.invalid"}), {})

    def test_no_configuration_is_fine(self):
        self.assertEqual(pip_settings.uv_environment("", {}), {})


class TestPytestPaths(SandboxCase):
    LINK = Path("/srv/addons/jsonrpc_gateway")

    def test_path_in_the_checkout_goes_through_the_link(self):
        for given in ("tests/sandbox/test_settings.py", str(CHECKOUT / "tests/sandbox/test_settings.py")):
            self.assertEqual(
                odoo_tests.translated(f"{given}::TestX::test_y", self.LINK),
                f"{self.LINK}/tests/sandbox/test_settings.py::TestX::test_y",
            )

    def test_everything_else_stays(self):
        for argument in ("-x", "key", "not tour", "--maxfail=1", "sandbox/cli.py", "../etc", "tests/nowhere.py", ""):
            self.assertEqual(odoo_tests.translated(argument, self.LINK), argument)


class TestRequirements(SandboxCase):
    def lines(self, path):
        return [line.split("#")[0].strip() for line in path.read_text().splitlines() if line.split("#")[0].strip()]

    def test_every_package_is_pinned_exactly(self):
        for line in self.lines(venv.LOCK):
            self.assertRegex(line, r"^[a-z0-9-]+==[\w.]+( ; .+)?$")

    def test_the_addons_requirements_are_among_them(self):
        pinned = {line.split("==")[0] for line in self.lines(venv.LOCK)}
        for line in self.lines(venv.OURS):
            self.assertIn(re.split(r"[<>=!~; ]", line)[0].lower().replace("_", "-"), pinned)


class TestDemoCall(SandboxCase):
    def test_curl_line_survives_the_shell(self):
        words = shlex.split(demo_call.curl_line("http://127.0.0.1:8069", "to'ken", 7))
        self.assertEqual(words[0], "curl")
        self.assertIn("Authorization: Bearer to'ken", words)
        self.assertIn('"params": {"partner_id": 7}', words[-1])

    def test_silence_is_reported(self):
        self.assertIn("refused", demo_call.trouble("http://127.0.0.1:9", "token", 1))
