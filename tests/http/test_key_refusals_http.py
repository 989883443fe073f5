"""Why a key is refused is not told to the client."""


from odoo.tests import tagged

from ..common import JsonRpcCase
from ..orm.test_key_refusals import spoiled_tokens


@tagged("post_install", "-at_install")
class TestRefusalsOverHttp(JsonRpcCase):
    def test_answers_do_not_differ(self):
        answers = set()
        for _reason, _key, token, origin in spoiled_tokens(self.env):
            headers = {"Origin": origin} if origin else {}
            body = {"jsonrpc": "2.0", "method": "system.whoami", "id": 1}
            response = self.post("/jsonrpc/2/api", body, key=token, headers={"X-Request-Id": "same-for-all", **headers})
            kept = {
                name: value
                for name, value in response.headers.items()
                if name not in ("Date", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers")
            }
            answers.add((response.status_code, response.text, tuple(sorted(kept.items()))))
        self.assertEqual(len(answers), 1, answers)
        ((status, text, headers),) = answers
        self.assertEqual(status, 401)
        self.assertIn("invalid_token", dict(headers)["WWW-Authenticate"])
        self.assertIn("unauthenticated", text)
