"""The development environment: set-up, databases, tests, checks. Standard library only.

Everything made here lies in `.dev/` of the checkout; nothing is installed into the
system.
"""
