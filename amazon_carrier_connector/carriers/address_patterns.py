"""What words and signs of an address mean, whatever the street is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from . import address_rules as words
from .address_rules import Rules


def _any_of(options: Iterable[str]) -> str:
    return "|".join(re.escape(option) for option in sorted(options, key=len)[::-1])


def _pattern(text: str) -> re.Pattern:
    return re.compile(text, re.IGNORECASE)


LETTER = re.compile(r"[^\W\d_]")
_END = r"(?![\w'’])"
NUMBER = re.compile(r"(?<!\S)[0-9]{1,5}(?![0-9])")
INNER_NUMBER = re.compile(r"(?<=\s)([0-9]{1,5})\s")
# "Musterstr.12", "Dorpsstraat12"
TOGETHER = _pattern(
    rf"([^\W\d_]{{3}}\.|[^\W\d_](?:{_any_of(words.STREET_ENDINGS)}))(?=[0-9])"
)
STARTS_WITH_NUMBER = re.compile(r"[0-9]+(?!\w)")
ENDS_WITH_NUMBER = re.compile(r"(?<!\S)[0-9]+\w?$")
_MARK = rf"(?:{_any_of(words.NUMBER_MARKS)})\.?\s*(?=[0-9])"
MARK_AT_END = _pattern(rf"\s(?:{_any_of(words.NUMBER_MARKS)})\.?$")
NUMBER_AT_START = _pattern(rf"(?P<mark>{_MARK})?(?P<core>[0-9]{{1,5}})(?![0-9])")
MARKED = _pattern(rf"(?<![^\s:])(?P<mark>{_MARK})(?P<core>[0-9]{{1,5}})(?![0-9])")
NO_NUMBER = _pattern(
    rf"(?P<street>.*\S)\s+(?P<number>(?:{_any_of(words.NO_NUMBER)})\.?)"
)
_FURTHER_NUMBER = re.compile(r"(\s*[-–]\s*'?[0-9]{2,4})?\s+[0-9]{1,5}(?![0-9])")

EXTENSION = re.compile(
    r"\s*[-–/+&]\s*(?P<number>[0-9]{1,5})(?P<letters>[A-Za-z]{0,3})(?!\w)"
)
ATTACHED = re.compile(rf"[-–]?[A-Za-z]{{1,4}}{_END}")
LETTER_APART = re.compile(r"\s+(?P<suffix>[A-Za-z])(?=\s+\w)")
# What may follow a number as its suffix, and whether it certainly is one.
SUFFIXES = (
    (re.compile(rf"\s*[-–/]?\s*[A-Za-z](?:\s*[-–/+]\s*[A-Za-z])?{_END}"), True),
    (re.compile(rf"\s*[-–/]?\s*[A-Za-z]{{1,2}}[-–]?[0-9]{{1,3}}{_END}"), True),
    (ATTACHED, True),
    (re.compile(rf"\s+[A-Z]{{2}}{_END}"), False),
    (re.compile(rf"\s+[0-9]{{1,4}}[A-Za-z]?{_END}"), False),
)
SHORT_BOX = re.compile(r"\s*[-–/]?\s*([bB])\.?\s*([0-9]{1,5})(?!\w)")
SLASH_BOX = re.compile(r"\s*/\s*([0-9][\w.-]*)")
PARENTHESES = re.compile(r"\(.*\)")

ORDINALS = frozenset("st nd rd th e er re ere ère eme ème de ste".split())
_UNIT_WORD = rf"(?:{_any_of(words.UNIT_WORDS)})\.?{_END}"
_SHORT_UNIT = rf"(?:{_any_of(words.UNIT_BEFORE_NUMBER)})\.?\s*[0-9]"
_ORDINAL = rf"[0-9]{{1,2}}\s?(?:{_any_of(ORDINALS)}|[.ºª°])?\s*"
NUMBERED_UNIT = _pattern(_ORDINAL + _UNIT_WORD)
_UNIT = _pattern(
    rf"(?:{_UNIT_WORD}|{_SHORT_UNIT}|{NUMBERED_UNIT.pattern}|[0-9]+\s?[ºª°])"
)
UNIT_AT_END = _pattern(rf"\s(?:(?:{_UNIT_WORD}\s*(?:[0-9]|\w{_END}))|{_SHORT_UNIT}).*")

OFFICE_BOX = _pattern(rf"(?:{_any_of(words.POST_OFFICE_BOX)})\.?\s*(?=[0-9])")
LOCKER = _pattern(
    rf"(?:([0-9]{{5,12}})\s+)?((?:dhl\s+)?(?:{_any_of(words.PARCEL_LOCKER)}))"
    r"\s*(?:nr\.?\s*)?([0-9]{1,4})(?:\s+([0-9]{5,12}))?"
)
MEMBER = _pattern(r"(?:postnummer:?\s*|post-?nr\.?:?\s*)?[0-9]{5,12}")


@lru_cache
def box_pattern(rules: Rules) -> re.Pattern:
    if not rules.box_words:
        return _NOTHING
    return _pattern(
        rf"\s*[-–/]?\s*(?P<word>(?:{_any_of(rules.box_words)})(?:\b|(?=[0-9]))"
        r"\.?\s*(?:n[°or]\.?\s*)?)"
        r"(?P<box>[\w.-]*[0-9][\w./-]*|\w)(?!\w)"
    )


@lru_cache
def apart_pattern(rules: Rules) -> re.Pattern:
    return _pattern(rf"\s*[-–]?\s*(?P<suffix>{_any_of(rules.suffix_words)})\.?{_END}")


_NOTHING = re.compile(r"(?!)(?P<word>)(?P<box>)")


def words_in(text: str) -> list[str]:
    return [word.strip(".()") for word in text.lower().split()]


def is_street(text: str) -> bool:
    found = words_in(text)
    return any(
        word in words.STREET_WORDS
        or (len(word) > 4 and word.endswith(words.STREET_ENDINGS))
        for word in found
    )


def is_unit(text: str) -> bool:
    """A floor, a flat, a staircase, a building; not "Hall Street"."""
    match = _UNIT.match(text)
    return bool(match) and not is_street(text[match.end() :])


def is_beside(part: str, rules: Rules) -> bool:
    """Everything that stands beside a street in an address."""
    return (
        is_care_of(part)
        or is_office_box(part, rules)
        or bool(box_pattern(rules).fullmatch(part))
        or is_unit(part)
        or is_company(part)
    )


def is_care_of(text: str) -> bool:
    return text.lower().startswith(words.CARE_OF)


def is_office_box(part: str, rules: Rules) -> bool:
    """A post office box; "box 3" alone is one only where it is no part of a house."""
    return bool(OFFICE_BOX.match(part)) and not box_pattern(rules).fullmatch(part)


def is_company(part: str) -> bool:
    found = words_in(part)
    if any(word in words.LEGAL_FORMS for word in found):
        return True
    if is_street(part) or re.search("[0-9]", part):
        return False
    return found[0] in words.COMPANY_WORDS or found[-1] in words.SHORT_LEGAL_FORMS


def is_year(core: str) -> bool:
    return len(core) == 4 and "1500" <= core <= "2099"


def belongs_to_name(street: str, core: str, rest: str) -> bool:
    """The year in "Plein 1944 5", "Laan 1940-1945 103", "Rue du 8 Mai 1945"."""
    if is_year(core) and words_in(street)[-1] in words.MONTHS:
        return True
    further = _FURTHER_NUMBER.match(rest)
    return bool(further) and (is_year(core) or bool(further[1]) and len(core) == 2)


def ends_in_date(street: str) -> bool:
    *before, last = words_in(street)
    return is_year(last) and bool(before) and before[-1] in words.MONTHS
