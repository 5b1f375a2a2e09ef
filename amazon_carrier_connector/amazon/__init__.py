"""What the connector knows of Amazon, in plain Python.

Nothing in this package imports Odoo. It takes and returns small frozen
dataclasses and raises the typed errors of ``errors``.
"""
