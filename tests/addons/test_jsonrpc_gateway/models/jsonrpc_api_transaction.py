"""Curated methods that write, and fail in every way in which a transaction can."""

import logging
from typing import Literal

from odoo import models
from odoo.exceptions import UserError
from odoo.service import model as service_model

from odoo.addons.jsonrpc_gateway import api as jsonrpc
from odoo.addons.jsonrpc_gateway.engine.dispatch.answer import Accepted

_logger = logging.getLogger(__name__)


class JsonrpcApiTransaction(models.AbstractModel):
    _name = "jsonrpc.api.transaction"
    _inherit = "jsonrpc.api"
    _description = "JSON-RPC API: transactions"
    _jsonrpc_namespace = "tx"

    @property
    def _notes(self):
        return self.env["test_jsonrpc_gateway.note"]

    @jsonrpc.method(access="write")
    def write(self, name: str, number: int = 0) -> int:
        """Create a note."""
        return self._notes.create({"name": name, "number": number}).id

    @jsonrpc.method(access="write", public=True)
    def sign(self, name: str) -> int:
        """Create a note, for anybody: a guest book."""
        # sudo: strangers have no rights, and this is all that they may write.
        return self._notes.sudo().create({"name": name}).id

    @jsonrpc.method(access="write")
    def write_then_refuse(self, name: str) -> int:
        """Create a note, and refuse."""
        self._notes.create({"name": name})
        self.env.flush_all()
        raise UserError(self.env._("On second thoughts, no."))

    @jsonrpc.method(access="write")
    def write_not_encodable(self, name: str):
        """Create a note, and answer what JSON cannot express."""
        return {"note": self._notes.create({"name": name})}

    @jsonrpc.method(access="write")
    def write_null(self, name: str):
        """Create a note without what the table requires, and leave it to the flush to fail."""
        note = self._notes.create({"name": name})
        note.name = False
        return note.id

    @jsonrpc.method(access="write")
    def accept(self, name: str):
        """Create a note, as a job would be, and answer that the work is accepted."""
        return Accepted.of(f"job-{self._notes.create({'name': name}).id}", "queued")

    @jsonrpc.method(access="read")
    def count(self, name: str) -> int:
        """How many notes have a name."""
        return self._notes.search_count([("name", "=", name)])

    @jsonrpc.method(access="read")
    def lie(self, name: str) -> int:
        """Write, although marked as a read."""
        return self._notes.create({"name": name}).id

    @jsonrpc.method(access="write")
    def broken_sql(self):
        """Abort the transaction."""
        self.env.cr.execute("SELECT no_such_column FROM res_partner")

    @jsonrpc.method(access="read")
    def broken_sql_read(self):
        """Abort the transaction, in a read."""
        self.env.cr.execute("SELECT no_such_column FROM res_partner")

    @jsonrpc.method(access="write")
    def swallowed_sql(self) -> str:
        """Abort the transaction, and say nothing of it."""
        try:
            self.env.cr.execute("SELECT no_such_column FROM res_partner")
        except Exception:
            _logger.info("swallowed")
        return "fine"

    @jsonrpc.method(access="write")
    def raise_sql(self, code: Literal["40001", "40P01", "55P03", "57014", "22003"], name: str = "") -> int:
        """Let PostgreSQL fail with an error code, after a note was created."""
        note = self._notes.create({"name": name}) if name else self._notes
        self.env.flush_all()
        self.env.cr.execute(
            "SET LOCAL client_min_messages TO error;"
            f" DO $$ BEGIN RAISE EXCEPTION 'test' USING ERRCODE = '{code}'; END $$"
        )
        return note.id

    @jsonrpc.method(access="write")
    def increment(self, name: str, seconds: float = 0) -> int:
        """Read a note, wait, and write it: what two callers at once cannot both do."""
        note = self._notes.search([("name", "=", name)], limit=1)
        number = note.number
        self.env.cr.execute("SELECT pg_sleep(%s)", [seconds])
        note.number = number + 1
        self.env.flush_all()
        return note.number

    @jsonrpc.method(access="write")
    def increment_behind(self, name: str, lock: int) -> int:
        """Read a note, wait until nobody else holds an advisory lock, and write the note."""
        note = self._notes.search([("name", "=", name)], limit=1)
        number = note.number
        self.env.cr.execute("SELECT pg_advisory_xact_lock_shared(%s)", [lock])
        note.number = number + 1
        self.env.flush_all()
        return note.number

    @jsonrpc.method(access="write")
    def update_partner(self, partner_id: int, text: str) -> int:
        """Change a partner, and leave a contact of it with the same text."""
        contact = self.env["res.partner"].create({"name": text, "parent_id": partner_id})
        self.env["res.partner"].browse(partner_id).phone = text
        return contact.id

    @jsonrpc.method(access="write")
    def limit_tries(self, number: int) -> int:
        """Set how often this process tries a request that loses against others."""
        service_model.MAX_TRIES_ON_CONCURRENCY_FAILURE = number
        return number

    @jsonrpc.method(access="write")
    def lock(self, name: str) -> int:
        """Lock a note, or fail at once."""
        self.env.cr.execute("SELECT id FROM test_jsonrpc_gateway_note WHERE name = %s FOR UPDATE NOWAIT", [name])
        return self.env.cr.fetchone()[0]

    @jsonrpc.method(access="write")
    def hook(self, text: str, fail: bool = False) -> str:
        """Hang a hook on the commit, with data as Odoo's bus does, and fail perhaps."""
        cr = self.env.cr
        if "test.texts" not in cr.postcommit.data:
            cr.postcommit.data["test.texts"] = []

            @cr.postcommit.add
            def log():
                _logger.info("committed: %s", cr.postcommit.data.pop("test.texts"))

        cr.postcommit.data["test.texts"].append(text)
        cr.postrollback.add(lambda: _logger.info("rolled back: %s", text))
        if fail:
            raise UserError("No.")
        return text

    @jsonrpc.method(access="write")
    def set_parameter(self, value: str, fail: bool = False) -> str:
        """Set a system parameter, read it (into the registry's cache), and fail perhaps."""
        # sudo: only administrators may; the tests' callers are some.
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("test_jsonrpc_gateway.value", value)
        read = parameters.get_param("test_jsonrpc_gateway.value")
        if fail:
            raise UserError("No.")
        return read

    @jsonrpc.method(access="read")
    def get_parameter(self) -> str | None:
        """The system parameter."""
        return self.env["ir.config_parameter"].sudo().get_param("test_jsonrpc_gateway.value") or None

    @jsonrpc.method(access="write")
    def commit_itself(self, name: str) -> str:
        """Create a note and commit, which no method should."""
        self._notes.create({"name": name})
        self.env.cr.commit()
        return name

    @jsonrpc.method(access="read")
    def end_and_write(self, name: str, commit: bool = True) -> str:
        """End the transaction, and write in the next, although marked as a read."""
        self._notes.search_count([])
        if commit:
            self.env.cr.commit()
        else:
            self.env.cr.rollback()
        self._notes.create({"name": name})
        self.env.cr.commit()
        return name

    @jsonrpc.method(access="write")
    def roll_back_itself(self) -> str:
        """Undo everything so far, which no method may."""
        self.env.cr.rollback()
        return "gone"
