"""The JavaScript in the documentation works in a browser, as it stands there."""

import json
import re

from odoo.tests import BaseCase, tagged

from .. import docs_examples
from ..docs_common import DocsCase
from ..docs_examples import ROOT

_IMPORT = re.compile(r'import (\{.*\}) from "\./gateway\.mjs";')
_VALUE = re.compile(r"(?!const |let |return )(\S.*); // (.+)")


def script(where, blocks):
    """The blocks of one page as one function.

    ``import`` finds the client in ``gateway``; ``expression; // value`` compares the two by ``check``.

    :param str where: the page, for messages
    """
    lines = []
    for block in blocks:
        for number, line in enumerate(block.text.split("\n"), block.line):
            if imported := _IMPORT.fullmatch(line):
                lines.append(f"const {imported[1]} = gateway;")
            elif (compared := _VALUE.fullmatch(line)) and _is_json(compared[2]):
                lines.append(f"check({json.dumps(f'{where}:{number}')}, {compared[1]}, {compared[2]});")
            else:
                lines.append(line)
    return "async (gateway, check) => {\n" + "\n".join(lines) + "\n}"


def _is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@tagged("post_install", "-at_install")
class TestBrowserDocsExamples(DocsCase):
    def test_examples_do_what_they_say(self):
        scripts = []
        for path in docs_examples.pages():
            if blocks := [block for block in docs_examples.blocks(path) if block.language == "javascript"]:
                scripts.append(self.here(script(path.name, blocks)))
        compared = sum(text.count('check("') for text in scripts)
        self.assertGreater(compared, 5)
        source = (ROOT / "examples" / "gateway.mjs").read_text(encoding="utf-8")
        self.browser_js(
            "/web/login",
            f"""
            (async () => {{
                const module = new Blob([{json.dumps(source)}], {{ type: "text/javascript" }});
                const gateway = await import(URL.createObjectURL(module));
                let compared = 0;
                const check = (where, real, told) => {{
                    compared += 1;
                    if (JSON.stringify(real) !== JSON.stringify(told)) {{
                        throw new Error(`${{where}}: ${{JSON.stringify(real)}}`);
                    }}
                }};
                for (const run of [{", ".join(scripts)}]) {{
                    await run(gateway, check);
                }}
                if (compared !== {compared}) {{
                    throw new Error(`Only ${{compared}} values were compared`);
                }}
                console.log("test successful");
            }})();
            """,
        )


class TestScript(BaseCase):
    def test_values_are_compared_and_the_client_is_found(self):
        text = 'import { Gateway } from "./gateway.mjs";\nconst a = 1; // one\n(await f()).x; // "y"\nf(); // does f'
        block = docs_examples.Block("page.rst", 7, "javascript", text, None)
        self.assertEqual(
            script("page.rst", [block]).split("\n")[1:-1],
            [
                "const { Gateway } = gateway;",
                "const a = 1; // one",
                'check("page.rst:9", (await f()).x, "y");',
                "f(); // does f",
            ],
        )
