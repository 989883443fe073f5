"""One command away from a real Odoo 19 with this addon: ``python3 -m sandbox``.

Standard library only.  Must not know what the addon does beyond one call that
proves it answers; the addon never imports this package.
"""
