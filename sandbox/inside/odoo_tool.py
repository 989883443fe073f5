"""Install, upgrade and ask for a demo key, inside one Odoo process.

Runs on the virtual environment's Python with Odoo importable.  The request is
a JSON object on standard input, the answer a JSON object in the file named by
the only argument (standard output belongs to whatever Odoo prints).

Request: ``config`` (path), ``database``, ``install`` and ``upgrade`` (lists of
addons), ``demo_key`` (whether to issue one).  Answer: ``api_key`` and
``partner_id``, both null unless a demo key was asked for.
"""

import json
import os
import sys

import odoo.init  # noqa: F401  (first: it patches what the next ones import)
from odoo import SUPERUSER_ID, api
from odoo.modules.module import Manifest
from odoo.modules.registry import Registry
from odoo.tools import config


def check_installed(env, names):
    """Refuse what Odoo only logs: an unknown addon, demo data that failed."""
    for name in names:
        module = env["ir.module.module"].search([("name", "=", name)])
        if module.state != "installed":
            sys.exit(f"{name} was not installed; its state is {module.state or 'unknown'}.")
        manifest = Manifest.for_addon(name)
        if manifest["demo"] and not module.demo:
            sys.exit(f"The demo data of {name} failed to install.")


def issue_demo_key(env):
    """Issue a key of the administrator and pick a partner worth reading."""
    admin = env.ref("base.user_admin")
    _key, token = env["jsonrpc.key"]._issue(
        name="Sandbox", user=admin, access="write", full_orm=False, expires_at=None
    )
    partner = env["res.partner"].search(
        [("is_company", "=", True), ("email", "!=", False), ("id", "!=", env.company.partner_id.id)],
        order="id", limit=1,
    ) or admin.partner_id
    return {"api_key": token, "partner_id": partner.id}


def main():
    """Do what the request says."""
    request = json.load(sys.stdin)
    config.parse_config(["-c", request["config"], "-d", request["database"], "--no-http"], setup_logging=True)
    wanted = [*request["install"], *request["upgrade"]]
    registry = Registry.new(
        request["database"],
        update_module=bool(wanted),
        install_modules=request["install"],
        upgrade_modules=request["upgrade"],
        new_db_demo=True,
    )
    answer = {"api_key": None, "partner_id": None}
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        check_installed(env, wanted)
        if request["demo_key"]:
            answer.update(issue_demo_key(env))
    # Made with 0600 before anything is in it: it holds a key.
    with os.fdopen(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(answer, stream)


if __name__ == "__main__":
    main()
