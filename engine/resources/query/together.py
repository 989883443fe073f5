"""One record for each of several calls that stand next to each other, read by one statement.

It must not know batches, nor what makes calls alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .plan import plans_of
from .reader import Reader
from .selection import Selection

if TYPE_CHECKING:
    from odoo.api import Environment

    from ...protocol.jsonrpc.alike import Alike


def read_together(env: Environment, selection: Selection, id_: int, alike: Alike) -> dict[int, dict[str, Any]]:
    """What :meth:`~.reader.Reader.by_ids` finds for one id.

    What else is asked for is read with it where one statement gives all of a record. What takes more is
    counted for each call: nested records, and binary content.

    :param alike: calls for records of the same resource with the same fields, ``id_`` among their values
    :returns: the object by its id; nothing where the caller does not see it
    """
    plan = plans_of(env).by_ids(env, selection)
    if plan is None or not plan.is_whole(selection):
        return Reader(env).by_ids(selection, [id_])
    if alike.kept is None:
        asked = {id_, *(value for value in alike.values if type(value) is int and 0 < value < 2**31)}
        objects = Reader(env).objects(selection, plan.columns, plan.read(env, sorted(asked)))
        alike.kept = plan, asked, {each["id"]: each for each in objects}
    used, asked, found = alike.kept
    # Who they are, and with which rights, is in the plan.
    if used is not plan or id_ not in asked:
        return Reader(env).by_ids(selection, [id_])
    return {id_: found[id_]} if id_ in found else {}
