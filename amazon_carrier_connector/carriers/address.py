"""From free address lines to street, number, suffix and box, without losing a word.

Amazon gives two or three free lines: the street may stand in any of them, beside a
company, a care-of line, a floor or a parcel locker. What a country's habits make plain
is split and ``certain``; what is only likely is split and not certain, so that somebody
may look. Whatever does not belong to the street goes to ``additional``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from .address_patterns import (
    LETTER,
    LOCKER,
    MARK_AT_END,
    MEMBER,
    OFFICE_BOX,
    TOGETHER,
    apart_pattern,
    box_pattern,
    is_beside,
    is_care_of,
    is_company,
    is_office_box,
    is_street,
    is_year,
)
from .address_reading import (
    Reading,
    number_alone,
    read,
)
from .address_rules import GENERIC, RULES, Rules


@dataclass(frozen=True, slots=True)
class StreetAddress:
    """Absent parts are "". ``additional`` holds the rest, its parts joined by ", "."""

    street: str
    number: str
    suffix: str
    box_number: str
    additional: str
    certain: bool


def split_street(lines: Sequence[str], country_code: str) -> StreetAddress:
    """Split the address ``lines`` the way ``country_code`` (ISO, two letters) does.

    Lossless: every word of the input is in the answer, except the words that only
    announce a number or a box. Never raises.
    """
    rules = _rules(country_code)
    parts = [part for line in lines for part in _parts(line)]
    if sum(map(len, parts)) > _LONGEST:
        return StreetAddress(parts[0], "", "", "", ", ".join(parts[1:]), False)
    reading, used = _take_suffix(parts, *_choose(parts, rules), rules)
    rest = [part for position, part in enumerate(parts) if position not in used]
    if reading.number and not reading.box:
        reading, rest = _take_box(reading, rest, rules)
    if any(number_alone(part, rules) for part in rest):
        reading = replace(reading, certain=False)
    additional = [part for part in (reading.extra, *rest) if part]
    if _is_lossy(parts, reading, additional):
        reading, additional = Reading(" ".join(parts[:1])), parts[1:]
    return StreetAddress(
        reading.street,
        reading.number,
        reading.suffix,
        reading.box,
        ", ".join(additional),
        reading.certain,
    )


def take_company(address: StreetAddress) -> tuple[str, StreetAddress]:
    """The company that stands beside the street ("" when none is recognised), and the
    address without it."""
    parts = address.additional.split(", ")
    companies = [p for p in parts if p and is_company(p) and not is_care_of(p)]
    # A second one stays: which of them is the recipient is not ours to say.
    company = companies[0] if companies else ""
    if company:
        parts.remove(company)
    return company, replace(address, additional=", ".join(parts))


def format_street(address: StreetAddress, country_code: str) -> tuple[str, ...]:
    """The address as lines again: street with number, then what is additional."""
    rules = _rules(country_code)
    number = address.number
    if address.suffix:
        first = address.suffix.split()[0].lower()
        apart = len(first) == 1 and first.isalpha() or first in rules.suffix_words
        number += (" " if apart else "-") + address.suffix
    if rules.number_first:
        pieces = [number, address.street]
    else:
        pieces = [address.street, number]
    if address.box_number:
        pieces.append(f"bus {address.box_number}")
    street = " ".join(filter(None, pieces))
    return tuple(filter(None, (street, address.additional)))


# Amazon's three lines hold half of it. What is longer is no address, and reading it
# takes time that grows with the square.
_LONGEST = 600


# --- choosing the part that is the street ---------------------------------------------

_Choice = tuple[Reading, set[int]]


def _rules(country_code: str) -> Rules:
    return RULES.get(country_code.strip().upper(), GENERIC)


def _parts(line: str) -> Iterator[str]:
    for part in re.split(r"[,;\n\r]", line):
        if text := " ".join(TOGETHER.sub(r"\1 ", part).split()):
            yield text


def _choose(parts: Sequence[str], rules: Rules) -> _Choice:
    """The street among ``parts``, and the positions of the parts it is made of."""
    beside = [is_beside(part, rules) for part in parts]
    return (
        _locker(parts)
        or _with_number(parts, beside, rules)
        or _over_two_parts(parts, beside, rules)
        or _post_office_box(parts, rules)
        or _beside_a_street(parts, beside, rules)
        or _without_street(parts, rules)
        or _without_number(parts, beside)
    )


def _locker(parts: Sequence[str]) -> _Choice | None:
    """A parcel locker; the recipient's own number at it stands where it likes."""
    for position, part in enumerate(parts):
        if match := LOCKER.fullmatch(part):
            before, street, number, after = (text or "" for text in match.groups())
            member = " ".join(filter(None, (before, after)))
            elsewhere = any(MEMBER.fullmatch(other) for other in parts)
            certain = bool(member) or elsewhere
            reading = Reading(street, number, extra=member, certain=certain)
            return reading, {position}
    return None


def _with_number(
    parts: Sequence[str], beside: Sequence[bool], rules: Rules, sure: bool = True
) -> _Choice | None:
    """The best part that holds street and number; unsure when two are as good."""
    readings = []
    for position, part in enumerate(parts):
        # "12/B int. 4" is no street, its own stands in another part.
        if beside[position] or number_alone(part, rules):
            continue
        if scored := read(part, rules):
            score, reading = scored
            readings.append((score, -position, reading))
    if not readings:
        return None
    readings.sort(key=lambda item: item[:2], reverse=True)
    score, position, reading = readings[0]
    if is_year(reading.number[:4]) and not rules.number_first:
        # "Plein 1944" is a street when its number stands in the next part.
        following = number_alone((*parts, "")[1 - position], rules)
        if following:
            street = replace(following, street=parts[-position])
            return street, {-position, 1 - position}
    rivals = {other[1] for other in readings if other[0] == score} - {position}
    elsewhere = any(is_office_box(part, rules) for part in parts)
    certain = sure and reading.certain and not rivals and not elsewhere
    return replace(reading, certain=certain), {-position}


def _over_two_parts(
    parts: Sequence[str], beside: Sequence[bool], rules: Rules
) -> _Choice | None:
    """A street in one part and its number in another, mostly the next."""
    texts = [
        position
        for position, part in enumerate(parts)
        if not beside[position]
        and LETTER.search(part)
        and not number_alone(part, rules)
    ]
    best = None
    for position, part in enumerate(parts):
        number = number_alone(part, rules)
        if number is None:
            continue
        for text in texts:
            usual = text - position == (1 if rules.number_first else -1)
            known = is_street(parts[text])
            score = (known, usual, abs(text - position) == 1)
            certain = number.certain and usual and (known or len(texts) == 1)
            if best is None or score > best[0]:
                street, mark = _without_mark(parts[text])
                dropped = number.dropped + mark
                reading = replace(
                    number, street=street, dropped=dropped, certain=certain
                )
                best = score, (reading, {position, text})
    return best[1] if best else None


def _without_mark(street: str) -> tuple[str, str]:
    """ "Dorpsstraat nr." before a number in the next part."""
    match = MARK_AT_END.search(street)
    return (street[: match.start()], match[0]) if match else (street, "")


def _post_office_box(parts: Sequence[str], rules: Rules) -> _Choice | None:
    for position, part in enumerate(parts):
        match = OFFICE_BOX.match(part)
        if match and is_office_box(part, rules):
            number = part[match.end() :].strip()
            if rules.digits_only and re.fullmatch("[0-9]{1,8}", number):
                street = part[: match.end()].strip(" .")
                return Reading(street, number, certain=True), {position}
            return Reading(part, certain=bool(number)), {position}
    return None


def _beside_a_street(
    parts: Sequence[str], beside: Sequence[bool], rules: Rules
) -> _Choice | None:
    """A number in what stands beside, unless a street is there: that has none."""
    others = [not aside for aside in beside]
    if any(map(is_street, compress(parts, others))):
        return None
    return _with_number(parts, others, rules, sure=False)


def _without_street(parts: Sequence[str], rules: Rules) -> _Choice | None:
    """Nothing but a number and what stands beside a street."""
    for position, part in enumerate(parts):
        if number := number_alone(part, rules):
            if len(parts) == 1 or not any(map(LETTER.search, parts)):
                return replace(number, certain=False), {position}
    return None


def _without_number(parts: Sequence[str], beside: Sequence[bool]) -> _Choice:
    """No number anywhere: the part that looks most like a street."""
    if not parts:
        return Reading(""), set()

    def likeness(position):
        part = parts[position]
        return (
            not beside[position],
            is_street(part),
            bool(LETTER.search(part)),
            -position,
        )

    best = max(range(len(parts)), key=likeness)
    return Reading(parts[best]), {best}


def _take_suffix(
    parts: Sequence[str], reading: Reading, used: set[int], rules: Rules
) -> _Choice:
    """A suffix that stands alone after the number; elsewhere it may be a door's."""
    position = max(used, default=0) + 1
    wanted = rules.digits_only and reading.number and not reading.suffix
    if wanted and not reading.extra and position < len(parts):
        part = parts[position]
        if apart_pattern(rules).fullmatch(part) or LETTER.fullmatch(part):
            return replace(reading, suffix=part.strip(" -–.")), {*used, position}
    return reading, used


def _take_box(reading: Reading, rest: Sequence[str], rules: Rules):
    """A box that stands alone in a part of its own goes with the number."""
    for position, part in enumerate(rest):
        if (match := box_pattern(rules).fullmatch(part)) and match["box"]:
            dropped = reading.dropped + match["word"]
            others = [*rest[:position], *rest[position + 1 :]]
            return replace(reading, box=match["box"], dropped=dropped), others
    return reading, list(rest)


def _is_lossy(parts, reading: Reading, additional: Iterable[str]) -> bool:
    kept = (reading.street, reading.number, reading.suffix, reading.box)
    return _letters(*parts) != _letters(*kept, *additional, reading.dropped)


def _letters(*texts: str) -> Counter:
    return Counter(char for text in texts for char in text if char.isalnum())
