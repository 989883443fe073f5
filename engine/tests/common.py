"""The test case of these tests: Odoo's where Odoo runs them, plain unittest elsewhere.

Odoo's runner passes over a plain ``unittest.TestCase`` in silence, and Odoo's own test case
works in a module below ``odoo.addons`` only.
"""

if __name__.startswith("odoo.addons."):
    from odoo.tests import BaseCase as TestCase
else:
    from unittest import TestCase

__all__ = ["TestCase"]
