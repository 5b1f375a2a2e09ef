"""The Unshipped orders report, asked for at Amazon: request, poll, download.

Source: models/reports-api-model/reports_2021-06-30.json and
models/tokens-api-model/tokens_2021-03-01.json.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from sp_api.api import Reports
from sp_api.base import ApiResponse

from .addresses import checked_document_address
from .answers import Operation
from .errors import Unavailable, Unclear
from .transport import StrictTransport

UNSHIPPED_ORDERS = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"
# The dates select when an order left Pending, and nothing says that they may be left
# out. Nobody ships later; order reports have orders of less than two years.
# Source: https://developer-docs.amazon.com/sp-api/docs/report-type-values-order
REACH = timedelta(days=365)
# About a hundred thousand orders, unpacked; packed, far more than the reader takes.
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
CREATE_REPORT = Operation(success=202, rate=0.0167)
GET_REPORT = Operation(success=200, rate=2.0)
GET_REPORT_DOCUMENT = Operation(success=200, rate=0.0167)
CREATE_RESTRICTED_DATA_TOKEN = Operation(success=200, rate=1.0)

_REPORTS = "/reports/2021-06-30/reports/"
_DOCUMENTS = "/reports/2021-06-30/documents/"
_TOKENS = "/tokens/2021-03-01/restrictedDataToken"
_WAITING = ("IN_QUEUE", "IN_PROGRESS")
_STATES = (*_WAITING, "DONE", "CANCELLED", "FATAL")

Ask = Callable[[Operation, Callable[[], ApiResponse]], ApiResponse]


@dataclass(frozen=True, slots=True)
class Report:
    """How far a report is: Amazon's processing status.

    ``state`` is IN_QUEUE, IN_PROGRESS, DONE, CANCELLED (there was no row for it, or
    somebody cancelled it) or FATAL. ``document_ref`` is "" unless it is DONE.
    """

    state: str
    document_ref: str

    @property
    def is_waiting(self) -> bool:
        return self.state in _WAITING


class ReportRequests:
    """What ``SellingPartner`` needs of the Reports and the Tokens API.

    ``ask`` sends a call of the library, as ``SellingPartner`` does. Asking twice
    costs nothing but calls: what is unclear is Unavailable here.
    """

    def __init__(
        self, ask: Ask, reports: Reports, transport: StrictTransport, endpoint: str
    ):
        self._endpoint = endpoint
        self._ask_amazon = ask
        self._reports = reports
        self._transport = transport

    def ask_for(self, marketplace_refs: Sequence[str]) -> str:
        """Ask for the report of these marketplaces; its number at Amazon."""
        since = datetime.now(timezone.utc) - REACH
        answer = self._ask(
            CREATE_REPORT,
            lambda: self._reports.create_report(
                reportType=UNSHIPPED_ORDERS,
                marketplaceIds=list(marketplace_refs),
                dataStartTime=since.strftime("%Y-%m-%dT%H:%M:%SZ"),
                reportOptions={"ShowSalesChannel": "true"},
            ),
        )
        return _text(answer, "reportId")

    def look_at(self, report_ref: str) -> Report:
        """How far it is."""
        path = _REPORTS + quote(report_ref, safe="")
        answer = self._ask(
            GET_REPORT,
            # The library's own methods for this and for the token add marketplaces,
            # spelled in several ways.
            lambda: self._reports._request(path, add_marketplace=False),
        )
        state = _text(answer, "processingStatus")
        if state not in _STATES:
            raise Unavailable("answer")
        is_done = state == "DONE"
        return Report(state, _text(answer, "reportDocumentId") if is_done else "")

    def download(self, document_ref: str) -> bytes:
        """The document as Amazon stores it, packed or not."""
        self._reports.restricted_data_token = self._permit(document_ref)
        try:
            answer = self._ask(
                GET_REPORT_DOCUMENT,
                lambda: self._reports.get_report_document(document_ref),
            )
        finally:
            self._reports.restricted_data_token = None
        return self._fetch(_text(answer, "url"))

    def _permit(self, document_ref: str) -> str:
        """A token for buyers' data, good for this document only."""
        resource = {"method": "GET", "path": _DOCUMENTS + quote(document_ref, safe="")}
        answer = self._ask(
            CREATE_RESTRICTED_DATA_TOKEN,
            lambda: self._reports._request(
                _TOKENS,
                data={"method": "POST", "restrictedResources": [resource]},
                add_marketplace=False,
            ),
        )
        return _text(answer, "restrictedDataToken")

    def _fetch(self, url: str) -> bytes:
        """The address holds its own permission, for five minutes: no token is sent."""
        url = checked_document_address(url, self._endpoint)
        try:
            answer = self._transport.exchange(
                "GET", url, None, None, {}, max_bytes=MAX_DOCUMENT_BYTES
            )
        except Unclear as error:
            raise Unavailable(error.reason) from None
        if answer.status_code != 200 or not answer.whole:
            raise Unavailable(f"http_{answer.status_code}")
        return answer.content

    def _ask(self, operation: Operation, call: Callable[[], ApiResponse]):
        try:
            return self._ask_amazon(operation, call)
        except Unclear as error:
            raise Unavailable(error.reason, status=error.status) from None


def _text(answer: ApiResponse, name: str) -> str:
    value = answer.payload.get(name)
    if not isinstance(value, str) or not value:
        raise Unavailable("answer")
    return value
