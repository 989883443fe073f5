"""A client for the JSON-RPC gateway in one file, with nothing but the standard library.

Run it beside ``python3 -m sandbox run`` and it calls the sandbox; elsewhere, say where::

    GATEWAY_URL=https://odoo.example.com GATEWAY_KEY=jrg_sk_... python3 examples/gateway.py
"""

import http.client
import itertools
import json
import os
import pathlib
import random
import time
import urllib.error
import urllib.request
import uuid

#: Of errors after which the same call, sent again, may work.
RETRIED = {"conflict", "in_progress", "no_answer", "rate_limited", "unavailable"}


class NoAnswer(Exception):
    """The server did not answer: whether the call happened, nobody can tell."""

    data = {"type": "no_answer"}


class RpcError(Exception):
    """A call that the server refused.

    :ivar code: number of the error, the same for ever
    :ivar data: ``type`` (a word for programs), ``request_id`` (for the administrator), and more
    """

    def __init__(self, error):
        super().__init__(f"{error['message']} ({error['code']})")
        self.code = error["code"]
        self.data = error["data"]


class Gateway:
    """Calls the methods of one Odoo database.

    :param url: where Odoo is, without a path
    :param key: an API key of the gateway
    :param timeout: seconds to wait for an answer
    """

    def __init__(self, url, key, timeout=30):
        self._endpoint = f"{url}/jsonrpc/2/api"
        self._key = key
        self._timeout = timeout
        self._ids = itertools.count(1)

    def call(self, method, idempotency_key=None, **params):
        """Call one method by named params and return its result.

        :param idempotency_key: a new one for each write; the same one when it is sent again
        """
        request = self._request(method, params)
        if idempotency_key:
            request["idempotency_key"] = idempotency_key
        return self._result(self._post(request))

    def write(self, method, **params):
        """Call one method that changes something: once, whatever happens on the way.

        :raises NoAnswer: the server was away for more than two minutes; the write may have happened
        """
        key = str(uuid.uuid4())
        attempt = 0
        while True:
            try:
                return self.call(method, idempotency_key=key, **params)
            except (NoAnswer, RpcError) as error:
                if attempt == 7 or error.data["type"] not in RETRIED:
                    raise
                wait = error.data.get("retry_after") or 2**attempt
            # Not all clients at the same moment.
            time.sleep(wait * random.uniform(1, 1.2))
            attempt += 1

    def notify(self, method, **params):
        """Call one method without waiting for what becomes of it."""
        self._post({"jsonrpc": "2.0", "method": method, "params": params})

    def batch(self, *calls):
        """Make several calls in one request.

        :param calls: pairs of a method's name and its params
        :returns: for each call, in order, its result or its :class:`RpcError`
        """
        requests = [self._request(method, params) for method, params in calls]
        answers = self._post(requests)
        if isinstance(answers, dict):  # the whole batch was refused
            self._result(answers)
        by_id = {answer["id"]: answer for answer in answers}
        return [
            RpcError(answer["error"]) if "error" in answer else answer["result"]
            for answer in (by_id[request["id"]] for request in requests)
        ]

    def _request(self, method, params):
        return {"jsonrpc": "2.0", "method": method, "params": params, "id": next(self._ids)}

    def _post(self, payload):
        request = urllib.request.Request(
            self._endpoint,
            json.dumps(payload).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
        )
        try:
            try:
                with urllib.request.urlopen(request, timeout=self._timeout) as response:
                    body = response.read()
            except urllib.error.HTTPError as refused:  # 401, 413, 429 ...: a JSON-RPC error too
                body = refused.read()
            return json.loads(body) if body else None
        # A connection that broke, or a proxy that answers in the server's place.
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error

    @staticmethod
    def _result(answer):
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]


def main():
    sandbox = pathlib.Path(__file__).parent.parent / ".sandbox" / "connection.json"
    found = json.loads(sandbox.read_text()) if sandbox.exists() else {}
    odoo = Gateway(os.environ.get("GATEWAY_URL") or found["url"], os.environ.get("GATEWAY_KEY") or found["api_key"])

    print("I am", odoo.call("system.whoami")["user"]["name"])

    partner_id = odoo.write("partner.create_simple", name="Ada Lovelace", email="ada@example.com")["partner_id"]
    print("Created", odoo.call("partner.get_info", partner_id=partner_id))

    try:
        odoo.call("partner.get_info", partner_id=2_000_000_000)
    except RpcError as error:
        print("Refused:", error, error.data["type"])

    print("Batch:", odoo.batch(("system.version", {}), ("system.echo", {"value": "hello"})))


if __name__ == "__main__":
    main()
