"""Side-by-side measurements of this gateway and Odoo's own endpoints, on one server in one run.

``python3 -m sandbox bench`` starts the server and runs it. It speaks HTTP only: it must not
import Odoo, nor this addon.
"""
