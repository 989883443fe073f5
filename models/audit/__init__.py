"""The audit trail: who changed a key, a grant, a resource, a limit or a setting of the gateway, and how.

* ``jsonrpc_audit``: the rows, which nobody edits, and how long they are kept.
* ``jsonrpc_audited``: the abstract model that records the changes of the models that inherit from it.
* ``audited_state``: what is kept of a record, and what two states of it differ in.
* ``deletions``: what the database deletes or changes by itself when a user, a model or a field goes.
"""

from . import jsonrpc_audit
from . import jsonrpc_audited
from . import deletions
