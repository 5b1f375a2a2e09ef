"""Orders whose shipment Amazon confirms itself."""

from .orders import Order

SHIP_PLUS = "FBM_SHIP_PLUS"
# The states of a shipment that say that Amazon has labelled it. Others need our
# confirmation, unknown ones as well: one too many is only refused.
# Source: EasyShipShipmentStatus in models/orders-api-model/ordersV0.json.
LABELLED_BY_AMAZON = frozenset(
    (
        "pendingpickup",
        "pendingdropoff",
        "pickedup",
        "droppedoff",
        "atoriginfc",
        "atdestinationfc",
        "outfordelivery",
        "delivered",
    )
)


def is_confirmed_by_amazon(order: Order) -> bool:
    """Bought as Ship+, or with a label of Amazon's own.

    confirmShipment refuses the first with 400 and is not needed for the second.
    Source: https://developer-docs.amazon.com/sp-api/docs/confirm-the-shipment-status
    """
    details = dict(order.details)
    status = str(details.get("shipment-status", "")).casefold().replace(" ", "")
    return (
        SHIP_PLUS in str(details.get("amazon-programs", "")).upper()
        or status in LABELLED_BY_AMAZON
    )
