"""Rules of a transaction that travel with its first statement, and so cost no round trip of their own.

PostgreSQL runs several statements that are sent at once one after the other ("simple query" in
https://www.postgresql.org/docs/current/protocol-flow.html), and a call that asks the database nothing
needs no rules. It must not know what the rules are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from odoo.tools import SQL

from ...compat import odoo_db

if TYPE_CHECKING:
    from odoo.sql_db import BaseCursor


class FirstStatement:
    """Puts rules in front of the next statement of a cursor.

    :param cr: the cursor
    :param rules: SQL without parameters; empty for none
    :ivar sent: whether the rules hold in the transaction
    """

    def __init__(self, cr: BaseCursor, rules: str):
        self._cr = cr
        self._rules = rules
        self.sent = not rules

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Send the rules with the first statement of the body, if they have not been sent yet."""
        if self.sent:
            yield
            return
        odoo_db.replace_execute(self._cr, self._execute)
        try:
            yield
        finally:
            odoo_db.restore_execute(self._cr)

    def forget(self) -> None:
        """The transaction was rolled back, and its rules with it."""
        self.sent = not self._rules

    def _execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        odoo_db.restore_execute(self._cr)
        if self.sent:
            # By who took hold of this method before the first statement.
            return self._cr.execute(query, *args, **kwargs)
        self.sent = True
        if isinstance(query, SQL):
            query = SQL("%s; %s", SQL(self._rules), query)
        elif isinstance(query, str):
            query = f"{self._rules}; {query}"
        else:
            self._cr.execute(self._rules)
        return self._cr.execute(query, *args, **kwargs)
