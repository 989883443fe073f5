"""The abstract model ``jsonrpc.notice``: short messages to users by plain e-mail, which needs no other addon."""

import contextlib

from odoo import api, models

from ...engine.compat import odoo_base
from ...engine.protocol.plain_text import without_control_characters


class JsonrpcNotice(models.AbstractModel):
    _name = "jsonrpc.notice"
    _description = "Message of the JSON-RPC Gateway"

    @api.model
    def _sender(self):
        """The address that messages come from, or a false value where none is configured."""
        return odoo_base.default_sender(self.env) or self.env.company.email

    @api.model
    @contextlib.contextmanager
    def _session(self):
        """A session with the mail server, as a context manager; ``None`` in tests.

        :raises UserError: there is no server, or it refuses us
        :raises OSError: it cannot be reached
        """
        session = odoo_base.smtp_session(self.env, self._sender())
        try:
            yield session
        finally:
            if session:
                session.quit()

    @api.model
    def _send(self, session, holder, subject, body):
        """Send a message.

        :param session: of :meth:`_session`
        :param holder: the ``res.users`` record that it goes to, who has an address
        :raises Exception: it could not be made or sent
        """
        # Addresses are not ours, and a header has one line.
        address = without_control_characters(holder.email)
        message = odoo_base.email_message(
            self.env,
            email_from=without_control_characters(self._sender() or address),
            email_to=[address],
            subject=without_control_characters(subject),
            body=body,
        )
        self.env["ir.mail_server"].send_email(message, smtp_session=session)
