"""The web client's own way in, for what only a person may do: issue an Odoo API key.

Odoo asks for the password again before it shows a key (``check_identity`` in
``odoo/addons/base/models/res_users.py``); this answers as a person would. It must not know
what the key is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .client import ExchangeError, Server


class WebSession:
    """A user who is logged in.

    :param server: where
    :param login: the user's login
    :param password: the user's password
    :raises ExchangeError: the server refuses them
    """

    def __init__(self, server: Server, login: str, password: str):
        self._server = server
        self._password = password
        self._cookie = ""
        info = self._post("/web/session/authenticate", db=server.database, login=login, password=password)
        self.user_id: int = info["uid"]
        self.context: dict[str, Any] = info["user_context"]

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a public method of a model as the user."""
        kwargs["context"] = {**self.context, **kwargs.get("context", {})}
        return self._post("/web/dataset/call_kw", model=model, method=method, args=list(args), kwargs=kwargs)

    def run(self, code: str) -> Any:
        """Run Python code on the server, as an administrator may: in a server action.

        :param code: with ``env``; sets ``result``
        :returns: the result, as text
        """
        model = self.call("ir.model", "search", [("model", "=", "res.partner")])[0]
        code += "\naction = {'type': str(result)}"
        values = {"name": "Benchmark", "model_id": model, "state": "code", "code": code}
        action = self.call("ir.actions.server", "create", values)
        try:
            return self.call("ir.actions.server", "run", [action])["type"]
        finally:
            self.call("ir.actions.server", "unlink", [action])

    @contextmanager
    def odoo_key(self, name: str) -> Iterator[str]:
        """Have an Odoo API key for the length of a ``with`` block.

        It would die by itself after a day, were it left behind.

        :param name: how the user will find it in their preferences
        """
        wizard = self.call("res.users.apikeys.description", "create", {"name": name, "duration": "1"})
        shown = self._press("res.users.apikeys.description", "make_key", wizard)
        try:
            yield shown["context"]["default_key"]
        finally:
            domain = [("name", "=", name), ("user_id", "=", self.user_id)]
            self._press("res.users.apikeys", "remove", *self.call("res.users.apikeys", "search", domain))

    def gateway_key(self, name: str, **values: Any) -> str:
        """Issue a key of this gateway that may do all that the user may; it dies after a day.

        :param name: how an administrator will find it
        :param values: other settings of the key
        """
        everything = {"access": "write", "full_orm": values.get("reach") != "restricted", "duration": "1"}
        values = {"name": name, **everything, **values}
        wizard = self.call("jsonrpc.key.issue", "create", values)
        return self._press("jsonrpc.key.issue", "action_issue", wizard)["context"]["default_token"]

    def _press(self, model: str, button: str, *ids: int) -> dict[str, Any]:
        """Press a button, with the password where Odoo asks for it again."""
        action = self.call(model, button, list(ids))
        if action.get("res_model") == "res.users.identitycheck":
            context = {"password": self._password}
            action = self.call("res.users.identitycheck", "run_check", [action["res_id"]], context=context)
        return action

    def _post(self, path: str, **params: Any) -> Any:
        payload = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        response, _ = self._server.exchange(self._server.compose(path, payload, {"Cookie": self._cookie}))
        self._cookie = response.headers.get("set-cookie", self._cookie).partition(";")[0]
        answer = response.json()
        if "error" in answer:
            raise ExchangeError(f"{path}: {answer['error'].get('data', answer['error'])}")
        return answer["result"]
