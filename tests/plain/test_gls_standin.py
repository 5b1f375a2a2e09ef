"""The GLS client against a GLS that keeps state and minds its contract."""

import dataclasses
import io
from datetime import date

import pytest
from carriers.errors import Refused, Throttled, Unauthorized, Unavailable, Unclear
from carriers.gls import Gls
from carriers.gls_shipments import GlsCustomer, GlsNotification, GlsPickup
from carriers.gls_tracking import GlsTracking
from pypdf import PdfReader

from tests.plain.carrier_faults import UNCLEAR_FAULTS
from tests.plain.gls_shipments import ADDRESSES, ORDER, recipient, shipment
from tests.standins import Standins

MAIL = GlsNotification("Voorbeeld Webshop", "shop@example.com", "Onderweg")


@pytest.fixture
def client(gls):
    return connect(gls)


@pytest.fixture
def tracking(gls):
    return track(gls)


def connect(gls, **changes):
    values = {
        "username": gls.username,
        "password": gls.password,
        "customer_no": gls.customer_no,
        "base_url": gls.url,
        "version": "19.0.1.0.0",
        "timeout": (2, 5),
    }
    return Gls(**{**values, **changes})


def track(gls, **changes):
    values = {
        "username": gls.username,
        "password": gls.password,
        "base_url": gls.tracking_url,
        "timeout": (2, 5),
    }
    return GlsTracking(**{**values, **changes})


def pages(label):
    return [page.extract_text() for page in PdfReader(io.BytesIO(label)).pages]


# Login


def test_a_login_tells_its_customer_numbers(client):
    assert client.validate_login() == (GlsCustomer("12345678", "Voorbeeld"),)


def test_of_several_customer_numbers_one_is_chosen(gls):
    gls.customer_nos = ["12345678", "2345678"]
    numbers = [customer.number for customer in connect(gls).validate_login()]
    assert numbers == gls.customer_nos
    with pytest.raises(Refused) as caught:
        connect(gls, customer_no="").create_label(shipment())
    assert [problem.field for problem in caught.value.problems] == ["customer_no"]
    assert connect(gls, customer_no="2345678").create_label(shipment())


def test_a_wrong_login_is_unauthorized_and_buys_nothing(gls):
    client = connect(gls, password="wrong")
    for ask in (client.validate_login, lambda: client.create_label(shipment())):
        with pytest.raises(Unauthorized):
            ask()
    assert gls.units == {}


def test_the_test_environment_has_a_login_of_its_own(gls):
    with pytest.raises(Unauthorized):
        connect(gls, base_url=gls.test_url).validate_login()
    client = connect(
        gls,
        username=gls.test_username,
        password=gls.test_password,
        base_url=gls.test_url,
    )
    assert client.create_label(shipment())
    assert [unit.test for unit in gls.units.values()] == [True]


def test_a_subscription_key_is_sent_where_there_is_one(gls):
    gls.subscription_key = "key"
    with pytest.raises(Unauthorized):
        connect(gls).validate_login()
    assert connect(gls, subscription_key="key").validate_login()


# Labels


def test_a_parcel_is_bought_with_number_link_and_label(gls, client):
    (label,) = client.create_label(shipment("R-1", email="a@example.com"))
    (unit,) = gls.units.values()
    assert (label.reference, label.unit_no) == ("R-1", unit.unit_no)
    assert label.unique_no == unit.unique_no
    assert label.unit_no in label.tracking_url
    (page,) = pages(label.label)
    assert label.unit_no in page
    assert "Eva Voorbeeld" in page
    assert (unit.unit_id, unit.unit_reference, unit.reference) == ("R-1", "R-1", ORDER)


@pytest.mark.parametrize("country", ADDRESSES)
def test_a_parcel_goes_to_any_country_of_the_union(client, country):
    (label,) = client.create_label(shipment(country=country, notification=MAIL))
    (page,) = pages(label.label)
    assert country in page.split()


def test_several_parcels_of_one_shipment_keep_their_references(gls, client):
    labels = client.create_label(shipment("R-3", "R-1", "R-2"))
    assert [label.reference for label in labels] == ["R-3", "R-1", "R-2"]
    held = {unit.unit_no: unit.unit_id for unit in gls.units.values()}
    assert {label.unit_no: label.reference for label in labels} == held
    for label in labels:
        (page,) = pages(label.label)
        assert label.unit_no in page
    assert gls.count("Label/Create") == 1


def test_a_label_ends_where_its_document_ends(client):
    (label,) = client.create_label(shipment())
    assert label.label_format == "pdf"
    assert label.label.endswith(b"%%EOF\n")


def test_a_label_for_a_label_printer_is_kept_as_it_is(client):
    (label,) = client.create_label(shipment(label_type="zpl"))
    assert label.label_format == "zpl"
    assert label.label.startswith(b"^XA")
    assert label.label.endswith(b"^XZ")


def test_a_way_back_has_its_own_number_and_label(client):
    asked = shipment(options={"shopReturnService": True})
    (label,) = client.create_label(asked)
    assert label.return_unit_no not in ("", label.unit_no)
    (page,) = pages(label.return_label)
    assert label.return_unit_no in page


@pytest.mark.parametrize("inside_200", [True, False])
def test_a_refusal_names_parcel_and_field_also_inside_http_200(gls, client, inside_200):
    gls.errors_inside_200 = inside_200
    with pytest.raises(Refused) as caught:
        client.create_label(shipment("R-1", postal_code="XXX"))
    (problem,) = caught.value.problems
    assert (problem.reference, problem.field) == ("R-1", "recipient.postal_code")
    assert problem.message == "zip code is not valid"
    assert gls.units == {}


def test_a_parcel_of_another_continent_is_not_even_asked_for(gls, client):
    with pytest.raises(Refused) as caught:
        client.create_label(shipment(country="US"))
    assert [p.code for p in caught.value.problems] == ["outside_eu"]
    assert gls.counts() == {}


@pytest.mark.parametrize(("kind", "moment", "held"), UNCLEAR_FAULTS)
def test_an_unclear_purchase_is_found_by_its_own_reference(
    gls, tracking, kind, moment, held
):
    hasty = connect(gls, timeout=(2, 0.5))
    gls.faults.add("Label/Create", kind, moment=moment, seconds=3)
    with pytest.raises(Unclear):
        hasty.create_label(shipment("R-1"))
    found = tracking.find_parcels("R-1", date(2020, 1, 1))
    assert [parcel.unit_no for parcel in found] == [*gls.units]
    assert len(found) == held
    assert gls.count("Label/Create") == 1


def test_too_many_requests_tell_when_to_come_back(gls, client):
    gls.faults.add("Label/Create", "throttled", retry_after=7)
    with pytest.raises(Throttled) as caught:
        client.create_label(shipment())
    assert caught.value.retry_after == 7
    assert gls.units == {}
    assert client.create_label(shipment())


def test_a_stopped_server_was_certainly_not_asked():
    with Standins(rates="fast") as standins:
        client = connect(standins.gls)
        client.validate_login()
    with pytest.raises(Unavailable) as caught:
        client.create_label(shipment())
    assert caught.value.reason == "connect"


# Deleting, confirming


def test_each_parcel_is_deleted_by_its_own_number(gls, client):
    first, second = client.create_label(shipment("R-1", "R-2"))
    client.delete_label(first.unit_no)
    deleted = {unit.unit_id: unit.deleted for unit in gls.units.values()}
    assert deleted == {"R-1": True, "R-2": False}
    client.delete_label(second.unit_no)
    with pytest.raises(Refused):
        client.delete_label(second.unit_no)


def test_parcels_are_confirmed_one_or_many_in_a_call(gls, client):
    labels = client.create_label(shipment("R-1", "R-2", "R-3"))
    client.confirm_labels([labels[0].unit_no])
    assert [unit.confirmed for unit in gls.units.values()] == [True, False, False]
    rest = [label.unit_no for label in labels[1:]]
    client.confirm_labels(rest, date(2026, 11, 23))
    assert all(unit.confirmed for unit in gls.units.values())
    assert gls.count("Label/Confirm") == gls.count("Label/ConfirmMultiple") == 1


def test_an_unknown_number_is_refused(client):
    for ask in (client.delete_label, lambda number: client.confirm_labels([number])):
        with pytest.raises(Refused) as caught:
            ask("12345678999999")
        assert [p.field for p in caught.value.problems] == ["unit_no"]


# Pickups, shops, options


def test_a_pickup_is_ordered_and_called_off(gls, client):
    fetched = dataclasses.replace(shipment("R-1", "R-2"), sender=recipient("DE"))
    pickup = GlsPickup(fetched, recipient("NL"), date(2026, 11, 24))
    numbers = client.create_pickup(pickup)
    assert [gls.units[number].unit_id for number in numbers] == ["R-1", "R-2"]
    assert {gls.units[number].kind for number in numbers} == {"pickup"}
    for number in numbers:
        client.delete_pickup(number)
    assert all(unit.deleted for unit in gls.units.values())


def test_a_pickup_from_nowhere_is_not_asked_for(gls, client):
    pickup = GlsPickup(shipment(), recipient("NL"), date(2026, 11, 24))
    with pytest.raises(Refused) as caught:
        client.create_pickup(pickup)
    assert [p.field for p in caught.value.problems] == ["sender"]
    assert gls.counts() == {}


def test_parcel_shops_near_an_address_can_get_a_parcel(client):
    shops = client.find_parcel_shops(recipient(), 3)
    assert len(shops) == 3
    assert [shop.metres for shop in shops] == sorted(shop.metres for shop in shops)
    assert (shops[0].postal_code, shops[0].kind) == ("3500AA", "parcelShop")
    options = {
        "shopDeliveryService": True,
        "shopDeliveryParcelShopId": shops[0].parcel_shop_id,
    }
    assert client.create_label(shipment(options=options))


def test_the_services_to_a_place_are_told(client):
    options = client.read_delivery_options("NL", "3500 AA", date(2026, 11, 24))
    assert "T9" in {option.service for option in options}


# Tracking


def test_numbers_are_tracked_twenty_at_a_time(gls, client, tracking):
    labels = client.create_label(shipment(*(f"R-{number}" for number in range(25))))
    numbers = [label.unit_no for label in labels]
    found = tracking.track_parcels([*numbers, "12345678999999"])
    assert [parcel.unit_no for parcel in found] == numbers
    assert {(parcel.state, parcel.reference) for parcel in found} == {
        ("Announced", ORDER)
    }
    assert gls.count("tt/details") == 2


def test_nothing_to_track_asks_nobody(gls, tracking):
    assert tracking.track_parcels([]) == ()
    assert gls.counts() == {}


def test_what_tracking_does_not_know_is_no_parcel(tracking):
    assert tracking.track_parcels(["12345678999999"]) == ()
    assert tracking.find_parcels("R-1") == ()


def test_a_deleted_parcel_is_still_found(client, tracking):
    (label,) = client.create_label(shipment("R-1"))
    client.delete_label(label.unit_no)
    (found,) = tracking.find_parcels("R-1")
    assert (found.unit_no, found.events) == (label.unit_no, ("data deleted",))


def test_an_order_shows_all_its_parcels(client, tracking):
    client.create_label(shipment("R-1"))
    client.create_label(shipment("R-2"))
    assert len(tracking.find_parcels(ORDER)) == 2


def test_tracking_that_is_not_switched_on_is_unauthorized(gls, tracking):
    gls.tracking_enabled = False
    with pytest.raises(Unauthorized):
        tracking.find_parcels("R-1")


def test_the_seconds_of_a_limit_are_read_from_its_sentence(gls, tracking):
    sentence = '{"statusCode": 429, "message": "Try again in 17 seconds."}'
    gls.faults.add(
        "tt/search",
        "content",
        status=429,
        body=sentence,
        content_type="application/json",
    )
    with pytest.raises(Throttled) as caught:
        tracking.find_parcels("R-1")
    assert caught.value.retry_after == 17
