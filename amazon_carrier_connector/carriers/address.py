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
from functools import lru_cache
from itertools import compress

from . import address_rules as words
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
    if any(_number_alone(part, rules) for part in rest):
        reading = replace(reading, certain=False)
    additional = [part for part in (reading.extra, *rest) if part]
    if _is_lossy(parts, reading, additional):
        reading, additional = _Reading(" ".join(parts[:1])), parts[1:]
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
    companies = [p for p in parts if p and _is_company(p) and not _is_care_of(p)]
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


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a part; ``dropped`` are the words that only announce."""

    street: str
    number: str = ""
    suffix: str = ""
    box: str = ""
    extra: str = ""
    dropped: str = ""
    certain: bool = False


# --- choosing the part that is the street ---------------------------------------------

_Choice = tuple[_Reading, set[int]]


def _rules(country_code: str) -> Rules:
    return RULES.get(country_code.strip().upper(), GENERIC)


def _parts(line: str) -> Iterator[str]:
    for part in re.split(r"[,;\n\r]", line):
        if text := " ".join(_TOGETHER.sub(r"\1 ", part).split()):
            yield text


def _choose(parts: Sequence[str], rules: Rules) -> _Choice:
    """The street among ``parts``, and the positions of the parts it is made of."""
    beside = [_is_beside(part, rules) for part in parts]
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
        if match := _LOCKER.fullmatch(part):
            before, street, number, after = (text or "" for text in match.groups())
            member = " ".join(filter(None, (before, after)))
            elsewhere = any(_MEMBER.fullmatch(other) for other in parts)
            certain = bool(member) or elsewhere
            reading = _Reading(street, number, extra=member, certain=certain)
            return reading, {position}
    return None


def _with_number(
    parts: Sequence[str], beside: Sequence[bool], rules: Rules, sure: bool = True
) -> _Choice | None:
    """The best part that holds street and number; unsure when two are as good."""
    readings = []
    for position, part in enumerate(parts):
        # "12/B int. 4" is no street, its own stands in another part.
        if beside[position] or _number_alone(part, rules):
            continue
        if scored := _read(part, rules):
            score, reading = scored
            readings.append((score, -position, reading))
    if not readings:
        return None
    readings.sort(key=lambda item: item[:2], reverse=True)
    score, position, reading = readings[0]
    if _is_year(reading.number[:4]) and not rules.number_first:
        # "Plein 1944" is a street when its number stands in the next part.
        following = _number_alone((*parts, "")[1 - position], rules)
        if following:
            street = replace(following, street=parts[-position])
            return street, {-position, 1 - position}
    rivals = {other[1] for other in readings if other[0] == score} - {position}
    elsewhere = any(_is_office_box(part, rules) for part in parts)
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
        and _LETTER.search(part)
        and not _number_alone(part, rules)
    ]
    best = None
    for position, part in enumerate(parts):
        number = _number_alone(part, rules)
        if number is None:
            continue
        for text in texts:
            usual = text - position == (1 if rules.number_first else -1)
            known = _is_street(parts[text])
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
    match = _MARK_AT_END.search(street)
    return (street[: match.start()], match[0]) if match else (street, "")


def _post_office_box(parts: Sequence[str], rules: Rules) -> _Choice | None:
    for position, part in enumerate(parts):
        match = _OFFICE_BOX.match(part)
        if match and _is_office_box(part, rules):
            number = part[match.end() :].strip()
            if rules.digits_only and re.fullmatch("[0-9]{1,8}", number):
                street = part[: match.end()].strip(" .")
                return _Reading(street, number, certain=True), {position}
            return _Reading(part, certain=bool(number)), {position}
    return None


def _beside_a_street(
    parts: Sequence[str], beside: Sequence[bool], rules: Rules
) -> _Choice | None:
    """A number in what stands beside, unless a street is there: that has none."""
    others = [not aside for aside in beside]
    if any(map(_is_street, compress(parts, others))):
        return None
    return _with_number(parts, others, rules, sure=False)


def _without_street(parts: Sequence[str], rules: Rules) -> _Choice | None:
    """Nothing but a number and what stands beside a street."""
    for position, part in enumerate(parts):
        if number := _number_alone(part, rules):
            if len(parts) == 1 or not any(map(_LETTER.search, parts)):
                return replace(number, certain=False), {position}
    return None


def _without_number(parts: Sequence[str], beside: Sequence[bool]) -> _Choice:
    """No number anywhere: the part that looks most like a street."""
    if not parts:
        return _Reading(""), set()

    def likeness(position):
        part = parts[position]
        return (
            not beside[position],
            _is_street(part),
            bool(_LETTER.search(part)),
            -position,
        )

    best = max(range(len(parts)), key=likeness)
    return _Reading(parts[best]), {best}


def _take_suffix(
    parts: Sequence[str], reading: _Reading, used: set[int], rules: Rules
) -> _Choice:
    """A suffix that stands alone after the number; elsewhere it may be a door's."""
    position = max(used, default=0) + 1
    wanted = rules.digits_only and reading.number and not reading.suffix
    if wanted and not reading.extra and position < len(parts):
        part = parts[position]
        if _apart_pattern(rules).fullmatch(part) or _LETTER.fullmatch(part):
            return replace(reading, suffix=part.strip(" -–.")), {*used, position}
    return reading, used


def _take_box(reading: _Reading, rest: Sequence[str], rules: Rules):
    """A box that stands alone in a part of its own goes with the number."""
    for position, part in enumerate(rest):
        if (match := _box_pattern(rules).fullmatch(part)) and match["box"]:
            dropped = reading.dropped + match["word"]
            others = [*rest[:position], *rest[position + 1 :]]
            return replace(reading, box=match["box"], dropped=dropped), others
    return reading, list(rest)


def _is_lossy(parts, reading: _Reading, additional: Iterable[str]) -> bool:
    kept = (reading.street, reading.number, reading.suffix, reading.box)
    return _letters(*parts) != _letters(*kept, *additional, reading.dropped)


def _letters(*texts: str) -> Counter:
    return Counter(char for text in texts for char in text if char.isalnum())


# --- one part -------------------------------------------------------------------------


def _read(part: str, rules: Rules) -> tuple[int, _Reading] | None:
    """The likeliest reading of a part with street and number, and how good it is."""
    last, first = _number_last(part, rules), _number_first(part, rules)
    usual, other = (first, last) if rules.number_first else (last, first)
    if usual:
        return 2 + 2 * _is_street(usual.street), usual
    if other:
        known = _is_street(other.street)
        certain = other.certain and (known or rules.either_order)
        return 1 + 2 * known, replace(other, certain=certain)
    loose = _number_within(part)
    return (2, loose) if loose else None


def _number_last(part: str, rules: Rules) -> _Reading | None:
    match = _NO_NUMBER.fullmatch(part)
    if match and _LETTER.search(match["street"]):
        certain = not _NO_NUMBER.search(match["street"])
        return _Reading(match["street"], match["number"], certain=certain)
    return _number_marked(part, rules) or _number_plain(part, rules)


def _number_marked(part: str, rules: Rules) -> _Reading | None:
    """ "Straße 12 Nr. 5": the number is the one that is announced."""
    for match in _MARKED.finditer(part):
        street = part[: match.start()].strip(" -–:/")
        tail = _read_tail(match["core"], part[match.end() :], rules)
        if tail and _LETTER.search(street):
            certain = tail.certain and not _number_plain(street, rules)
            dropped = tail.dropped + match["mark"]
            return replace(tail, street=street, dropped=dropped, certain=certain)
    return None


def _number_plain(part: str, rules: Rules) -> _Reading | None:
    for match in _NUMBER.finditer(part):
        street, core, rest = part[: match.start()], match[0], part[match.end() :]
        street = street.strip(" -–:/")
        if not _LETTER.search(street) or _MARKED.match(part):
            continue
        if _belongs_to_name(street, core, rest):
            continue
        if tail := _read_tail(core, rest, rules):
            doubtful = _number_alone(street, rules) or _has_other_number(street)
            return replace(tail, street=street, certain=tail.certain and not doubtful)
    return None


def _has_other_number(street: str) -> bool:
    """Whether a number in the street's name may be the house's: "Kanaal 3 zz 12"."""
    for match in _INNER_NUMBER.finditer(street):
        following = _words_in(street[match.end() :])[:2]
        if not (_is_year(match[1]) or words.MONTHS.intersection(following)):
            return True
    return False


def _number_within(part: str) -> _Reading | None:
    """A number with other words after it: a guess."""
    for match in _NUMBER.finditer(part):
        street, rest = part[: match.start()].strip(), part[match.end() :]
        in_date = _words_in(rest)[:1] and _words_in(rest)[0] in words.MONTHS
        if _is_street(street) and rest[:1] == " " and not in_date:
            return _Reading(street, match[0], extra=rest.strip())
    return None


def _number_first(part: str, rules: Rules) -> _Reading | None:
    for match in _NUMBER.finditer(part):
        before = part[: match.start()].strip(" -–")
        reading = _number_then_street(match[0], part[match.end() :], rules)
        if reading is None or _wants_number(before):
            continue
        if not before:
            return reading
        if _is_street(reading.street):
            certain = reading.certain and _is_unit(before)
            extra = ", ".join(filter(None, (before, reading.extra)))
            return replace(reading, extra=extra, certain=certain)
    return None


def _wants_number(text: str) -> bool:
    """Whether a number after ``text`` is the number of a flat: "Unit 5 Park Road"."""
    last = _words_in(text)[-1:]
    named = bool(last) and last[0] in words.UNIT_WORDS | words.UNIT_BEFORE_NUMBER
    return named and not _NUMBERED_UNIT.fullmatch(text)


def _number_then_street(core: str, rest: str, rules: Rules) -> _Reading | None:
    number, rest = _extend_number(core, rest, rules)
    attached = _ATTACHED.match(rest)
    if attached and attached[0] in _ORDINALS:
        return None  # "1st Avenue"; a capital is a suffix: "12E High Street"
    suffix, certain = "", True
    if attached and attached[0].lower() in words.STREET_WORDS:
        rest, certain = " " + rest, False  # "12rue Neuve"
    elif attached:
        suffix, rest = attached[0].lstrip("-–"), rest[attached.end() :]
    if match := _apart_pattern(rules).match(rest) or _LETTER_APART.match(rest):
        suffix = " ".join(filter(None, (suffix, match["suffix"])))
        rest = rest[match.end() :]
        known = match["suffix"].lower() in rules.suffix_words
        certain = certain and (known or _is_street(rest))
    if rest and rest[0] not in " -–:":
        return None
    street, extra = _without_unit(rest.strip(" -–:/"))
    if len(_LETTER.findall(street)) < 2 or _STARTS_WITH_NUMBER.match(street):
        return None
    if _ENDS_WITH_NUMBER.search(street) and not _ends_in_date(street):
        certain = False
    return _Reading(street, number, suffix, extra=extra, certain=certain)


def _extend_number(core: str, rest: str, rules: Rules) -> tuple[str, str]:
    match = _EXTENSION.match(rest)
    if match is None or rules.digits_only:
        return core, rest
    return core + re.sub(r"\s", "", match[0]), rest[match.end() :]


def _without_unit(street: str) -> tuple[str, str]:
    """ "Rue Neuve appt 4" is a street and a part of a building."""
    if match := _UNIT_AT_END.search(street):
        return street[: match.start()].strip(" -–"), match[0].strip()
    return street, ""


def _number_alone(part: str, rules: Rules) -> _Reading | None:
    """A part that is a house number and nothing else."""
    match = _NUMBER_AT_START.match(part)
    if match is None or _is_unit(part):
        return None
    tail = _read_tail(match["core"], part[match.end() :], rules)
    return tail and replace(tail, dropped=tail.dropped + (match["mark"] or ""))


# --- what follows a number ------------------------------------------------------------


def _read_tail(core: str, rest: str, rules: Rules) -> _Reading | None:
    """Suffix, box and part of a building after a number; None for other words."""
    tail = _Reading("", core, certain=not _is_year(core))
    while rest.strip(" -–/.:"):
        beyond = rest.strip(" -–/.:")
        if _is_unit(beyond) or _is_care_of(beyond) or _PARENTHESES.fullmatch(beyond):
            return replace(tail, extra=beyond)
        step = next(_steps(tail, rest, rules), None)
        if step is None:
            return None
        tail, rest = step
    return tail


def _steps(tail: _Reading, rest: str, rules: Rules) -> Iterator[tuple[_Reading, str]]:
    """The ways to read on; the first is taken."""
    if match := _apart_pattern(rules).match(rest):
        yield _suffixed(tail, match[0], True), rest[match.end() :]
    if not tail.box and (match := _box_pattern(rules).match(rest)):
        boxed = replace(tail, box=match["box"], dropped=tail.dropped + match["word"])
        yield boxed, rest[match.end() :]
    if not tail.box and rules.box_words and (match := _SHORT_BOX.match(rest)):
        boxed = replace(tail, box=match[2], dropped=tail.dropped + match[1])
        yield replace(boxed, certain=False), rest[match.end() :]
    if not tail.box and rules.slash_is_box and (match := _SLASH_BOX.match(rest)):
        yield replace(tail, box=match[1]), rest[match.end() :]
    if match := _EXTENSION.match(rest):
        yield _extended(tail, match, rules), rest[match.end() :]
    for pattern, sure in _SUFFIXES:
        if match := pattern.match(rest):
            yield _suffixed(tail, match[0], sure), rest[match.end() :]


def _extended(tail: _Reading, match: re.Match, rules: Rules) -> _Reading:
    """ "12-14" or "12/3": one number, or number and suffix, as the country has it."""
    if tail.suffix:
        return _suffixed(tail, match[0], True)
    if not rules.digits_only:
        return replace(tail, number=tail.number + re.sub(r"\s", "", match[0]))
    # Up to some houses further it is more likely a range than an addition.
    first, second = int(tail.number), int(match["number"])
    return _suffixed(tail, match[0], not first < second <= first + 20)


def _suffixed(tail: _Reading, piece: str, sure: bool) -> _Reading:
    piece = re.sub(r"\s*([-–/+&])\s*", r"\1", piece)
    suffix = tail.suffix + piece if tail.suffix else piece.lstrip(" -–/+&")
    return replace(tail, suffix=suffix, certain=tail.certain and sure)


# --- what a word means ----------------------------------------------------------------


def _words_in(text: str) -> list[str]:
    return [word.strip(".()") for word in text.lower().split()]


def _is_street(text: str) -> bool:
    found = _words_in(text)
    return any(
        word in words.STREET_WORDS
        or (len(word) > 4 and word.endswith(words.STREET_ENDINGS))
        for word in found
    )


def _is_unit(text: str) -> bool:
    """A floor, a flat, a staircase, a building; not "Hall Street"."""
    match = _UNIT.match(text)
    return bool(match) and not _is_street(text[match.end() :])


def _is_beside(part: str, rules: Rules) -> bool:
    """Everything that stands beside a street in an address."""
    return (
        _is_care_of(part)
        or _is_office_box(part, rules)
        or bool(_box_pattern(rules).fullmatch(part))
        or _is_unit(part)
        or _is_company(part)
    )


def _is_care_of(text: str) -> bool:
    return text.lower().startswith(words.CARE_OF)


def _is_office_box(part: str, rules: Rules) -> bool:
    """A post office box; "box 3" alone is one only where it is no part of a house."""
    return bool(_OFFICE_BOX.match(part)) and not _box_pattern(rules).fullmatch(part)


def _is_company(part: str) -> bool:
    found = _words_in(part)
    if any(word in words.LEGAL_FORMS for word in found):
        return True
    if _is_street(part) or re.search("[0-9]", part):
        return False
    return found[0] in words.COMPANY_WORDS or found[-1] in words.SHORT_LEGAL_FORMS


def _is_year(core: str) -> bool:
    return len(core) == 4 and "1500" <= core <= "2099"


def _belongs_to_name(street: str, core: str, rest: str) -> bool:
    """The year in "Plein 1944 5", "Laan 1940-1945 103", "Rue du 8 Mai 1945"."""
    if _is_year(core) and _words_in(street)[-1] in words.MONTHS:
        return True
    further = _FURTHER_NUMBER.match(rest)
    return bool(further) and (_is_year(core) or bool(further[1]) and len(core) == 2)


def _ends_in_date(street: str) -> bool:
    *before, last = _words_in(street)
    return _is_year(last) and bool(before) and before[-1] in words.MONTHS


# --- patterns -------------------------------------------------------------------------


def _any_of(options: Iterable[str]) -> str:
    return "|".join(re.escape(option) for option in sorted(options, key=len)[::-1])


def _pattern(text: str) -> re.Pattern:
    return re.compile(text, re.IGNORECASE)


_LETTER = re.compile(r"[^\W\d_]")
_END = r"(?![\w'’])"
_NUMBER = re.compile(r"(?<!\S)[0-9]{1,5}(?![0-9])")
_INNER_NUMBER = re.compile(r"(?<=\s)([0-9]{1,5})\s")
# "Musterstr.12", "Dorpsstraat12"
_TOGETHER = _pattern(
    rf"([^\W\d_]{{3}}\.|[^\W\d_](?:{_any_of(words.STREET_ENDINGS)}))(?=[0-9])"
)
_STARTS_WITH_NUMBER = re.compile(r"[0-9]+(?!\w)")
_ENDS_WITH_NUMBER = re.compile(r"(?<!\S)[0-9]+\w?$")
_MARK = rf"(?:{_any_of(words.NUMBER_MARKS)})\.?\s*(?=[0-9])"
_MARK_AT_END = _pattern(rf"\s(?:{_any_of(words.NUMBER_MARKS)})\.?$")
_NUMBER_AT_START = _pattern(rf"(?P<mark>{_MARK})?(?P<core>[0-9]{{1,5}})(?![0-9])")
_MARKED = _pattern(rf"(?<![^\s:])(?P<mark>{_MARK})(?P<core>[0-9]{{1,5}})(?![0-9])")
_NO_NUMBER = _pattern(
    rf"(?P<street>.*\S)\s+(?P<number>(?:{_any_of(words.NO_NUMBER)})\.?)"
)
_FURTHER_NUMBER = re.compile(r"(\s*[-–]\s*'?[0-9]{2,4})?\s+[0-9]{1,5}(?![0-9])")

_EXTENSION = re.compile(
    r"\s*[-–/+&]\s*(?P<number>[0-9]{1,5})(?P<letters>[A-Za-z]{0,3})(?!\w)"
)
_ATTACHED = re.compile(rf"[-–]?[A-Za-z]{{1,4}}{_END}")
_LETTER_APART = re.compile(r"\s+(?P<suffix>[A-Za-z])(?=\s+\w)")
# What may follow a number as its suffix, and whether it certainly is one.
_SUFFIXES = (
    (re.compile(rf"\s*[-–/]?\s*[A-Za-z](?:\s*[-–/+]\s*[A-Za-z])?{_END}"), True),
    (re.compile(rf"\s*[-–/]?\s*[A-Za-z]{{1,2}}[-–]?[0-9]{{1,3}}{_END}"), True),
    (_ATTACHED, True),
    (re.compile(rf"\s+[A-Z]{{2}}{_END}"), False),
    (re.compile(rf"\s+[0-9]{{1,4}}[A-Za-z]?{_END}"), False),
)
_SHORT_BOX = re.compile(r"\s*[-–/]?\s*([bB])\.?\s*([0-9]{1,5})(?!\w)")
_SLASH_BOX = re.compile(r"\s*/\s*([0-9][\w.-]*)")
_PARENTHESES = re.compile(r"\(.*\)")

_ORDINALS = frozenset("st nd rd th e er re ere ère eme ème de ste".split())
_UNIT_WORD = rf"(?:{_any_of(words.UNIT_WORDS)})\.?{_END}"
_SHORT_UNIT = rf"(?:{_any_of(words.UNIT_BEFORE_NUMBER)})\.?\s*[0-9]"
_ORDINAL = rf"[0-9]{{1,2}}\s?(?:{_any_of(_ORDINALS)}|[.ºª°])?\s*"
_NUMBERED_UNIT = _pattern(_ORDINAL + _UNIT_WORD)
_UNIT = _pattern(
    rf"(?:{_UNIT_WORD}|{_SHORT_UNIT}|{_NUMBERED_UNIT.pattern}|[0-9]+\s?[ºª°])"
)
_UNIT_AT_END = _pattern(rf"\s(?:(?:{_UNIT_WORD}\s*(?:[0-9]|\w{_END}))|{_SHORT_UNIT}).*")

_OFFICE_BOX = _pattern(rf"(?:{_any_of(words.POST_OFFICE_BOX)})\.?\s*(?=[0-9])")
_LOCKER = _pattern(
    rf"(?:([0-9]{{5,12}})\s+)?((?:dhl\s+)?(?:{_any_of(words.PARCEL_LOCKER)}))"
    r"\s*(?:nr\.?\s*)?([0-9]{1,4})(?:\s+([0-9]{5,12}))?"
)
_MEMBER = _pattern(r"(?:postnummer:?\s*|post-?nr\.?:?\s*)?[0-9]{5,12}")


@lru_cache
def _box_pattern(rules: Rules) -> re.Pattern:
    if not rules.box_words:
        return _NOTHING
    return _pattern(
        rf"\s*[-–/]?\s*(?P<word>(?:{_any_of(rules.box_words)})(?:\b|(?=[0-9]))"
        r"\.?\s*(?:n[°or]\.?\s*)?)"
        r"(?P<box>[\w.-]*[0-9][\w./-]*|\w)(?!\w)"
    )


@lru_cache
def _apart_pattern(rules: Rules) -> re.Pattern:
    return _pattern(rf"\s*[-–]?\s*(?P<suffix>{_any_of(rules.suffix_words)})\.?{_END}")


_NOTHING = re.compile(r"(?!)(?P<word>)(?P<box>)")
