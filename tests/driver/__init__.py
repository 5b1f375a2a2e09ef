"""Drives a running Odoo from outside, as its users do: for the whole-system tests and
the demo. It sees the addon only through HTTP, and checks it against the stand-ins."""
