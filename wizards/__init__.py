from . import jsonrpc_key_issue
