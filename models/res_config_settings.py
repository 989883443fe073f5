"""The block of the gateway in General Settings."""

from odoo import fields, models
from odoo.exceptions import ValidationError

from .audit.jsonrpc_audit import DAYS_PARAMETER as AUDIT_DAYS_PARAMETER
from .audit.jsonrpc_audit import DEFAULT_DAYS as DEFAULT_AUDIT_DAYS
from .audit.jsonrpc_audit import FEWEST_DAYS as FEWEST_AUDIT_DAYS
from .jsonrpc_call import (
    DAYS_PARAMETER,
    DEFAULT_DAYS,
    DEFAULT_LEVEL,
    DEFAULT_ROWS,
    LEVEL_PARAMETER,
    LEVELS,
    ROWS_PARAMETER,
)
from .key.jsonrpc_key import check_origins


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    jsonrpc_cors_origins = fields.Char(
        string="Allowed origins",
        config_parameter="web.cors.origins",
        help="Origins of web pages that may call the gateway with the session of their user, separated by "
        "commas, for example https://shop.example.com. Keys work from everywhere.",
    )
    jsonrpc_max_batch = fields.Integer(
        string="Calls in a batch",
        config_parameter="jsonrpc_gateway.max_batch",
        default=100,
        help="A larger batch is refused before any of its calls is made.",
    )
    jsonrpc_max_body = fields.Integer(
        string="Bytes in a request",
        config_parameter="jsonrpc_gateway.max_body",
        default=1024 * 1024,
        help="A larger body is refused on /jsonrpc/2/api. The service endpoints have Odoo's own upload limit.",
    )
    jsonrpc_statement_timeout = fields.Integer(
        string="Seconds of a statement",
        config_parameter="jsonrpc_gateway.statement_timeout",
        default=60,
        help="A call is ended when PostgreSQL takes longer for one of its statements.",
    )
    jsonrpc_token_lifetime = fields.Integer(
        string="Seconds of an access token",
        config_parameter="jsonrpc_gateway.token_lifetime",
        default=900,
        help="How long a token from /jsonrpc/2/token can be used in the place of its key.",
    )
    jsonrpc_log_level = fields.Selection(
        LEVELS,
        string="Keep of each call",
        config_parameter=LEVEL_PARAMETER,
        default=DEFAULT_LEVEL,
        help="How much the log of calls keeps, where the API key says nothing else. Passwords, tokens and files "
        "are never kept.",
    )
    jsonrpc_log_days = fields.Integer(
        string="Days",
        config_parameter=DAYS_PARAMETER,
        default=DEFAULT_DAYS,
        help="Older calls are deleted.",
    )
    jsonrpc_log_rows = fields.Integer(
        string="Calls",
        config_parameter=ROWS_PARAMETER,
        default=DEFAULT_ROWS,
        help="The oldest calls beyond this number are deleted.",
    )
    jsonrpc_audit_days = fields.Integer(
        string="Days of changes",
        config_parameter=AUDIT_DAYS_PARAMETER,
        default=DEFAULT_AUDIT_DAYS,
        help="Older rows of the audit trail are deleted. At least 30 days are kept.",
    )
    jsonrpc_debug_in_errors = fields.Boolean(
        string="Tracebacks in errors",
        config_parameter="jsonrpc_gateway.debug_in_errors",
        help="Errors of /jsonrpc/2/common and /jsonrpc/2/object carry a traceback, which tells an attacker "
        "much about this server. The curated API never sends one.",
    )

    def set_values(self):
        """Store the settings.

        :raises ValidationError: an origin is none, or a number is not positive
        """
        for settings in self:
            check_origins(self.env, settings.jsonrpc_cors_origins or "")
            if settings.jsonrpc_max_batch <= 0 or settings.jsonrpc_max_body <= 0:
                raise ValidationError(self.env._("The limits of batches and requests of the gateway are at least 1."))
            if settings.jsonrpc_token_lifetime <= 0:
                raise ValidationError(self.env._("An access token of the gateway lives for at least one second."))
            if settings.jsonrpc_statement_timeout <= 0:
                raise ValidationError(self.env._("A statement of a call to the gateway may take at least one second."))
            if settings.jsonrpc_log_days <= 0 or settings.jsonrpc_log_rows <= 0:
                raise ValidationError(self.env._("The log of calls keeps at least one day and one call."))
            if settings.jsonrpc_audit_days < FEWEST_AUDIT_DAYS:
                raise ValidationError(
                    self.env._("The audit trail of the gateway keeps at least %s days.", FEWEST_AUDIT_DAYS)
                )
        return super().set_values()
