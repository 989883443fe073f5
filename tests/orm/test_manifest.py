"""What the addon needs is said once, and Odoo refuses to install it without."""

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import odoo
from odoo.modules.module import get_manifest
from odoo.tests import BaseCase, tagged
from odoo.tools import config

ROOT = Path(__file__).parents[2]

# What the Apps page does before it installs (check_external_dependencies in base's ir_module.py).
_CHECK = """
import sys
from odoo.modules.module import Manifest, MissingDependency
from odoo.tools import config
config.parse_config(["--addons-path", sys.argv[1]])
try:
    Manifest.for_addon("jsonrpc_gateway").check_manifest_dependencies()
except MissingDependency as missing:
    print(missing)
else:
    print("nothing is missing")
"""


@tagged("post_install", "-at_install")
class TestManifest(BaseCase):
    def test_requirements_and_manifest_name_the_same_packages(self):
        lines = (ROOT / "requirements.txt").read_text().splitlines()
        required = {re.match(r"[A-Za-z0-9_.-]+", line)[0] for line in lines if line and not line.startswith("#")}
        self.assertEqual(required, set(get_manifest("jsonrpc_gateway")["external_dependencies"]["python"]))
        self.assertTrue(required)

    def _checked_without(self, *packages):
        """What Odoo says in an environment that has everything but some packages."""
        with tempfile.TemporaryDirectory() as folder:
            for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
                if not entry.name.lower().startswith(packages):
                    (Path(folder) / entry.name).symlink_to(entry)
            paths = [folder, str(Path(odoo.__path__[0]).parent)]
            addons = config["addons_path"]
            ran = subprocess.run(
                # -S: nothing but the folder above is where packages are looked for.
                [sys.executable, "-S", "-c", _CHECK, addons if isinstance(addons, str) else ",".join(addons)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual(ran.returncode, 0, ran.stderr)
            return ran.stdout.strip().splitlines()[-1]

    def test_odoo_names_the_package_that_is_missing(self):
        # A name that no package starts with: everything is there.
        self.assertEqual(self._checked_without("-"), "nothing is missing")
        for package in ("orjson", "pydantic"):
            with self.subTest(package):
                message = self._checked_without(package)
                self.assertIn(package, message)
                self.assertIn("not installed", message)
