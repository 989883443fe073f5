"""What a call is restricted to, held by its cursor: it holds on every way that the call takes through Odoo.

The context of Odoo says which companies a call sees, but anybody who hands a context on can leave that out.
The cursor stays the same whatever is done with environments and contexts. It must not know models.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .credential import Credential

_NAME = "jsonrpc_gateway.restriction"


@dataclass(frozen=True, slots=True)
class Restriction:
    """The restriction of a key while it makes a call.

    :ivar user_id: as whom it calls
    :ivar company_ids: the companies that it is restricted to; ``None`` where it is not
    """

    user_id: int
    company_ids: tuple[int, ...] | None


@contextmanager
def restricted(cr: Any, credential: Credential) -> Iterator[None]:
    """Hold a call to what its key allows, as long as the body runs.

    :param cr: the cursor of the call; a call on another cursor is none of this
    :param credential: of the call; only keys restrict
    """
    if credential.kind != "key" or credential.user_id is None:
        yield
        return
    before = cr.cache.get(_NAME)
    cr.cache[_NAME] = Restriction(credential.user_id, credential.company_ids)
    try:
        yield
    finally:
        if before is None:
            cr.cache.pop(_NAME, None)
        else:
            cr.cache[_NAME] = before


def restriction_of(cr: Any) -> Restriction | None:
    """The restriction of the call that a cursor makes now; ``None`` where no key makes it."""
    return cr.cache.get(_NAME)
