"""The abstract model ``jsonrpc.call.reading``: a call of the log as people read it, and what leads on from there."""

import json

from markupsafe import Markup

from odoo import api, models

#: Rows of an error that the form shows.
_MAX_ROWS = 50
#: Calls of a batch that it shows.
_MAX_SIBLINGS = 1000
#: In the context of a search for a request: its id, which is found whatever else is filtered.
REQUEST = "jsonrpc_request_id"


class JsonrpcCallReading(models.AbstractModel):
    _name = "jsonrpc.call.reading"
    _description = "JSON-RPC Call, for its reader"

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Find the calls of a request that somebody looks for, whatever the other filters of the list say.

        Who has a request's id, from an answer or from a message of a client, wants that one. Record rules
        hold as ever.
        """
        if wanted := self.env.context.get(REQUEST):
            domain = [("request_id", "in", [str(item) for item in ([wanted] if isinstance(wanted, str) else wanted)])]
        return super()._search(domain, *args, **kwargs)

    @api.depends("company_id")
    def _compute_company_name(self):
        # sudo: who may see the call may know in which company it was.
        companies = self.env["res.company"].sudo().browse(set(self.mapped("company_id")) - {0}).exists()
        names = {company.id: company.name for company in companies}
        for call in self:
            call.company_name = names.get(call.company_id, False)

    @api.depends("method", "params")
    def _compute_display_name(self):
        for call in self:
            call.display_name = call.method or self.env._("No method")

    @api.depends("params", "result", "error_type", "error_message", "error_data")
    def _compute_pretty(self):
        for call in self:
            call.params_pretty = _pretty(call.params)
            if call.error_type:
                answer = {"type": call.error_type, "message": call.error_message or ""}
                call.result_pretty = _pretty(json.dumps(answer | _object(call.error_data)))
            else:
                call.result_pretty = _pretty(call.result)

    @api.depends("error_type", "error_message", "error_data")
    def _compute_error_detail(self):
        for call in self:
            call.error_detail = call._first_reason()

    def _first_reason(self):
        """The first thing that was wrong, in one line; false where nothing was."""
        data = _object(self.error_data)
        if failures := _failures(data):
            return _line(failures[0])
        failed = data.get("failed")
        if isinstance(failed, dict) and isinstance(failed.get("position"), int):
            return self.env._("Call %s of the batch failed", failed["position"] + 1)
        return data.get("reason") if isinstance(data.get("reason"), str) else self.error_message

    @api.depends("error_data")
    def _compute_error_rows(self):
        for call in self:
            failures = _failures(_object(call.error_data))
            call.error_rows = failures and Markup("<table class='table table-sm mb-0'><tbody>%s</tbody></table>") % (
                Markup().join(
                    Markup("<tr><td class='font-monospace fw-bold w-25'>%s</td><td>%s</td></tr>")
                    % (failure.get("path") or "–", failure.get("message") or failure.get("type") or "")
                    for failure in failures[:_MAX_ROWS]
                )
            )

    @api.depends("request_id", "batch_size")
    def _compute_sibling_ids(self):
        for call in self:
            siblings = call.browse()
            if call.batch_size:
                domain = [("request_id", "=", call.request_id), ("batch_size", "!=", 0)]
                calls = self.with_context(**{REQUEST: None})
                siblings = calls.search(domain, order="batch_position, id", limit=_MAX_SIBLINGS)
            call.sibling_ids = siblings

    @api.model
    def _action_open(self, *facets, **context):
        """The action that opens the calls which filters leave, as facets that can be seen and removed.

        :param facets: of each filter the words for people, and its domain
        :param context: more of the action's context, ``search_default_today`` for example
        """
        shown = [{"description": description, "domain": str(list(domain))} for description, domain in facets]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Calls"),
            "res_model": "jsonrpc.call",
            "views": [(False, name) for name in ("list", "kanban", "form", "graph", "pivot")],
            "context": {**context, "jsonrpc_facets": shown},
        }


def _pretty(text):
    if not text:
        return False
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False)


def _object(text):
    """The object that a column holds as JSON; an empty one where it holds none."""
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _failures(data):
    """The parts of a call that were wrong, each with a path and a message."""
    errors = data.get("errors")
    return [item for item in errors if isinstance(item, dict)] if isinstance(errors, list) else []


def _line(failure):
    path, reason = failure.get("path"), failure.get("message") or failure.get("type")
    return f"{path}: {reason}" if path else reason
