"""Damages good input in every way we know, and looks what comes of it."""
