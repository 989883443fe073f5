from . import (
    jsonrpc_api_partner_admin,
    jsonrpc_api_stream,
    jsonrpc_api_test,
    jsonrpc_api_transaction,
    member,
    note,
    sale,
)
