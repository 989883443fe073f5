"""Changes of records: the outbox that triggers fill, and what is followed."""

from . import jsonrpc_change
from . import jsonrpc_change_source
from . import ir_model
from . import ir_rule
