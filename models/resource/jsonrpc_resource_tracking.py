"""The abstract model ``jsonrpc.resource.tracking``: the changes of a resource's records are followed, or are not."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.resources.followed_fields import can_be_followed


class JsonrpcResourceTracking(models.AbstractModel):
    _name = "jsonrpc.resource.tracking"
    _description = "Tracking of the Changes of a JSON-RPC Resource"

    track_changes = fields.Boolean(
        compute="_compute_track_changes",
        store=True,
        readonly=False,
        help="Every committed change of its records leaves a row, whoever makes it and by whatever way, so that "
        "callers can keep a copy in step. Writes to the model cost a little more.",
    )

    @api.depends("can_changes")
    def _compute_track_changes(self):
        for resource in self:
            resource.track_changes = resource.track_changes or resource.can_changes

    @api.constrains("track_changes", "model_id", "domain", "can_changes")
    def _check_tracked(self):
        for resource in self:
            if resource.can_changes and not resource.track_changes:
                raise ValidationError(
                    self.env._("Resource %s: callers follow its changes, so they have to be tracked.", resource.name)
                )
            if resource.track_changes and not can_be_followed(self.env[resource.model]):
                raise ValidationError(
                    self.env._(
                        "Resource %(resource)s: the changes of %(model)s cannot be tracked. It has no table of its own,"
                        " or decides by its own code who sees a record.",
                        resource=resource.name,
                        model=resource.model,
                    )
                )

    def _track(self):
        """Follow what is to be followed after a change of resources or their lines."""
        # sudo: what is followed does not depend on who asks.
        source = self.env["jsonrpc.change.source"].sudo()
        if any(self.mapped("track_changes")) or source.search_count([], limit=1):
            self.env.flush_all()
            source._follow()
