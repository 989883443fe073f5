from . import note
from . import jsonrpc_api_test
from . import jsonrpc_api_transaction
