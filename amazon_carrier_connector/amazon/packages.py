"""What Amazon holds of the parcels of orders, read back to compare."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """One parcel as Amazon shows it. Absent text is "".

    ``package_ref`` is the packageReferenceId it was confirmed with, ``quantities``
    are pieces by order item id.
    Source: OrderPackage in models/orders-api-model/orders_2026-01-01.json.
    """

    order_ref: str
    package_ref: str
    carrier: str
    tracking_number: str
    quantities: Mapping[str, int]


def read_packages(orders: Iterable[Mapping]) -> Iterable[Package]:
    """The parcels in the orders of a searchOrders answer; unknown keys are ignored."""
    for order in orders:
        for package in order.get("packages") or ():
            yield Package(
                order_ref=order["orderId"],
                package_ref=package["packageReferenceId"],
                carrier=package.get("carrier") or "",
                tracking_number=package.get("trackingNumber") or "",
                quantities={
                    item["orderItemId"]: item["quantity"]
                    for item in package.get("packageItems") or ()
                },
            )
