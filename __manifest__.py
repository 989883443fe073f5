{
    "name": "JSON-RPC Gateway",
    "summary": "A strict, typed and safe JSON-RPC 2.0 API for external systems",
    "version": "19.0.1.0.0",
    "category": "Technical",
    "author": "JSON-RPC Gateway contributors",
    "license": "LGPL-3",
    "depends": ["base_setup", "web"],
    "external_dependencies": {"python": ["orjson", "pydantic"]},
    "data": [
        "security/jsonrpc_gateway_security.xml",
        "security/ir.model.access.csv",
        "data/ir_config_parameter.xml",
    ],
    "demo": [],
    "application": True,
    "installable": True,
}
