"""Every example in the documentation works as it stands there; ``docs_examples.py`` says what that means."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import config
from odoo.tools.convert import convert_xml_import

from .. import docs_examples
from ..docs_common import DocsCase
from ..docs_examples import ROOT, Block, Matcher

#: Programs that an example may name without being run: others test them, or the sandbox does.
_LOOKED_AT = {"python3", "pip", "sh", "node", "git"}
_COMMENT = re.compile(r"(\S.*?)  # (.+)")


@tagged("post_install", "-at_install")
class TestDocs(DocsCase):
    """One test for each page, which runs its examples in order."""

    def setUp(self):
        super().setUp()
        self.matcher = Matcher()
        self.answer = None
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.names = {}
        spec = importlib.util.spec_from_file_location("gateway", ROOT / "examples" / "gateway.py")
        gateway = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(gateway)
        self.enterContext(patch.dict(sys.modules, gateway=gateway))

    def run_page(self, path):
        for block in docs_examples.blocks(path):
            with self.subTest(str(block)):
                self.run_block(block)

    def run_block(self, block):
        if block.part_of:
            self.assertIn(f"\n{block.text}\n", f"\n{(ROOT / block.part_of).read_text(encoding='utf-8')}")
            return
        getattr(self, f"run_{block.language}")(block)

    def check(self, block, told, real):
        difference = self.matcher.difference(told, real)
        self.assertIsNone(difference, f"{block}: {difference}")

    def run_text(self, block):
        exchanges = docs_examples.exchanges(block)
        if not exchanges:
            for path in re.findall(r"[\w.]+(?:/[\w.]+)*(?:/|\.(?:py|rst|xml|md|mjs|sh)\b)", block.text):
                self.assertTrue((ROOT / path).exists(), f"{block}: there is no {path}")
        for exchange in exchanges:
            headers = {"Authorization": "Bearer jrg_sk_..."} | exchange.headers
            headers = {name: self.here(value) for name, value in headers.items()}
            body = self.here(json.dumps(self.matcher.sent(exchange.request)))
            response = self.post(exchange.path, body, headers=headers)
            self.check(block, exchange.answer, _without_test_addon(response.json()) if response.content else None)

    def run_sh(self, block):
        self.answer = None
        for command in block.text.replace("\\\n", " ").split("\n"):
            program = command.split(" ")[0]
            if program == "curl":
                self.answer = self._shell(command)
            elif program and not program.startswith("#"):
                self.assertIn(program, _LOOKED_AT, f"{block}: nobody knows whether {command} works")
                for path in re.findall(r"\S+\.(?:py|sh|mjs|txt)", command):
                    self.assertTrue((ROOT / path.split("::")[0]).exists(), f"{block}: there is no {path}")

    def _shell(self, command):
        with self.writable_again(), self.allow_requests(all_requests=True):
            finished = subprocess.run(
                ["sh", "-euc", self.here(command)], cwd=self.folder, capture_output=True, text=True, timeout=60,
                env={**os.environ, "NO_PROXY": "*"}, check=False,
            )  # fmt: skip
        self.assertEqual((finished.returncode, finished.stderr), (0, ""))
        return finished.stdout

    def run_json(self, block):
        self.assertTrue(self.answer, f"{block}: an answer without a curl above it")
        self.check(block, json.loads(block.text), json.loads(self.answer))

    def run_http(self, block):
        told_head, _, told = block.text.partition("\n\n")
        head, _, real = self.answer.replace("\r\n", "\n").partition("\n\n")
        status, *headers = told_head.split("\n")
        lines = head.split("\n")
        self.assertEqual(status.split(" ", 1)[1], lines[0].split(" ", 1)[1].strip(), block)
        sent = dict(line.split(": ", 1) for line in lines[1:])
        for header in headers:
            name, value = header.split(": ", 1)
            self.assertIn(name, sent, block)
            pattern = re.escape(value).replace(r"\.\.\.", ".*")
            self.assertRegex(sent[name], f"^{pattern}$", f"{block}: {name}")
        if told:
            self.check(block, json.loads(told), json.loads(real))

    def run_python(self, block):
        code = "\n".join(map(_checked, block.text.split("\n")))
        self.names["_check"] = lambda real, told: self.check(block, told, real)
        with self.writable_again(), self.allow_requests(all_requests=True):
            exec(compile(self.here(code), str(block), "exec"), self.names)

    def run_javascript(self, block):
        """Left to ``tests/browser/test_browser_docs_examples.py``, which takes all of them."""

    def run_xml(self, block):
        path = Path(self.folder) / "example.xml"
        path.write_text(block.text, encoding="utf-8")
        with path.open("rb") as file:
            convert_xml_import(self.env, "jsonrpc_gateway", file, mode="init")

    def run_ini(self, block):
        self.assertEqual(_unknown_options(block.text), [], block)

    def run_sql(self, block):
        self.env.cr.execute(block.text)
        self.assertTrue(self.env.cr.fetchall(), f"{block}: finds nothing")

    def run_nginx(self, block):
        self.assertIsNone(_nginx_fault(block.text), block)


def _add_tests():
    for path in docs_examples.pages():
        setattr(TestDocs, f"test_{path.stem.lower()}", lambda self, path=path: self.run_page(path))


_add_tests()


def _without_test_addon(answer):
    """An answer without the methods that only the tests bring."""
    if isinstance(answer, dict) and isinstance(answer.get("result"), list):
        answer["result"] = [item for item in answer["result"] if not str(item).startswith(("test.", "tx."))]
    return answer


def _checked(line):
    """A line of Python; ``expression  # value`` as a call that compares the two."""
    commented = _COMMENT.fullmatch(line)
    if commented is None:
        return line
    try:
        ast.parse(commented[1], mode="eval")
        ast.literal_eval(commented[2])
    except (SyntaxError, ValueError):
        return line
    return f"_check({commented[1]}, {commented[2]})"


def _unknown_options(text):
    """What is no option of Odoo's configuration file."""
    lines = [line.split(";")[0].split("#")[0].strip() for line in text.split("\n")]
    names = [line.split("=")[0].strip() for line in lines if line and line != "[options]"]
    return [name for name in names if name not in config.options]


_DIRECTIVES = {
    "add_header", "client_body_timeout", "client_max_body_size", "listen", "location", "proxy_buffering",
    "proxy_http_version", "proxy_pass", "proxy_read_timeout", "proxy_redirect", "proxy_request_buffering",
    "proxy_set_header", "return", "server", "server_name", "ssl_certificate", "ssl_certificate_key", "upstream", "map",
    "default", "''",
}  # fmt: skip


def _nginx_fault(text):
    """What is wrong with a piece of an nginx configuration, as far as its form tells."""
    depth = 0
    for line in filter(None, (line.split("#")[0].strip() for line in text.split("\n"))):
        if line == "}":
            depth -= 1
            if depth < 0:
                return "a } too many"
            continue
        if not line.endswith((";", "{")):
            return f"no ; after {line}"
        if line.split()[0].rstrip(";") not in _DIRECTIVES:
            return f"an unknown directive: {line}"
        depth += line.endswith("{")
    return "a } is missing" if depth else None


class TestRules(BaseCase):
    """What holds the documentation to its word is held to it too."""

    def block(self, language, text):
        return Block("page.rst", 1, language, text, None)

    def test_block_that_no_rule_covers_is_an_error(self):
        for text in (".. code-block:: cobol\n\n   STOP RUN.\n", ".. code-block::\n\n   x\n", "So::\n\n   x\n"):
            with self.subTest(text), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "page.rst"
                path.write_text(text)
                self.assertRaises(ValueError, docs_examples.blocks, path)

    def test_every_language_has_a_rule(self):
        for language in docs_examples.LANGUAGES:
            self.assertTrue(hasattr(TestDocs, f"run_{language}"), language)

    def test_wrong_answer_is_told(self):
        same = Matcher().difference
        answer = {"jsonrpc": "2.0", "result": {"id": 7, "name": "Ann", "at": "2026-01-02T03:04:05Z"}, "id": 1}
        self.assertIsNone(same(answer, answer | {"result": {"id": 9, "name": "Ann", "at": "2027-01-02T03:04:05Z"}}))
        for other in (
            answer | {"id": 2},
            {**answer, "more": 1},
            answer | {"result": None},
            answer | {"result": {"id": 9, "name": "Ben", "at": "2026-01-02T03:04:05Z"}},
            answer | {"result": {"id": "9", "name": "Ann", "at": "2026-01-02T03:04:05Z"}},
        ):
            self.assertTrue(same(answer, other), other)

    def test_id_stands_for_one_id(self):
        matcher = Matcher()
        self.assertIsNone(matcher.difference({"id": 7}, {"id": 9}))
        self.assertTrue(matcher.difference({"id": 7}, {"id": 8}))
        self.assertEqual(matcher.sent({"ids": [7, 8]}), {"ids": [9, 8]})

    def test_exchange_has_headers_and_goes_on_in_the_next_line(self):
        (found,) = docs_examples.exchanges(
            self.block("text", '--> Idempotency-Key: a\n--> {"id":\n     1}\n<-- (nothing)')
        )
        self.assertEqual((found.headers, found.request, found.answer), ({"Idempotency-Key": "a"}, {"id": 1}, None))

    def test_faults_of_configurations_are_found(self):
        self.assertEqual(_unknown_options("[options]\nworkers = 4 ; as many as fit\nwrokers = 4"), ["wrokers"])
        self.assertIsNone(_nginx_fault("location / {\n    return 404;\n}"))
        for text in ("location / {", "return 404", "retrun 404;", "}"):
            self.assertTrue(_nginx_fault(text), text)
