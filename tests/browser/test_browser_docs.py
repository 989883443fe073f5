"""The page for people: what it may load, what it shows to whom, and that data stays data."""

import json
from dataclasses import replace
from unittest.mock import ANY

from odoo.tests import tagged

from ...engine.protocol import errors
from ..common import JsonRpcCase

URL = "/jsonrpc/2/docs"

#: The page loads its data after itself.
READY = "document.querySelector('.o_docs_main h1') !== null"


def steps(*lines):
    """JavaScript that runs some lines and tells how it went; `eventually` waits for a condition."""
    body = "\n".join(lines)
    return f"""(async () => {{
        const one = (selector) => document.querySelector(selector);
        const eventually = async (condition, what) => {{
            for (let tries = 0; tries < 100; tries++) {{
                if (condition()) return;
                await new Promise((resolve) => setTimeout(resolve, 50));
            }}
            throw new Error(`never happened: ${{what || condition}}`);
        }};
        const check = (condition, what) => {{ if (!condition) throw new Error(what); }};
        {body}
        console.log("test successful");
    }})().catch((error) => console.error(error.message));"""


@tagged("post_install", "-at_install")
class TestDocs(JsonRpcCase):
    def test_page_may_load_nothing_foreign(self):
        response = self.url_open(URL)
        self.assertEqual(response.status_code, 200)
        policy = response.headers["Content-Security-Policy"]
        self.assertTrue(policy.startswith("default-src 'none'; script-src 'self'; "))
        self.assertNotIn("unsafe", policy)
        self.assertNotIn("http", policy)
        self.assertIn("frame-ancestors 'none'", policy)
        self.assertEqual(response.headers["Cache-Control"], "private, no-cache")
        self.assertNotIn("Set-Cookie", response.headers)

    def test_page_itself_is_the_same_for_everybody(self):
        public = self.url_open(URL).text
        self.authenticate("admin", "admin")
        self.assertEqual(self.url_open(URL).text, public)
        self.assertNotIn("partner", public)

    def test_bad_key_is_refused(self):
        response = self.url_open(URL, headers={"Authorization": "Bearer nonsense"})
        self.assertEqual(response.status_code, 401)
        self.assertEqual(response.json(), {"jsonrpc": "2.0", "id": None, "error": ANY})
        self.assertEqual(response.json()["error"]["code"], errors.Unauthenticated.code)

    def test_words_are_translated(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref("jsonrpc_gateway.docs_page").with_context(lang="fr_FR").write(
            {"arch_db": self.env.ref("jsonrpc_gateway.docs_page").arch_db.replace("Try it", "Essayez")}
        )
        self.env.ref("base.user_admin").lang = "fr_FR"
        self.authenticate("admin", "admin")
        text = self.url_open(URL).text
        self.assertIn("Essayez", text)
        self.assertIn('lang="fr-FR"', text)

    def test_user_browses_and_tries_a_method(self):
        partner = self.env["res.partner"].create({"name": "Ann", "email": "ann@example.com"})
        self.browser_js(
            f"{URL}#partner.get_info",
            steps(
                "check(one('h1').textContent === 'partner.get_info', 'title');",
                "check(one('.o_docs_list a[aria-current]').hash === '#partner.get_info', 'current');",
                "check(one('[data-slot=snippet]').textContent.includes('$JSONRPC_KEY'), 'curl');",
                "const area = one('textarea');",
                "area.value = '{'; one('.o_docs_try').requestSubmit();",
                "check(!one('.o_docs_invalid').hidden, 'no JSON is told');",
                f"area.value = '{{\"partner_id\": {partner.id}}}';",
                "area.dispatchEvent(new Event('input', {bubbles: true}));",
                f"check(one('[data-slot=snippet]').textContent.includes('{partner.id}'), 'snippet follows');",
                "one('.o_docs_try').requestSubmit();",
                "await eventually(() => one('[data-slot=answer]').textContent.includes('ann@example.com'));",
                "one('.o_docs_tabs button:nth-child(2)').click();",
                "check(one('[data-slot=snippet]').textContent.includes('import requests'), 'Python');",
                "one('.o_docs_search').value = 'whoami';",
                "one('.o_docs_search').dispatchEvent(new Event('input'));",
                "check(document.querySelectorAll('.o_docs_list a').length === 1, 'search');",
                "one('.o_docs_list a').click();",
                "await eventually(() => one('h1').textContent === 'system.whoami');",
                "location.hash = '#no.such_method';",
                "await eventually(() => !one('.o_docs_problem').hidden);",
            ),
            READY,
            login="admin",
        )

    def test_pasted_key_decides_what_is_shown_and_is_kept_nowhere(self):
        key = self.issue_key(access="read")
        self.browser_js(
            URL,
            steps(
                "check(!one('.o_docs_list').textContent.includes('get_info'), 'public caller');",
                f"one('#key').value = '{key}'; one('.o_docs_key').requestSubmit();",
                "await eventually(() => one('.o_docs_list').textContent.includes('get_info'));",
                "check(!one('.o_docs_list').textContent.includes('create_simple'), 'a key that reads');",
                "location.hash = '#system.whoami';",
                "await eventually(() => one('h1').textContent === 'system.whoami');",
                "one('.o_docs_try').requestSubmit();",
                "await eventually(() => one('[data-slot=answer]').textContent.includes('\"credential\": \"key\"'));",
                "const kept = JSON.stringify([localStorage, sessionStorage, document.cookie, location.href]);",
                f"check(!kept.includes('{key}'), 'kept');",
                f"check(!one('.o_docs_main').textContent.includes('{key}'), 'shown');",
                "one('.o_docs_key [type=reset]').click();",
                "await eventually(() => !one('.o_docs_list').textContent.includes('whoami'));",
                "check(one('#key').value === '', 'forgotten');",
                "one('#key').value = 'nonsense'; one('.o_docs_key').requestSubmit();",
                "await eventually(() => one('.o_docs_problem').textContent.includes('not good'));",
            ),
            READY,
        )

    def test_text_of_a_method_is_never_markup(self):
        evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>`<b>`**<i>**"
        methods = dict(self.env["jsonrpc.api"]._jsonrpc_methods())
        spec = methods["system.echo"]
        (param,) = spec.params
        schema = {"type": "object", "title": evil, "properties": {evil: {"const": evil, "description": evil}}}
        methods["system.echo"] = replace(
            spec,
            summary=evil,
            description=evil,
            result_description=evil,
            deprecated=evil,
            tags=(evil,),
            params=(replace(param, description=evil, schema=schema),),
        )
        self.patch(self.env.registry["jsonrpc.api"], "_jsonrpc_methods", lambda self: methods)
        self.env.registry.clear_cache()
        self.assertIn("onerror", json.dumps(self.call("rpc.discover")))
        self.browser_js(
            f"{URL}#system.echo",
            steps(
                "one('details').open = true;",
                "await eventually(() => one('details table'));",
                "for (const language of document.querySelectorAll('.o_docs_tabs button')) language.click();",
                "check(one('.o_docs_main').textContent.includes('<img src=x'), 'shown as it is');",
                "check(!one('.o_docs_main img, .o_docs_main script, .o_docs_main i, .o_docs_main b'), 'markup');",
                "check(document.title !== 'owned', 'owned');",
                "location.hash = '';",
                "await eventually(() => one('h1').textContent.includes('API'));",
                "check(!one('.o_docs_main img, .o_docs_main script'), 'markup');",
            ),
            READY,
        )
