"""What each of MyParcel's carriers does with each parcel type in each destination.

Sources: the manual's section on shipments, the capabilities that MyParcel's newest
plugin has captured, the proposition of MyParcel Nederland, and the carriers of its PHP
library. Where they disagree the wider one holds: what is left open here MyParcel
refuses itself, while a rule that is too strict would keep a parcel from leaving.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from .countries import EU
from .errors import Problem

POSTNL, BPOST, PALLETS, DPD = 1, 2, 3, 4
DHL_FOR_YOU, DHL_PARCEL_CONNECT, DHL_EUROPLUS = 9, 10, 11
UPS_STANDARD, UPS_EXPRESS_SAVER = 12, 13
GLS, BRT, TRUNKRS, INPOST, POSTE_ITALIANE = 14, 15, 16, 17, 18
CARRIERS = frozenset(
    (POSTNL, BPOST, PALLETS, DPD, DHL_FOR_YOU, DHL_PARCEL_CONNECT, DHL_EUROPLUS)
    + (UPS_STANDARD, UPS_EXPRESS_SAVER, GLS, BRT, TRUNKRS, INPOST, POSTE_ITALIANE)
)

# Those that this addon offers.
CARRIER_NAMES: Mapping[int, str] = {
    POSTNL: "PostNL",
    BPOST: "bpost",
    DPD: "DPD",
    DHL_FOR_YOU: "DHL For You",
    DHL_PARCEL_CONNECT: "DHL Parcel Connect",
    DHL_EUROPLUS: "DHL Europlus",
    UPS_STANDARD: "UPS Standard",
    UPS_EXPRESS_SAVER: "UPS Express Saver",
    GLS: "GLS",
    TRUNKRS: "Trunkrs",
}

PACKAGE, MAILBOX, LETTER, DIGITAL_STAMP = 1, 2, 3, 4
PALLET, SMALL_PACKAGE, ENVELOPE = 5, 6, 7
PACKAGE_TYPES = frozenset(
    (PACKAGE, MAILBOX, LETTER, DIGITAL_STAMP, PALLET, SMALL_PACKAGE, ENVELOPE)
)

# Delivery types 4 and 5 need a pickup point, which a parcel to an address has not.
MORNING, STANDARD, EVENING, SAME_DAY, EXPRESS, EARLY_MORNING = 1, 2, 3, 6, 7, 8
DELIVERY_TYPES = frozenset(
    (MORNING, STANDARD, EVENING, SAME_DAY, EXPRESS, EARLY_MORNING)
)
DATED_DELIVERY_TYPES = frozenset((MORNING, EVENING))

# Destinations: inland, the neighbour with rules of its own, and two zones.
NL, BE, EUROPE, WORLD = "NL", "BE", "EU", "world"
EVERYWHERE = (NL, BE, EUROPE, WORLD)


@dataclass(frozen=True, slots=True)
class Service:
    """One parcel type of a carrier in one destination.

    :param options: those that may be switched on, insurance apart
    :param forced: those that cannot be switched off
    :param insurance: amounts in cents; empty where none can be chosen
    :param delivery_types: the first is asked for where nobody chooses
    :param most_grams: heavier ones are refused
    """

    options: frozenset[str] = frozenset()
    forced: frozenset[str] = frozenset()
    insurance: tuple[int, ...] = ()
    delivery_types: tuple[int, ...] = (STANDARD,)
    most_grams: int = 30_000


def _options(*names: str) -> frozenset[str]:
    return frozenset(names)


def _euros(*amounts: int) -> tuple[int, ...]:
    return tuple(amount * 100 for amount in amounts)


_BY_500 = tuple(range(500, 5001, 500))
_FROM_100 = _euros(100, 250, *_BY_500)
_FROM_500 = _euros(*_BY_500)
_LIGHT = Service(most_grams=2_000)
_LIGHT_TRACKED = Service(_options("tracked"), most_grams=2_000)
# PostNL's own contracts and the library disagree about 2 and 23 kg.
_SMALL = Service(most_grams=23_000)
_SMALL_ABROAD = Service(_options("tracked"), insurance=_euros(50), most_grams=23_000)

_POSTNL_INLAND = Service(
    _options(
        *("age_check", "large_format", "only_recipient", "receipt_code", "return"),
        *("drop_off_at_postal_point", "signature"),
    ),
    insurance=_FROM_100,
    delivery_types=(STANDARD, MORNING, EVENING, SAME_DAY, EXPRESS, EARLY_MORNING),
)
_DHL_FOR_YOU_INLAND = Service(
    _options(
        *("age_check", "extra_assurance", "hide_sender", "only_recipient"),
        *("same_day_delivery", "saturday_delivery", "signature"),
    ),
    insurance=_FROM_500,
    delivery_types=(STANDARD, EVENING, SAME_DAY),
)
_EUROPLUS = Service(
    _options("saturday_delivery"),
    forced=_options("signature"),
    insurance=_FROM_500,
    delivery_types=(STANDARD, MORNING),
)
_EUROPLUS_NEAR = Service(
    _options("hide_sender", "saturday_delivery"),
    forced=_options("signature"),
    insurance=_FROM_500,
    delivery_types=(STANDARD, MORNING),
)
_UPS_OPTIONS = _options("age_check", "collect", "only_recipient", "return", "signature")
_UPS_INSURANCE = (8500, *_FROM_100)
_TRUNKRS = Service(
    _options(
        *("age_check", "collect", "fresh_food", "frozen", "only_recipient"),
        *("receipt_code", "same_day_delivery", "signature"),
    ),
    delivery_types=(STANDARD, SAME_DAY),
)
# The manual names 500 euros, the library 100.
_GLS_INSURANCE = _euros(100, 500)
_GLS_ABROAD = Service(
    _options("only_recipient"),
    forced=_options("signature"),
    insurance=_GLS_INSURANCE,
)


def _ups(delivery_type: int) -> Service:
    return Service(
        _UPS_OPTIONS,
        insurance=_UPS_INSURANCE,
        delivery_types=(delivery_type,),
    )


def _all(service: Service, *zones: str) -> Mapping[str, Service]:
    return dict.fromkeys(zones, service)


# By carrier, parcel type and destination.
SERVICES: Mapping[int, Mapping[int, Mapping[str, Service]]] = {
    POSTNL: {
        PACKAGE: {
            NL: _POSTNL_INLAND,
            BE: Service(
                _options("large_format", "only_recipient", "return", "signature"),
                insurance=_FROM_100,
                delivery_types=(STANDARD, MORNING),
            ),
            EUROPE: Service(_options("large_format"), insurance=_euros(50, 500)),
            WORLD: Service(insurance=_euros(50, 500), most_grams=20_000),
        },
        MAILBOX: {
            NL: Service(_options("priority_delivery"), most_grams=2_000),
            # With a contract of one's own with PostNL.
            **_all(_LIGHT_TRACKED, BE, EUROPE, WORLD),
        },
        LETTER: _all(_LIGHT, *EVERYWHERE),
        DIGITAL_STAMP: {NL: _LIGHT},
        SMALL_PACKAGE: {NL: _SMALL, **_all(_SMALL_ABROAD, BE, EUROPE, WORLD)},
    },
    BPOST: {
        PACKAGE: {
            BE: Service(
                _options("saturday_delivery", "signature"),
                insurance=_FROM_500,
            ),
            **_all(
                Service(_options("signature"), insurance=_FROM_500),
                *(NL, EUROPE, WORLD),
            ),
        },
        MAILBOX: {BE: _LIGHT},
    },
    DPD: {
        # Every parcel is insured for 520 euros: there is nothing to choose.
        PACKAGE: _all(Service(_options("saturday_delivery")), *EVERYWHERE),
        MAILBOX: _all(_LIGHT, NL, BE),
    },
    DHL_FOR_YOU: {
        PACKAGE: {
            NL: _DHL_FOR_YOU_INLAND,
            BE: Service(
                _options("hide_sender", "only_recipient", "signature"),
                insurance=_FROM_500,
            ),
        },
        MAILBOX: {NL: _LIGHT},
        SMALL_PACKAGE: _all(_SMALL, NL, BE),
        ENVELOPE: _all(_LIGHT, NL, BE),
    },
    DHL_PARCEL_CONNECT: {
        PACKAGE: _all(
            Service(_options("signature"), insurance=_FROM_500), BE, EUROPE, WORLD
        ),
    },
    DHL_EUROPLUS: {
        PACKAGE: {**_all(_EUROPLUS_NEAR, NL, BE), **_all(_EUROPLUS, EUROPE, WORLD)},
    },
    UPS_STANDARD: {PACKAGE: _all(_ups(STANDARD), *EVERYWHERE)},
    UPS_EXPRESS_SAVER: {PACKAGE: _all(_ups(EXPRESS), *EVERYWHERE)},
    GLS: {
        PACKAGE: {
            NL: Service(
                _options("only_recipient", "saturday_delivery", "signature"),
                insurance=_GLS_INSURANCE,
            ),
            **_all(_GLS_ABROAD, BE, EUROPE, WORLD),
        },
        MAILBOX: {NL: _LIGHT},
    },
    TRUNKRS: {
        PACKAGE: {
            NL: Service(
                _TRUNKRS.options | {"cooled_delivery"},
                delivery_types=_TRUNKRS.delivery_types,
            ),
            BE: _TRUNKRS,
        },
    },
}

_DOOR = ("signature", "only_recipient")


@dataclass(frozen=True, slots=True)
class Dependency:
    """What an option of a carrier needs, and what it cannot go with."""

    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


DEPENDENCIES: Mapping[int, Mapping[str, Dependency]] = {
    POSTNL: {
        "age_check": Dependency(needs=_DOOR),
        "insurance": Dependency(needs=_DOOR),
        "receipt_code": Dependency(
            needs=("insurance",), excludes=("age_check", "return", *_DOOR)
        ),
    },
    DHL_FOR_YOU: {
        "age_check": Dependency(excludes=("only_recipient",)),
        "insurance": Dependency(needs=("signature",), excludes=("hide_sender",)),
        "same_day_delivery": Dependency(excludes=("saturday_delivery",)),
    },
    UPS_STANDARD: {
        "age_check": Dependency(needs=("signature",), excludes=("only_recipient",)),
    },
    UPS_EXPRESS_SAVER: {
        "age_check": Dependency(needs=("signature",), excludes=("only_recipient",)),
    },
    TRUNKRS: {
        "age_check": Dependency(needs=_DOOR),
        "receipt_code": Dependency(needs=_DOOR),
    },
}
# Those whose parcels can be sent back with a label that belongs to the first one.
RETURN_CARRIERS = frozenset(
    (POSTNL, BPOST, DPD, DHL_FOR_YOU, DHL_PARCEL_CONNECT, DHL_EUROPLUS, GLS, BRT)
    + (INPOST, POSTE_ITALIANE)
)
# In the morning and in the evening PostNL delivers to the recipient only.
DELIVERY_TYPE_NEEDS = {(POSTNL, MORNING): _DOOR[1:], (POSTNL, EVENING): _DOOR[1:]}
# What is heavier is billed as large: it is asked for as such.
LARGE_FROM_GRAMS = {POSTNL: 23_000}


# Monday is 0: for mornings those of the manual, for evenings all but Sunday.
DELIVERY_DAYS = {MORNING: range(5), EVENING: range(6)}


def next_delivery_day(today: date, delivery_type: int) -> date:
    """The day for which what is labelled ``today`` can be asked for."""
    day = today + timedelta(days=1)
    while day.weekday() not in DELIVERY_DAYS[delivery_type]:
        day += timedelta(days=1)
    return day


def zone_of(country: str) -> str:
    """The destination of SERVICES that a country belongs to."""
    if country in (NL, BE):
        return country
    return EUROPE if country in EU else WORLD


def find_service(carrier: int, package_type: int, country: str) -> Service | None:
    """None where the carrier does not do it, and for carriers without a table."""
    return SERVICES.get(carrier, {}).get(package_type, {}).get(zone_of(country))


def option_carriers(name: str) -> frozenset[int]:
    """The carriers that have an option, or more than one of its values, anywhere."""
    return frozenset(
        carrier
        for carrier, types in SERVICES.items()
        if any(
            _has(service, name)
            for services in types.values()
            for service in services.values()
        )
    )


def _has(service: Service, name: str) -> bool:
    if name == "insurance":
        return bool(service.insurance)
    if name == "delivery_type":
        return len(service.delivery_types) > 1
    return name in service.options


def service_problems(
    reference: str,
    carrier: int,
    package_type: int,
    country: str,
    grams: int,
    options: Mapping[str, object],
) -> Iterator[Problem]:
    """What of a parcel its carrier does not do there.

    :param options: what is asked for, by MyParcel's names; nothing that is invalid
    """
    types = SERVICES.get(carrier)
    if types is None or not country:
        return
    service = find_service(carrier, package_type, country)
    if service is None:
        served = any(zone_of(country) in services for services in types.values())
        field = "package_type" if served else "recipient.country_code"
        yield Problem(reference, field, "not_allowed")
        return
    if grams > service.most_grams:
        yield Problem(reference, "weight_grams", "too_heavy", limit=service.most_grams)
    yield from _unavailable(reference, service, options)
    yield from _dependencies(reference, carrier, service, options)


def _unavailable(
    reference: str, service: Service, options: Mapping[str, object]
) -> Iterator[Problem]:
    for name, value in options.items():
        field = f"options.{name}"
        if name == "insurance" and value not in (*service.insurance, 0):
            offered = ", ".join(str(amount // 100) for amount in service.insurance)
            code = "not_offered" if offered else "unavailable"
            yield Problem(reference, field, code, proposal=offered)
        elif name == "delivery_type" and value not in service.delivery_types:
            yield Problem(reference, field, "unavailable")
        elif name in service.forced:
            if not value:
                yield Problem(reference, field, "forced")
        elif name not in _VALUES and value and name not in service.options:
            yield Problem(reference, field, "unavailable")


# Not switched on and off but given a value; the amount on delivery is MyParcel's.
_VALUES = ("insurance", "delivery_type", "delivery_date", "cash_on_delivery")


def _dependencies(
    reference: str,
    carrier: int,
    service: Service,
    options: Mapping[str, object],
) -> Iterator[Problem]:
    known = DEPENDENCIES.get(carrier, {})
    asked = [known[name] for name in known if options.get(name)]
    excluded = {name for rule in asked for name in rule.excludes}
    needed = {name for rule in asked for name in rule.needs} - excluded
    needed |= {*DELIVERY_TYPE_NEEDS.get((carrier, options.get("delivery_type")), ())}
    for name in sorted(needed):
        if not options.get(name) and _has(service, name):
            yield Problem(reference, f"options.{name}", "required")
    for name in sorted(excluded):
        if options.get(name):
            yield Problem(reference, f"options.{name}", "excluded")
