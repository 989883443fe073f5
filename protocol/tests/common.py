"""The test case of these tests: Odoo's where Odoo runs them, plain unittest elsewhere.

Odoo's runner passes over a plain ``unittest.TestCase`` in silence.
"""

try:
    from odoo.tests import BaseCase as TestCase
except ImportError:
    from unittest import TestCase

__all__ = ["TestCase"]
