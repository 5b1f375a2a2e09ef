"""Builds frozen dataclasses by the hundred thousand.

A frozen dataclass sets each field through ``object.__setattr__``, which makes its
construction five times as slow as that of its mutable twin: most of the time that
reading a report takes. So it is built as the twin and then given its class.
"""

from dataclasses import fields, make_dataclass


def draft_of(cls: type) -> type:
    """The mutable twin of a frozen dataclass with slots: the same fields."""
    names = [(field.name, field.type) for field in fields(cls)]
    return make_dataclass(
        f"{cls.__name__}Draft", names, slots=True, eq=False, repr=False
    )


def freeze(draft: object, cls: type) -> object:
    """Make the draft what it is a draft of. Both are the same object."""
    draft.__class__ = cls
    return draft
