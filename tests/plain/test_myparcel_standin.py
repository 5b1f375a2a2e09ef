"""The MyParcel client against a MyParcel that keeps state and minds its contract."""

import dataclasses
import socket
from urllib.parse import urlsplit

import pytest
from carriers.errors import (
    LabelMismatch,
    PaymentRequired,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
    Unclear,
)
from carriers.labels import split_labels
from carriers.myparcel import MyParcel, status_group, user_agent
from carriers.shipments import ParcelRequest, Recipient

from tests.plain.carrier_faults import UNCLEAR_FAULTS
from tests.standins import Standins


@pytest.fixture
def client(myparcel):
    return connect(myparcel)


def connect(myparcel, key=None, timeout=(2, 5)):
    return MyParcel(
        key or myparcel.api_key,
        base_url=myparcel.url,
        user_agent=user_agent("19.0.1.0.0"),
        timeout=timeout,
    )


ADDRESSES = {
    "NL": ("Voorbeeldstraat", "12", "a", "", "3500 AA", "Utrecht"),
    "BE": ("Testlaan", "100", "", "3", "2000", "Antwerpen"),
    "DE": ("Musterstraße", "5", "", "", "01067", "Dresden"),
    "FR": ("Rue de la Paix", "12", "bis", "", "75002", "Paris"),
    "ES": ("Calle Mayor", "3", "", "", "28013", "Madrid"),
    "IE": ("Main Street", "4", "", "", "", "Dublin"),
}


def parcel(reference, country="NL", **changes):
    street, number, suffix, box, postal_code, city = ADDRESSES[country]
    recipient = Recipient(
        name="Eva Voorbeeld",
        company="",
        street=street,
        number=number,
        number_suffix=suffix,
        box_number=box,
        street_additional="",
        postal_code=postal_code,
        city=city,
        region="",
        country_code=country,
        phone="",
        email="a1b2c3@marketplace.amazon.nl",
    )
    values = {"carrier_id": 1, "package_type": 1, "weight_grams": 750}
    return ParcelRequest(
        **{"reference": reference, "recipient": recipient, **values, **changes}
    )


def bad(reference):
    """A parcel that passes our check and not MyParcel's: the postal code is wrong."""
    good = parcel(reference)
    to = dataclasses.replace(good.recipient, postal_code="XXX")
    return dataclasses.replace(good, recipient=to)


def test_twenty_parcels_become_twenty_labels_with_their_own_barcodes(myparcel, client):
    countries = list(ADDRESSES)
    requests = [parcel(f"P-{n}", countries[n % len(countries)]) for n in range(20)]
    refs = client.create_shipments(requests)
    assert {s.status for s in client.read_shipments(list(refs.values()))} == {1}
    document = client.fetch_labels(list(refs.values()))
    shipments = client.read_shipments(list(refs.values()))
    labels = split_labels(document, [shipment.barcode for shipment in shipments])
    assert len(labels) == 20
    assert [s.reference for s in shipments] == [r.reference for r in requests]
    assert all(status_group(s.status) == "registered" for s in shipments)
    assert all(s.price_cents and s.tracking_url for s in shipments)
    assert myparcel.count("POST /shipments") == 1
    assert myparcel.count("GET /shipment_labels") == 1


def test_an_answer_in_another_order_is_matched_by_reference(myparcel, client):
    myparcel.answer_order = "reversed"
    refs = client.create_shipments([parcel("P-1"), parcel("P-2"), parcel("P-3")])
    held = {str(s.id): s.reference for s in myparcel.shipments.values()}
    assert {ref: name for name, ref in refs.items()} == held


def test_printing_again_gives_the_same_label_and_buys_nothing(myparcel, client):
    refs = list(client.create_shipments([parcel("P-1")]).values())
    client.fetch_labels(refs)
    (first,) = client.read_shipments(refs)
    client.fetch_labels(refs)
    (second,) = client.read_shipments(refs)
    assert first.barcode == second.barcode
    assert len(myparcel.shipments) == 1


def test_labels_on_a4_sheets_do_not_pass_for_one_page_each(client):
    refs = client.create_shipments([parcel("P-1"), parcel("P-2")])
    document = client.fetch_labels(list(refs.values()), page_format="A4")
    barcodes = [s.barcode for s in client.read_shipments(list(refs.values()))]
    with pytest.raises(LabelMismatch) as caught:
        split_labels(document, barcodes)
    assert caught.value.reason == "pages"


def test_one_bad_parcel_is_named_and_the_others_go_the_second_time(myparcel, client):
    requests = [parcel("P-1"), bad("P-2"), parcel("P-3"), bad("P-4")]
    # The contract knows no postal codes, so this refusal is MyParcel's own.
    with pytest.raises(Refused) as caught:
        client.create_shipments(requests)
    assert caught.value.references == {"P-2", "P-4"}
    assert {p.field for p in caught.value.problems} == {"recipient.postal_code"}
    assert myparcel.shipments == {}
    rest = [r for r in requests if r.reference not in caught.value.references]
    assert set(client.create_shipments(rest)) == {"P-1", "P-3"}


def test_a_concept_is_deleted_and_a_registered_shipment_is_not(myparcel, client):
    refs = client.create_shipments([parcel("P-1"), parcel("P-2")])
    client.delete_shipments([refs["P-1"]])
    client.fetch_labels([refs["P-2"]])
    with pytest.raises(Refused) as caught:
        client.delete_shipments([refs["P-2"]])
    assert [problem.code for problem in caught.value.problems] == ["3723"]
    assert client.find_shipments("P-1") == []
    assert len(client.find_shipments("P-2")) == 1


def test_a_return_of_a_registered_shipment_has_a_number_of_its_own(myparcel, client):
    refs = client.create_shipments([parcel("R-1")])

    def ask():
        return client.create_return(
            reference="RET-1",
            parent=refs["R-1"],
            carrier_id=1,
            name="Voorbeeld Webshop",
            email="shop@example.com",
        )

    with pytest.raises(Refused):
        ask()
    client.fetch_labels([refs["R-1"]])
    made = ask()
    client.fetch_labels([made])
    (first, second) = client.read_shipments([refs["R-1"], made])
    assert first.barcode != second.barcode
    assert [shipment.remote_ref for shipment in client.find_shipments("RET-1")] == [
        made
    ]


@pytest.mark.parametrize("envelope", ["shipments", "search_results"])
def test_a_reference_is_found_in_either_envelope(myparcel, client, envelope):
    myparcel.search_envelope = envelope
    refs = client.create_shipments([parcel("P-1"), parcel("P-10")])
    (found,) = client.find_shipments("P-1")
    assert found.remote_ref == refs["P-1"]
    assert client.find_shipments("P-2") == []


def test_a_reference_used_more_than_a_page_often_is_found_every_time(client):
    for _time in range(3):
        client.create_shipments([parcel("P-1")])
    assert len({s.remote_ref for s in client.find_shipments("P-1")}) == 3


def test_the_right_key_passes_and_a_wrong_one_does_not(myparcel, client):
    client.check()
    with pytest.raises(Unauthorized) as caught:
        connect(myparcel, key="wrong").check()
    assert caught.value.reason == "key"
    with pytest.raises(Unauthorized):
        connect(myparcel, key="wrong").create_shipments([parcel("P-1")])
    assert myparcel.shipments == {}


def test_a_prepaid_account_is_told_where_to_pay_and_nothing_is_bought(myparcel, client):
    refs = list(client.create_shipments([parcel("P-1")]).values())
    myparcel.payment_required = True
    with pytest.raises(PaymentRequired) as caught:
        client.fetch_labels(refs)
    assert caught.value.url.startswith("https://")
    assert client.read_shipments(refs)[0].status == 1


def test_an_unknown_id_is_refused_for_labels_and_left_out_in_reading(client):
    assert client.read_shipments(["1"]) == []
    with pytest.raises(Refused):
        client.fetch_labels(["1"])


def test_too_many_requests_tell_when_to_come_back(myparcel, client):
    myparcel.faults.add("POST /shipments", "throttled", retry_after=7)
    with pytest.raises(Throttled) as caught:
        client.create_shipments([parcel("P-1")])
    assert caught.value.retry_after == 7
    assert client.create_shipments([parcel("P-1")])


@pytest.mark.parametrize(("kind", "moment", "held"), UNCLEAR_FAULTS)
def test_an_unclear_creation_is_settled_by_the_reference(
    myparcel, kind, moment, held, client
):
    hasty = connect(myparcel, timeout=(2, 0.5))
    myparcel.faults.add("POST /shipments", kind, moment=moment, seconds=3)
    with pytest.raises(Unclear):
        hasty.create_shipments([parcel("P-1")])
    assert len(client.find_shipments("P-1")) == held
    assert myparcel.count("POST /shipments") == 1


@pytest.mark.parametrize(("kind", "moment", "bought"), UNCLEAR_FAULTS)
def test_an_unclear_purchase_is_settled_by_reading_the_shipment(
    myparcel, kind, moment, bought, client
):
    refs = list(client.create_shipments([parcel("P-1")]).values())
    hasty = connect(myparcel, timeout=(2, 0.5))
    myparcel.faults.add("GET /shipment_labels", kind, moment=moment, seconds=3)
    with pytest.raises(Unclear):
        hasty.fetch_labels(refs)
    (shipment,) = client.read_shipments(refs)
    assert bool(shipment.barcode) == bool(bought)
    assert myparcel.count("GET /shipment_labels") == 1


@pytest.mark.parametrize("status", [13, 16, 17, 38, 99, 4711])
def test_any_status_is_read(myparcel, client, status):
    refs = list(client.create_shipments([parcel("P-1")]).values())
    myparcel.shipments[int(refs[0])].status = status
    assert client.read_shipments(refs)[0].status == status


def test_a_stopped_server_was_certainly_not_asked():
    with Standins(rates="fast") as standins:
        client = connect(standins.myparcel)
        client.check()
    with pytest.raises(Unavailable) as caught:
        client.create_shipments([parcel("P-1")])
    assert caught.value.reason == "connect"


def test_who_dies_while_asking_has_asked_nothing(myparcel):
    place = urlsplit(myparcel.url)
    with socket.create_connection((place.hostname, place.port), timeout=5) as dying:
        head = b"POST /shipments HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n"
        dying.sendall(head + b'{"data": ')
        dying.shutdown(socket.SHUT_WR)
        while dying.recv(1024):
            pass
    assert myparcel.calls == []
