"""The only door to Amazon's Selling Partner API, for one seller in one region.

Built on python-amazon-sp-api, whose transport and token client are replaced by
strict ones: the library takes several failures for success and has no usable
timeouts.
"""

import logging
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sp_api.api import Orders, Reports, Sellers
from sp_api.base import ApiResponse
from sp_api.base.credential_provider import FromCodeCredentialProvider

from .addresses import checked_address
from .answers import Operation, rate_limit, request_id
from .errors import MissingRole, Rejected, Unauthorized, Unclear
from .login import TOKEN_URL, Credentials, Login
from .order_documents import OPEN, OrderPage
from .order_search import GET_ORDER, PAGE_SIZE, SEARCH_ORDERS, OrderSearch, instant
from .packages import Package, read_packages
from .report_requests import Report, ReportRequests
from .seller_access import Participation, SellerAccess
from .transport import USER_AGENT, StrictTransport

__all__ = [
    "ConfirmedItem",
    "Credentials",
    "Receipt",
    "SellingPartner",
    "ShipmentConfirmation",
]

# Source: https://developer-docs.amazon.com/sp-api/docs/sp-api-endpoints
ENDPOINTS = {
    "eu": "https://sellingpartnerapi-eu.amazon.com",
    "fe": "https://sellingpartnerapi-fe.amazon.com",
    "na": "https://sellingpartnerapi-na.amazon.com",
}
OTHER_CARRIER = "Other"
CONFIRM_SHIPMENT = Operation(success=204, rate=2.0)

_NOWHERE = "http://127.0.0.1:9"
_ORDER_REF = re.compile(r"[0-9A-Z]{3}-[0-9]{7}-[0-9]{7}")
_PACKAGE_REF = re.compile(r"[1-9][0-9]*")

# These two write headers (tokens) and bodies (buyers' data) at DEBUG, and their
# level is open to anyone's logging configuration.
for _name in ("sp_api.base.client", "sp_api.auth.access_token_client"):
    logging.getLogger(_name).addFilter(lambda record: False)


@dataclass(frozen=True, slots=True)
class ConfirmedItem:
    """So many units of an order item are in the parcel."""

    item_ref: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ShipmentConfirmation:
    """One parcel of an order, as confirmShipment wants it.

    ``package_ref`` is a positive number as text, unique in the order and the same
    at every attempt: Amazon takes a known one as an edit. ``carrier_code`` is
    written exactly as in Seller Central's list; "Other" needs ``carrier_name``.
    ``shipping_method`` may be "". ``ship_date`` is aware.
    Source: ConfirmShipmentRequest in models/orders-api-model/ordersV0.json.
    """

    order_ref: str
    marketplace_ref: str
    package_ref: str
    carrier_code: str
    carrier_name: str
    shipping_method: str
    tracking_number: str
    ship_date: datetime
    items: tuple[ConfirmedItem, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Amazon took it. ``rate_limit`` is in requests per second, None if not told."""

    request_id: str
    rate_limit: float | None


@dataclass(frozen=True, slots=True)
class _Marketplace:
    """What the library asks of a marketplace."""

    endpoint: str
    marketplace_id: str
    region: str


class SellingPartner:
    """One seller's account in one region ("eu", "fe", "na"); for one thread.

    ``token_url`` is the whole address of Login with Amazon's token service,
    ``timeout`` (connect, read) in seconds. Close it, or use it with ``with``.
    Raises InsecureAddress for an address that is neither https nor of this
    machine, and Unauthorized("missing_credentials").
    """

    def __init__(
        self,
        credentials: Credentials,
        region: str,
        *,
        endpoint: str | None = None,
        token_url: str | None = None,
        user_agent: str = USER_AGENT,
        timeout: tuple[float, float] = (5.0, 30.0),
    ):
        if not credentials.complete:
            raise Unauthorized("missing_credentials")
        endpoint = checked_address(endpoint or ENDPOINTS[region])
        token_url = checked_address(token_url or TOKEN_URL)
        self._transport = StrictTransport(timeout)
        self._login = Login(credentials, token_url, user_agent, self._transport)
        clients = (
            self._client(api, credentials, endpoint, region, user_agent)
            for api in (Orders, partial(Orders, version="2026-01-01"), Reports, Sellers)
        )
        # confirmShipment has no successor in the version that reads orders.
        self._orders, self._orders_2026, reports, sellers = clients
        self._search = OrderSearch(self._ask, self._orders_2026)
        self._reports = ReportRequests(self._ask, reports, self._transport, endpoint)
        self._access = SellerAccess(self._ask, sellers, self._orders_2026)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        """Close the connections."""
        self._transport.close()

    def confirm_shipment(self, confirmation: ShipmentConfirmation) -> Receipt:
        """Tell Amazon that a parcel is under way; returns only when it was taken.

        The same ``package_ref`` again is an edit, so that an unclear outcome may
        be repeated unchanged. Raises the errors of ``errors``; Rejected with the
        code ``invalid_confirmation`` when it cannot be sent as it is.
        """
        body = _body_of(confirmation)
        answer = self._ask(
            CONFIRM_SHIPMENT,
            lambda: self._orders.confirm_shipment(confirmation.order_ref, **body),
        )
        return Receipt(request_id(answer.headers), rate_limit(answer.headers))

    def read_packages(
        self,
        marketplace_refs: Sequence[str],
        updated_after: datetime,
        claim: Callable[[], None] = lambda: None,
    ) -> Iterator[Package]:
        """The parcels Amazon holds of all orders that changed since a moment.

        One call per 100 orders, when the first of them is asked for; Amazon allows one
        in three minutes after a burst of 20. ``claim`` is called before each of them.
        ``updated_after`` is aware. Amazon shows a change about two minutes later.
        Raises the errors of ``errors``; what was given before is good all the same.
        Nothing is changed.
        """
        page = {
            "marketplaceIds": list(marketplace_refs),
            "lastUpdatedAfter": instant(updated_after),
            "fulfillmentStatuses": ["PARTIALLY_SHIPPED", "SHIPPED"],
            "includedData": ["PACKAGES"],
            "maxResultsPerPage": PAGE_SIZE,
        }
        token = None
        while True:
            claim()
            answer = self._ask(
                SEARCH_ORDERS,
                partial(
                    self._orders_2026.search_orders,
                    **page,
                    **({"paginationToken": token} if token else {}),
                ),
            )
            if "orders" not in answer.payload:
                raise Unclear("http_200")
            yield from read_packages(answer.payload["orders"])
            # The library takes the key "pagination" out of the payload.
            token = answer.next_token
            if not token:
                return

    def read_order_packages(self, order_ref: str) -> tuple[Package, ...]:
        """The parcels Amazon holds of one order, as they are now.

        Amazon allows one call in two seconds after a burst of 30. Raises the errors of
        ``errors``; nothing is changed.
        """
        answer = self._ask(
            GET_ORDER,
            lambda: self._orders_2026.get_order(order_ref, includedData=["PACKAGES"]),
        )
        if "order" not in answer.payload:
            raise Unclear("http_200")
        return tuple(read_packages([answer.payload["order"]]))

    def search_orders(
        self,
        marketplace_refs: Sequence[str],
        since: datetime,
        *,
        statuses: Sequence[str] = OPEN,
        token: str = "",
    ) -> OrderPage:
        """A page of the seller's own orders that changed since an aware moment.

        Amazon allows one call in three minutes after a burst of 20, and shows a change
        about two minutes later. ``token`` is the page before's, for 24 hours and the
        same other arguments. A market in which the seller is not active spoils the
        call for all of them with MissingRole. Raises the errors of ``errors``.
        """
        return self._search.search(marketplace_refs, since, statuses, token)

    def read_order(self, order_ref: str) -> OrderPage:
        """A page with this one order, as it is now.

        Amazon allows one call in two seconds after a burst of 30. Raises the errors of
        ``errors``; NotFound when the seller has no such order.
        """
        return self._search.read_one(order_ref)

    def create_report(self, marketplace_refs: Sequence[str]) -> str:
        """Ask for the Unshipped orders report of marketplaces, 25 at most.

        Amazon allows one call in a minute after a burst of 15, and answers some that
        come too often with a report that is CANCELLED or FATAL. Raises the errors of
        ``errors``.

        :return: Amazon's number of the report
        """
        return self._reports.ask_for(marketplace_refs)

    def read_report(self, report_ref: str) -> Report:
        """How far a report is. Amazon allows two calls in a second.

        Raises the errors of ``errors``; NotFound if Amazon does not know it (any more).
        """
        return self._reports.look_at(report_ref)

    def download_report(self, document_ref: str) -> bytes:
        """The document of a report that is DONE, packed or not, as from Seller Central.

        It holds buyers' data, so that the app needs the role. Amazon allows one call
        in a minute after a burst of 15. Raises the errors of ``errors``.
        """
        return self._reports.download(document_ref)

    def read_participations(self) -> tuple[Participation, ...]:
        """The marketplaces that the seller is registered in.

        Amazon allows one call in a minute after a burst of 15. Needs the role Selling
        Partner Insights. Raises the errors of ``errors``; nothing is changed.
        """
        return self._access.read_participations()

    def shows_recipients(self, marketplace_ref: str) -> bool | None:
        """Whether Amazon tells this app where orders go; None without open orders.

        One of the calls of searchOrders, which are few. Without the restricted role
        Direct-to-Consumer Delivery the recipients are left out, or Amazon answers with
        MissingRole. Raises the errors of ``errors``; nothing is changed.
        """
        return self._access.shows_recipients(marketplace_ref)

    def _ask(
        self, operation: Operation, call: Callable[[], ApiResponse]
    ) -> ApiResponse:
        """Call the library; once more with a new token if an old one was refused.

        A consent that was withdrawn reads as a missing role while its last token lives.
        """
        self._transport.operation = operation
        try:
            return call()
        except (Unauthorized, MissingRole) as error:
            if getattr(error, "reason", "access_token") != "access_token":
                raise
            if not self._login.renew():
                raise
        return call()

    def _client(self, api, credentials, endpoint, region, user_agent):
        """An API class of the library, its ways to the outside replaced by ours."""
        client = api(
            _Marketplace(endpoint, "", region),
            credentials={
                "lwa_app_id": credentials.client_id,
                "lwa_client_secret": credentials.client_secret,
                "refresh_token": credentials.refresh_token,
            },
            credential_providers=(FromCodeCredentialProvider,),
            auth_token_client_class=lambda **kwargs: self._login,
            # Its own transport lives for a moment: let it trust and reach nobody,
            # and read neither certificates nor proxies of the environment.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            proxies=_NOWHERE,
        )
        client.close()
        client._transport = self._transport
        client.user_agent = user_agent
        # SP_API_DEFAULT_MARKETPLACE in the environment beats the argument.
        client.endpoint = endpoint
        return client


def _body_of(confirmation: ShipmentConfirmation) -> dict:
    """The ConfirmShipmentRequest, or Rejected if it could not be accepted."""
    field = _unacceptable_field(confirmation)
    if field:
        raise Rejected("invalid_confirmation", field=field)
    package = {
        "packageReferenceId": confirmation.package_ref,
        "carrierCode": confirmation.carrier_code,
        "carrierName": confirmation.carrier_name,
        "shippingMethod": confirmation.shipping_method,
        "trackingNumber": confirmation.tracking_number,
        "shipDate": instant(confirmation.ship_date),
        "orderItems": [
            {"orderItemId": item.item_ref, "quantity": item.quantity}
            for item in confirmation.items
        ],
    }
    return {
        "marketplaceId": confirmation.marketplace_ref,
        "packageDetail": {key: value for key, value in package.items() if value},
    }


def _unacceptable_field(confirmation: ShipmentConfirmation) -> str:
    """Name of the first field that Amazon cannot accept, "" if there is none."""
    items = confirmation.items
    acceptable = {
        "order_ref": _ORDER_REF.fullmatch(confirmation.order_ref),
        "marketplace_ref": confirmation.marketplace_ref,
        "package_ref": _PACKAGE_REF.fullmatch(confirmation.package_ref),
        "carrier_code": confirmation.carrier_code,
        "carrier_name": confirmation.carrier_name
        or confirmation.carrier_code != OTHER_CARRIER,
        "tracking_number": confirmation.tracking_number,
        "ship_date": confirmation.ship_date.tzinfo,
        "items": items and all(item.item_ref and item.quantity > 0 for item in items),
    }
    return next((name for name, good in acceptable.items() if not good), "")
