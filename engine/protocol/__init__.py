"""JSON-RPC 2.0 in pure Python: bytes to calls, calls to answers, functions to typed methods.

It must not know Odoo, werkzeug or HTTP: its tests run without any of them.
"""
