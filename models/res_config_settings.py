"""The block of the gateway in General Settings."""

from odoo import fields, models
from odoo.exceptions import ValidationError

from ..engine.access import settings as known
from .call.jsonrpc_call import LEVELS
from .key.jsonrpc_key import check_origins

#: Fields of numbers, and the settings that they show.
_NUMBERS = {
    "jsonrpc_max_batch": known.MAX_BATCH,
    "jsonrpc_max_body": known.MAX_BODY,
    "jsonrpc_max_service_body": known.MAX_SERVICE_BODY,
    "jsonrpc_statement_timeout": known.STATEMENT_TIMEOUT,
    "jsonrpc_token_lifetime": known.TOKEN_LIFETIME,
    "jsonrpc_log_days": known.LOG_DAYS,
    "jsonrpc_log_rows": known.LOG_ROWS,
    "jsonrpc_audit_days": known.AUDIT_DAYS,
    "jsonrpc_change_days": known.CHANGE_DAYS,
    "jsonrpc_change_waiters": known.CHANGE_WAITERS,
}


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    jsonrpc_cors_origins = fields.Char(
        string="Allowed origins",
        config_parameter=known.CORS_ORIGINS,
        help="Origins of web pages that may call the gateway with the session of their user, separated by "
        "commas, for example https://shop.example.com. Keys work from everywhere.",
    )
    jsonrpc_max_batch = fields.Integer(
        string="Batch size (calls)",
        config_parameter=known.MAX_BATCH.name,
        default=known.MAX_BATCH.default,
        help="A larger batch is refused before any of its calls is made.",
    )
    jsonrpc_max_body = fields.Integer(
        string="Request size (bytes)",
        config_parameter=known.MAX_BODY.name,
        default=known.MAX_BODY.default,
        help="A larger body is refused on /jsonrpc/2/api.",
    )
    jsonrpc_max_service_body = fields.Integer(
        string="Request size of services (bytes)",
        config_parameter=known.MAX_SERVICE_BODY.name,
        default=known.MAX_SERVICE_BODY.default,
        help="A larger body is refused on /jsonrpc/2/common and /jsonrpc/2/object. Callers whose headers do not prove "
        "who they are have 8 MiB there at most: a password inside the body proves it only after the body is read.",
    )
    jsonrpc_statement_timeout = fields.Integer(
        string="Statement timeout (seconds)",
        config_parameter=known.STATEMENT_TIMEOUT.name,
        default=known.STATEMENT_TIMEOUT.default,
        help="A call is ended when PostgreSQL takes longer for one of its statements.",
    )
    jsonrpc_token_lifetime = fields.Integer(
        string="Access token lifetime (seconds)",
        config_parameter=known.TOKEN_LIFETIME.name,
        default=known.TOKEN_LIFETIME.default,
        help="How long a token from /jsonrpc/2/token can be used in the place of its key.",
    )
    jsonrpc_log_level = fields.Selection(
        LEVELS,
        string="Log level",
        config_parameter=known.LOG_LEVEL,
        default=known.DEFAULT_LOG_LEVEL,
        help="How much the log of calls keeps, where the API key says nothing else. Passwords, tokens and files "
        "are never kept.",
    )
    jsonrpc_log_days = fields.Integer(
        string="Log retention (days)",
        config_parameter=known.LOG_DAYS.name,
        default=known.LOG_DAYS.default,
        help="Older calls are deleted.",
    )
    jsonrpc_log_rows = fields.Integer(
        string="Log size (calls)",
        config_parameter=known.LOG_ROWS.name,
        default=known.LOG_ROWS.default,
        help="The oldest calls beyond this number are deleted.",
    )
    jsonrpc_audit_days = fields.Integer(
        string="Audit trail retention (days)",
        config_parameter=known.AUDIT_DAYS.name,
        default=known.AUDIT_DAYS.default,
        help="Older rows of the audit trail are deleted. At least 30 days are kept.",
    )
    jsonrpc_change_days = fields.Integer(
        string="Change retention (days)",
        config_parameter=known.CHANGE_DAYS.name,
        default=known.CHANGE_DAYS.default,
        help="Older changes of tracked resources are deleted. A system that keeps a copy and has not asked for so "
        "long starts over.",
    )
    jsonrpc_change_waiters = fields.Integer(
        string="Waiting calls",
        config_parameter=known.CHANGE_WAITERS.name,
        default=known.CHANGE_WAITERS.default,
        help="Calls that may wait for changes at once. Each occupies a worker of the server for up to 25 seconds.",
    )
    jsonrpc_debug_in_errors = fields.Boolean(
        string="Tracebacks in errors",
        config_parameter=known.DEBUG_IN_ERRORS,
        help="Errors of /jsonrpc/2/common and /jsonrpc/2/object carry a traceback, which tells an attacker "
        "much about this server. The curated API never sends one.",
    )

    def set_values(self):
        """Store the settings.

        :raises ValidationError: an origin is none, or a number is below its least
        """
        for settings in self:
            check_origins(self.env, settings.jsonrpc_cors_origins or "")
            for name, setting in _NUMBERS.items():
                if settings[name] < setting.least:
                    label = self._fields[name].get_description(self.env, ["string"])["string"]
                    message = self.env._("%(setting)s: at least %(least)s.", setting=label, least=setting.least)
                    raise ValidationError(message)
        return super().set_values()
