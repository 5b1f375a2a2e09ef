"""What Amazon says differently about a known order, and how people are told."""

from dataclasses import dataclass, field
from typing import Any

from odoo.tools import format_datetime

from ..amazon.orders import OrderItem


def naive_utc(moment):
    """Odoo's form of a moment: UTC without a time zone; False when absent."""
    return moment.replace(tzinfo=None) if moment else False


@dataclass(frozen=True, slots=True)
class QuantityChange:
    """How much of an item is to be shipped from here, all in all.

    ``item`` is the ``amazon.order.item``, empty for a new one; ``source`` is what
    Amazon says, None for an item that Amazon no longer lists. ``elsewhere`` are the
    pieces that were shipped, but not from here.
    """

    item: Any
    source: OrderItem | None
    quantity: int
    elsewhere: int

    @property
    def is_visible(self):
        return self.item.quantity_to_ship != self.quantity

    def describe(self, env):
        sku = self.item.sku or self.source.sku
        if not self.item:
            return env._(
                "%(sku)s is new: %(quantity)s pieces.", sku=sku, quantity=self.quantity
            )
        return env._(
            "%(sku)s: %(new)s pieces instead of %(old)s.",
            sku=sku,
            new=self.quantity,
            old=self.item.quantity_to_ship,
        )


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """``values`` are those of the order itself; false when nothing changed.

    ``prices`` are items of which the price was not known, and their values.
    """

    values: dict = field(default_factory=dict)
    has_address: bool = False
    quantities: tuple[QuantityChange, ...] = ()
    prices: tuple[tuple[Any, dict], ...] = ()

    def __bool__(self):
        return bool(self.values or self.has_address or self.quantities or self.prices)

    def describe(self, order):
        """One sentence per change; none of them holds a buyer's data.

        :param order: the ``amazon.order``, as it was before
        """
        return self._describe_dates(order) + self.describe_content(order.env)

    def _describe_dates(self, order):
        env = order.env
        return [
            env._(
                "%(field)s: %(new)s instead of %(old)s.",
                field=label,
                new=format_datetime(env, self.values[name]),
                old=format_datetime(env, order[name]) or env._("none"),
            )
            for name, label in (
                ("ship_by", env._("Ship by")),
                ("deliver_by", env._("Deliver by")),
            )
            if name in self.values
        ]

    def describe_content(self, env):
        """The same of what a parcel that is made already cannot follow."""
        sentences = []
        if "cancel_requested" in self.values:
            sentences.append(env._("The buyer asks to cancel."))
        if self.has_address:
            sentences.append(env._("The address is another one."))
        return sentences + [
            change.describe(env) for change in self.quantities if change.is_visible
        ]
