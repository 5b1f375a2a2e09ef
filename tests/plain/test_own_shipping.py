"""Which orders Amazon confirms itself."""

import pytest
from amazon.orders import Order, OrderItem, PostalAddress
from amazon.own_shipping import is_confirmed_by_amazon


def order(**details):
    return Order(
        "402-0000001-0000001",
        (OrderItem("00000000000017", "MUG", "Mug", 1, 0, 1),),
        PostalAddress(),
        details=tuple((name.replace("_", "-"), v) for name, v in details.items()),
    )


@pytest.mark.parametrize(
    ("details", "own"),
    [
        ({}, False),
        ({"amazon_programs": "FBM_SHIP_PLUS"}, True),
        ({"amazon_programs": "PRIME,fbm_ship_plus"}, True),
        ({"amazon_programs": "PRIME"}, False),
        ({"shipment_status": "PendingPickUp"}, True),
        ({"shipment_status": "Out For Delivery"}, True),
        ({"shipment_status": "Label Cancelled"}, False),
        ({"shipment_status": "LabelCanceled"}, False),
        ({"shipment_status": "PendingSchedule"}, False),
        ({"shipment_status": "something new"}, False),
    ],
)
def test_only_what_amazon_surely_confirms_is_left_to_it(details, own):
    assert is_confirmed_by_amazon(order(**details)) is own
