"""A Chromium that a test drives step by step, on the pages of any server on this machine.

``HttpCase.browser_js`` runs one script on the server of the tests; a page that reloads itself
while addons come and go needs someone outside of it. Odoo's ``ChromeBrowser`` does the work::

    with Browser("http://127.0.0.1:8069") as browser:
        browser.open("/odoo/apps")
        browser.click("button", "Activate")
"""

import contextlib
import json
import logging
import time
from types import SimpleNamespace
from urllib.parse import urljoin

from odoo.tests.common import ChromeBrowser, ChromeBrowserException

_logger = logging.getLogger(__name__)

#: Seconds that a page has to show what is waited for, on a slow machine too.
_TIMEOUT = 60

# The first visible element that the selector finds and that holds the text.
_FIND = """
    [...document.querySelectorAll({selector})].find(
        (element) => element.checkVisibility() && element.textContent.includes({text}))
"""


class Browser:
    """One browser with one page; a context manager.

    :param str url: address of the server, without a trailing slash
    :param bool trusting: whether it takes any certificate, and leaves plain ``http://127.0.0.1``
    """

    def __init__(self, url, *, trusting=False):
        self._url = url
        self._trusting = trusting

    def __enter__(self):
        # What ChromeBrowser asks of a test case.
        case = SimpleNamespace(
            _logger=_logger,
            browser_size="1366x768",
            touch_enabled=False,
            fetch_proxy=lambda url: {"responseCode": 404, "responseHeaders": [], "body": ""},
        )
        self._chrome = ChromeBrowser(case)
        if self._trusting:
            self._chrome._websocket_request("Security.setIgnoreCertificateErrors", params={"ignore": True})
            # It keeps Odoo's tests from the net.
            self._chrome._websocket_request("Fetch.disable")
        return self

    def __exit__(self, *exc_info):
        self._chrome.stop()

    def open(self, path):
        """Go to a page of the server, or of another by its whole URL; what comes next waits for it by itself."""
        self._chrome.navigate_to(urljoin(self._url, path))

    def login(self, login, password):
        """Log in to the web client."""
        self.open("/web/login")
        self.fill("input[name=login]", login)
        self.fill("input[name=password]", password)
        self.click("form.oe_login_form button[type=submit]")
        self.wait_for(".o_main_navbar")

    def wait_for(self, selector, text=""):
        """Wait until an element is visible.

        :param str selector: of the element
        :param str text: that it holds
        """
        self._until(f"!!{self._find(selector, text)}")

    def click(self, selector, text=""):
        """Wait until an element is visible, and click it."""
        self._until(f"(() => {{ const element = {self._find(selector, text)}; element?.click(); return !!element }})()")

    def fill(self, selector, value):
        """Wait until an input is visible, and put a value into it as a user does."""
        self._until(
            f"""(() => {{
                const input = {self._find(selector, "")};
                if (!input) return false;
                input.focus();
                input.value = {json.dumps(value)};
                input.dispatchEvent(new Event("input", {{ bubbles: true }}));
                input.dispatchEvent(new Event("change", {{ bubbles: true }}));
                return true;
            }})()"""
        )

    def press_enter(self, selector):
        """Press the enter key in an element."""
        self._until(
            f"""(() => {{
                const element = {self._find(selector, "")};
                const key = {{ key: "Enter", bubbles: true, cancelable: true }};
                element?.dispatchEvent(new KeyboardEvent("keydown", key));
                return !!element;
            }})()"""
        )

    def _find(self, selector, text):
        return _FIND.format(selector=json.dumps(selector), text=json.dumps(text)).strip()

    def _until(self, expression):
        deadline = time.monotonic() + _TIMEOUT
        while time.monotonic() < deadline:
            with contextlib.suppress(ChromeBrowserException):  # the page is about to change
                if self._evaluate(expression):
                    return
            time.sleep(0.1)
        page = self._evaluate("location.href + '\\n' + document.body.innerText")
        raise AssertionError(f"This did not become true: {expression}\non {page}")

    def _evaluate(self, expression):
        answer = self._chrome._websocket_request(
            "Runtime.evaluate", params={"expression": expression, "returnByValue": True}, timeout=_TIMEOUT
        )
        return answer["result"].get("value")

    def cookies(self, url):
        """The cookies that it would send to an address, as objects of the DevTools protocol."""
        return self._chrome._websocket_request("Network.getCookies", params={"urls": [url]})["cookies"]

    def run(self, script):
        """Run an async script in the page, and give back what it returns.

        :param str script: body of an async function
        :returns: its result, by value
        :raises AssertionError: it threw
        """
        answer = self._chrome._websocket_request(
            "Runtime.evaluate",
            params={
                "expression": f"(async () => {{ {script} }})()",
                "awaitPromise": True,
                "returnByValue": True,
            },
            timeout=_TIMEOUT,
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")
