"""Shipping rules as plain conditions on plain facts: many orders, many rules."""

from dataclasses import dataclass, field

_NOTHING: frozenset = frozenset()


def fold(text: str) -> str:
    """How SKUs, postal codes and service levels are compared: no blanks, no case."""
    return "".join(text.split()).upper()


def split_list(text: str) -> tuple[str, ...]:
    """The folded parts of a list with commas."""
    return tuple(fold(part) for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class ShippingFacts:
    """What rules ask about an order and its delivery.

    Ids are those of the database, 0 when absent. ``weight`` is in kilograms;
    ``quantity`` counts the pieces to ship. Texts are folded.
    """

    company_id: int
    shop_id: int
    market_id: int
    country_id: int
    postal_code: str = field(repr=False)
    weight: float
    quantity: int
    skus: frozenset[str]
    tag_ids: frozenset[int]
    service_level: str
    is_prime: bool
    is_business: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one rule; an empty one, 0 or None fits every order."""

    company_id: int
    shop_ids: frozenset[int] = _NOTHING
    market_ids: frozenset[int] = _NOTHING
    country_ids: frozenset[int] | None = None
    postal_prefixes: tuple[str, ...] = ()
    weight_min: float = 0
    weight_max: float = 0
    quantity_min: int = 0
    quantity_max: int = 0
    skus: frozenset[str] = _NOTHING
    tag_ids: frozenset[int] = _NOTHING
    service_levels: frozenset[str] = _NOTHING
    is_prime: bool | None = None
    is_business: bool | None = None

    def fits(self, facts: ShippingFacts) -> bool:
        return (
            self.company_id == facts.company_id
            and self._fits_places(facts)
            and self._fits_content(facts)
            and self._fits_service(facts)
        )

    def explain(self, facts: ShippingFacts) -> list[tuple[str, object]]:
        """Why ``facts`` fit: the conditions that are set, in the order of the form.

        Of a list what of it the order has, of a range its two ends; True for what is
        the order's own. All of it can be written as JSON.
        """
        prefixes = [p for p in self.postal_prefixes if facts.postal_code.startswith(p)]
        reasons = {
            "country": self.country_ids is not None and facts.country_id,
            "postal_code": prefixes[:1],
            "weight": _written_range(self.weight_min, self.weight_max),
            "quantity": _written_range(self.quantity_min, self.quantity_max),
            "sku": sorted(self.skus & facts.skus),
            "tag": sorted(self.tag_ids & facts.tag_ids),
            "shop": bool(self.shop_ids),
            "market": bool(self.market_ids),
            "service_level": bool(self.service_levels),
            "prime": self.is_prime is not None and [self.is_prime],
            "business": self.is_business is not None and [self.is_business],
        }
        return [(name, value) for name, value in reasons.items() if value]

    def _fits_places(self, facts):
        return (
            (not self.shop_ids or facts.shop_id in self.shop_ids)
            and (not self.market_ids or facts.market_id in self.market_ids)
            # A group without countries is a condition that nothing meets.
            and (self.country_ids is None or facts.country_id in self.country_ids)
            and (
                not self.postal_prefixes
                or facts.postal_code.startswith(self.postal_prefixes)
            )
        )

    def _fits_content(self, facts):
        return (
            _in_range(facts.weight, self.weight_min, self.weight_max)
            and _in_range(facts.quantity, self.quantity_min, self.quantity_max)
            and (not self.skus or not self.skus.isdisjoint(facts.skus))
            and (not self.tag_ids or not self.tag_ids.isdisjoint(facts.tag_ids))
        )

    def _fits_service(self, facts):
        return (
            (not self.service_levels or facts.service_level in self.service_levels)
            and self.is_prime in (None, facts.is_prime)
            and self.is_business in (None, facts.is_business)
        )


def _in_range(value, least, most):
    return value >= least and (not most or value <= most)


def _written_range(least, most):
    return [least, most] if least or most else []
