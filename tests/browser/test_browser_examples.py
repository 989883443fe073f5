"""The JavaScript client in ``examples/`` works in a browser."""

import json

from odoo.tests import tagged

from ..common import JsonRpcCase
from ..http.test_examples import EXAMPLES


@tagged("post_install", "-at_install")
class TestBrowserExamples(JsonRpcCase):
    def test_javascript_client_prints_what_it_did(self):
        source = (EXAMPLES / "gateway.mjs").read_text()
        self.browser_js(
            "/web/login",
            f"""
            (async () => {{
                const module = new Blob([{json.dumps(source)}], {{ type: "text/javascript" }});
                const {{ main, Gateway }} = await import(URL.createObjectURL(module));
                const printed = [];
                const print = (...what) => printed.push(JSON.stringify(what));
                await main(location.origin, {json.dumps(self.issue_key())}, print);
                const text = printed.join("\\n");
                for (const expected of ["I am", "Grace Hopper", "(-32003)", "not_found", "hello"]) {{
                    if (!text.includes(expected)) {{
                        throw new Error(`${{expected}} is missing in ${{text}}`);
                    }}
                }}
                await new Gateway(location.origin, "jrg_sk_wrong").call("system.version").then(
                    () => {{ throw new Error("A wrong key was let in"); }},
                    (error) => {{ if (error.code !== -32001) throw error; }},
                );
                console.log("test successful");
            }})();
            """,
            error_checker=lambda message: "401" not in message,
        )
