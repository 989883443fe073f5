"""A model with constraints of every kind, and public methods that answer oddly."""

from datetime import date, datetime

from odoo import api, fields, models
from odoo.exceptions import MissingError, RedirectWarning, UserError, ValidationError


class Note(models.Model):
    _name = "test_jsonrpc_gateway.note"
    _description = "Note"

    name = fields.Char(required=True)
    number = fields.Integer()

    _name_unique = models.Constraint("UNIQUE(name)", "This name is taken.")
    # Without a message, so that Odoo has nothing better than PostgreSQL's words.
    _number_positive = models.Constraint("CHECK(number >= 0)")
    _number_name_unique = models.UniqueIndex("(number) WHERE number > 100")

    @api.constrains("name")
    def _check_name(self):
        if any(note.name == "forbidden" for note in self):
            raise ValidationError(self.env._("This name is forbidden."))

    @api.model
    def answer_none(self):
        return None

    @api.model
    def answer_keys(self):
        return {1: "one", 2: {3: "three"}}

    @api.model
    def answer_dates(self):
        return {"date": date(2026, 1, 2), "datetime": datetime(2026, 1, 2, 3, 4, 5), "bytes": b"text"}  # noqa: DTZ001 - as the ORM has it

    @api.model
    def answer_context(self):
        return {"companies": self.env.companies.ids, "company": self.env.company.id, "uid": self.env.uid}

    @api.model
    def answer_tuple_keys(self):
        return {(1, 2): "no JSON has such keys"}

    def answer_ids(self, suffix=""):
        return [f"{id_}{suffix}" for id_ in self.ids]

    @api.private
    def hidden(self):
        return "nobody may call this remotely"

    @api.model
    def fail(self, kind):
        """Raise one of the exceptions that Odoo's clients know."""
        if kind == "redirect":
            raise RedirectWarning("Go there", self.env.ref("base.action_res_users").id, "There")
        if kind == "context":
            error = UserError("With a context")
            error.context = {"user": self.env.user}
            raise error
        raise {
            "user": UserError("The user is told this."),
            "validation": ValidationError("This is invalid."),
            "missing": MissingError("This is gone."),
            "surprise": RuntimeError("secret-of-the-house"),
            "value": ValueError("Invalid field 'x'"),
        }[kind]
