"""Carriers in plain Python: one client per carrier, addresses, labels, typed errors.

Nothing in this package knows Odoo. It takes and returns small frozen dataclasses and
raises the errors of :mod:`.errors`, whose data lets the caller make the sentence.
"""
