"""Texts of people as carriers take them, and texts of carriers as we take them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_UNPRINTABLE = frozenset(("Cc", "Cs", "Co", "Cn"))


def clean(text: str) -> str:
    """The text with single blanks, each letter one character where that exists."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def is_printable(text: str) -> bool:
    """False when a character is one that no printer knows."""
    return all(unicodedata.category(char) not in _UNPRINTABLE for char in text)


def is_email(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text))


def text_of(value: object) -> str:
    """A text or whole number out of a JSON answer; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value).strip()


def link_of(value: object) -> str:
    """A web address out of a JSON answer; "" for anything else."""
    text = text_of(value)
    return text if text.startswith(("https://", "http://")) else ""


def value_at(tree: object, *keys: str) -> object:
    """What stands under these keys of a JSON answer; None where there is nothing."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree
