"""GLS Netherlands (api.gls.nl): labels bought by one call, and never given twice.

``create_label`` buys at once. GLS knows no idempotency and no reprint: after
:class:`~.errors.Unclear` the same call may buy a second parcel. Look the reference up
in :mod:`.gls_tracking` first: it may find the parcel, and cannot prove that there is
none.

One client serves one login, and may be used by several threads. Every method may raise
``Unauthorized``, ``Throttled``, ``Unavailable``, ``Unclear`` and ``Refused``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from .errors import Refused, Unclear
from .gls_answers import (
    read_customers,
    read_delivery_options,
    read_labels,
    read_parcel_shops,
)
from .gls_door import Door
from .gls_errors import read_envelope
from .gls_payload import (
    PARCEL,
    check_login,
    check_pickup,
    check_shipment,
    pickup_payload,
    shipment_payload,
    unit_reference,
)
from .gls_shipments import (
    GlsCustomer,
    GlsDeliveryOption,
    GlsLabel,
    GlsParcelShop,
    GlsPickup,
    GlsShipment,
)
from .shipments import Recipient
from .texts import clean, text_of, value_at

__all__ = ["BASE_URL", "TEST_URL", "Gls", "check_login", "check_shipment"]

BASE_URL = "https://api.gls.nl/v1"
TEST_URL = "https://api.gls.nl/test/v1"
MAX_PARCEL_SHOPS = 10

_VERSION = "api-version=1.0"


class Gls:
    """A client for one login of MyGLS."""

    def __init__(
        self,
        username: str,
        password: str,
        *,
        customer_no: str = "",
        subscription_key: str = "",
        base_url: str = BASE_URL,
        version: str = "",
        timeout: tuple[float, float] = (5, 60),
    ) -> None:
        """``timeout`` is (connect, read) in seconds; a label needs half a minute.

        ``version`` is this software's own. ``subscription_key`` is asked of some older
        accounts only. Raises ``Unavailable("url")`` unless ``base_url`` is https or
        this machine.
        """
        self._login = {"username": username.strip(), "password": password}
        self._customer = {"customerNo": customer_no} if customer_no else {}
        self._system = {
            "shippingSystemName": "Odoo",
            **({"shippingSystemVersion": version} if version else {}),
        }
        self._door = Door(base_url, self._login, subscription_key, timeout)

    def validate_login(self) -> tuple[GlsCustomer, ...]:
        """The customer numbers that the login may use; ``Unauthorized`` if none may."""
        if problems := check_login(**self._login):
            raise Refused(problems)
        return read_customers(self._ask("Authentication/ValidateLogin", {}))

    def create_label(self, shipment: GlsShipment) -> tuple[GlsLabel, ...]:
        """**Buy** the parcels of a shipment, which come in the order of its units.

        What cannot pass is refused before anything is sent. A unit that is missing in
        what comes may have been bought or not.
        """
        references = {unit_reference(unit): unit.reference for unit in shipment.units}
        if len(references) != len(shipment.units):
            raise ValueError("a reference is used twice in one shipment")
        if problems := check_shipment(shipment):
            raise Refused(problems)
        payload = {**self._system, **self._customer, **shipment_payload(shipment)}
        body = self._ask("Label/Create", payload, list(references.values()))
        return read_labels(body, references, shipment.recipient.postal_code)

    def delete_label(self, unit_no: str) -> None:
        """Give a parcel up for good; ``Refused`` when it is on its way already."""
        self._ask("Label/Delete", {**self._system, **_unit(unit_no)})

    def confirm_labels(
        self, unit_nos: Sequence[str], shipping_date: date | None = None
    ) -> None:
        """Tell GLS that these parcels will be handed over, all in one call."""
        if len(unit_nos) == 1:
            name, units = "Label/Confirm", _unit(unit_nos[0])
        else:
            name = "Label/ConfirmMultiple"
            units = {"shiptype": PARCEL, "unitNos": list(unit_nos)}
        self._ask(name, {**units, **_on(shipping_date)})

    def create_pickup(self, pickup: GlsPickup) -> tuple[str, ...]:
        """Order parcels to be fetched; the numbers by which they are called off.

        There may be none: the published answer to an order that is taken names no unit.
        """
        if problems := check_pickup(pickup):
            raise Refused(problems)
        payload = {**self._system, **self._customer, **pickup_payload(pickup)}
        references = [unit.reference for unit in pickup.shipment.units]
        body = self._ask("Pickup/Create", payload, references)
        units = value_at(body, "units")
        numbers = [
            text_of(value_at(unit, "unitNo"))
            for unit in (units if isinstance(units, list) else ())
        ]
        if not any(numbers) and body.get("error") is not False:
            raise Unclear("incomplete")
        return tuple(dict.fromkeys(filter(None, numbers)))

    def delete_pickup(self, unit_no: str) -> None:
        """Call off a pickup."""
        self._ask("Pickup/Delete", {**self._system, **_unit(unit_no)})

    def find_parcel_shops(
        self, address: Recipient, most: int = MAX_PARCEL_SHOPS
    ) -> tuple[GlsParcelShop, ...]:
        """Shops and lockers near an address, the nearest first; at most ten."""
        texts = {
            "countryCode": address.country_code.upper(),
            "zipCode": "".join(address.postal_code.split()),
            "street": clean(address.street),
            "houseNo": clean(address.number),
            "city": clean(address.city),
        }
        asked = {name: text for name, text in texts.items() if text}
        return read_parcel_shops(
            self._ask("ParcelShop/GetParcelShops", {**asked, "amountOfShops": most})
        )

    def read_delivery_options(
        self, country_code: str, postal_code: str, shipping_date: date | None = None
    ) -> tuple[GlsDeliveryOption, ...]:
        """The services that GLS offers to a place on a day."""
        place = {
            "countryCode": country_code.upper(),
            "zipCode": "".join(postal_code.split()),
        }
        return read_delivery_options(
            self._ask(
                "DeliveryOptions/GetDeliveryOptions", {**place, **_on(shipping_date)}
            )
        )

    def _ask(
        self, name: str, fields: Mapping[str, object], references: Sequence[str] = ()
    ) -> Mapping:
        answer = self._door.ask(f"/api/{name}?{_VERSION}", fields)
        return read_envelope(answer, references)


def _unit(unit_no: str) -> dict[str, str]:
    return {"shiptype": PARCEL, "unitNo": unit_no}


def _on(shipping_date: date | None) -> dict[str, str]:
    return {"shippingDate": shipping_date.isoformat()} if shipping_date else {}
