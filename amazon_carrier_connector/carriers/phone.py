"""Phone numbers of buyers, as carriers take them."""

from __future__ import annotations

import re

_EXTENSION = re.compile(
    r"[\s,;]*(?<![a-z])(?:extension|ext|toestel|durchwahl|poste|x)[\s.:]*[0-9]+\s*$",
    re.IGNORECASE,
)
# "+31 (0)6 ...": dialled from abroad without the zero.
_TRUNK_ZERO = re.compile(r"^(\+[0-9]{1,3}\s*)\(0\)")
_SIGNS = re.compile(r"[\s().\-–/]")
# Longer than any number of a subscriber is none (E.164), and shorter an emergency call.
_NUMBER = re.compile(r"\+?[0-9]{6,15}")


# In a text: a number with its signs, as long as one is at least.
_IN_TEXT = re.compile(r"\+?[0-9(][0-9\s().\-–/]{5,}[0-9]")


def find_phone(text: str) -> str:
    """The first number in a text of more than that; "" where there is none."""
    numbers = (clean_phone(match[0]) for match in _IN_TEXT.finditer(text))
    return next((number for number in numbers if _NUMBER.fullmatch(number)), "")


def clean_phone(phone: str) -> str:
    """The number without extension, blanks and signs; "00" before a country is "+".

    What does not read as one number stays as it is: nothing is invented.
    """
    raw = phone.strip()
    number = _TRUNK_ZERO.sub(r"\1", _EXTENSION.sub("", raw))
    number = _SIGNS.sub("", number)
    if not number.isascii() or not _NUMBER.fullmatch(number):
        return raw
    # "00" and the shortest of national numbers; a number at home has one zero.
    return re.sub(r"^00(?=[1-9][0-9]{8})", "+", number)
