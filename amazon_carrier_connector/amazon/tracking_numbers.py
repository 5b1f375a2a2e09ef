"""Whether a tracking number can be one of its carrier: doubts, never refusals.

Only what is known is looked at. A number of a carrier without a known form is never
doubted for its form.
"""

import re
from enum import Enum

# Amazon's limit in its shipping confirmation file (Seller Central help, G641).
LONGEST_NUMBER = 50

_USUAL_CHARACTERS = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./_-]*")
_S10 = re.compile(r"[A-Z]{2}([0-9]{9})[A-Z]{2}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_GLS_DIGITS = re.compile(r"[0-9]{11,12}|[0-9]{14}")
_GLS_TRACK_ID = re.compile(r"[0-9A-Z]{8}")
_UPS = re.compile(r"1Z([0-9A-Z]{15})([0-9])")


class Doubt(Enum):
    TOO_LONG = "too_long"
    CHARACTERS = "characters"
    FORM = "form"
    CHECK_DIGIT = "check_digit"


def find_doubt(carrier_code: str, number: str) -> Doubt | None:
    """What speaks against a tracking number, or None.

    :param carrier_code: Amazon's, in its own spelling
    """
    if len(number) > LONGEST_NUMBER:
        return Doubt.TOO_LONG
    if not _USUAL_CHARACTERS.fullmatch(number):
        return Doubt.CHARACTERS
    look = _LOOKS.get(carrier_code)
    return look(number.replace(" ", "").upper()) if look else None


def s10_check_digit(digits: str) -> int:
    """The ninth digit of a postal number. Source: Universal Postal Union, S10.

    :param digits: the first eight
    """
    total = sum(w * int(d) for w, d in zip(_S10_WEIGHTS, digits, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


def gls_check_digit(digits: str) -> int:
    """The last digit of a GLS parcel number.

    The group's numbers have 11 digits before it and add one, those of GLS Netherlands
    have 13 and do not (derived from samples).
    """
    total = sum(
        int(digit) * (1, 3)[place % 2 == 0] for place, digit in enumerate(digits)
    )
    return -(total + (len(digits) == 11)) % 10


def ups_check_digit(characters: str) -> int:
    """The last digit of a 1Z number, from the 15 characters between.

    Letters count as digits, from A = 2 on; every second counts twice.
    """
    values = [_ups_value(character) for character in characters]
    return -(sum(values[::2]) + 2 * sum(values[1::2])) % 10


def _ups_value(character):
    return int(character) if character.isdigit() else (ord(character) - 63) % 10


def _look_at_post(number):
    """Posts use many numbers; only one in the international form can be checked."""
    found = _S10.fullmatch(number)
    if found and s10_check_digit(found[1][:8]) != int(found[1][8]):
        return Doubt.CHECK_DIGIT
    return None


def _look_at_gls(number):
    if _GLS_TRACK_ID.fullmatch(number):
        return None
    if not _GLS_DIGITS.fullmatch(number):
        return Doubt.FORM
    # Eleven digits are a group's number that was noted without its check digit.
    if len(number) > 11 and gls_check_digit(number[:-1]) != int(number[-1]):
        return Doubt.CHECK_DIGIT
    return None


def _look_at_ups(number):
    found = _UPS.fullmatch(number)
    if not found:
        return Doubt.FORM
    if ups_check_digit(found[1]) != int(found[2]):
        return Doubt.CHECK_DIGIT
    return None


# Posts of the Universal Postal Union, as Amazon spells them.
_POSTS = (
    "AT POST",
    "BPOST",
    "Colissimo",
    "Correos",
    "Deutsche Post",
    "La Poste",
    "Parcelforce",
    "Polish Post",
    "Post NL",
    "PostNL",
    "PostNord",
    "Poste Italiane",
    "Royal Mail",
    "Swiss post",
)
_LOOKS = {
    **dict.fromkeys(_POSTS, _look_at_post),
    "GLS": _look_at_gls,
    "UPS": _look_at_ups,
}
