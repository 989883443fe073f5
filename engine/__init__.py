"""What the gateway is made of, below Odoo's own conventions: see ``docs/architecture.rst``."""
