"""The model ``jsonrpc.call``: one row for each call that was made, refused or failed.

Rows are written by ``engine/dispatch/journal/`` in plain SQL and read here; nobody may change them. It
must not know how a call is made.
"""

from typing import NamedTuple
from urllib.parse import quote

from odoo import api, fields, models
from odoo.tools import ormcache

from ...engine.access.settings import DEFAULT_LOG_LEVEL, LOG_LEVEL
from ...engine.protocol.spec import LOG_LEVELS

_LABELS = {
    "none": "Nothing",
    "metadata": "Metadata",
    "params": "Metadata and params",
    "result": "Metadata, params and result",
}
#: How much of a call is kept, as a selection.
LEVELS = [(level, _LABELS[level]) for level in LOG_LEVELS]

#: Milliseconds from which a call counts as slow.
SLOW = 1000
_IS_ERROR = "outcome IN ('refused', 'failed')"


class User(NamedTuple):
    """What the log keeps of a user, who may be gone when it is read.

    :ivar login: of the user
    :ivar company_id: of the user's current company
    """

    login: str
    company_id: int


class JsonrpcCall(models.Model):
    _name = "jsonrpc.call"
    _inherit = ["jsonrpc.call.reading", "jsonrpc.call.replay", "jsonrpc.call.dashboard", "jsonrpc.call.retention"]
    _description = "JSON-RPC Call"
    _order = "called_at desc, id desc"
    _rec_name = "method"
    # Nobody edits a row; and no foreign keys: the log outlives keys, users and companies, and
    # to check them would cost each call a lock on its key.
    _log_access = False
    _allow_sudo_commands = False

    called_at = fields.Datetime("Time", required=True, readonly=True)
    request_id = fields.Char("Request ID", readonly=True, help="As the answer's X-Request-Id said.")
    endpoint = fields.Char(readonly=True, help="Path of the URL that was called.")
    credential = fields.Selection(
        [("key", "API key"), ("session", "Session"), ("password", "Password"), ("public", "None")],
        readonly=True,
        help="How the caller proved who they are.",
    )
    key_id = fields.Integer("Key ID", readonly=True, aggregator=None)
    key_name = fields.Char("API key", readonly=True, help="As the key was called then.")
    user_id = fields.Integer("User ID", readonly=True, aggregator=None)
    login = fields.Char("User", readonly=True, help="The user's login then.")
    company_id = fields.Integer("Company ID", readonly=True, aggregator=None)
    company_name = fields.Char("Company", compute="_compute_company_name")
    address = fields.Char("From", readonly=True, help="Address of the client.")
    method = fields.Char(readonly=True)
    params = fields.Text(readonly=True, help="Without secrets, and not longer than 4,096 characters.")
    result = fields.Text(
        readonly=True,
        help="Without secrets, and not longer than 4,096 characters. Of a stream: how many rows were sent.",
    )
    outcome = fields.Selection(
        [("done", "Done"), ("dry_run", "Dry run"), ("refused", "Refused"), ("failed", "Failed")],
        readonly=True,
        help="Refused: the caller was told what to mend, or left. Failed: a fault on our side.",
    )
    error_type = fields.Char("Error", readonly=True, help="The error's type, as the caller got it.")
    error_message = fields.Char(readonly=True)
    error_data = fields.Text(
        "Error details", readonly=True, help="What the caller was told to mend, without secrets; cut when it is long."
    )
    error_detail = fields.Char("Why", compute="_compute_error_detail", help="The first thing that was wrong.")
    error_rows = fields.Html("What was wrong", compute="_compute_error_rows", sanitize=False)
    error_digest = fields.Char(readonly=True, help="Which collected error it is one of.")
    duration = fields.Float(
        "Duration (ms)", readonly=True, aggregator="avg", help="Milliseconds, encoding included."
    )
    queries = fields.Integer("SQL queries", readonly=True, aggregator="avg")
    response_size = fields.Integer("Size (bytes)", readonly=True, aggregator="avg", help="Of the encoded result.")
    batch_position = fields.Integer(
        readonly=True, aggregator=None, help="Which call of its batch it was, from 1; 0 for a single call."
    )
    batch_size = fields.Integer(readonly=True, aggregator=None, help="Calls that its batch held; 0 for a single call.")
    batch_modes = fields.Char(readonly=True, help="What bound the calls of its batch together, as JSON-RPC-Batch said.")
    sibling_ids = fields.Many2many("jsonrpc.call", string="Calls of the batch", compute="_compute_sibling_ids")
    door = fields.Char(readonly=True, help="The routing type of the route that was called.")
    user_agent = fields.Char("Client", readonly=True, help="What the client said it is (User-Agent).")
    limit_name = fields.Char("Limit", readonly=True, help="The limit that was nearest to its end.")
    limit_left = fields.Integer(
        "Calls left", readonly=True, aggregator=None, help="Calls that this limit allowed after the request."
    )
    idempotency_digest = fields.Char(
        "Idempotency key", readonly=True, help="Digest of the key: the same one for the same key."
    )
    validate_only = fields.Boolean("Asked as a dry run", readonly=True)
    notification = fields.Boolean(readonly=True, help="The caller wanted no answer.")
    replayed = fields.Boolean(readonly=True, help="Answered with the stored result of an earlier call.")
    params_pretty = fields.Text("Request", compute="_compute_pretty")
    result_pretty = fields.Text("Answer", compute="_compute_pretty")
    curl = fields.Text("As curl", compute="_compute_curl")
    curl_dry_run = fields.Text("As curl, as a dry run", compute="_compute_curl")
    curl_gaps = fields.Text("What is missing in it", compute="_compute_curl")

    # The page is sorted by time, whatever it is filtered by. PostgreSQL thinks better of an index
    # on one column, which is also how the rows lie; the few of one moment it sorts by itself.
    _time_index = models.Index("(called_at)")
    _key_index = models.Index("(key_id, called_at) WHERE key_id IS NOT NULL")
    _user_index = models.Index("(user_id, called_at)")
    _method_index = models.Index("(method, called_at)")
    _request_index = models.Index("(request_id)")
    # Few rows each, in a table of many; key and method are there to be looked at without the row.
    _errors_index = models.Index(f"(called_at, key_id, method) WHERE {_IS_ERROR}")
    _failures_index = models.Index("(called_at) WHERE outcome = 'failed'")
    _slow_index = models.Index(f"(called_at) WHERE duration >= {SLOW}")
    _idempotency_index = models.Index("(idempotency_digest, called_at) WHERE idempotency_digest IS NOT NULL")
    _digest_index = models.Index("(error_digest, called_at) WHERE error_digest IS NOT NULL")

    def init(self):
        """Count rows in 64 bits: at a thousand calls a second Odoo's own ids last 25 days."""
        self.env.cr.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_schema = current_schema"
            " AND table_name = 'jsonrpc_call' AND column_name = 'id'"
        )
        if self.env.cr.fetchone() == ("integer",):
            self.env.cr.execute("ALTER TABLE jsonrpc_call ALTER COLUMN id TYPE bigint")
            self.env.cr.execute("ALTER SEQUENCE jsonrpc_call_id_seq AS bigint")

    # ------------------------------------------------------------------
    # For the app's first page
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_dashboard(self, period):
        """The figures for a period up to now.

        :param str period: ``"hour"``, ``"day"`` or ``"week"``
        :returns: ``since`` and ``step`` (seconds) of the ``series``, whose items count the calls of
            each step by outcome; ``calls``, ``refused``, ``failed``; ``p50`` and ``p95``
            (milliseconds, ``None`` without calls); the top ``methods`` and ``errors``; the
            ``keys`` that expire soon; ``lost``, the number of calls that are missing
        :raises AccessError: the user may not see calls
        :raises ValidationError: there is no such period
        """
        self.check_access("read")
        return self._dashboard(period)

    @api.model
    @api.readonly
    def get_first_steps(self):
        """How far the first steps of an installation are.

        :returns: ``has_key``, ``has_resource``, ``called``: whether each was done; ``curl``: a line for a
            shell that makes a first call
        :raises AccessError: the user may not see calls
        """
        self.check_access("read")
        return self._first_steps()

    # ------------------------------------------------------------------
    # For the dispatch
    # ------------------------------------------------------------------

    @api.model
    @ormcache("user_id")
    def _user(self, user_id):
        """What the log keeps of a user.

        :rtype: User
        """
        # sudo: whoever calls, the log says as whom.
        user = self.env["res.users"].sudo().browse(user_id)
        return User(user.login, user.company_id.id)

    @api.model
    @ormcache("key_id")
    def _level(self, key_id):
        """How much is kept of the calls with a key.

        :param key_id: ``None`` for calls without one
        :returns: one of :data:`LEVELS`
        """
        # sudo: the level holds for callers who may not read the key.
        keys = self.env["jsonrpc.key"].sudo().with_context(active_test=False)
        key_level = key_id and keys.search_fetch([("id", "=", key_id)], ["log_level"]).log_level
        return self._level_of(key_level)

    @api.model
    def _level_of(self, level):
        """A level, or where a key has none of its own, that of the settings."""
        # sudo: the parameter holds for callers who may not read it.
        default = self.env["ir.config_parameter"].sudo().get_param(LOG_LEVEL)
        return level or (default if default in dict(LEVELS) else DEFAULT_LOG_LEVEL)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open_key(self):
        """Open the key, if it still exists."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "jsonrpc.key",
            "res_id": self.key_id,
            "views": [(False, "form")],
        }

    def action_open_same_key(self):
        """Open the calls that were sent with the same idempotency key."""
        self.ensure_one()
        domain = [(name, "=", self[name]) for name in ("idempotency_digest", "user_id", "key_id")]
        return self._action_open((self.env._("One idempotency key"), domain))

    def action_open_error(self):
        """Open the collected error that the call is one of."""
        self.ensure_one()
        error = self.env["jsonrpc.error"].search([("digest", "=", self.error_digest)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "res_model": "jsonrpc.error",
            "res_id": error.id,
            "views": [(False, "form")],
        }

    def action_open_docs(self):
        """Open the method on the page of methods."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/jsonrpc/2/docs#{quote(self.method or '')}", "target": "new"}
