"""MyParcel (myparcel.nl): concepts, labels that register them, and reading back."""

from __future__ import annotations

import base64
import itertools
import re
from dataclasses import asdict, dataclass, field

from werkzeug.wrappers import Response

from . import labels, parcels
from .contracts import misfits
from .myparcel_hooks import HOOK_OPERATIONS, HOOK_RATES, Hooks
from .myparcel_rules import (
    RETURN_ESSENTIALS,
    RETURN_TYPE,
    objections,
    return_objection,
)
from .rates import Limits, SlidingWindow, choose_rates
from .server import Operation, Refusal, StandIn, answer_json

CONCEPT, REGISTERED, EXPIRED = 1, 2, 16
# What is printed and then followed by nobody: a letter, a digital stamp.
PRINTED_AS = {3: 12, 4: 14}
PUBLISHED_RATES = {
    "POST /shipments": (500, 300),
    "GET /shipments": (500, 300),
    "GET /shipment_labels": (500, 300),
    "GET /shipments/{ids}": (1000, 300),
    "DELETE /shipments/{ids}": (300, 300),
    "GET /tracktraces": (300, 300),
    "GET /": (30, 300),
    **HOOK_RATES,
}
SHIPMENT_TYPE = "application/vnd.shipment+json"
SHIPMENT_ESSENTIALS = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "object",
            "required": ["shipments"],
            "properties": {
                "shipments": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 100,
                    "items": {
                        "type": "object",
                        "required": ["carrier", "recipient", "options"],
                        "properties": {
                            "carrier": {"enum": list(parcels.CARRIERS)},
                            "reference_identifier": {
                                "type": "string",
                                "maxLength": 255,
                            },
                            "recipient": {
                                "type": "object",
                                "required": ["cc", "person", "street", "city"],
                                "properties": {
                                    "cc": {"type": "string", "pattern": "^[A-Z]{2}$"},
                                    "person": {"type": "string", "maxLength": 40},
                                    "street": {"type": "string", "maxLength": 40},
                                    "number": {"type": "string", "maxLength": 8},
                                    "number_suffix": {
                                        "type": "string",
                                        "maxLength": 6,
                                    },
                                    "postal_code": {"type": "string", "maxLength": 10},
                                    "city": {"type": "string", "maxLength": 35},
                                    "phone": {"type": "string", "maxLength": 25},
                                },
                            },
                            "options": {
                                "type": "object",
                                "required": ["package_type"],
                                "properties": {
                                    "package_type": {
                                        "enum": list(parcels.PACKAGE_TYPES)
                                    }
                                },
                            },
                        },
                    },
                }
            },
        }
    },
}
SHOP_ADDRESS = {
    "cc": "NL",
    "person": "Retouren",
    "company": "Voorbeeld Webshop",
    "street": "Magazijnweg",
    "number": "1",
    "postal_code": "2132 JE",
    "city": "Hoofddorp",
}
FIELD_CODES = {
    "number": 3503,
    "postal_code": 3505,
    "street": 3509,
    "person": 3510,
    "number_suffix": 3511,
    "phone": 3512,
    "invoice": 3703,
    "customs_declaration": 3702,
    "weight": 3730,
    "options": 3705,
    "carrier": 3728,
    "package_type": 3733,
    "secondary_shipments": 3739,
    "insurance": 3743,
    "email": 3751,
    "pickup": 3722,
}
LIBRARY_AGENTS = re.compile(r"$|python|curl|go-http", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """One reason why a shipment of a request is refused."""

    index: int
    field: str
    code: int
    message: str


@dataclass
class Shipment:
    id: int
    request: dict
    created: str
    status: int = CONCEPT
    barcode: str = ""
    main_id: int | None = None
    colli: list = field(default_factory=list)
    label_requests: int = 0

    @property
    def reference(self) -> str:
        return self.request.get("reference_identifier", "")

    @property
    def country_code(self) -> str:
        return self.request["recipient"]["cc"]

    @property
    def package_type(self) -> int:
        return self.request["options"]["package_type"]

    @property
    def weight_grams(self) -> int:
        return self.request.get("physical_properties", {}).get("weight", 0)

    @property
    def has_customs_form(self) -> bool:
        return "customs_declaration" in self.request

    @property
    def price_cents(self) -> int:
        return parcels.price_cents(self.package_type, self.country_code)


class MyParcel(Hooks, StandIn):
    """``shipments`` holds every shipment that exists, by id."""

    name = "myparcel"
    operations = (
        Operation("GET /", "GET", "/", "root", open=True),
        Operation("GET /whoami", "GET", "/whoami", "whoami"),
        Operation("GET /accounts", "GET", "/accounts", "accounts"),
        Operation(
            "POST /shipments",
            "POST",
            "/shipments",
            "create_shipments",
            "myparcel/post_shipments_v1.1",
            SHIPMENT_ESSENTIALS,
        ),
        Operation("GET /shipments", "GET", "/shipments", "find_shipments"),
        Operation(
            "GET /shipments/{ids}", "GET", "/shipments/<path:ids>", "read_shipments"
        ),
        Operation(
            "DELETE /shipments/{ids}",
            "DELETE",
            "/shipments/<path:ids>",
            "delete_shipments",
        ),
        Operation(
            "GET /shipment_labels",
            "GET",
            "/shipment_labels/<path:ids>",
            "fetch_labels",
        ),
        Operation("GET /pdfs", "GET", "/pdfs/<name>", "download_labels", open=True),
        Operation(
            "GET /tracktraces", "GET", "/tracktraces/<path:ids>", "read_tracktraces"
        ),
        *HOOK_OPERATIONS,
    )
    settings = (
        "error_form",
        "payment_required",
        "synchronous_labels",
        "link_polls",
        "search_envelope",
        "answer_order",
        "carriers",
        "collo_references",
    )
    api_key = "standin-myparcel-key"

    def __init__(self, clock, contracts, rates=None):
        self.rates = choose_rates(PUBLISHED_RATES, rates)
        super().__init__(clock, contracts)

    def reset_state(self) -> None:
        self.shipments: dict[int, Shipment] = {}
        self.error_form = "keyed"  # of POST /shipments: keyed, flat, rfc9457
        self.payment_required = False
        self.synchronous_labels = 25  # from so many on only the link form answers
        self.link_polls = 1  # 404 so often before the PDF behind a link is ready
        self.search_envelope = "shipments"  # or "search_results"
        self.answer_order = "request"  # or "reversed"
        self.carriers = list(parcels.CARRIERS)
        # What other parcels of a shipment are called: own, those of the main, none.
        self.collo_references = "own"
        self.other_keys: set[str] = set()  # each of a shop of its own
        self.subscriptions: dict[int, dict] = {}
        self.subscribed_by: dict[int, str] = {}
        self._links: dict[str, dict] = {}
        self._serial = itertools.count(1)
        self._limits = Limits(
            lambda name: SlidingWindow(*self.rates.get(name, (1000, 300)), self.clock)
        )

    def state(self) -> dict:
        with self.lock:
            return {"shipments": [asdict(s) for s in self.shipments.values()]}

    def controls(self) -> dict:
        return {("POST", "status"): MyParcel._set_status}

    def _set_status(self, request) -> None:
        for shipment_id, status in request.get_json().items():
            self.shipments[int(shipment_id)].status = status

    def with_reference(self, reference: str) -> list[Shipment]:
        with self.lock:
            return [s for s in self.shipments.values() if s.reference == reference]

    # What every operation does

    def references_of(self, call):
        for shipment_id in re.findall(r"\d+", call.arguments.get("ids", "")):
            shipment = self.shipments.get(int(shipment_id))
            yield from [shipment.reference] if shipment else []
        wanted = call.request.args.get("reference_identifier", "")
        yield from (reference for reference in wanted.split(";") if reference)
        yield from _references_in(call.data)

    def admit(self, call, operation) -> None:
        if operation.open:
            return
        if LIBRARY_AGENTS.match(call.headers.get("User-Agent", "")):
            self.violate(call, "no user agent of its own", "User-Agent")
            self._refuse(call, 400, 3100, "User-Agent header is required")
        if not self._authorized(call):
            self._refuse(call, 401, 3000, "Access Denied")
        seconds = self._limits.take(operation.name)
        if seconds:
            raise Refusal(self.throttled(call, int(seconds) + 1))
        if operation.name == "GET /shipment_labels" and "%3b" in call.target.lower():
            self.violate(call, "an encoded ; in the address", call.target)
            self._refuse(call, 500, 1, "Internal Server Error")
        if operation.name == "POST /shipments":
            self._check_media_type(call)

    def _authorized(self, call) -> bool:
        return self.key_of(call) in {self.api_key, *self.other_keys}

    def key_of(self, call) -> str:
        """The key that a call brings, "" when it brings none that can be read."""
        scheme, _, value = call.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "basic"):
            return ""
        try:
            return base64.b64decode(value.strip(), validate=True).decode()
        except ValueError:
            return ""

    def _check_media_type(self, call) -> None:
        options = call.request.mimetype_params
        if call.request.mimetype not in (SHIPMENT_TYPE, RETURN_TYPE):
            self.violate(call, call.request.mimetype, "Content-Type")
            self._refuse(call, 415, 3104, "Content-Type is not supported")
        fits = options.get("charset", "").lower().replace("-", "") == "utf8"
        if not fits or options.get("version") != "1.1":
            self.violate(call, "charset=utf-8 and version=1.1 belong to it")
            self._refuse(call, 415, 3105, "Content-Type version is not supported")

    def _refuse(self, call, status: int, code: int, message: str):
        raise Refusal(self.refused(call, status, (code, message)))

    def refused(self, call, status, body) -> Response:
        code, message = body or (status, "Not Found")
        if "application/problem+json" in call.request.headers.get("Accept", ""):
            return self._problem_json(call, status, [Problem(-1, "", code, message)])
        return self._flat(status, [Problem(-1, "", code, message)])

    def throttled(self, call, retry_after=None) -> Response:
        response = self.refused(call, 429, (429, "Too many requests"))
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    def misfit(self, call, found) -> Response:
        return self._unprocessable(call, [_problem(misfit) for misfit in found])

    # The three forms of an error

    def _unprocessable(self, call, problems) -> Response:
        problems = list(dict.fromkeys(problems))
        accepted = call.request.headers.get("Accept", "")
        form = self.error_form
        if "application/problem+json" in accepted:
            form = "rfc9457"
        if form == "rfc9457":
            return self._problem_json(call, 422, problems)
        return (self._flat if form == "flat" else self._keyed)(422, problems)

    def _request_id(self) -> str:
        return f"{next(self._serial):010d}.000000000000001"

    def _flat(self, status, problems) -> Response:
        request_id = self._request_id()
        errors = [{"code": p.code, "message": p.message} for p in problems]
        message = f"{problems[0].message} (request_id: {request_id})"
        data = {"message": message, "request_id": request_id, "errors": errors}
        return answer_json(data, status)

    def _keyed(self, status, problems) -> Response:
        request_id = self._request_id()
        errors = [
            {
                str(problem.code): {
                    "fields": [_field_path(problem)],
                    "human": [f"{_field_path(problem)} {problem.message}"],
                }
            }
            for problem in problems
        ]
        data = {
            "message": f"Shipment validation error (request_id: {request_id})",
            "request_id": request_id,
            "status_code": status,
            "errors": errors,
        }
        return answer_json(data, status)

    def _problem_json(self, call, status, problems) -> Response:
        errors = [
            {
                "type": f"urn:problem:{problem.code}",
                "title": f"Invalid {problem.field.split('.')[-1] or 'request'}",
                "detail": problem.message,
                "instance": _pointer(problem),
            }
            for problem in problems
        ]
        data = {
            "type": "urn:problem:invalid-shipments",
            "title": "Invalid shipments",
            "status": status,
            "detail": problems[0].message,
            "instance": call.request.path,
            "request_id": self._request_id(),
            "errors": errors,
        }
        return answer_json(data, status, "application/problem+json")

    # Accounts

    def root(self, call) -> Response:
        return answer_json({"status": "OK"})

    def whoami(self, call) -> Response:
        data = {
            "account_id": 10001,
            "shop_ids": [20001],
            "features": ["DIRECT_PRINTING"],
        }
        return answer_json({"data": data})

    def accounts(self, call) -> Response:
        shop = {"id": 20001, "account_id": 10001, "name": "Voorbeeld Webshop"}
        account = {"id": 10001, "platform_id": 1, "status": 2, "shops": [shop]}
        return answer_json({"data": {"accounts": [account]}})

    # Creating

    def _check_body(self, call, operation) -> None:
        if call.request.mimetype != RETURN_TYPE:
            super()._check_body(call, operation)
        elif found := misfits(RETURN_ESSENTIALS, call.data):
            for misfit in found:
                self.violate(call, misfit.message, misfit.dotted)
            raise Refusal(self.misfit(call, found))

    def _create_returns(self, call) -> Response:
        if call.request.args.get("send_return_mail", "0") != "0":
            self.violate(call, "MyParcel would mail one of Amazon's buyers")
        asked = call.data["data"]["return_shipments"]
        parents = [self.shipments.get(item["parent"]) for item in asked]
        objected = enumerate(map(return_objection, parents))
        problems = [Problem(index, *found) for index, found in objected if found]
        if problems:
            raise Refusal(self._unprocessable(call, problems))
        made = [
            self._store(
                {
                    "carrier": item["carrier"],
                    "reference_identifier": item.get("reference_identifier", ""),
                    "recipient": SHOP_ADDRESS,
                    "options": {
                        **item.get("options", {"package_type": 1}),
                        "label_description": f"Retour - {parent.barcode}",
                    },
                },
                None,
            )
            for item, parent in zip(asked, parents, strict=True)
        ]
        return self._created(call, made)

    def create_shipments(self, call) -> Response:
        if call.request.mimetype == RETURN_TYPE:
            return self._create_returns(call)
        asked = call.data["data"]["shipments"]
        problems = [
            Problem(index, *found)
            for index, shipment in enumerate(asked)
            for found in self._objections(shipment)
        ]
        if problems:
            raise Refusal(self._unprocessable(call, problems))
        made = [self._create(shipment) for shipment in asked]
        if self.answer_order == "reversed":
            made.reverse()
        return self._created(call, made)

    def _objections(self, shipment: dict):
        yield from objections(shipment)
        if shipment["carrier"] not in self.carriers:
            yield "carrier", 3728, "Carrier is not available for this account"

    def _create(self, request: dict) -> Shipment:
        main = self._store(request, None)
        for other in request.get("secondary_shipments", []):
            copied = {k: v for k, v in request.items() if k != "secondary_shipments"}
            collo = self._store({**copied, **other}, main.id)
            main.colli.append(collo.id)
        return main

    def _store(self, request: dict, main_id) -> Shipment:
        created = self.clock.now().strftime("%Y-%m-%d %H:%M:%S")
        shipment_id = 100_000_000 + next(self._serial)
        shipment = Shipment(shipment_id, request, created, main_id=main_id)
        self.shipments[shipment.id] = shipment
        return shipment

    def _created(self, call, made: list[Shipment]) -> Response:
        if _accepted(call) == "application/vnd.shipment_label+json":
            self._register(made)
            return answer_json(
                {"data": {"pdfs": {"url": self._link(made, "A4", None)}}}
            )
        if "version=1.2" in call.request.headers.get("Accept", ""):
            return answer_json({"data": {"shipments": [self._shown(s) for s in made]}})
        ids = [{"id": s.id, "reference_identifier": s.reference} for s in made]
        return answer_json({"data": {"ids": ids}})

    # Reading and deleting

    def _ids(self, call, ids: str) -> list[int]:
        numbers = ids.split(";")
        if not all(number.isdigit() for number in numbers):
            self.violate(call, "ids are numbers with ; between", ids)
            self._refuse(call, 400, 3212, "ids are invalid")
        if len(numbers) > 100:
            self.violate(call, "more than 100 ids", ids)
            self._refuse(call, 400, 3212, "too many ids")
        return [int(number) for number in numbers]

    def _existing(self, call, ids: str) -> list[Shipment]:
        found = [self.shipments.get(number) for number in self._ids(call, ids)]
        if None in found:
            self._refuse(call, 404, 3001, "Shipment not found")
        return found

    def read_shipments(self, call, ids) -> Response:
        numbers = self._ids(call, ids)
        found = [self.shipments[n] for n in numbers if n in self.shipments]
        portal = call.request.args.get("link_consumer_portal") == "1"
        shown = [self._shown(shipment, portal) for shipment in found]
        return answer_json({"data": {"shipments": shown, "results": len(shown)}})

    def find_shipments(self, call) -> Response:
        arguments = call.request.args
        size = self._number(call, "size", 30, 30, 200)
        page = self._number(call, "page", 1, 1, 1000)
        found = [s for s in self.shipments.values() if s.main_id is None]
        for name, matches in FILTERS.items():
            if name in arguments:
                wanted = arguments[name]
                found = [s for s in found if matches(s, wanted)]
        portal = arguments.get("link_consumer_portal") == "1"
        part = [self._shown(s, portal) for s in found[(page - 1) * size : page * size]]
        data = {"shipments": part, "results": len(found)}
        if self.search_envelope == "search_results":
            data = {"search_results": data}
        return answer_json({"data": data})

    def _number(self, call, name, default, least, most) -> int:
        text = call.request.args.get(name, str(default))
        if not text.isdigit() or not least <= int(text) <= most:
            self.violate(call, f"not within {least} and {most}", name)
            self._refuse(call, 400, 3200, f"{name} is invalid")
        return int(text)

    def delete_shipments(self, call, ids) -> Response:
        found = self._existing(call, ids)
        if any(s.status != CONCEPT or s.main_id for s in found):
            self._refuse(call, 422, 3723, "Only concept shipments can be deleted")
        for shipment in found:
            for collo in (shipment.id, *shipment.colli):
                self.shipments.pop(collo, None)
        return Response(status=204)

    def read_tracktraces(self, call, ids) -> Response:
        traces = [self._trace(shipment) for shipment in self._existing(call, ids)]
        return answer_json({"data": {"tracktraces": traces}})

    def _trace(self, shipment: Shipment) -> dict:
        final = shipment.status in (7, 9, 11, 19)
        return {
            "shipment_id": shipment.id,
            "carrier": shipment.request["carrier"],
            "link_consumer_portal": self._portal(shipment),
            "link_tracktrace": self._portal(shipment),
            "status": {"current": shipment.status, "main": "", "final": final},
            "history": [],
        }

    def _shown(self, shipment: Shipment, portal=False) -> dict:
        shown = self._collo(shipment)
        shown["secondary_shipments"] = [
            {
                **self._collo(self.shipments[collo]),
                "reference_identifier": self._collo_reference(self.shipments[collo]),
            }
            for collo in shipment.colli
        ]
        if portal:
            shown["link_consumer_portal"] = self._portal(shipment)
        return shown

    def _collo_reference(self, collo: Shipment) -> str | None:
        main = self.shipments[collo.main_id]
        named = {"own": collo.reference, "main": main.reference}
        return named.get(self.collo_references)

    def _collo(self, shipment: Shipment) -> dict:
        registered = shipment.status != CONCEPT
        price = {"amount": shipment.price_cents, "currency": "EUR"}
        return {
            "id": shipment.id,
            "account_id": 10001,
            "shop_id": 20001,
            "shipment_type": 3 if shipment.main_id else 1,
            "multi_collo_main_shipment_id": shipment.main_id,
            "reference_identifier": shipment.reference or None,
            "status": shipment.status,
            "barcode": shipment.barcode,
            "external_identifier": shipment.barcode,
            "carrier_id": shipment.request["carrier"],
            "price": price if registered else None,
            "delayed": False,
            "delivered": shipment.status in (7, 9, 19),
            "created": shipment.created,
            "modified": shipment.created,
            "recipient": shipment.request["recipient"],
            "options": shipment.request["options"],
            "physical_properties": shipment.request.get("physical_properties"),
            "customs_declaration": shipment.request.get("customs_declaration"),
        }

    def _portal(self, shipment: Shipment) -> str | None:
        if not shipment.barcode:
            return None
        recipient = shipment.request["recipient"]
        place = f"{recipient.get('postal_code', '')}/{recipient['cc']}"
        return f"https://myparcel.me/track-trace/{shipment.barcode}/{place}"

    # Labels

    def fetch_labels(self, call, ids) -> Response:
        found = self._existing(call, ids)
        page_format = call.request.args.get("format", "A4")
        positions = self._positions(call, page_format)
        if any(shipment.status == EXPIRED for shipment in found):
            self._refuse(call, 422, 3746, "Label has expired")
        if self.payment_required:
            return self._payment_instructions(found)
        answer = LABEL_FORMS.get(_accepted(call), MyParcel._labels_as_pdf)
        return answer(self, call, found, page_format, positions)

    def _positions(self, call, page_format: str):
        text = call.request.args.get("positions", "1;2;3;4")
        positions = [int(p) for p in text.split(";") if p in ("1", "2", "3", "4")]
        if page_format not in ("A4", "A6") or len(positions) != text.count(";") + 1:
            self.violate(call, "format is A4 or A6, positions 1 to 4 with ; between")
            self._refuse(call, 422, 3200, "format or positions are invalid")
        return positions

    def _check_amount(self, call, found) -> None:
        if len(found) >= self.synchronous_labels:
            self.violate(call, f"{len(found)} labels at once, not as a link")
            self._refuse(call, 422, 3758, "Too many labels for one direct answer")

    def _labels_as_pdf(self, call, found, page_format, positions) -> Response:
        self._check_amount(call, found)
        self._register(found)
        pdf = self._pdf(found, page_format, positions)
        return Response(pdf, content_type="application/pdf")

    def _labels_as_link_now(self, call, found, page_format, positions) -> Response:
        self._check_amount(call, found)
        self._register(found)
        url = self._link(found, page_format, positions, polls=0)
        return answer_json({"data": {"pdfs": {"url": url}}})

    def _labels_as_link(self, call, found, page_format, positions) -> Response:
        self._register(found)
        url = self._link(found, page_format, positions)
        return answer_json({"data": {"pdfs": {"url": url}}})

    def _labels_as_zpl(self, call, found, page_format, positions) -> Response:
        shipment = found[0]
        if len(found) > 1 or shipment.request["carrier"] not in (1, 2):
            self._refuse(call, 422, 3758, "ZPL is one label a call, PostNL and bpost")
        self._register(found)
        if shipment.country_code not in parcels.EU:
            pdf = self._pdf(found, "A4", positions)
            return Response(pdf, content_type="application/pdf")
        text = "".join(labels.zpl(label) for label in self._labels(found))
        return Response(text, content_type="application/vnd.shipment_label+zpl")

    def _register(self, found: list[Shipment]) -> None:
        """The label request is what buys: status 2, and the barcode exists."""
        for shipment in self._with_colli(found):
            shipment.label_requests += 1
            if shipment.status == CONCEPT and shipment.package_type in PRINTED_AS:
                shipment.status = PRINTED_AS[shipment.package_type]
            elif shipment.status == CONCEPT:
                shipment.status = REGISTERED
                shipment.barcode = parcels.barcode(
                    shipment.request["carrier"],
                    shipment.country_code,
                    next(self._serial),
                )

    def _with_colli(self, found):
        for shipment in found:
            yield shipment
            yield from (self.shipments[collo] for collo in shipment.colli)

    def _labels(self, found) -> list[labels.Label]:
        return [_label(shipment) for shipment in self._with_colli(found)]

    def _pdf(self, found, page_format: str, positions) -> bytes:
        if any(shipment.has_customs_form for shipment in found):
            forms = [shipment.has_customs_form for shipment in self._with_colli(found)]
            return labels.pdf_a4_single(self._labels(found), forms)
        if page_format == "A6":
            return labels.pdf_a6(self._labels(found))
        return labels.pdf_a4(self._labels(found), positions or (1, 2, 3, 4))

    def _link(self, found, page_format, positions, polls=None) -> str:
        name = f"label-{next(self._serial):08d}.pdf"
        wait = self.link_polls if polls is None else polls
        self._links[name] = {
            "pdf": self._pdf(found, page_format, positions),
            "wait": wait,
        }
        return f"/pdfs/{name}"

    def download_labels(self, call, name) -> Response:
        link = self._links.get(name)
        if link is None or link["wait"] > 0:
            if link:
                link["wait"] -= 1
            self._refuse(call, 404, 3001, "The PDF is not ready")
        return Response(link["pdf"], content_type="application/pdf")

    def _payment_instructions(self, found) -> Response:
        amount = sum(shipment.price_cents for shipment in found)
        instructions = {
            "id": next(self._serial),
            "description": "Labels",
            "price": {"amount": amount, "currency": "EUR"},
            "payment_url": "https://payment.example.com/pay/1",
            "paid": 0,
        }
        return answer_json({"data": {"payment_instructions": instructions}}, 402)


def _accepted(call) -> str:
    """The media type asked for first, without its parameters."""
    return call.request.headers.get("Accept", "").partition(",")[0].partition(";")[0]


LABEL_FORMS = {
    "application/json": MyParcel._labels_as_link_now,
    "application/vnd.shipment_label_link+json": MyParcel._labels_as_link,
    "application/vnd.shipment_label+zpl": MyParcel._labels_as_zpl,
    "application/vnd.zpl": MyParcel._labels_as_zpl,
}


def _references_in(data):
    """Of the shipments in a body, whatever else is wrong with it."""
    try:
        asked = data["data"]["shipments"]
        yield from (s["reference_identifier"] for s in asked)
    except (AttributeError, KeyError, TypeError):
        return


def _problem(misfit) -> Problem:
    index, path = -1, misfit.path
    if path[:2] == ("data", "shipments") and len(path) > 2:
        index, path = path[2], path[3:]
    field_path = ".".join(str(step) for step in path)
    names = [step for step in path if step in FIELD_CODES]
    code = FIELD_CODES[names[-1]] if names else 3212
    return Problem(index, field_path, code, misfit.message)


def _field_path(problem: Problem) -> str:
    if problem.index < 0:
        return problem.field or "data"
    return f"data.shipments[{problem.index}].{problem.field}"


def _pointer(problem: Problem) -> str:
    if problem.index < 0:
        return "/"
    return f"/data/shipments/{problem.index}/{problem.field.replace('.', '/')}"


def _label(shipment: Shipment) -> labels.Label:
    recipient = shipment.request["recipient"]
    street = (recipient.get(k, "") for k in ("street", "number", "number_suffix"))
    box = recipient.get("box_number")
    lines = (
        recipient.get("company", ""),
        recipient["person"],
        " ".join(part for part in street if part) + (f" bus {box}" if box else ""),
        recipient.get("street_additional_info", ""),
        f"{recipient.get('postal_code', '')} {recipient['city']}".strip(),
        recipient.get("region", ""),
        recipient["cc"],
    )
    options = shipment.request["options"]
    return labels.Label(
        parcels.CARRIERS[shipment.request["carrier"]][0],
        shipment.barcode,
        tuple(line for line in lines if line),
        options.get("label_description") or shipment.reference,
        parcels.PACKAGE_TYPES[shipment.package_type],
        shipment.weight_grams,
    )


FILTERS = {
    "reference_identifier": lambda s, wanted: s.reference in wanted.split(";"),
    "barcode": lambda s, wanted: s.barcode == wanted,
    "status": lambda s, wanted: str(s.status) in wanted.split(";"),
    "q": lambda s, wanted: wanted in (s.reference, s.barcode, str(s.id)),
}
