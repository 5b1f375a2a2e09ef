"""What is in a parcel, as customs are told it: whole cents, whole grams, whole pieces.

There is no IOSS number here: it is for parcels that come into the EU from outside, and
MyParcel's begin in the EU; its interface takes none (reference, sections 2.3 and 8).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from .texts import clean, is_printable

HS_CODE_LENGTHS = (6, 8, 10)
# Up to here the tax of the country is paid with the sale, and the parcel bears the
# number of who pays it; beyond, the recipient pays it at the border. For Great Britain
# the value of the parcel counts, for Norway that of each piece (Amazon's help for
# sellers, on parcels to Norway; Colissimo's, on parcels to Great Britain).
UK_LIMIT, VOEC_LIMIT = ("GBP", 135), ("NOK", 3000)
DESCRIPTION_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Content:
    """Some of one product, as the seller's books know it.

    ``product`` is what people call it. ``unit_price`` is in euros, ``unit_grams`` 0
    when unknown. ``unconverted`` is the code of the price's currency when that has no
    rate; the price is 0 then.
    """

    product: str
    description: str
    quantity: float
    unit_price: float
    unit_grams: float
    hs_code: str
    origin: str
    unconverted: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Some of one product, as declared: value and weight are of all its pieces."""

    product: str
    description: str
    quantity: int
    value_cents: int
    weight_grams: int
    hs_code: str
    origin: str
    unconverted: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The sender's numbers at tax and customs; "" for what it has not.

    Where Amazon collects the tax of the destination, the British and the Norwegian
    one (VOEC) are Amazon's. They are for parcels of small value only.
    """

    eori: str = field(default="", repr=False)
    vat: str = field(default="", repr=False)
    uk_vat: str = field(default="", repr=False)
    voec: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Declaration:
    """Commercial goods of one parcel."""

    invoice: str
    lines: tuple[Line, ...]
    numbers: Numbers = Numbers()

    @property
    def value_cents(self) -> int:
        return sum(line.value_cents for line in self.lines)

    @property
    def weight_grams(self) -> int:
        return sum(line.weight_grams for line in self.lines)


def declare(
    contents: Iterable[Content],
    *,
    parcel_grams: int,
    invoice: str,
    numbers: Numbers = Numbers(),  # noqa: B008  it is frozen
    rates: Mapping[str, float] | None = None,
) -> Declaration:
    """The declaration of a parcel that holds ``contents``.

    ``rates`` are the euros for one unit of a currency; without one nobody can tell
    whether a number is for the parcel, and it is given.
    """
    contents = _joined(contents)
    values = line_values(contents)
    weights = line_weights(contents, parcel_grams)
    lines = tuple(
        Line(
            product=content.product,
            description=shortened(content.description),
            quantity=max(1, math.ceil(content.quantity)),
            value_cents=value,
            weight_grams=weight,
            hs_code=content.hs_code,
            origin=content.origin,
            unconverted=content.unconverted,
        )
        for content, value, weight in zip(contents, values, weights, strict=True)
    )
    return Declaration(clean(invoice), lines, _fitting(numbers, lines, rates or {}))


def _fitting(
    numbers: Numbers, lines: Sequence[Line], rates: Mapping[str, float]
) -> Numbers:
    """Without those that a parcel of this value must not bear."""
    parcel = sum(line.value_cents for line in lines)
    piece = max((line.value_cents / line.quantity for line in lines), default=0)
    if _is_beyond(parcel, UK_LIMIT, rates):
        numbers = replace(numbers, uk_vat="")
    if _is_beyond(piece, VOEC_LIMIT, rates):
        numbers = replace(numbers, voec="")
    return numbers


def _is_beyond(cents: float, limit: tuple[str, int], rates: Mapping[str, float]):
    currency, amount = limit
    return currency in rates and cents > 100 * amount * rates[currency]


def line_values(contents: Sequence[Content]) -> list[int]:
    """Cents of each line, all its pieces together.

    What a line is rounded by is made up by the others: together they are the value of
    the parcel, as exactly as cents can be.
    """
    exact = [100 * _exact(item.unit_price) * _exact(item.quantity) for item in contents]
    return spread(_rounded(sum(exact)), exact)


def line_weights(contents: Sequence[Content], parcel_grams: int) -> list[int]:
    """Grams of each line, all its pieces together, at least one.

    Products without a weight share what the others leave of the parcel's, by pieces.
    The parcel was weighed with its contents: together they are never heavier.
    """
    pieces = [_exact(item.quantity) for item in contents]
    known = [
        _exact(item.unit_grams) * count
        for item, count in zip(contents, pieces, strict=True)
    ]
    unknown = sum(
        count for count, grams in zip(pieces, known, strict=True) if not grams
    )
    if unknown:
        rest = parcel_grams - sum(known)
        if rest > 0:
            each = rest / unknown
        else:
            each = sum(known) / (sum(pieces) - unknown) or Fraction(1)
        known = [
            grams or each * count for grams, count in zip(known, pieces, strict=True)
        ]
    total = min(_rounded(sum(known)), parcel_grams)
    return spread(max(total, len(contents)), known, least=1)


def spread(total: int, shares: Sequence[Fraction], least: int = 0) -> list[int]:
    """Whole parts of ``total`` in proportion to ``shares``, none below ``least``.

    ``total`` must reach for that. Their sum is ``total``, and each is the nearest
    whole number above or below its share where ``least`` allows it.
    """
    whole = sum(shares)
    exact = [total * share / whole if whole else Fraction(0) for share in shares]
    parts = [max(least, math.floor(share)) for share in exact]
    places = range(len(parts))
    while places and (rest := total - sum(parts)):
        if rest > 0:
            place = max(places, key=lambda at: exact[at] - parts[at])
            parts[place] += 1
        else:
            movable = [at for at in places if parts[at] > least]
            parts[min(movable, key=lambda at: exact[at] - parts[at])] -= 1
    return parts


def hs_digits(hs_code: str) -> str:
    """A code as digits, however it is grouped ("6912.00 23"); "" when it is none."""
    digits = hs_code.translate(str.maketrans("", "", ". -\u00a0"))
    fits = digits.isascii() and digits.isdigit() and len(digits) in HS_CODE_LENGTHS
    return digits if fits else ""


def shortened(text: str, limit: int = DESCRIPTION_LENGTH) -> str:
    """The beginning of a description, to a whole word where there is one."""
    text = clean("".join(char if is_printable(char) else " " for char in text))
    if len(text) <= limit:
        return text
    head, blank, __ = text[: limit + 1].rpartition(" ")
    return head.rstrip(" ,;-(") if blank else text[:limit]


def _joined(contents: Iterable[Content]) -> list[Content]:
    """One for all that differ in nothing but their quantity."""
    quantities: dict[Content, Fraction] = {}
    for content in contents:
        kind = replace(content, quantity=0)
        quantities[kind] = quantities.get(kind, Fraction()) + _exact(content.quantity)
    return [
        replace(kind, quantity=float(quantity)) for kind, quantity in quantities.items()
    ]


def _exact(number: float) -> Fraction:
    """The number as it is written: 0.1 is a tenth."""
    return Fraction(str(number))


def _rounded(number: Fraction | int) -> int:
    """Half a cent is a cent."""
    return math.floor(number + Fraction(1, 2))
