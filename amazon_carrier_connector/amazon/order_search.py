"""Orders are read from Amazon: those that changed, or a single one.

Source: models/orders-api-model/orders_2026-01-01.json.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timezone

from sp_api.api import Orders
from sp_api.base import ApiResponse

from .answers import Operation
from .errors import NotFound, Unavailable, Unclear
from .order_documents import OrderPage, read_page

SEARCH_ORDERS = Operation(success=200, rate=0.0056)
GET_ORDER = Operation(success=200, rate=0.5)
# The largest page that searchOrders gives.
PAGE_SIZE = 100
# A missing role leaves RECIPIENT and BUYER out; no token of its own is needed.
INCLUDED_DATA = ["BUYER", "RECIPIENT", "FULFILLMENT", "CANCELLATION", "PROCEEDS"]

_ORDER_REF = re.compile(r"[0-9A-Z]{3}-[0-9]{7}-[0-9]{7}")

Ask = Callable[[Operation, Callable[[], ApiResponse]], ApiResponse]


class OrderSearch:
    """What ``SellingPartner`` needs to read orders, each with its data.

    ``ask`` sends a call of the library, as ``SellingPartner`` does. Asking twice
    costs nothing but calls: what is unclear is Unavailable here.
    """

    def __init__(self, ask: Ask, orders: Orders):
        self._ask_amazon = ask
        self._orders = orders

    def search(
        self,
        marketplace_refs: Sequence[str],
        since: datetime,
        statuses: Sequence[str],
        token: str,
    ) -> OrderPage:
        """A page of the orders that changed since an aware moment."""
        query = {
            "marketplaceIds": list(marketplace_refs),
            "lastUpdatedAfter": instant(since),
            "fulfillmentStatuses": list(statuses),
            "fulfilledBy": ["MERCHANT"],
            "includedData": INCLUDED_DATA,
            "maxResultsPerPage": PAGE_SIZE,
        }
        if token:
            query["paginationToken"] = token
        answer = self._ask(SEARCH_ORDERS, lambda: self._orders.search_orders(**query))
        orders = answer.payload.get("orders")
        if not isinstance(orders, list):
            raise Unavailable("answer")
        # The library takes the key "pagination" out of the payload.
        return read_page(
            orders, answer.payload.get("lastUpdatedBefore"), answer.next_token
        )

    def read_one(self, order_ref: str) -> OrderPage:
        """One order."""
        if not _ORDER_REF.fullmatch(order_ref):
            # It becomes a part of the address.
            raise NotFound()
        answer = self._ask(
            GET_ORDER,
            lambda: self._orders.get_order(order_ref, includedData=INCLUDED_DATA),
        )
        order = answer.payload.get("order")
        if not isinstance(order, dict):
            raise Unavailable("answer")
        return read_page([order])

    def _ask(self, operation: Operation, call: Callable[[], ApiResponse]):
        try:
            return self._ask_amazon(operation, call)
        except Unclear as error:
            raise Unavailable(error.reason, status=error.status) from None


def instant(moment: datetime) -> str:
    """An aware moment as Amazon's ISO 8601."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
