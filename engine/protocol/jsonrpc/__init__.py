"""The messages of JSON-RPC 2.0: bytes to calls, calls to answers."""
