"""The rules of Amazon's confirmShipment (orders v0).

Each rule looks at one thing and refuses with the message that Amazon's users report.
A confirmation that passes all of them changes the order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .clock import iso
from .contracts import Misfit
from .orders import Order, Package

_TEXT = {"type": "string", "minLength": 1}
_SHORT = {"type": "string", "minLength": 1, "maxLength": 50}
DATE_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"
ESSENTIALS = {
    "type": "object",
    "required": ["marketplaceId", "packageDetail"],
    "properties": {
        "marketplaceId": _TEXT,
        "codCollectionMethod": {"enum": ["DirectPayment"]},
        "packageDetail": {
            "type": "object",
            "required": [
                "packageReferenceId",
                "carrierCode",
                "trackingNumber",
                "shipDate",
                "orderItems",
            ],
            "properties": {
                "packageReferenceId": _TEXT,
                "carrierCode": _SHORT,
                "carrierName": _SHORT,
                "shippingMethod": _SHORT,
                "trackingNumber": {**_SHORT, "pattern": r"^[\x21-\x7e ]+$"},
                "shipDate": {"type": "string", "pattern": DATE_TIME},
                "orderItems": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["orderItemId", "quantity"],
                        "properties": {
                            "orderItemId": _TEXT,
                            "quantity": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    },
}
ITEMS_PATH = ("packageDetail", "orderItems")


@dataclass(frozen=True)
class Confirmation:
    """One accepted call: who was told what."""

    order_id: str
    package_reference: str
    marketplace_ref: str
    carrier_code: str
    carrier_name: str
    shipping_method: str
    tracking_number: str
    ship_date: str
    items: dict[str, int]
    version: int
    at: str


def confirm(service, call, order: Order) -> Confirmation:
    """Checks the call and changes the order; raises Refusal (400)."""
    refuse = _Refuser(service, call)
    detail = call.data["packageDetail"]
    for rule in RULES:
        rule(order, call.data, detail, refuse)
    _check_edit(service, order, detail, refuse)
    _check_quantities(order, detail, refuse)
    return _accept(service, call, order, detail)


class _Refuser:
    def __init__(self, service, call):
        self._service, self._call = service, call

    def __call__(self, message: str, violation: bool = False):
        if violation:
            self._service.violate(self._call, message)
        self._service.refuse(self._call, 400, "", message)


def misfit_message(found: list[Misfit]) -> str:
    """What Amazon says of a body that does not fit the model."""
    if any(m.path[:2] == ITEMS_PATH and m.rule == "type" for m in found):
        return "OrderItemId is invalid"
    wrong_types = [m.dotted for m in found if m.rule == "type"]
    if wrong_types:
        return f"Request contains fields with invalid type {_listed(wrong_types)}"
    return f"Invalid Input {_listed(m.dotted for m in found)}"


def _listed(names) -> str:
    return f"[{', '.join(dict.fromkeys(names))}]"


def _reference_is_numeric(order, data, detail, refuse) -> None:
    if not re.fullmatch(r"0*[1-9]\d*", detail["packageReferenceId"]):
        refuse("PackageReferenceId must be a positive numeric value", violation=True)


def _other_carrier_has_a_name(order, data, detail, refuse) -> None:
    if detail["carrierCode"] == "Other" and not detail.get("carrierName"):
        refuse("CarrierName is required when the CarrierCode is Other", violation=True)


def _marketplace_is_the_orders(order, data, detail, refuse) -> None:
    if data["marketplaceId"] != order.marketplace_ref:
        refuse("MarketplaceId does not match the order", violation=True)


def _not_ship_plus(order, data, detail, refuse) -> None:
    if "FBM_SHIP_PLUS" in order.programs:
        refuse("Shipment confirmation is not allowed for Ship+ orders")


def _item_ids_are_ids(order, data, detail, refuse) -> None:
    for item in detail["orderItems"]:
        if not re.fullmatch(r"\d{14}", item["orderItemId"]):
            refuse("OrderItemId is invalid", violation=True)


def _items_exist(order, data, detail, refuse) -> None:
    for item in detail["orderItems"]:
        if order.status == "CANCELLED" or not order.item(item["orderItemId"]):
            refuse(f"NonexistentOrderItem: {item['orderItemId']} of {order.order_id}")


def _order_can_ship(order, data, detail, refuse) -> None:
    if order.status:
        refuse(f"The order is {order.status} and cannot be confirmed")


RULES = (
    _reference_is_numeric,
    _other_carrier_has_a_name,
    _marketplace_is_the_orders,
    _not_ship_plus,
    _item_ids_are_ids,
    _items_exist,
    _order_can_ship,
)


def _check_edit(service, order: Order, detail: dict, refuse) -> None:
    package = order.packages.get(detail["packageReferenceId"])
    if package is None and order.fulfillment_status == "SHIPPED":
        refuse(
            "PackageToUpdateNotFound: the package to update was not found,"
            " order already fulfilled"
        )
    if package and package.version >= service.max_package_versions:
        refuse("InvalidPackageVersion: maximum number of updates reached")


def _check_quantities(order: Order, detail: dict, refuse) -> None:
    for item_id, quantity in _quantities(detail).items():
        item = order.item(item_id)
        if quantity > order.remaining(item, without=detail["packageReferenceId"]):
            refuse(f"Quantity {quantity} of {item_id} is more than is left to ship")


def _quantities(detail: dict) -> dict[str, int]:
    totals: dict[str, int] = {}
    for item in detail["orderItems"]:
        item_id = item["orderItemId"]
        totals[item_id] = totals.get(item_id, 0) + item["quantity"]
    return totals


def _accept(service, call, order: Order, detail: dict) -> Confirmation:
    reference, now = detail["packageReferenceId"], service.clock.now()
    known = order.packages.get(reference)
    package = Package(
        reference,
        detail["carrierCode"],
        detail.get("carrierName", ""),
        detail.get("shippingMethod", ""),
        detail["trackingNumber"],
        detail["shipDate"],
        _quantities(detail),
        known.created if known else now,
        known.version + 1 if known else 1,
    )
    order.packages[reference] = package
    order.updated = now
    return Confirmation(
        order.order_id,
        reference,
        call.data["marketplaceId"],
        package.carrier_code,
        package.carrier_name,
        package.shipping_method,
        package.tracking_number,
        package.ship_date,
        package.items,
        package.version,
        iso(now),
    )
