"""Amazon's Selling Partner API: orders, shipment confirmation, reports, tokens."""

from __future__ import annotations

import gzip
import itertools
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from werkzeug.wrappers import Response

from . import confirmation
from .clock import iso, parse_iso
from .lwa import HOUR, LoginWithAmazon
from .markets import BY_REF, NETHERLANDS, other_channel, participation
from .orders import OPEN, Order, Orders, order_document, report_text
from .rates import Limits, TokenBucket, choose_rates
from .server import Operation, Refusal, StandIn, answer_json

PUBLISHED_RATES = {
    "searchOrders": (0.0056, 20),
    "getOrder": (0.5, 30),
    "confirmShipment": (2, 10),
    "createReport": (0.0167, 15),
    "getReport": (2, 15),
    "getReportDocument": (0.0167, 15),
    "createRestrictedDataToken": (1, 10),
    "getMarketplaceParticipations": (0.016, 15),
}
UNSHIPPED_REPORT = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"
STATUSES = (
    "PENDING_AVAILABILITY PENDING UNSHIPPED PARTIALLY_SHIPPED SHIPPED CANCELLED"
    " UNFULFILLABLE"
).split()
DATA_SETS = (
    "BUYER RECIPIENT PROCEEDS EXPENSE PROMOTION CANCELLATION FULFILLMENT PACKAGES TAX"
    " PAYMENT FULFILLMENT_ORDERS"
).split()
CHOICES = {
    "fulfillmentStatuses": STATUSES,
    "includedData": DATA_SETS,
    "fulfilledBy": ["MERCHANT", "AMAZON"],
    "marketplaceIds": list(BY_REF),
}
WINDOWS = (
    ("createdAfter", "createdBefore", "purchased"),
    ("lastUpdatedAfter", "lastUpdatedBefore", "updated"),
)
MAY_CHANGE = ("paginationToken", "maxResultsPerPage", "includedData")
DAY = 24 * HOUR
ORDER_AGE = timedelta(days=2 * 365)  # Reports have no older orders.
DOCUMENT_SECONDS = 300
MESSAGES = {
    400: ("InvalidInput", "Request has missing or invalid parameters."),
    403: ("Unauthorized", "Access to requested resource is denied."),
    404: ("NotFound", "The resource specified does not exist."),
    429: ("QuotaExceeded", "You exceeded your quota for the requested resource."),
    500: ("InternalFailure", "We encountered an internal error. Please try again."),
}
_TEXT = {"type": "string", "minLength": 1}
REPORT_ESSENTIALS = {
    "type": "object",
    "required": ["reportType", "marketplaceIds"],
    "properties": {
        "reportType": _TEXT,
        "marketplaceIds": {"type": "array", "minItems": 1, "maxItems": 25},
    },
}
TOKEN_ESSENTIALS = {
    "type": "object",
    "required": ["restrictedResources"],
    "properties": {
        "restrictedResources": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "required": ["method", "path"]},
        }
    },
}


@dataclass
class Report:
    report_id: str
    seller_ref: str
    report_type: str
    marketplace_refs: list
    created: datetime
    text: str = ""
    rows: int = 0
    polls: int = 0
    document_ref: str = ""


@dataclass
class Search:
    """The orders behind a pagination token, fixed when the search began."""

    query: dict
    seller_ref: str
    order_ids: list
    position: int
    expires: float


class Amazon(StandIn):
    """``orders`` holds what the sellers have, ``confirmations`` what was accepted."""

    name = "amazon"
    operations = (
        Operation("searchOrders", "GET", "/orders/2026-01-01/orders", "search_orders"),
        Operation(
            "getOrder", "GET", "/orders/2026-01-01/orders/<order_id>", "get_order"
        ),
        Operation(
            "confirmShipment",
            "POST",
            "/orders/v0/orders/<order_id>/shipmentConfirmation",
            "confirm_shipment",
            "orders/ConfirmShipmentRequest",
            confirmation.ESSENTIALS,
        ),
        Operation(
            "createReport",
            "POST",
            "/reports/2021-06-30/reports",
            "create_report",
            "reports/CreateReportSpecification",
            REPORT_ESSENTIALS,
        ),
        Operation(
            "getReport", "GET", "/reports/2021-06-30/reports/<report_id>", "get_report"
        ),
        Operation(
            "getReportDocument",
            "GET",
            "/reports/2021-06-30/documents/<document_ref>",
            "get_report_document",
        ),
        Operation(
            "downloadDocument",
            "GET",
            "/documents/<document_ref>",
            "download_document",
            open=True,
        ),
        Operation(
            "createRestrictedDataToken",
            "POST",
            "/tokens/2021-03-01/restrictedDataToken",
            "create_restricted_data_token",
            "tokens/CreateRestrictedDataTokenRequest",
            TOKEN_ESSENTIALS,
        ),
        Operation(
            "getMarketplaceParticipations",
            "GET",
            "/sellers/v1/marketplaceParticipations",
            "get_marketplace_participations",
        ),
    )
    settings = (
        "settling_seconds",
        "max_package_versions",
        "report_polls",
        "report_encoding",
        "report_compressed",
        "report_outcome",
        "report_lag_seconds",
    )

    def __init__(self, clock, contracts, lwa: LoginWithAmazon, rates=None):
        self.lwa, self.sellers = lwa, lwa.sellers
        self.rates = choose_rates(PUBLISHED_RATES, rates)
        super().__init__(clock, contracts)

    @property
    def lwa_url(self) -> str:
        """The token endpoint's host; its path is ``/auth/o2/token``."""
        return self.lwa.url

    def reset_state(self) -> None:
        self.orders = Orders(self.clock)
        self.confirmations: list = []
        self.settling_seconds = 120
        self.max_package_versions = 10
        self.report_polls = 2
        self.report_encoding = "cp1252"
        self.report_compressed = True
        self.report_lag_seconds = 0  # what changed since then is not in it yet
        self.report_outcome = ""  # "FATAL" or "CANCELLED" whatever the rows are
        self._reports: dict[str, Report] = {}
        self._documents: dict[str, tuple[Report, float]] = {}
        self._searches: dict[str, Search] = {}
        self._serial = itertools.count(1)
        self._limits = Limits(
            lambda operation: TokenBucket(*self.rates[operation], self.clock)
        )

    def state(self) -> dict:
        with self.lock:
            return {
                "orders": {ref: order.describe() for ref, order in self.orders.items()},
                "confirmations": [asdict(c) for c in self.confirmations],
            }

    def controls(self) -> dict:
        return {
            ("POST", "orders"): Amazon._add_orders,
            ("POST", "order"): Amazon._change_order,
        }

    def _add_orders(self, request) -> dict:
        """A report as it is, or a JSON list of orders; ``?marketplace=`` for reports"""
        with self.lock:
            if request.mimetype == "application/json":
                added = [Order.from_json(data) for data in request.get_json()]
                added = [self.orders.add(order) for order in added]
            else:
                ref = request.args.get("marketplace", NETHERLANDS)
                added = self.orders.load_report(request.get_data(), ref)
        return {"orders": [order.order_id for order in added]}

    def _change_order(self, request) -> None:
        """``order_id`` and the fields that change, such as ``status``."""
        changes = dict(request.get_json())
        with self.lock:
            order = self.orders[changes.pop("order_id")]
            for name, value in changes.items():
                setattr(order, name, value)
            order.updated = self.clock.now()

    # What every operation does

    def references_of(self, call):
        return [v for k, v in call.arguments.items() if k == "order_id"]

    def admit(self, call, operation) -> None:
        if operation.open:
            return
        token = self.sellers.tokens.get(call.request.headers.get("x-amz-access-token"))
        if token is None or token.expires < self.clock.seconds():
            self.refuse(call, 403, "The access token you provided is invalid.")
        if not token.seller.connected:
            self.refuse(call, 403, "Access to the seller's account was withdrawn.")
        if token.path not in ("", call.request.path):
            self.refuse(call, 403, "The restricted data token is for another resource.")
        call.caller = token
        if self._limits.take(operation.name, token.seller.selling_partner_id):
            raise Refusal(self.throttled(call))

    def refuse(self, call, status: int, details: str, message: str = ""):
        raise Refusal(self.refused(call, status, (message, details)))

    def refused(self, call, status, body) -> Response:
        code, usual = MESSAGES.get(status, ("InternalFailure", "Failure"))
        message, details = body or ("", "")
        error = {"code": code, "message": message or usual, "details": details}
        return self.finish(call, answer_json({"errors": [error]}, status))

    def misfit(self, call, found) -> Response:
        if call.operation == "confirmShipment":
            return self.refused(call, 400, (confirmation.misfit_message(found), ""))
        details = "; ".join(f"{m.dotted}: {m.message}" for m in found)
        return self.refused(call, 400, ("", details))

    def throttled(self, call, retry_after=None) -> Response:
        response = self.refused(call, 429, None)
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    def finish(self, call, response) -> Response:
        if response.status_code == 204:
            response.headers.pop("Content-Type", None)
        response.headers.setdefault("x-amzn-RequestId", f"req-{next(self._serial):08d}")
        rate = self.rates.get(call.operation)
        if rate and response.status_code in (200, 202, 204, 400, 404):
            response.headers["x-amzn-RateLimit-Limit"] = f"{float(rate[0])}"
        return response

    def _own_order(self, call, order_id: str) -> Order:
        order = self.orders.get(order_id)
        owner = order and (order.selling_partner_id or self.first_seller)
        if owner != call.caller.seller.selling_partner_id:
            self.refuse(call, 404, f"Order {order_id} was not found.")
        return order

    @property
    def first_seller(self) -> str:
        """The seller whose orders name no seller."""
        return next(iter(self.sellers.sellers))

    # Orders

    def confirm_shipment(self, call, order_id) -> Response:
        if not re.fullmatch(r"\d{3}-\d{7}-\d{7}", order_id):
            self.refuse(call, 400, f"{order_id} is not an order id.")
        order = self._own_order(call, order_id)
        self.confirmations.append(confirmation.confirm(self, call, order))
        return Response(status=204)

    def get_order(self, call, order_id) -> Response:
        order = self._own_order(call, order_id)
        included = self._chosen(call, "includedData")
        return answer_json({"order": self._document(call, order, included)})

    def search_orders(self, call) -> Response:
        query = {k: v for k, v in call.request.args.items() if k not in MAY_CHANGE}
        included = self._chosen(call, "includedData")
        size = self._page_size(call)
        search = self._search(call, query)
        refs = search.order_ids[search.position : search.position + size]
        documents = [self._document(call, self.orders[r], included) for r in refs]
        answer = {"orders": documents, **self._bound(query)}
        if search.position + size < len(search.order_ids):
            answer["pagination"] = {"nextToken": self._page(search, size)}
        return answer_json(answer)

    def _document(self, call, order, included) -> dict:
        if not call.caller.seller.restricted_role:
            included = included - {"RECIPIENT", "BUYER"}
        return order_document(order, included)

    def _chosen(self, call, name: str) -> set[str]:
        values = {v for v in call.request.args.get(name, "").split(",") if v}
        wrong = values - set(CHOICES[name])
        if wrong:
            self.violate(call, f"unknown {', '.join(sorted(wrong))}", name)
            self.refuse(call, 400, f"{name}: invalid value")
        return values

    def _page_size(self, call) -> int:
        text = call.request.args.get("maxResultsPerPage", "100")
        if not text.isdigit() or not 1 <= int(text) <= 100:
            self.violate(call, f"{text} is not within 1 and 100", "maxResultsPerPage")
            self.refuse(call, 400, "maxResultsPerPage must be between 1 and 100")
        return int(text)

    def _search(self, call, query: dict) -> Search:
        seller_ref = call.caller.seller.selling_partner_id
        token = call.request.args.get("paginationToken")
        if token is None:
            return Search(query, seller_ref, self._matches(call, query), 0, 0.0)
        search = self._searches.get(token)
        if search is None or search.seller_ref != seller_ref:
            self.refuse(call, 400, "paginationToken is invalid")
        if search.expires < self.clock.seconds():
            self.refuse(call, 400, "paginationToken has expired")
        if search.query != query:
            self.violate(call, "other parameters than on the page before")
            self.refuse(call, 400, "paginationToken does not fit the parameters")
        return search

    def _page(self, search: Search, size: int) -> str:
        token = f"page-{next(self._serial):010d}"
        position, expires = search.position + size, self.clock.seconds() + DAY
        self._searches[token] = Search(
            search.query, search.seller_ref, search.order_ids, position, expires
        )
        return token

    def _matches(self, call, query: dict) -> list[str]:
        after, before, moment = self._window(call, query)
        chosen = {name: self._chosen(call, name) for name in CHOICES}
        seller = call.caller.seller
        markets = chosen["marketplaceIds"] or set(seller.marketplace_refs)
        if markets & set(seller.refused_marketplace_refs):
            self.refuse(call, 403, "The seller is not active in a marketplace.")
        found = [
            order
            for order in self.orders.values()
            if (order.selling_partner_id or self.first_seller)
            == seller.selling_partner_id
            and after <= getattr(order, moment) <= before
            and order.marketplace_ref in markets
            and order.fulfillment_status in (chosen["fulfillmentStatuses"] or STATUSES)
            and order.fulfilled_by in (chosen["fulfilledBy"] or CHOICES["fulfilledBy"])
        ]
        found.sort(key=lambda order: (getattr(order, moment), order.order_id))
        return [order.order_id for order in found]

    def _window(self, call, query: dict):
        given = [window for window in WINDOWS if window[0] in query]
        if len(given) != 1:
            self.violate(call, "exactly one of createdAfter and lastUpdatedAfter")
            self.refuse(call, 400, "Give one of createdAfter and lastUpdatedAfter.")
        after, before, moment = given[0]
        latest = self.clock.now() - timedelta(seconds=self.settling_seconds)
        try:
            start = parse_iso(query[after])
            end = parse_iso(query[before]) if before in query else latest
        except ValueError:
            self.violate(call, "not an ISO 8601 date", after)
            self.refuse(call, 400, "Invalid Input")
        if end > latest or before in query and end < start:
            self.refuse(call, 400, f"{before} must be two minutes old, after {after}.")
        return start, end, moment

    def _bound(self, query: dict) -> dict:
        _, name, _ = next(window for window in WINDOWS if window[0] in query)
        latest = self.clock.now() - timedelta(seconds=self.settling_seconds)
        return {name: query.get(name, iso(latest))}

    # Reports

    def create_report(self, call) -> Response:
        data, seller_ref = call.data, call.caller.seller.selling_partner_id
        now = self.clock.now()
        report = Report(
            f"ID{next(self._serial)}",
            seller_ref,
            data["reportType"],
            data["marketplaceIds"],
            now,
        )
        if report.report_type == UNSHIPPED_REPORT:
            latest = now - timedelta(seconds=self.report_lag_seconds)
            start, end = self._report_window(call, now)
            option = (data.get("reportOptions") or {}).get("ShowSalesChannel")
            orders = [
                order
                for order in self.orders.values()
                if order.fulfillment_status in OPEN
                and order.fulfilled_by == "MERCHANT"
                and order.updated <= latest
                and start <= (order.released or order.purchased) <= end
                and order.marketplace_ref in report.marketplace_refs
                and (order.selling_partner_id or self.first_seller) == seller_ref
            ]
            report.text = report_text(orders, option == "true", now)
            report.rows = len(orders)
        self._reports[report.report_id] = report
        return answer_json({"reportId": report.report_id}, 202)

    def _report_window(self, call, now) -> tuple[datetime, datetime]:
        """When orders left PENDING: both ends are now by default, and two years old."""
        try:
            start, end = (
                parse_iso(call.data[name]) if name in call.data else now
                for name in ("dataStartTime", "dataEndTime")
            )
        except ValueError:
            self.violate(call, "not an ISO 8601 date", "dataStartTime")
            self.refuse(call, 400, "Invalid Input")
        if max(start, end) > now:
            self.refuse(call, 400, "dataStartTime must not be in the future")
        return max(start, now - ORDER_AGE), end

    def get_report(self, call, report_id) -> Response:
        report = self._report(call, report_id)
        report.polls += 1
        data = {
            "reportId": report.report_id,
            "reportType": report.report_type,
            "marketplaceIds": report.marketplace_refs,
            "createdTime": iso(report.created),
            "processingStatus": self._progress(report),
        }
        if data["processingStatus"] == "DONE":
            report.document_ref = f"amzn1.spdoc.1.4.eu.{report.report_id}"
            data["reportDocumentId"] = report.document_ref
        return answer_json(data)

    def _report(self, call, report_id) -> Report:
        report = self._reports.get(report_id)
        if not report or report.seller_ref != call.caller.seller.selling_partner_id:
            self.refuse(call, 404, f"Report {report_id} was not found.")
        return report

    def _progress(self, report: Report) -> str:
        if report.polls <= self.report_polls:
            return "IN_QUEUE" if report.polls == 1 else "IN_PROGRESS"
        return self.report_outcome or ("DONE" if report.rows else "CANCELLED")

    def get_report_document(self, call, document_ref) -> Response:
        found = [r for r in self._reports.values() if r.document_ref == document_ref]
        if not found:
            self.refuse(call, 404, "The document was not found.")
        if not call.caller.path:
            self.refuse(call, 403, "A restricted data token is needed.")
        key = f"{document_ref}-{next(self._serial)}"
        expires = self.clock.seconds() + DOCUMENT_SECONDS
        self._documents[key] = (found[0], expires)
        data = {
            "reportDocumentId": document_ref,
            "url": f"{self.url}/documents/{key}?X-Amz-Expires={DOCUMENT_SECONDS}",
        }
        if self.report_compressed:
            data["compressionAlgorithm"] = "GZIP"
        return answer_json(data)

    def download_document(self, call, document_ref) -> Response:
        if "x-amz-access-token" in call.request.headers:
            self.violate(call, "an access token was sent to the document store")
            return Response("<Error/>", 400, content_type="application/xml")
        report, expires = self._documents.get(document_ref, (None, 0))
        if expires < self.clock.seconds():
            return Response("<Error/>", 403, content_type="application/xml")
        data = report.text.encode(self.report_encoding, "replace")
        charset = REPORT_CHARSETS.get(self.report_encoding, self.report_encoding)
        data = gzip.compress(data, 1) if self.report_compressed else data
        return Response(data, content_type=f"text/plain; charset={charset}")

    # Tokens and sellers

    def create_restricted_data_token(self, call) -> Response:
        if not call.caller.seller.restricted_role:
            self.refuse(call, 403, "The application lacks the role for this resource.")
        path = call.data["restrictedResources"][0]["path"]
        expires = self.clock.seconds() + HOUR
        token = self.sellers.issue(call.caller.seller, expires, path)
        return answer_json({"restrictedDataToken": token, "expiresIn": HOUR})

    def get_marketplace_participations(self, call) -> Response:
        seller = call.caller.seller
        payload = [
            participation(BY_REF[ref], seller.store_name)
            for ref in seller.marketplace_refs
        ]
        payload.append(other_channel("NL", seller.store_name))
        return answer_json({"payload": payload})


REPORT_CHARSETS = {"cp1252": "Cp1252", "cp932": "Windows-31J", "utf-8": "UTF-8"}
