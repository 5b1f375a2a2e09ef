"""An address in the fields of GLS, every word of it, or what keeps it from fitting.

GLS refuses a text that is too long. So what can stand elsewhere without loss is put
there: a long name on two lines, a long number in number and extension or behind the
street. Nothing is ever cut.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .phone import find_phone
from .shipments import Recipient
from .texts import clean

NAME_LENGTH, NAME_LINES = 30, 3
NUMBER_LENGTH, EXTENSION_LENGTH = 5, 5
# Characters of the fields that stand alone: theirs, ours, how many.
_PLAIN = (
    ("street", "street", 40),
    ("zipCode", "postal_code", 8),
    ("city", "city", 30),
    ("phone", "phone", 25),
    ("email", "email", 320),
)
# Elsewhere in the EU the region is no part of a postal address.
_REGION_COUNTRIES = frozenset(("ES", "GR", "IE", "IT", "RO"))


@dataclass(frozen=True, slots=True)
class Misfit:
    """A field of :class:`Recipient` that is too long, and what would fit."""

    field: str
    limit: int
    proposal: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The fields as GLS names them; without misfits they may be sent."""

    fields: Mapping[str, str]
    misfits: tuple[Misfit, ...]


def arrange(recipient: Recipient) -> Arrangement:
    """The first way to write the address that fits; else the first with its misfits."""
    arrangements = [_arrange(recipient, place) for place in _places(recipient)]
    fitting = (item for item in arrangements if not item.misfits)
    return next(fitting, arrangements[0])


def country_of(recipient: Recipient) -> str:
    return clean(recipient.country_code).upper()


def shortened(text: str, limit: int) -> str:
    """The first words of ``text``, as many as fit; of one long word its beginning."""
    return textwrap.shorten(text, limit, placeholder="") or text[:limit]


@dataclass(frozen=True, slots=True)
class _Place:
    """One way to write street and number; ``line`` goes to the names."""

    street: str
    number: str
    extension: str
    line: str = ""


def _places(recipient: Recipient) -> Iterator[_Place]:
    street, number, suffix, box = (
        clean(getattr(recipient, name))
        for name in ("street", "number", "number_suffix", "box_number")
    )
    bus = f"bus {box}" if box else ""
    yield _Place(street, number, _joined(suffix, bus))
    yield _Place(street, number, suffix, bus)
    # "123-125" becomes 123 and -125.
    if match := re.fullmatch(r"([0-9]{1,5})([^0-9].*)", number):
        yield _Place(street, match[1], _joined(match[2], suffix), bus)
    yield _Place(_joined(street, number, suffix), "", "", bus)


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _arrange(recipient: Recipient, place: _Place) -> Arrangement:
    fields, misfits = {}, []
    texts = {"street": place.street, "postal_code": _postal_code(recipient)}
    for theirs, ours, limit in _PLAIN:
        fields[theirs] = texts.get(ours) or clean(getattr(recipient, ours))
        misfits += _too_long(ours, fields[theirs], limit)
    fields |= {"houseNo": place.number, "houseNoExt": place.extension}
    misfits += _too_long("number", place.number, NUMBER_LENGTH)
    misfits += _too_long("number_suffix", place.extension, EXTENSION_LENGTH)
    parts = _name_parts(recipient, place.line)
    lines = _lines(parts.values())
    if not _fits(lines):
        misfits.append(_name_misfit(parts))
    fields |= {f"name{number}": line for number, line in enumerate(lines, start=1)}
    fields["countryCode"] = country_of(recipient)
    return Arrangement(
        {name: text for name, text in fields.items() if text}, tuple(misfits)
    )


def _postal_code(recipient: Recipient) -> str:
    code = clean(recipient.postal_code).upper()
    return code.replace(" ", "") if country_of(recipient) == "NL" else code


def _too_long(name: str, text: str, limit: int) -> Iterator[Misfit]:
    if len(text) > limit:
        number = find_phone(text) if name == "phone" else ""
        yield Misfit(name, limit, number or shortened(text, limit))


def _name_parts(recipient: Recipient, line: str) -> dict[str, str]:
    """What is printed above the street, by our names of the fields."""
    parts = {
        "company": clean(recipient.company),
        "name": clean(recipient.name),
        # A place that is said already; a person may have its name all the same.
        "city": clean(recipient.city),
        "street_additional": clean(recipient.street_additional),
        "box_number": line,
    }
    if country_of(recipient) in _REGION_COUNTRIES:
        parts["region"] = clean(recipient.region)
    said = set()
    kept = {}
    for name, text in parts.items():
        if text and text.casefold() not in said:
            said.add(text.casefold())
            kept[name] = text
    kept.pop("city", None)
    return kept


def _lines(parts: Sequence[str]) -> list[str]:
    """Each part on lines of its own; where they are too few, one after the other."""
    parts = list(parts)
    apart = [line for part in parts for line in _wrapped(part)]
    return apart if _fits(apart) else _wrapped(", ".join(parts))


def _wrapped(text: str) -> list[str]:
    lines = _wrap(text, False)
    return lines if _fits(lines) else _wrap(text, True)


def _wrap(text: str, at_hyphens: bool) -> list[str]:
    return textwrap.wrap(
        text, NAME_LENGTH, break_long_words=False, break_on_hyphens=at_hyphens
    )


def _fits(lines: Sequence[str]) -> bool:
    return len(lines) <= NAME_LINES and all(len(line) <= NAME_LENGTH for line in lines)


def _name_misfit(parts: Mapping[str, str]) -> Misfit:
    """Of the longest part as many words as fit beside the others."""
    for name in sorted(parts, key=lambda name: -len(parts[name])):
        words = parts[name].split()
        for count in range(len(words) - 1, 0, -1):
            proposal = " ".join(words[:count])
            if _fits(_lines({**parts, name: proposal}.values())):
                return Misfit(name, len(proposal), proposal)
    longest = max(parts, key=lambda name: len(parts[name]))
    return Misfit(longest, NAME_LENGTH, shortened(parts[longest], NAME_LENGTH))
