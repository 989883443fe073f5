from . import ir_http
from . import jsonrpc_key
from . import res_users
from . import jsonrpc_api
from . import jsonrpc_api_system
from . import jsonrpc_api_partner
from . import jsonrpc_bucket
from . import jsonrpc_limit
