"""MyParcel (myparcel.nl, sendmyparcel.be): labels in two steps.

``create_shipments`` makes concepts, which cost nothing and can be deleted.
``fetch_labels`` **registers** them: that is the purchase. The barcodes are read back
with ``read_shipments``. MyParcel makes as many shipments of one reference as it is
asked for: after :class:`~.errors.Unclear` look it up with ``find_shipments`` first.

One client serves one API key, that is one shop, and may be used by several threads.
Every method may raise ``Unauthorized``, ``PaymentRequired``, ``Throttled``,
``Unavailable``, ``Unclear`` and ``Refused``.
"""

from __future__ import annotations

import base64
import json
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from threading import BoundedSemaphore
from urllib.parse import quote, urljoin, urlsplit

from .errors import (
    CarrierError,
    LabelMismatch,
    PaymentRequired,
    Refused,
    Unavailable,
    Unclear,
)
from .labels import check_pdf
from .myparcel_colli import by_shipment, multi_collo_payload
from .myparcel_errors import payment_url, read_problems
from .myparcel_payload import check_request
from .myparcel_services import PACKAGE
from .shipments import ParcelRequest, Shipment, shipment_of
from .texts import clean, link_of, text_of, value_at
from .transport import Answer, Transport, check_status, is_loopback, retry_after
from .windows import Windows

__all__ = ["BASE_URL", "MyParcel", "check_request", "status_group", "user_agent"]

BASE_URL = "https://api.myparcel.nl"
# The manual's limit; MyParcel's own newest plugin sends 20, larger ones time out.
MAX_SHIPMENTS = 100
# From 25 on the PDF comes later, behind a link.
MAX_LABELS = 24
PAGE_FORMATS = ("A4", "A6")

# Calls of one key in five minutes (the manual's section on rate limits).
MAKE, SEARCH, READ = "POST /shipments", "GET /shipments", "GET /shipments/{ids}"
LABELS, DELETE = "GET /shipment_labels", "DELETE /shipments/{ids}"
RATE_LIMITS: Mapping[str, int] = {
    MAKE: 500,
    SEARCH: 500,
    LABELS: 500,
    READ: 1000,
    DELETE: 300,
}
RATE_SECONDS = 300

_SHIPMENTS_TYPE = "application/vnd.shipment+json;charset=utf-8;version=1.1"
_RETURN_TYPE = "application/vnd.return_shipment+json;charset=utf-8;version=1.1"
_JSON = {"Accept": "application/json,application/problem+json"}
_PDF = {"Accept": "application/pdf"}
_LINK = {"Accept": "application/vnd.shipment_label_link+json;charset=utf8"}
# Seconds between two looks at a link, and until it is given up. The manual has 3 s to
# 3 minutes; Odoo ends a request after two. What is not there by then is asked again.
LINK_PATIENCE = (3.0, 90.0)
_RETURN_NAME_LENGTH = 40
_PAGE_SIZE = 200
# Calls at the same moment.
CONNECTIONS = 2
_LAST_PAGE = 1000

# The manual's table of shipment statuses; 98-101 were seen, and are not in it.
_STATUS_GROUPS: Mapping[str, tuple[int, ...]] = {
    "concept": (1,),
    "registered": (2, 12, 14, 15, 18),
    "in_transit": (3, 4, 5, 6),
    "at_pickup": (8,),
    "delivered": (7, 9, 19),
    "returned": (10, 11),
    "void": (13, 16, 17, *range(30, 39), 98, 99, 100, 101),
}
_GROUP_OF_STATUS = {
    status: group for group, statuses in _STATUS_GROUPS.items() for status in statuses
}


def status_group(status: int) -> str:
    """Where a shipment stands: one of ``concept``, ``registered``, ``in_transit``,
    ``at_pickup``, ``delivered``, ``returned``, ``void`` and ``unknown``.
    """
    return _GROUP_OF_STATUS.get(status, "unknown")


def user_agent(version: str) -> str:
    """The form MyParcel asks for: integration, shop system, language."""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"MyParcel-AmazonCarrierConnector/{version} Odoo/19.0 Python/{python}"


class MyParcel:
    """A client for one API key."""

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = BASE_URL,
        user_agent: str,
        timeout: tuple[float, float] = (5, 30),
        windows: Windows | None = None,
        link_patience: tuple[float, float] = LINK_PATIENCE,
    ) -> None:
        """``timeout`` is (connect, read) in seconds; ``windows`` counts this key's
        calls, in the whole process.

        Raises ``Unavailable("url")`` unless ``base_url`` is https or this machine.
        """
        self._base_url = base_url
        self._timeout = timeout
        self._windows = windows
        self._free = BoundedSemaphore(CONNECTIONS)
        self._link_patience = link_patience
        self._headers = {"User-Agent": user_agent}
        encoded = base64.b64encode(api_key.strip().encode()).decode()
        self._authorization = f"bearer {encoded}"
        self._transport = self._open(base_url)

    def check(self) -> None:
        """Return when the key works; the API's root would answer without any key."""
        transport = self._open(_identity_url(self._base_url))
        answer = transport.request("GET", "/whoami", headers=_JSON)
        self._accept(answer, (200,)).json()

    def create_shipments(self, requests: Sequence[ParcelRequest]) -> dict[str, str]:
        """Make a concept of each request; returns MyParcel's id by our reference.

        At most 100, better 20. All or nothing: after ``Refused`` none exists, and
        those that it does not name may be asked once more; it names the first parcel
        of a shipment. A request that cannot pass is refused before anything is sent.
        The parcels of one shipment have its id; each has its own when it is bought.
        """
        references = [request.reference for request in requests]
        _check_size(references, MAX_SHIPMENTS)
        if len(set(references)) != len(references):
            raise ValueError("a reference is used twice in one call")
        if problems := tuple(p for request in requests for p in check_request(request)):
            raise Refused(problems)
        shipments = [
            multi_collo_payload(together) for together in by_shipment(requests).values()
        ]
        answer = self._ask(
            MAKE,
            "/shipments",
            headers={**_JSON, "Content-Type": _SHIPMENTS_TYPE},
            body=json.dumps({"data": {"shipments": shipments}}).encode(),
        )
        mains = list(by_shipment(requests))
        self._accept(answer, (200, 201), mains)
        ids = _ids_by_reference(answer.json(), mains)
        return {item.reference: ids[shipment_of(item)] for item in requests}

    def create_return(
        self, *, reference: str, parent: str, carrier_id: int, name: str, email: str
    ) -> str:
        """Make a return of a registered shipment; returns MyParcel's id.

        Its label is fetched as any other. MyParcel is told to mail nobody.
        """
        shipment = {
            "parent": int(parent),
            "reference_identifier": reference,
            "carrier": carrier_id,
            "name": clean(name)[:_RETURN_NAME_LENGTH],
            "email": clean(email),
            "options": {"package_type": PACKAGE},
        }
        answer = self._ask(
            MAKE,
            "/shipments?send_return_mail=0",
            headers={**_JSON, "Content-Type": _RETURN_TYPE},
            body=json.dumps({"data": {"return_shipments": [shipment]}}).encode(),
        )
        self._accept(answer, (200, 201), [reference])
        entries = value_at(answer.json(), "data", "ids")
        # Of one, there is nothing to mix up: whether it repeats the reference or not.
        if not isinstance(entries, list) or len(entries) != 1:
            raise Unclear("incomplete")
        if remote_ref := _id(value_at(entries[0], "id")):
            return remote_ref
        raise Unclear("incomplete")

    def fetch_labels(
        self, remote_refs: Sequence[str], *, page_format: str = "A6"
    ) -> bytes:
        """The labels as one PDF. **Registers** what is a concept: this buys.

        At most 100; of more than 24 the PDF is waited for, up to 90 seconds.
        Reprinting costs nothing. A shipment with a customs form comes on A4 whatever
        is asked.
        """
        if page_format not in PAGE_FORMATS:
            raise ValueError(f"no page format: {page_format}")
        target = f"/shipment_labels/{_joined(remote_refs, MAX_SHIPMENTS)}"
        at_once = len(remote_refs) <= MAX_LABELS
        answer = self._ask(
            LABELS,
            f"{target}?format={page_format}",
            headers=_PDF if at_once else _LINK,
        )
        self._accept(answer, (200,))
        # MyParcel also gives a link where the PDF itself was asked for.
        if link := text_of(value_at(answer.lenient_json(), "data", "pdfs", "url")):
            try:
                answer = self._wait_for(link)
            except Unclear:
                raise
            except (CarrierError, ValueError):
                # The labels are bought, whatever became of their PDF.
                raise Unclear("unreadable") from None
        try:
            check_pdf(answer.body)
        except LabelMismatch as mismatch:
            raise Unclear(mismatch.reason) from None
        return answer.body

    def _wait_for(self, link: str) -> Answer:
        """The PDF behind a link, which is 404 until it is ready; needs no key."""
        url = urlsplit(urljoin(f"{self._base_url}/", link))
        if not _is_of(urlsplit(self._base_url).hostname or "", url.hostname or ""):
            raise Unavailable("url")
        target = url._replace(scheme="", netloc="", fragment="").geturl()
        place = Transport(
            url._replace(path="", query="", fragment="").geturl(),
            headers=self._headers,
            timeout=self._timeout,
        )
        pause, patience = self._link_patience
        deadline = time.monotonic() + patience
        while (answer := place.request("GET", target, headers=_PDF)).status == 404:
            if time.monotonic() + pause > deadline:
                raise Unclear("timeout")
            time.sleep(pause)
        return self._accept(answer, (200,))

    def read_shipments(self, remote_refs: Sequence[str]) -> list[Shipment]:
        """The shipments of at most 100 ids, in their order, without unknown ids."""
        joined = _joined(remote_refs, MAX_SHIPMENTS)
        answer = self._ask(
            READ, f"/shipments/{joined}?link_consumer_portal=1", headers=_JSON
        )
        self._accept(answer, (200,))
        found = {
            shipment.remote_ref: shipment for shipment in _shipments(answer.json())
        }
        return [found[ref] for ref in remote_refs if ref in found]

    def find_shipments(self, reference: str) -> list[Shipment]:
        """All shipments, whatever their status, that bear exactly this reference."""
        query = f"reference_identifier={quote(reference, safe='')}&size={_PAGE_SIZE}"
        found: dict[str, Shipment] = {}
        for page in range(1, _LAST_PAGE + 1):
            answer = self._ask(SEARCH, f"/shipments?{query}&page={page}", headers=_JSON)
            self._accept(answer, (200,))
            shipments = _shipments(answer.json())
            known = len(found)
            found |= {shipment.remote_ref: shipment for shipment in shipments}
            # A server that does not know pages repeats the first one.
            if len(shipments) < _PAGE_SIZE or len(found) == known:
                break
        return [item for item in found.values() if item.reference == reference]

    def delete_shipments(self, remote_refs: Sequence[str]) -> None:
        """Delete concepts; a registered shipment is ``Refused`` (code 3723)."""
        target = f"/shipments/{_joined(remote_refs, MAX_SHIPMENTS)}"
        answer = self._ask(DELETE, target, headers=_JSON)
        self._accept(answer, (200, 204))

    def subscribe(self, hook: str, url: str) -> str:
        """Have ``url`` called; it takes the place of the shop's former one.

        Returns MyParcel's id of the subscription.
        """
        subscription = {"hook": hook, "url": url}
        answer = self._transport.request(
            "POST",
            "/webhook_subscriptions",
            headers={**_JSON, "Content-Type": "application/json;charset=utf-8"},
            body=json.dumps(
                {"data": {"webhook_subscriptions": [subscription]}}
            ).encode(),
        )
        self._accept(answer, (200, 201))
        entries = value_at(answer.json(), "data", "ids")
        if not isinstance(entries, list) or not entries:
            raise Unclear("incomplete")
        return _id(value_at(entries[0], "id")) or _id(entries[0])

    def unsubscribe(self, remote_ref: str) -> None:
        """End a subscription."""
        target = f"/webhook_subscriptions/{_joined((remote_ref,), 1)}"
        answer = self._transport.request("DELETE", target, headers=_JSON)
        self._accept(answer, (200, 204))

    def _ask(self, kind: str, target: str, **content) -> Answer:
        """Ask unless this key has asked too much; ``kind`` begins with the method."""
        with self._free:
            if self._windows:
                self._windows.take(kind)
            answer = self._transport.request(kind.partition(" ")[0], target, **content)
            if answer.status == 429 and self._windows:
                self._windows.shut(kind, retry_after(answer.headers))
            return answer

    def _open(self, base_url: str) -> Transport:
        return Transport(
            base_url,
            authorization=self._authorization,
            headers=self._headers,
            timeout=self._timeout,
        )

    def _accept(
        self, answer: Answer, statuses: tuple[int, ...], references: Sequence[str] = ()
    ) -> Answer:
        """The answer when it is one of ``statuses``; else its error."""
        check_status(answer)
        body = answer.lenient_json()
        url = payment_url(body)
        if answer.status == 402 or url is not None:
            raise PaymentRequired(url or "")
        if answer.status in statuses:
            return answer
        if 400 <= answer.status < 500:
            raise Refused(read_problems(body, references, answer.status))
        raise Unclear("unreadable")


def _is_of(service_host: str, host: str) -> bool:
    """Whether a host is the service's own, or one beside it: ``files.myparcel.nl``."""
    if host == service_host or is_loopback(service_host):
        return host == service_host
    site = service_host.split(".", 1)[-1]
    return host == site or host.endswith(f".{site}")


def _identity_url(base_url: str) -> str:
    """The side host that knows keys: ``iam.`` before the name, unless loopback."""
    parts = urlsplit(base_url)
    if is_loopback(parts.hostname or ""):
        return base_url
    return parts._replace(netloc=f"iam.{parts.netloc}").geturl()


def _check_size(items: Sequence[object], most: int) -> None:
    if not 1 <= len(items) <= most:
        raise ValueError(f"between 1 and {most} at once, not {len(items)}")


def _joined(remote_refs: Sequence[str], most: int) -> str:
    """Ids for a path. ``;`` must stay as it is: as %3B the label call answers 500."""
    _check_size(remote_refs, most)
    if not all(ref.isascii() and ref.isdigit() for ref in remote_refs):
        raise ValueError("an id of MyParcel is a number")
    return ";".join(remote_refs)


def _ids_by_reference(body: object, references: Sequence[str]) -> dict[str, str]:
    """Ids by reference, never by position; ``Unclear`` unless each has exactly one."""
    entries = value_at(body, "data", "ids")
    if not isinstance(entries, list):
        raise Unclear("unreadable")
    found: dict[str, str] = {}
    for entry in entries:
        reference = str(value_at(entry, "reference_identifier"))
        remote_ref = _id(value_at(entry, "id"))
        if reference not in references or reference in found or not remote_ref:
            raise Unclear("incomplete")
        found[reference] = remote_ref
    if len(found) != len(references):
        raise Unclear("incomplete")
    return found


def _shipments(body: object) -> list[Shipment]:
    """The shipments of either envelope; entries without an id are no shipments."""
    for path in (("data", "shipments"), ("data", "search_results", "shipments")):
        entries = value_at(body, *path)
        if isinstance(entries, list):
            return list(_read_shipments(entries))
    raise Unclear("unreadable")


def _read_shipments(entries: Sequence[object]) -> Iterator[Shipment]:
    for entry in entries:
        if remote_ref := _id(value_at(entry, "id")):
            yield Shipment(
                remote_ref=remote_ref,
                reference=text_of(value_at(entry, "reference_identifier")),
                status=_int(value_at(entry, "status")) or 0,
                barcode=text_of(value_at(entry, "barcode")),
                price_cents=_price(value_at(entry, "price")),
                tracking_url=link_of(value_at(entry, "link_consumer_portal")),
                package_type=_int(value_at(entry, "options", "package_type")) or 0,
                colli=tuple(_read_colli(entry)),
            )


def _read_colli(entry: object) -> Iterator[Shipment]:
    """The other parcels of a shipment; only the shipment itself has a link."""
    others = value_at(entry, "secondary_shipments")
    return _read_shipments(others if isinstance(others, list) else ())


def _price(price: object) -> int | None:
    if value_at(price, "currency") not in ("EUR", None):
        return None
    return _int(value_at(price, "amount"))


def _id(value: object) -> str:
    text = text_of(value)
    return text if text.isascii() and text.isdigit() else ""


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
