"""What the warehouse knows of its deliveries, and what may be done with them."""

from collections import Counter
from dataclasses import dataclass, field

ENGINE, TYPED, UNKNOWN = "MyParcel", "Bike courier", "Courier without a code"
# One delivery without packages is one parcel.
LOOSE = 0


@dataclass
class Delivery:
    """What the warehouse knows of one delivery.

    ``ordered`` are pieces by item, ``boxes`` pieces by item by package, ``numbers``
    tracking numbers by package; ``given_up`` the numbers of cancelled labels.
    """

    picking_id: int
    shop: int
    carrier: str
    ordered: dict
    boxes: dict
    numbers: dict = field(default_factory=dict)
    given_up: set = field(default_factory=set)
    edited: bool = False
    touched: bool = False
    done: bool = False
    dead: bool = False

    @property
    def packed(self):
        return set(self.boxes) != {LOOSE}

    @property
    def orders(self):
        return {number_of(item) for item in self.ordered}


def number_of(item):
    return int(item) // 10


def total(boxes):
    return dict(sum((Counter(items) for items in boxes.values()), Counter()))


def wants_number(delivery):
    return delivery.carrier != ENGINE and not delivery.numbers


def has_typed_number(delivery):
    return delivery.carrier != ENGINE and delivery.numbers


def wants_label(delivery):
    closed = delivery.done or delivery.dead
    return delivery.carrier == ENGINE and not (closed or delivery.numbers)


def may_cancel(delivery):
    return delivery.carrier == ENGINE and delivery.numbers and not delivery.done


def may_edit(delivery):
    return not (delivery.done or delivery.packed)


def is_outdated(delivery):
    return delivery.edited and delivery.numbers and not (delivery.done or delivery.dead)


def give_up(delivery):
    delivery.given_up |= set(delivery.numbers.values())
    delivery.numbers = {}


def may_pack(delivery):
    return (
        wants_label(delivery)
        and not (delivery.edited or delivery.packed or delivery.given_up)
        and sum(delivery.ordered.values()) > 1
    )


def may_merge(delivery):
    return not (delivery.touched or delivery.numbers or delivery.done)
