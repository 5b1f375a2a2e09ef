"""Recognise a carrier in the name that a merchant gave to a delivery method."""

import re
import unicodedata
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def find_carrier(text: str, carriers: Iterable[tuple[str, T]]) -> T | None:
    """The carrier whose name is in a text; the longest name wins, then the first.

    Case, accents, punctuation and spaces make no difference ("Post NL" is "PostNL"),
    but names are found as whole words only.

    :param carriers: pairs of a carrier's name and what stands for it
    """
    joined = _join_neighbours(_split_words(text))
    found, longest = None, 0
    for name, carrier in carriers:
        wanted = "".join(_split_words(name))
        if len(wanted) > longest and wanted in joined:
            found, longest = carrier, len(wanted)
    return found


def _split_words(text):
    letters = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)


def _join_neighbours(words):
    """Every run of neighbouring words, written as one."""
    return {
        "".join(words[first:last])
        for first in range(len(words))
        for last in range(first + 1, len(words) + 1)
    }
