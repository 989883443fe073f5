"""A publishable key in a web page: in a real browser, on pages of two origins, one of which the key is for."""

from urllib.parse import urlencode

from odoo.tests import tagged

from ..browser_common import Browser
from ..server_common import ServerCase
from ..web_site import site

_PAGE = """
<!DOCTYPE html>
<title>A page of another site</title>
<body></body>
<script>
    const { url, key, method, credentials } = Object.fromEntries(new URLSearchParams(location.search));
    fetch(`${url}/jsonrpc/2/api`, {
        method: "POST",
        credentials,
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
        body: JSON.stringify({ jsonrpc: "2.0", method, id: 1 }),
    })
        .then(async (response) => `answered ${response.status} ${await response.text()}`)
        .catch((error) => `kept away: ${error.name}`)
        .then((text) => document.body.append(text));
</script>
"""


@tagged("post_install", "-at_install")
class TestPublishablePage(ServerCase):
    def test_page_of_the_key_calls_and_another_cannot(self):
        with site(_PAGE) as own, site(_PAGE) as foreign, Browser(self.server.url) as browser:
            key = self.database.issue_key(login=None, access="read", kind="publishable", origins=own)
            browser.login("admin", "admin")

            def see(origin, text, **options):
                query = {"url": self.server.url, "key": key, "method": "test.price", "credentials": "omit", **options}
                browser.open(f"{origin}/?{urlencode(query)}")
                browser.wait_for("body", text)

            see(own, '"login":"public"')
            see(own, '"type":"forbidden"', method="partner.get_info")
            # A browser is told that cookies are not for this page, so it keeps the answer from it.
            see(own, "kept away: TypeError", credentials="include")
            see(foreign, "kept away: TypeError")
            see(foreign, "kept away: TypeError", credentials="include")
