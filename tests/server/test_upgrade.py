"""A database made by the version before is upgraded: keys, grants, resources, limits, logs and retries go on.

``tests/data/upgrade/`` holds that version as it was released, without its tests and documentation. It is
installed for real, called over HTTP, and then upgraded to the code of this checkout by Odoo's ``-u``.
"""

import subprocess
import tarfile
import tempfile
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools import config

from ..server_common import Database, Server, _command, _environment

ADDON = "jsonrpc_gateway"
DATA = Path(__file__).resolve().parents[1] / "data" / "upgrade"
OLD = "19.0.1.0.0"
ONCE = {"Idempotency-Key": "made-before-the-upgrade"}

_FILL = """
admin = env.ref("base.user_admin")
model = env["ir.model"]._get("res.partner")
field = lambda name: env["ir.model.fields"]._get("res.partner", name)
resource = env["jsonrpc.resource"].create({
    "name": "upgraded", "model_id": model.id, "can_create": True, "can_update": True,
    "field_ids": [
        (0, 0, {"field_id": field("name").id, "name": "title", "writable": True, "filterable": True, "key": False}),
        (0, 0, {"field_id": field("comment").id, "name": "note", "writable": True}),
    ],
    "method_ids": [(0, 0, {"method": "action_archive", "name": "close"})],
})
env["jsonrpc.limit"].create({"name": "upgraded", "quota": 4321, "burst": 4321})
keys = env["jsonrpc.key"]
tokens = [
    keys._issue(name="Everything", user=admin, access="write")[1],
    keys._issue(name="Granted", user=admin, access="write", grants={"upgraded": ["read", "create"]})[1],
    keys._issue(name="Page", kind="publishable", origins="https://shop.example.com")[1],
    keys._issue(name="Services", user=admin, access="write", full_orm=True)[1],
]
revoked, token = keys._issue(name="Revoked", user=admin)
revoked.action_revoke()
env["ir.config_parameter"].set_param("jsonrpc_gateway.max_batch", "7")
print(" ".join([*tokens, token]))
"""


def addons_path(*, old=None):
    """The addons of the running tests; with those of a folder in the place of ours, if there is one.

    :param old: the folder
    """
    paths = config["addons_path"]
    paths = paths.split(",") if isinstance(paths, str) else list(paths)
    if old is None:
        return ",".join(paths)
    return ",".join([str(old), *(path for path in paths if not (Path(path) / ADDON).exists())])


def change(database, folder, *arguments, **options):
    """Install or upgrade, by Odoo's own command, in a process of its own.

    :raises AssertionError: it failed, or warned
    """
    options = {"db_name": database.name, "log_level": "warn", **options}
    ran = subprocess.run(
        [*_command(["-m", "odoo"], folder, "server", options), *arguments, "--stop-after-init", "--no-http"],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode or " ERROR " in ran.stderr or " CRITICAL " in ran.stderr:
        raise AssertionError(f"{arguments} failed:\n{ran.stderr}")


@tagged("post_install", "-at_install")
class TestUpgrade(BaseCase):
    @classmethod
    def setUpClass(cls):
        database = cls.enterClassContext(Database())
        super().setUpClass()
        cls.database = database
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="odoo-upgrade-")))
        old = folder / "old"
        with tarfile.open(DATA / f"{ADDON}-{OLD}.tar.xz") as archive:
            archive.extractall(old / ADDON, filter="data")
        database.shell(f"env['ir.module.module'].search([('name', '=', {ADDON!r})]).button_immediate_uninstall()")
        before = {"addons_path": addons_path(old=old)}
        change(database, folder, "-i", ADDON, **before)
        cls.version = cls.installed()
        (tokens,) = (line for line in database.shell(_FILL, before).splitlines() if line.startswith("jrg_"))
        cls.everything, cls.granted, cls.page, cls.services, cls.revoked = tokens.split()
        with Server([database.name], before) as server:
            cls.created = server.rpc(
                "upgraded.create", {"values": {"title": "Before"}}, key=cls.everything, headers=ONCE
            )["result"]
            server.rpc(
                "upgraded.get", {"id": 999_999_999}, key=cls.granted, headers={"X-Request-Id": "before-the-upgrade"}
            )
            database.await_call("before-the-upgrade")
        change(database, folder, "-u", ADDON)
        cls.server = cls.enterClassContext(Server([database.name]))

    @classmethod
    def installed(cls):
        (row,) = cls.database.query("SELECT latest_version FROM ir_module_module WHERE name = %s", ADDON)
        return row[0]

    def test_versions_are_the_old_and_the_new_one(self):
        self.assertEqual(self.version, OLD)
        self.assertGreater(self.installed(), OLD)

    def test_keys_work_and_are_restricted_as_before(self):
        got = self.server.rpc("upgraded.get", {"id": self.created["id"]}, key=self.everything)
        self.assertEqual(got["result"]["title"], "Before")
        self.assertIn("result", self.server.rpc("upgraded.create", {"values": {"title": "Granted"}}, key=self.granted))
        refused = self.server.rpc("upgraded.update", {"id": self.created["id"], "values": {}}, key=self.granted)
        self.assertEqual(refused["error"]["data"]["type"], "forbidden")
        self.assertEqual(self.server.post("/jsonrpc/2/api", {}, key=self.revoked).status_code, 401)
        page = {"Origin": "https://shop.example.com"}
        self.assertIn("result", self.server.rpc("system.version", key=self.page, headers=page))
        ((uid,),) = self.database.query("SELECT id FROM res_users WHERE login = 'admin'")
        arguments = [self.database.name, uid, "", "res.partner", "search_count", [[]]]
        answer = self.server.service("object", "execute_kw", *arguments, key=self.services)
        self.assertIsInstance(answer["result"], int)

    def test_resource_keeps_its_lines_and_gains_nothing(self):
        methods = set(self.server.rpc("system.list_methods", key=self.everything)["result"])
        own = {name for name in methods if name.startswith("upgraded.")}
        self.assertLessEqual(
            {"upgraded.search", "upgraded.get", "upgraded.create", "upgraded.update", "upgraded.close"}, own
        )
        self.assertFalse({"upgraded.aggregate", "upgraded.delete"} & own)

    def test_retry_of_before_is_answered_and_not_made_again(self):
        again = self.server.rpc("upgraded.create", {"values": {"title": "Before"}}, key=self.everything, headers=ONCE)
        self.assertEqual([again["result"], again.get("replayed")], [self.created, True])
        ((count,),) = self.database.query("SELECT count(*) FROM res_partner WHERE name = 'Before'")
        self.assertEqual(count, 1)

    def test_log_limits_and_settings_are_kept(self):
        ((method, error),) = self.database.query(
            "SELECT method, error_type FROM jsonrpc_call WHERE request_id = 'before-the-upgrade'"
        )
        self.assertEqual([method, error], ["upgraded.get", "not_found"])
        self.assertEqual(self.database.query("SELECT quota FROM jsonrpc_limit WHERE name = 'upgraded'"), [(4321,)])
        batch = [{"jsonrpc": "2.0", "method": "system.version", "id": number} for number in range(8)]
        answer = self.server.post("/jsonrpc/2/api", batch, key=self.everything).json()
        self.assertEqual(answer["error"]["data"]["type"], "too_large")

    def test_form_of_an_old_call_opens(self):
        told = self.database.shell(
            "call = env['jsonrpc.call'].search([('request_id', '=', 'before-the-upgrade')])\n"
            "names = ['curl', 'error_detail', 'error_rows', 'sibling_ids', 'result_pretty']\n"
            "print(call.read(names)[0]['error_detail'])"
        )
        self.assertTrue(told)
