"""What a seller's consent opens to the app: marketplaces, and recipients of orders.

Sources: GetMarketplaceParticipationsResponse in models/sellers-api-model/sellers.json,
Order in models/orders-api-model/orders_2026-01-01.json.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sp_api.api import Orders, Sellers
from sp_api.base import ApiResponse

from .answers import Operation
from .errors import Unclear

GET_PARTICIPATIONS = Operation(success=200, rate=0.016)
SEARCH_ORDERS = Operation(success=200, rate=0.0056)
# So many open orders of the last days show whether recipients are told.
SAMPLE_SIZE = 10
SAMPLE_AGE = timedelta(days=30)

Ask = Callable[[Operation, Callable[[], ApiResponse]], ApiResponse]


@dataclass(frozen=True, slots=True)
class Participation:
    """A marketplace that the seller is registered in.

    ``is_participating`` is False where the seller may not sell. ``store_name`` is what
    buyers read there, and all that Amazon tells of whose consent it is. Beside Amazon's
    shop windows the list has channels of other companies ("Non-Amazon NL"), whose
    ``marketplace_ref`` is in no table of Amazon's.
    """

    marketplace_ref: str
    is_participating: bool
    store_name: str = ""


class SellerAccess:
    """What ``SellingPartner`` needs to tell where it may look.

    ``ask`` sends a call of the library, as ``SellingPartner`` does; ``orders`` is of
    the version 2026-01-01.
    """

    def __init__(self, ask: Ask, sellers: Sellers, orders: Orders):
        self._ask = ask
        self._sellers = sellers
        self._orders = orders

    def read_participations(self) -> tuple[Participation, ...]:
        """The list as Amazon gives it."""
        answer = self._ask(
            GET_PARTICIPATIONS, self._sellers.get_marketplace_participation
        )
        # Every seller has some; the library makes {} of what it does not find.
        if not isinstance(answer.payload, list):
            raise Unclear("http_200")
        try:
            return tuple(_participation(entry) for entry in answer.payload)
        except (TypeError, LookupError):
            raise Unclear("http_200") from None

    def shows_recipients(self, marketplace_ref: str) -> bool | None:
        """Whether one of some open orders says where it goes; None without orders."""
        since = datetime.now(timezone.utc) - SAMPLE_AGE
        answer = self._ask(
            SEARCH_ORDERS,
            lambda: self._orders.search_orders(
                marketplaceIds=[marketplace_ref],
                lastUpdatedAfter=since.strftime("%Y-%m-%dT%H:%M:%SZ"),
                fulfillmentStatuses=["UNSHIPPED", "PARTIALLY_SHIPPED"],
                fulfilledBy=["MERCHANT"],
                includedData=["RECIPIENT"],
                maxResultsPerPage=SAMPLE_SIZE,
            ),
        )
        try:
            told = [_has_recipient(order) for order in answer.payload["orders"]]
        except (TypeError, LookupError, AttributeError):
            raise Unclear("http_200") from None
        return any(told) if told else None


def _participation(entry: dict) -> Participation:
    ref = entry["marketplace"]["id"]
    is_participating = entry["participation"]["isParticipating"] is True
    name = entry.get("storeName")
    return Participation(
        ref, is_participating, name.strip() if isinstance(name, str) else ""
    )


def _has_recipient(order: dict) -> bool:
    return bool((order.get("recipient") or {}).get("deliveryAddress"))
