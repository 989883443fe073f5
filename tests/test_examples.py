"""The clients in ``examples/`` work as they stand."""

import os
import pathlib
import shutil
import subprocess
import sys

from odoo.tests import tagged

from .common import JsonRpcCase

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"


@tagged("post_install", "-at_install")
class TestExamples(JsonRpcCase):
    def _run(self, *command):
        environment = {**os.environ, "GATEWAY_URL": self.base_url(), "GATEWAY_KEY": self.issue_key()}
        # The clients are programs of their own, without the cookie of Odoo's test harness.
        with self.allow_requests(all_requests=True):
            finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((finished.returncode, finished.stderr), (0, ""))
        return finished.stdout

    def test_python_client_prints_what_it_did(self):
        output = self._run(sys.executable, str(EXAMPLES / "gateway.py"))
        self.assertIn(f"I am {self.admin.name}", output)
        self.assertIn("'name': 'Ada Lovelace'", output)
        self.assertIn("Refused: There is no partner with id 2000000000 (-32003) not_found", output)
        self.assertIn("'hello'", output)

    def test_curl_client_prints_answers(self):
        output = self._run(shutil.which("sh"), str(EXAMPLES / "gateway.sh"))
        created, echoed, batch = output.splitlines()
        self.assertIn('"result":{"partner_id":', created)
        self.assertEqual(echoed, '{"jsonrpc":"2.0","result":"hello","id":2}')
        self.assertIn('"code":-32602', batch)
        self.assertNotIn("nobody hears this", batch)
