from . import jsonrpc_key_duration
from . import jsonrpc_key_issue
from . import jsonrpc_key_rotate
from . import jsonrpc_key_show
