"""GLS Netherlands: the label API (v1), and Track & Trace on its own address."""

from __future__ import annotations

import base64
import itertools
import re
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Response

from . import labels
from .clock import iso, parse_iso
from .rates import Limits, SlidingWindow, choose_rates
from .server import Operation, Refusal, StandIn, answer_json

PUBLISHED_RATES = {"tt/details": (60, 60), "tt/search": (60, 60), "tt/pod": (60, 60)}
UNLIMITED = (1_000_000, 60)
LABEL_BASES = ("/v1", "/test/v1")
TRACKING_BASES = ("/tt/V1", "/tt-test")
COMBINED = ("pdfA6S", "pdf2A4", "pdf4A4")
AFTER_THE_END = b"\n\n   \n"  # GLS's PDFs go on after %%EOF
_NAME = {"type": "string", "minLength": 1, "maxLength": 30}
_TOKEN = {"type": "string", "pattern": "^[A-Za-z0-9-]+$"}
_LOGIN = {
    "username": {"type": "string", "minLength": 1, "maxLength": 70},
    "password": {"type": "string", "minLength": 1, "maxLength": 20},
}
_ADDRESS = {
    "type": "object",
    "required": ["name1", "street", "zipCode", "city", "countryCode"],
    "properties": {
        "name1": _NAME,
        "street": {"type": "string", "minLength": 1, "maxLength": 40},
        "houseNo": {"type": "string", "maxLength": 5},
        "houseNoExt": {"type": "string", "maxLength": 5},
        "zipCode": {"type": "string", "minLength": 1, "maxLength": 8},
        "city": _NAME,
        "countryCode": {"type": "string", "minLength": 2, "maxLength": 2},
        "phone": {"type": "string", "maxLength": 25},
    },
}


def _essentials(required=(), **properties) -> dict:
    return {
        "type": "object",
        "required": ["username", "password", *required],
        "properties": {**_LOGIN, **properties},
    }


SHIPMENT = _essentials(
    ("units", "addresses"),
    reference={**_TOKEN, "maxLength": 20},
    units={
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["unitId", "weight"],
            "properties": {
                "unitId": {**_TOKEN, "maxLength": 50},
                "unitType": {"enum": ["co", "lg", "mp", "bp", "xl", "pl", "rl"]},
                "weight": {"type": "number", "exclusiveMinimum": 0},
            },
        },
    },
    addresses={
        "type": "object",
        "required": ["deliveryAddress"],
        "properties": {"deliveryAddress": _ADDRESS, "pickupAddress": _ADDRESS},
    },
)
ONE_UNIT = _essentials(("unitNo",), unitNo={"type": "string", "maxLength": 14})
MANY_UNITS = _essentials(("unitNos",), unitNos={"type": "array", "minItems": 1})
TRACKING_LOGIN = {
    "type": "object",
    "required": ["userName", "password"],
    "properties": {"parcelNumbers": {"type": "array", "minItems": 1, "maxItems": 20}},
}
ZIP_CODES = {"NL": r"\d{4} ?[A-Z]{2}", "BE": r"\d{4}", "DE": r"\d{5}", "FR": r"\d{5}"}
MAXIMUM_KILOGRAMS = 32
WITHOUT_CUSTOMS = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR"),
    *("HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI"),
    "SK",
)
HOME = ZoneInfo("Europe/Amsterdam")
UNIT_TYPES = {"p": ("co",), "f": ("lg", "mp", "bp", "xl", "pl", "rl")}

# name, handler, contract, essentials
LABEL_API = (
    ("Authentication/ValidateLogin", "validate_login", "Login", _essentials()),
    ("Label/Create", "create_label", "CreateDelivery", SHIPMENT),
    ("Label/Delete", "delete_label", "Delete", ONE_UNIT),
    ("Label/Confirm", "confirm_label", "Confirm", ONE_UNIT),
    ("Label/ConfirmMultiple", "confirm_multiple", "ConfirmMultiple", MANY_UNITS),
    (
        "ParcelShop/GetParcelShops",
        "get_parcel_shops",
        "GetParcelShops",
        _essentials(("zipCode", "amountOfShops")),
    ),
    (
        "DeliveryOptions/GetDeliveryOptions",
        "get_delivery_options",
        "GetDeliveryOptions",
        _essentials(("countryCode", "zipCode")),
    ),
    (
        "Pickup/Create",
        "create_pickup",
        "CreatePickup",
        _essentials(("pickupDate", "addresses")),
    ),
    ("Pickup/Delete", "delete_pickup", "Delete", ONE_UNIT),
    ("ShopReturn/Create", "create_shop_return", "CreateShopReturn", SHIPMENT),
)
TRACKING_API = (
    ("tt/details", "/api/parcel/v1/details", "track"),
    ("tt/search", "/api/parcel/v1/search", "search"),
    ("tt/pod", "/api/pod/v1", "proofs"),
)


def _operations():
    for base, row in itertools.product(LABEL_BASES, LABEL_API):
        name, handler, contract, essentials = row
        contract = f"gls/Inbound{contract}Request"
        path = f"{base}/api/{name}"
        yield Operation(name, "POST", path, handler, contract, essentials)
    for base in LABEL_BASES:
        path = f"{base}/api/Monitor/HealthProbe"
        yield Operation("Monitor/HealthProbe", "HEAD", path, "probe", open=True)
    for base, (name, path, handler) in itertools.product(TRACKING_BASES, TRACKING_API):
        yield Operation(name, "POST", base + path, handler, "", TRACKING_LOGIN)


@dataclass
class Unit:
    """One parcel that GLS has a number for."""

    unit_no: str
    unique_no: str
    unit_id: str
    reference: str
    unit_reference: str
    recipient: dict
    weight: float
    created: str
    test: bool = False
    confirmed: bool = False
    deleted: bool = False
    state: str = "Announced"
    kind: str = "parcel"  # or pickup, return
    events: list = field(default_factory=list)


class Gls(StandIn):
    """``units`` holds every parcel by its number; the deleted ones stay."""

    name = "gls"
    operations = tuple(_operations())
    settings = (
        "errors_inside_200",
        "tracking_enabled",
        "subscription_key",
        "customer_nos",
        "searched_by",
        "job_date",
    )
    username, password = "gls@example.com", "standin-password"
    test_username, test_password = "gls-test@example.com", "standin-test"
    customer_no = "12345678"

    def __init__(self, clock, contracts, rates=None):
        self.rates = choose_rates(PUBLISHED_RATES, rates)
        super().__init__(clock, contracts)

    def reset_state(self) -> None:
        self.units: dict[str, Unit] = {}
        self.errors_inside_200 = True
        self.tracking_enabled = True
        self.subscription_key = ""
        self.customer_nos = [self.customer_no]
        # What the search compares with, and how it writes a moment, is not published.
        self.searched_by = ("reference", "unit_reference")
        self.job_date = "moment"  # or local, day
        self._serial = itertools.count(1)
        self._limits = Limits(
            lambda name: SlidingWindow(*self.rates.get(name, UNLIMITED), self.clock)
        )

    @property
    def url(self) -> str:
        return f"{self.base_url}/v1"

    @property
    def test_url(self) -> str:
        return f"{self.base_url}/test/v1"

    @property
    def tracking_url(self) -> str:
        return f"{self.base_url}/tt/V1"

    def state(self) -> dict:
        with self.lock:
            return {"units": [asdict(unit) for unit in self.units.values()]}

    def controls(self) -> dict:
        return {("POST", "tracking"): Gls._set_tracking}

    def _set_tracking(self, request) -> None:
        for unit_no, state in request.get_json().items():
            self.units[unit_no].state = state

    def with_reference(self, reference: str) -> list[Unit]:
        with self.lock:
            return [u for u in self.units.values() if reference in _names(u)]

    # What every operation does

    def references_of(self, call):
        data = call.data if isinstance(call.data, dict) else {}
        yield from _texts(data.get(k) for k in ("reference", "unitNo", "customerRef"))
        for key in ("unitNos", "parcelNumbers"):
            yield from _texts(data.get(key) or ())
        for unit in data.get("units") or ():
            if isinstance(unit, dict):
                names = (unit.get("unitId"), unit.get("customerUnitReference"))
                yield from _texts(names)

    def admit(self, call, operation) -> None:
        if operation.open:
            return
        seconds = self._limits.take(operation.name)
        if seconds:
            raise Refusal(self.throttled(call, int(seconds) + 1))
        if call.request.args.get("api-version", "1.0") != "1.0":
            self.violate(call, "unknown version", "api-version")
            self.refuse(400, "V009: unsupported api-version")
        self._check_login(call)
        key = call.request.headers.get("Ocp-Apim-Subscription-Key", "")
        if self.subscription_key and key != self.subscription_key:
            self.refuse(401, "Access denied due to invalid subscription key")

    def _check_login(self, call) -> None:
        data = call.data if isinstance(call.data, dict) else {}
        tracking = call.operation.startswith("tt/")
        user = data.get("userName" if tracking else "username")
        password = data.get("password")
        if not user or not password or len(str(password)) > 20:
            return  # the check of the body says so
        if (user, password) != self._login(call):
            self.refuse(401, "A001: user name or password is not correct")
        if tracking and not self.tracking_enabled:
            self.refuse(401, "Track & Trace is not switched on for this customer")

    def _login(self, call) -> tuple[str, str]:
        if "test" in call.request.path.partition("/api/")[0]:
            return self.test_username, self.test_password
        return self.username, self.password

    def refuse(self, status: int, message: str, errors=None, inside_200=False):
        raise Refusal(self._error(status, message, errors, inside_200))

    def refused(self, call, status, body) -> Response:
        return self._error(status, body or "V999: not found")

    def _error(self, status, message, errors=None, inside_200=False) -> Response:
        envelope = {**self._envelope(), "error": True, "status": str(status)}
        envelope.update(message=message, errors=errors)
        within = inside_200 and self.errors_inside_200
        return answer_json(envelope, 200 if within else status)

    def _envelope(self) -> dict:
        return {
            "error": False,
            "status": "200",
            "message": None,
            "errors": None,
            "transactionId": str(UUID(int=next(self._serial))),
        }

    def throttled(self, call, retry_after=None) -> Response:
        seconds = 30 if retry_after is None else retry_after
        message = f"Rate limit is exceeded. Try again in {seconds} seconds."
        response = answer_json({"statusCode": 429, "message": message}, 429)
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    def misfit(self, call, found) -> Response:
        errors: dict[str, list[str]] = {}
        for misfit in found:
            errors.setdefault(misfit.dotted or "body", []).append(misfit.message)
        return self._error(400, "V009: validation of the request failed", errors)

    # Login, shops, options

    def probe(self, call) -> Response:
        return Response()

    def validate_login(self, call) -> Response:
        subject = {"subjectName": "Voorbeeld", "custNos": self.customer_nos}
        customer = {"apiCustomerNo": self.customer_no, "subjects": [subject]}
        return answer_json({**self._envelope(), "customers": [customer]})

    def get_parcel_shops(self, call) -> Response:
        shops = [
            _parcel_shop(number, call.data["zipCode"], call.data.get("countryCode"))
            for number in range(1, call.data["amountOfShops"] + 1)
        ]
        return answer_json({**self._envelope(), "parcelShops": shops})

    def get_delivery_options(self, call) -> Response:
        day = (self.clock.now() + timedelta(days=1)).strftime("%Y-%m-%d")
        services = [("BusinessParcel", "Parcel")]
        if call.data["countryCode"] == "NL":
            services += [("T9", "Before 9:00"), ("T12", "Before 12:00")]
        options = [
            {
                "service": service,
                "title": title,
                "expectedDeliveryDate": day,
                "expectedDeliveryTime": "",
                "subDeliveryOptions": [],
            }
            for service, title in services
        ]
        return answer_json({**self._envelope(), "deliveryOptions": options})

    # Labels

    def create_label(self, call) -> Response:
        self._check_shipment(call)
        units = [self._store(call, unit) for unit in call.data["units"]]
        returns = []
        if call.data.get("services", {}).get("shopReturnService"):
            asked = call.data["units"]
            returns = [self._store(call, unit, "return") for unit in asked]
        return self._created(call, units, returns)

    def create_shop_return(self, call) -> Response:
        self._check_shipment(call)
        units = [self._store(call, unit, "return") for unit in call.data["units"]]
        return self._created(call, units, [])

    def _check_shipment(self, call) -> None:
        self._check_shiptype(call)
        errors = self._customer_no(call.data)
        for objection in OBJECTIONS:
            errors.update(objection(call.data))
        country_code = call.data["addresses"]["deliveryAddress"]["countryCode"]
        if country_code not in WITHOUT_CUSTOMS:
            self.violate(call, "no customs data can be sent", "countryCode")
        if errors:
            message = f"V999: {next(iter(errors.values()))[0]}"
            self.refuse(422, message, errors, inside_200=True)

    def _customer_no(self, data) -> dict:
        """It may be left out where the login has one only."""
        told = data.get("customerNo") or (
            self.customer_no if len(self.customer_nos) == 1 else None
        )
        fits = told in self.customer_nos
        return {} if fits else {"customerNo": ["is not of this login"]}

    def _check_shiptype(self, call) -> None:
        if call.data.get("shiptype") not in UNIT_TYPES:
            self.violate(call, "shiptype is missing", "shiptype")
            self.refuse(400, "V008: Shiptype is unknown")

    def _store(self, call, asked: dict, kind="parcel") -> Unit:
        serial = next(self._serial)
        unit = Unit(
            unit_no=self._unit_no(serial),
            unique_no=f"00{serial:06X}",
            unit_id=asked["unitId"],
            reference=call.data.get("reference", ""),
            unit_reference=asked.get("customerUnitReference", ""),
            recipient=call.data["addresses"]["deliveryAddress"],
            weight=asked["weight"],
            created=iso(self.clock.now()),
            test=call.request.path.startswith("/test/"),
            kind=kind,
        )
        self.units[unit.unit_no] = unit
        return unit

    def _unit_no(self, serial: int) -> str:
        """8 digits of the customer, 5 of the parcel, check digit (weights 3 and 1)."""
        digits = f"{self.customer_no}{serial:05d}"
        total = sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(digits))
        return f"{digits}{-total % 10}"

    def _created(self, call, units, returns) -> Response:
        label_type = call.data.get("labelType", "pdf")
        link_type = call.data.get("trackingLinkType")
        answer = self._envelope()
        answer["units"] = [
            self._unit_answer(unit, back, label_type, link_type)
            for unit, back in itertools.zip_longest(units, returns)
        ]
        if link_type:
            link = _link(units[0]) if link_type == "s" else None
            answer.update(shipmentTrackingLink=link, labels=None)
        if label_type in COMBINED:
            answer["labels"] = _encoded(_combined(label_type, [*units, *returns], call))
        return answer_json(answer)

    def _unit_answer(self, unit, back, label_type, link_type) -> dict:
        answer = {
            "unitId": unit.unit_id,
            "unitNo": unit.unit_no,
            "uniqueNo": unit.unique_no,
        }
        single = label_type not in (*COMBINED, "none")
        if single:
            answer["label"] = _single(label_type, unit)
        if link_type == "u":
            answer["unitTrackingLink"] = _link(unit)
        if back:
            answer["unitNoShopReturn"] = back.unit_no
        if back and single:
            answer["labelShopReturn"] = _single(label_type, back)
        return answer

    # Deleting and confirming

    def delete_label(self, call) -> Response:
        self._check_shiptype(call)
        unit = self._unit(call.data["unitNo"])
        if unit.deleted:
            self.refuse(422, "V999: parcel was deleted before", inside_200=True)
        if unit.state != "Announced":
            self.refuse(422, "V999: parcel is under way", inside_200=True)
        unit.deleted = True
        unit.events.append("data deleted")
        return answer_json(self._envelope())

    def confirm_label(self, call) -> Response:
        return self._confirm(call, [call.data["unitNo"]])

    def confirm_multiple(self, call) -> Response:
        return self._confirm(call, call.data["unitNos"])

    def _confirm(self, call, unit_nos) -> Response:
        self._check_shiptype(call)
        units = [self._unit(unit_no) for unit_no in unit_nos]
        if any(unit.deleted for unit in units):
            self.refuse(422, "V999: parcel was deleted", inside_200=True)
        for unit in units:
            unit.confirmed = True
        return answer_json(self._envelope())

    def _unit(self, unit_no: str) -> Unit:
        unit = self.units.get(unit_no)
        if unit is None:
            errors = {"unitNo": ["parcel number is unknown"]}
            self.refuse(422, "V999: parcel is unknown", errors, inside_200=True)
        return unit

    def create_pickup(self, call) -> Response:
        addresses = call.data["addresses"]
        asked = call.data.get("units") or [{"unitId": "pickup", "weight": 1}]
        if "deliveryAddress" not in addresses:
            errors = {"addresses.deliveryAddress": ["is required"]}
            self.refuse(400, "V009: validation of the request failed", errors)
        units = [self._store(call, unit, "pickup") for unit in asked]
        answers = [{"unitId": u.unit_id, "unitNo": u.unit_no} for u in units]
        return answer_json({**self._envelope(), "units": answers})

    def delete_pickup(self, call) -> Response:
        return self.delete_label(call)

    # Track & Trace

    def track(self, call) -> Response:
        numbers = call.data.get("parcelNumbers", ())
        return self._parcels([self.units[n] for n in numbers if n in self.units])

    def search(self, call) -> Response:
        wanted = call.data.get("customerRef")
        found = [
            unit
            for unit in self.units.values()
            if unit.kind != "pickup"
            and (
                not wanted
                or wanted in (getattr(unit, name) for name in self.searched_by)
            )
        ]
        for name, matches in SEARCHES.items():
            wanted = call.data.get(name)
            if wanted:
                found = [unit for unit in found if matches(unit, wanted)]
        return self._parcels(found)

    def proofs(self, call) -> Response:
        numbers = call.data.get("parcelNumbers", ())
        known = [self.units[n] for n in numbers if n in self.units]
        pods = [
            {"parcelNo": unit.unit_no, "blob": _encoded(b"signature")}
            for unit in known
            if unit.state == "Delivered"
        ]
        return answer_json({"pods": pods}) if pods else Response(status=204)

    def _parcels(self, units) -> Response:
        if not units:
            return Response(status=204)
        return answer_json({"parcels": [self._tracked(unit) for unit in units]})

    def _tracked(self, unit: Unit) -> dict:
        return {**_tracked(unit), "jobDate": JOB_DATES[self.job_date](unit.created)}


def _texts(values):
    return [value for value in values if isinstance(value, str) and value]


def _names(unit: Unit) -> tuple[str, ...]:
    return unit.reference, unit.unit_reference, unit.unit_id, unit.unit_no


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _label(unit: Unit) -> labels.Label:
    address = unit.recipient
    street = (address.get(key, "") for key in ("street", "houseNo", "houseNoExt"))
    lines = (
        *(address.get(key, "") for key in ("name1", "name2", "name3", "contact")),
        " ".join(part for part in street if part),
        f"{address['zipCode']} {address['city']}",
        address["countryCode"],
    )
    return labels.Label(
        "GLS",
        unit.unit_no,
        tuple(line for line in lines if line),
        unit.reference,
        "RETURN" if unit.kind == "return" else "BusinessParcel",
        round(unit.weight * 1000),
    )


def _single(label_type: str, unit: Unit) -> str:
    if label_type.startswith("zpl"):
        return labels.zpl(_label(unit))
    return _encoded(labels.pdf_a6([_label(unit)]) + AFTER_THE_END)


def _combined(label_type: str, units, call) -> bytes:
    made = [_label(unit) for unit in units]
    if label_type == "pdfA6S":
        return labels.pdf_a6(made) + AFTER_THE_END
    places = (1, 2, 3, 4) if label_type == "pdf4A4" else (1, 3)
    first = call.data.get("labelA4StartPosition") or 1
    free = [place for place in places if place >= first]
    return labels.pdf_a4(made, free or places) + AFTER_THE_END


def _link(unit: Unit) -> str:
    zip_code = unit.recipient["zipCode"].replace(" ", "")
    return (
        f"https://www.gls-info.nl/tracking?parcelNo={unit.unit_no}&zipcode={zip_code}"
    )


def _tracked(unit: Unit) -> dict:
    return {
        "parcelNo": unit.unit_no,
        "uniqueNo": unit.unique_no,
        "state": unit.state,
        "subState": "",
        "product": "BusinessParcel",
        "suppliedWeight": unit.weight,
        "customerReference": unit.reference,
        "uri": _link(unit),
        "deliveryName": unit.recipient["name1"],
        "events": [
            {
                "eventNo": "1",
                "descriptionEN": event,
                "date": unit.created,
                "isPhysical": event == "scanned",
            }
            for event in unit.events
        ],
    }


def _parcel_shop(number: int, zip_code: str, country_code) -> dict:
    return {
        "parcelShopId": f"52800{number:05d}",
        "name": f"Voorbeeldwinkel {number}",
        "street": "Winkelstraat",
        "houseNo": str(number),
        "zipcode": zip_code,
        "city": "Utrecht",
        "countryCode": country_code or "NL",
        "geoCoordinates": {"lat": 52.09, "lng": 5.12},
        "businessHours": [],
        "distanceMeters": 150.0 * number,
        "distanceMinutes": 2.0 * number,
        "vacations": [],
        "deliveryOptions": [],
        "type": "parcelShop",
    }


# What the service refuses though the body has the right shape


def _zip_code(data) -> dict:
    address = data["addresses"]["deliveryAddress"]
    pattern = ZIP_CODES.get(address["countryCode"])
    if pattern and not re.fullmatch(pattern, address["zipCode"]):
        return {"addresses.deliveryAddress.zipCode": ["zip code is not valid"]}
    return {}


def _unit_types(data) -> dict:
    allowed = UNIT_TYPES[data["shiptype"]]
    return {
        f"units[{index}].unitType": ["unit type does not fit the ship type"]
        for index, unit in enumerate(data["units"])
        if "unitType" in unit and unit["unitType"] not in allowed
    }


def _weights(data) -> dict:
    if data["shiptype"] == "f":
        return {}
    return {
        f"units[{index}].weight": [f"at most {MAXIMUM_KILOGRAMS} kg"]
        for index, unit in enumerate(data["units"])
        if unit["weight"] > MAXIMUM_KILOGRAMS
    }


def _services(data) -> dict:
    services = data.get("services") or {}
    errors = {}
    country_code = data["addresses"]["deliveryAddress"]["countryCode"]
    if services.get("expressService", "none") != "none" and country_code != "NL":
        errors["services.expressService"] = ["only within NL"]
    if services.get("shopReturnService") and country_code != "NL":
        errors["services.shopReturnService"] = ["only within NL"]
    shop = services.get("shopDeliveryParcelShopId")
    if services.get("shopDeliveryService") and not shop:
        errors["services.shopDeliveryParcelShopId"] = ["parcel shop is missing"]
    return errors


OBJECTIONS = (_zip_code, _unit_types, _weights, _services)
JOB_DATES = {
    "moment": str,
    "local": lambda created: f"{parse_iso(created).astimezone(HOME):%Y-%m-%dT%H:%M:%S}",
    "day": lambda created: f"{parse_iso(created).astimezone(HOME):%Y-%m-%d}",
}
SEARCHES = {
    "zipCode": lambda u, wanted: u.recipient["zipCode"] == wanted,
    "name": lambda u, wanted: wanted.lower() in u.recipient["name1"].lower(),
    "country": lambda u, wanted: u.recipient["countryCode"] == wanted,
    "state": lambda u, wanted: u.state == wanted,
    "from": lambda u, wanted: parse_iso(u.created) >= parse_iso(wanted),
    "since": lambda u, wanted: parse_iso(u.created) >= parse_iso(wanted),
    "to": lambda u, wanted: parse_iso(u.created) <= parse_iso(wanted),
}
