"""One part of an address, read as street, number, suffix and box."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from . import address_rules as words
from .address_patterns import (
    ATTACHED,
    ENDS_WITH_NUMBER,
    EXTENSION,
    INNER_NUMBER,
    LETTER,
    LETTER_APART,
    MARKED,
    NO_NUMBER,
    NUMBER,
    NUMBER_AT_START,
    NUMBERED_UNIT,
    ORDINALS,
    PARENTHESES,
    SHORT_BOX,
    SLASH_BOX,
    STARTS_WITH_NUMBER,
    SUFFIXES,
    UNIT_AT_END,
    apart_pattern,
    belongs_to_name,
    box_pattern,
    ends_in_date,
    is_care_of,
    is_street,
    is_unit,
    is_year,
    words_in,
)
from .address_rules import Rules


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a part; ``dropped`` are the words that only announce."""

    street: str
    number: str = ""
    suffix: str = ""
    box: str = ""
    extra: str = ""
    dropped: str = ""
    certain: bool = False


# --- one part -------------------------------------------------------------------------


def read(part: str, rules: Rules) -> tuple[int, Reading] | None:
    """The likeliest reading of a part with street and number, and how good it is."""
    last, first = _number_last(part, rules), _number_first(part, rules)
    usual, other = (first, last) if rules.number_first else (last, first)
    if usual:
        return 2 + 2 * is_street(usual.street), usual
    if other:
        known = is_street(other.street)
        certain = other.certain and (known or rules.either_order)
        return 1 + 2 * known, replace(other, certain=certain)
    loose = _number_within(part)
    return (2, loose) if loose else None


def _number_last(part: str, rules: Rules) -> Reading | None:
    match = NO_NUMBER.fullmatch(part)
    if match and LETTER.search(match["street"]):
        certain = not NO_NUMBER.search(match["street"])
        return Reading(match["street"], match["number"], certain=certain)
    return _number_marked(part, rules) or _number_plain(part, rules)


def _number_marked(part: str, rules: Rules) -> Reading | None:
    """ "Straße 12 Nr. 5": the number is the one that is announced."""
    for match in MARKED.finditer(part):
        street = part[: match.start()].strip(" -–:/")
        tail = _read_tail(match["core"], part[match.end() :], rules)
        if tail and LETTER.search(street):
            certain = tail.certain and not _number_plain(street, rules)
            dropped = tail.dropped + match["mark"]
            return replace(tail, street=street, dropped=dropped, certain=certain)
    return None


def _number_plain(part: str, rules: Rules) -> Reading | None:
    for match in NUMBER.finditer(part):
        street, core, rest = part[: match.start()], match[0], part[match.end() :]
        street = street.strip(" -–:/")
        if not LETTER.search(street) or MARKED.match(part):
            continue
        if belongs_to_name(street, core, rest):
            continue
        if tail := _read_tail(core, rest, rules):
            doubtful = number_alone(street, rules) or _has_other_number(street)
            return replace(tail, street=street, certain=tail.certain and not doubtful)
    return None


def _has_other_number(street: str) -> bool:
    """Whether a number in the street's name may be the house's: "Kanaal 3 zz 12"."""
    for match in INNER_NUMBER.finditer(street):
        following = words_in(street[match.end() :])[:2]
        if not (is_year(match[1]) or words.MONTHS.intersection(following)):
            return True
    return False


def _number_within(part: str) -> Reading | None:
    """A number with other words after it: a guess."""
    for match in NUMBER.finditer(part):
        street, rest = part[: match.start()].strip(), part[match.end() :]
        in_date = words_in(rest)[:1] and words_in(rest)[0] in words.MONTHS
        if is_street(street) and rest[:1] == " " and not in_date:
            return Reading(street, match[0], extra=rest.strip())
    return None


def _number_first(part: str, rules: Rules) -> Reading | None:
    for match in NUMBER.finditer(part):
        before = part[: match.start()].strip(" -–")
        reading = _number_then_street(match[0], part[match.end() :], rules)
        if reading is None or _wants_number(before):
            continue
        if not before:
            return reading
        if is_street(reading.street):
            certain = reading.certain and is_unit(before)
            extra = ", ".join(filter(None, (before, reading.extra)))
            return replace(reading, extra=extra, certain=certain)
    return None


def _wants_number(text: str) -> bool:
    """Whether a number after ``text`` is the number of a flat: "Unit 5 Park Road"."""
    last = words_in(text)[-1:]
    named = bool(last) and last[0] in words.UNIT_WORDS | words.UNIT_BEFORE_NUMBER
    return named and not NUMBERED_UNIT.fullmatch(text)


def _number_then_street(core: str, rest: str, rules: Rules) -> Reading | None:
    number, rest = _extend_number(core, rest, rules)
    attached = ATTACHED.match(rest)
    if attached and attached[0] in ORDINALS:
        return None  # "1st Avenue"; a capital is a suffix: "12E High Street"
    suffix, certain = "", True
    if attached and attached[0].lower() in words.STREET_WORDS:
        rest, certain = " " + rest, False  # "12rue Neuve"
    elif attached:
        suffix, rest = attached[0].lstrip("-–"), rest[attached.end() :]
    if match := apart_pattern(rules).match(rest) or LETTER_APART.match(rest):
        suffix = " ".join(filter(None, (suffix, match["suffix"])))
        rest = rest[match.end() :]
        known = match["suffix"].lower() in rules.suffix_words
        certain = certain and (known or is_street(rest))
    if rest and rest[0] not in " -–:":
        return None
    street, extra = _without_unit(rest.strip(" -–:/"))
    if len(LETTER.findall(street)) < 2 or STARTS_WITH_NUMBER.match(street):
        return None
    if ENDS_WITH_NUMBER.search(street) and not ends_in_date(street):
        certain = False
    return Reading(street, number, suffix, extra=extra, certain=certain)


def _extend_number(core: str, rest: str, rules: Rules) -> tuple[str, str]:
    match = EXTENSION.match(rest)
    if match is None or rules.digits_only:
        return core, rest
    return core + re.sub(r"\s", "", match[0]), rest[match.end() :]


def _without_unit(street: str) -> tuple[str, str]:
    """ "Rue Neuve appt 4" is a street and a part of a building."""
    if match := UNIT_AT_END.search(street):
        return street[: match.start()].strip(" -–"), match[0].strip()
    return street, ""


def number_alone(part: str, rules: Rules) -> Reading | None:
    """A part that is a house number and nothing else."""
    match = NUMBER_AT_START.match(part)
    if match is None or is_unit(part):
        return None
    tail = _read_tail(match["core"], part[match.end() :], rules)
    return tail and replace(tail, dropped=tail.dropped + (match["mark"] or ""))


# --- what follows a number ------------------------------------------------------------


def _read_tail(core: str, rest: str, rules: Rules) -> Reading | None:
    """Suffix, box and part of a building after a number; None for other words."""
    tail = Reading("", core, certain=not is_year(core))
    while rest.strip(" -–/.:"):
        beyond = rest.strip(" -–/.:")
        if is_unit(beyond) or is_care_of(beyond) or PARENTHESES.fullmatch(beyond):
            return replace(tail, extra=beyond)
        step = next(_steps(tail, rest, rules), None)
        if step is None:
            return None
        tail, rest = step
    return tail


def _steps(tail: Reading, rest: str, rules: Rules) -> Iterator[tuple[Reading, str]]:
    """The ways to read on; the first is taken."""
    if match := apart_pattern(rules).match(rest):
        yield _suffixed(tail, match[0], True), rest[match.end() :]
    if not tail.box and (match := box_pattern(rules).match(rest)):
        boxed = replace(tail, box=match["box"], dropped=tail.dropped + match["word"])
        yield boxed, rest[match.end() :]
    if not tail.box and rules.box_words and (match := SHORT_BOX.match(rest)):
        boxed = replace(tail, box=match[2], dropped=tail.dropped + match[1])
        yield replace(boxed, certain=False), rest[match.end() :]
    if not tail.box and rules.slash_is_box and (match := SLASH_BOX.match(rest)):
        yield replace(tail, box=match[1]), rest[match.end() :]
    if match := EXTENSION.match(rest):
        yield _extended(tail, match, rules), rest[match.end() :]
    for pattern, sure in SUFFIXES:
        if match := pattern.match(rest):
            yield _suffixed(tail, match[0], sure), rest[match.end() :]


def _extended(tail: Reading, match: re.Match, rules: Rules) -> Reading:
    """ "12-14" or "12/3": one number, or number and suffix, as the country has it."""
    if tail.suffix:
        return _suffixed(tail, match[0], True)
    if not rules.digits_only:
        return replace(tail, number=tail.number + re.sub(r"\s", "", match[0]))
    # Up to some houses further it is more likely a range than an addition.
    first, second = int(tail.number), int(match["number"])
    return _suffixed(tail, match[0], not first < second <= first + 20)


def _suffixed(tail: Reading, piece: str, sure: bool) -> Reading:
    piece = re.sub(r"\s*([-–/+&])\s*", r"\1", piece)
    suffix = tail.suffix + piece if tail.suffix else piece.lstrip(" -–/+&")
    return replace(tail, suffix=suffix, certain=tail.certain and sure)
