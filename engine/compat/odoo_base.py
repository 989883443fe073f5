"""Private methods of the models of Odoo's addon ``base``: users, mail servers, assets."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from odoo.api import Environment
    from odoo.models import BaseModel

#: Seconds for which Odoo does not ask for the password again.
_IDENTITY_SECONDS = 600


def check_password(env: Environment, user_id: int, password: str) -> None:
    """Check a user's password or API key of Odoo's.

    Relies on ``res.users._check_uid_passwd`` (``base/models/res_users.py``:815).

    :param env: of the superuser, as ``odoo.service`` has it
    :raises odoo.exceptions.AccessDenied: it is wrong, or the user archived
    """
    env["res.users"]._check_uid_passwd(user_id, password)


def has_second_factor(user: BaseModel) -> bool:
    """Whether a password alone does not log a user in.

    Relies on ``res.users._mfa_url`` (``base/models/res_users.py``:1317).

    :param user: with rights to read it
    """
    return bool(user._mfa_url())


def company_ids(user: BaseModel) -> Sequence[int]:
    """The ids of a user's active companies, from the cache.

    Relies on ``res.users._get_company_ids`` (``base/models/res_users.py``:726).
    """
    return user._get_company_ids()


def session_fields(users: BaseModel) -> set[str]:
    """The fields of users by which Odoo decides whether their sessions and cached rights still hold.

    Relies on ``res.users._get_invalidation_fields`` (``base/models/res_users.py``:736).
    """
    return users._get_invalidation_fields()


def check_key_expiry(env: Environment, expires_at: datetime | None) -> None:
    """Hold the current user to the longest life that their groups allow an API key.

    Relies on ``res.users.apikeys._check_expiration_date`` (``base/models/res_users.py``:1591).

    :param expires_at: naive UTC; ``None`` for never
    :raises odoo.exceptions.ValidationError: it is too late
    """
    env["res.users.apikeys"]._check_expiration_date(expires_at)


def key_durations(env: Environment) -> list[tuple[str, str]]:
    """How long the current user's API keys may live, as the choices of a selection.

    Relies on ``res.users.apikeys.description._selection_duration`` (``base/models/res_users.py``:1646).
    """
    return env["res.users.apikeys.description"]._selection_duration()


def is_identity_fresh(session: Mapping[str, Any]) -> bool:
    """Whether the user of a session has given their password within the last ten minutes.

    Relies on ``identity-check-last`` in the session (``base/models/res_users.py``, ``check_identity``).

    :param session: of the request
    """
    return session.get("identity-check-last", 0) > time.time() - _IDENTITY_SECONDS


def smtp_session(env: Environment, sender: str | None) -> Any:
    """A session with the mail server that a sender's messages go through (``smtplib.SMTP``); ``None`` in tests.

    Relies on ``ir.mail_server._connect__`` (``base/models/ir_mail_server.py``:388).

    :raises odoo.exceptions.UserError: there is no server, or it refuses us
    :raises OSError: it cannot be reached
    """
    return env["ir.mail_server"]._connect__(smtp_from=sender)


def email_message(env: Environment, **parts: Any) -> EmailMessage:
    """A message in plain text.

    Relies on ``ir.mail_server._build_email__`` (``base/models/ir_mail_server.py``:556).

    :param parts: ``email_from``, ``email_to`` (a list), ``subject``, ``body``
    """
    return env["ir.mail_server"]._build_email__(**parts)


def default_sender(env: Environment) -> str | None:
    """The address that the database's messages come from, if one is set.

    Relies on ``ir.mail_server._get_default_from_address`` (``base/models/ir_mail_server.py``:650).
    """
    return env["ir.mail_server"]._get_default_from_address()


def asset_urls(env: Environment, bundle: str, *, css: bool = False, js: bool = False, debug: str = "") -> list[str]:
    """The URLs of an asset bundle's files.

    Relies on ``ir.qweb._get_asset_links`` (``base/models/ir_qweb.py``:2780).

    :param debug: of the session
    """
    return env["ir.qweb"]._get_asset_links(bundle, css=css, js=js, debug=debug)
