"""How long a key is to last: the question that several wizards ask.

It knows what core allows its own API keys; that the answer is obeyed is :meth:`JsonrpcKey._issue`'s
business: a wizard's values are whatever a client sent.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.compat import odoo_base

#: The values are core's (``res.users.apikeys.description``): days, and two special ones.
_NEVER, _CUSTOM = "0", "-1"
_USUAL = "90"


class JsonrpcKeyDuration(models.AbstractModel):
    _name = "jsonrpc.key.duration"
    _description = "Duration of a JSON-RPC API Key"

    duration = fields.Selection(
        selection="_selection_duration",
        string="Expires",
        required=True,
        default=lambda self: self._default_duration(),
        help="The key is refused after this time.",
    )
    expires_at = fields.Datetime(string="Expires on")

    @api.model
    def _selection_duration(self):
        """The durations that core allows the current user for its own API keys."""
        labels = {
            "1": self.env._("In 1 day"),
            "7": self.env._("In 1 week"),
            "30": self.env._("In 1 month"),
            "90": self.env._("In 3 months"),
            "180": self.env._("In 6 months"),
            "365": self.env._("In 1 year"),
            _NEVER: self.env._("Never"),
            _CUSTOM: self.env._("On a date of your choice"),
        }
        allowed = odoo_base.key_durations(self.env)
        return [(value, labels.get(value, label)) for value, label in allowed]

    @api.model
    def _default_duration(self):
        """Three months, or as long as the current user may."""
        allowed = [value for value, _label in self._selection_duration() if value not in (_NEVER, _CUSTOM)]
        return _USUAL if _USUAL in allowed else (allowed or [_CUSTOM])[-1]

    def _expiry(self):
        """When the key is to expire.

        :returns: a naive UTC datetime, or ``None`` for never
        :raises ValidationError: a date of one's own was chosen, and not given; or a duration that
            is not offered (the ORM does not check selections that are computed)
        """
        if self.duration not in dict(self._selection_duration()):
            raise ValidationError(self.env._("You cannot choose this duration."))
        if self.duration == _NEVER:
            return None
        if self.duration != _CUSTOM:
            return fields.Datetime.now() + timedelta(days=int(self.duration))
        if not self.expires_at:
            raise ValidationError(self.env._("Choose the date on which the key expires."))
        return self.expires_at
