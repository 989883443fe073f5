"""The abstract model ``jsonrpc.call.replay``: how a call of the log is made again, and what of it is lost."""

import json

from odoo import api, models

from ...engine.protocol.jsonrpc import curl

_API = "/jsonrpc/2/api"
_SERVICES = ("/jsonrpc/2/object", "/jsonrpc/2/common")
#: What stands in the place of what the log left out (``engine/dispatch/journal/redaction.py``).
_LEFT_OUT = ("[redacted]", "[base64, ", "…")


class JsonrpcCallReplay(models.AbstractModel):
    _name = "jsonrpc.call.replay"
    _description = "JSON-RPC Call, to make again"

    @api.depends("method", "params", "endpoint", "credential", "batch_size")
    def _compute_curl(self):
        for call in self:
            calls = call.sibling_ids if call.batch_size else call
            calls = calls.filtered("method")
            known = bool(call.method and calls)
            call.curl = known and call._command(calls)
            call.curl_dry_run = known and call._command(calls, dry_run=True)
            call.curl_gaps = known and "\n".join(call._gaps(calls))

    def _command(self, calls, *, dry_run=False):
        """A line for a shell that sends calls the way this one was sent.

        :param calls: all of its batch, or the call itself
        :param bool dry_run: whether nothing is to be changed
        """
        headers = []
        if self.credential == "key":
            headers.append(("Authorization", "Bearer YOUR_API_KEY"))
        elif self.credential == "session":
            headers.append(("Cookie", "session_id=YOUR_SESSION"))
        if self.batch_modes:
            headers.append(("JSON-RPC-Batch", self.batch_modes))
        return curl.command(
            self.get_base_url() + (self.endpoint or _API),
            [call._payload() for call in calls],
            headers=headers,
            batch=bool(self.batch_size),
            dry_run=dry_run,
        )

    def _gaps(self, calls):
        """What the lines lack or change, a sentence each.

        :param calls: as of :meth:`_command`
        """
        gaps = []
        if self.credential == "key":
            gaps.append(self.env._("Put the key in the place of YOUR_API_KEY."))
        elif self.credential == "session":
            gaps.append(self.env._("Put the cookie of a session in the place of YOUR_SESSION."))
        if any(call.idempotency_digest for call in calls):
            gaps.append(
                self.env._(
                    "Idempotency keys are not kept. Put the first one in the place of YOUR_IDEMPOTENCY_KEY, "
                    "or the call happens a second time."
                )
            )
        lost = [call for call in calls if not call.params]
        if lost:
            places = ", ".join(str(call.batch_position) for call in lost if call.batch_position)
            gaps.append(
                self.env._("The params of calls %s are not kept, or they had none.", places)
                if places
                else self.env._("The params are not kept, or there were none.")
            )
        if any(mark in (call.params or "") for call in calls for mark in _LEFT_OUT):
            gaps.append(self.env._("Fill in what is redacted or cut."))
        missing = sorted(set(range(1, self.batch_size + 1)) - set(calls.mapped("batch_position")))
        if self.batch_size and missing:
            places = ", ".join(map(str, missing[:20]))
            gaps.append(self.env._("Calls %s of the batch are not in the log, and are left out.", places))
        return gaps

    def _payload(self):
        """The members of the request."""
        options = {}
        if self.idempotency_digest:
            options["idempotency_key"] = "YOUR_IDEMPOTENCY_KEY"
        if self.validate_only:
            options["validate_only"] = True
        if self.notification:
            options["notification"] = True
        return self._called() | options

    def _called(self):
        """The members ``method`` and ``params`` of the request."""
        params = json.loads(self.params) if self.params else None
        service, _slash, method = (self.method or "").partition("/")
        if self.endpoint in _SERVICES and method:
            named = params if isinstance(params, dict) else {}
            service = self.endpoint.rpartition("/")[2]
            if service == "object":
                # The log does not tell the two apart, and what one can say the other can, but for no arguments.
                method = "execute_kw" if "args" in named else "execute"
            return {"method": "call", "params": {"service": service, "method": method, "args": list(named.values())}}
        return {"method": self.method, **({} if params is None else {"params": params})}
