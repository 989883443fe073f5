"""Tests that need no server of Odoo: ``python -m unittest discover -s benchmarks/tests -t .``"""
