"""The settings of the database, as calls read them: system parameters, in one place.

A parameter that is missing or makes no sense counts as its default: a slip of the pen in
Settings must neither open the gateway nor close it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..access import origin
from ..access.settings import CORS_ORIGINS, Setting
from ..protocol.whole_number import parse_whole_number

if TYPE_CHECKING:
    from odoo.api import Environment


def number(env: Environment | None, setting: Setting) -> int:
    """The value of a setting; its default where no database is selected.

    :returns: a positive number
    """
    # 0 is no limit that could be meant.
    return parse_whole_number(_value(env, setting.name)) or setting.default


def enabled(env: Environment | None, name: str) -> bool:
    """Whether a switch is on; off where no database is selected."""
    return _value(env, name).lower() in ("1", "true")


def origins(env: Environment | None) -> frozenset[str]:
    """The origins of :data:`CORS_ORIGINS`; none where no database is selected."""
    return origin.valid_origins(_value(env, CORS_ORIGINS))


def _value(env: Environment | None, name: str) -> str:
    if env is None:
        return ""
    # sudo: system parameters are for administrators to read, but they hold for every caller.
    return (env["ir.config_parameter"].sudo().get_param(name) or "").strip()
