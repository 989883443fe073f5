{
    "name": "Test JSON-RPC Gateway",
    "summary": "What an addon may build on the gateway, right and wrong; for its tests only",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "author": "JSON-RPC Gateway contributors",
    "license": "LGPL-3",
    # With two-factor authentication, to see that no password walks around it.
    "depends": ["jsonrpc_gateway", "auth_totp"],
    "data": ["security/ir.model.access.csv"],
    "installable": True,
}
