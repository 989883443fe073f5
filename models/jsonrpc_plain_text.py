"""The abstract model ``jsonrpc.plain.text``: no text of its records breaks a header, a mail or a line of a log."""

from odoo import api, models
from odoo.exceptions import ValidationError

from ..engine.protocol.plain_text import has_control_character


def _texts(model):
    """The names of the fields that hold texts of people; those of other records are not its own."""
    return [
        name
        for name, field in model._fields.items()
        if field.store and field.type in ("char", "text") and not field.related
    ]


class JsonrpcPlainText(models.AbstractModel):
    _name = "jsonrpc.plain.text"
    _description = "Texts Without Control Characters"

    @api.constrains(_texts)
    def _check_plain_text(self):
        """:raises ValidationError: a text has a control character, such as a line break in a name"""
        for record in self:
            for name in _texts(record):
                record._check_text(name, record[name])

    def update_field_translations(self, field_name, translations, source_lang=""):
        """:raises ValidationError: as :meth:`_check_plain_text`, which is not asked about translations"""
        if field_name in _texts(self):
            for text in translations.values():
                self._check_text(field_name, text)
        return super().update_field_translations(field_name, translations, source_lang=source_lang)

    def _check_text(self, name, text):
        field = self._fields[name]
        if isinstance(text, str) and has_control_character(text, lines=field.type == "text"):
            label = self.fields_get([name], ["string"]).get(name, {}).get("string", name)
            raise ValidationError(
                self.env._("%(field)s: line breaks and other control characters are not allowed.", field=label)
            )
