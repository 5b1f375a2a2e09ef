"""Several parcels as one shipment of MyParcel's, from the request to each label."""

import dataclasses
import io

import pytest
from carriers import errors
from carriers.customs import Declaration
from carriers.labelling import LookUp, Outcome
from carriers.myparcel import MyParcel, user_agent
from carriers.myparcel_colli import MAX_COLLI, join_colli
from carriers.myparcel_labelling import MyParcelLabelling, delete_concepts
from carriers.myparcel_services import BPOST, DHL_FOR_YOU, DPD, POSTNL
from carriers.shipments import ParcelRequest, shipment_of
from pypdf import PdfReader
from werkzeug.wrappers import Response

from tests.plain.recipients import RECIPIENT
from tests.standins.labels import Label, pdf_a6

LOOK_UP = LookUp(asked_at={}, is_held=lambda number: False)
CREATE, FETCH = "POST /shipments", "GET /shipment_labels"
READ, DELETE = "GET /shipments/{ids}", "DELETE /shipments/{ids}"
CONCEPT, REGISTERED, LETTER_PRINTED, STAMP_PRINTED = 1, 2, 12, 14
LETTER, STAMP = 3, 4
GERMANY = {"country_code": "DE", "postal_code": "10115", "city": "Berlin"}
BELGIUM = {"country_code": "BE", "postal_code": "1000", "city": "Brussel"}


def parcel(reference, weight=750, carrier=POSTNL, **changes):
    recipient = {k: changes.pop(k) for k in tuple(changes) if hasattr(RECIPIENT, k)}
    request = ParcelRequest(
        reference=reference,
        carrier_id=carrier,
        package_type=1,
        recipient=dataclasses.replace(RECIPIENT, **recipient),
        weight_grams=weight,
    )
    return dataclasses.replace(request, **changes)


def parcels(count, **changes):
    return [parcel(f"P-{number}", **changes) for number in range(1, count + 1)]


def names(count):
    return {f"P-{number}" for number in range(1, count + 1)}


@pytest.fixture
def client(myparcel):
    return MyParcel(
        myparcel.api_key,
        base_url=myparcel.url,
        user_agent=user_agent("19.0.1.0.0"),
        timeout=(2, 5),
    )


@pytest.fixture
def labelling(client):
    return MyParcelLabelling(client)


def announced(labelling, requests):
    return dict(labelling.announce(requests).created)


def page_texts(label):
    return [page.extract_text() for page in PdfReader(io.BytesIO(label.document)).pages]


def assert_each_has_its_own_label(myparcel, labels):
    """By each reference one parcel was bought, and its label shows its number."""
    for label in labels.values():
        shipment = myparcel.shipments[int(label.remote_ref)]
        assert shipment.status == REGISTERED
        assert label.tracking_number == shipment.barcode
        (text,) = page_texts(label)
        assert label.tracking_number in text
        assert label.tracking_number in label.tracking_url
    assert len({label.tracking_number for label in labels.values()}) == len(labels)
    assert len({label.remote_ref for label in labels.values()}) == len(labels)


# Which parcels make one shipment


def shipments(requests):
    """How many parcels each shipment has."""
    counts = {}
    for request in join_colli(requests):
        counts[shipment_of(request)] = counts.get(shipment_of(request), 0) + 1
    return list(counts.values())


@pytest.mark.parametrize("place", [{}, BELGIUM])
def test_parcels_of_a_delivery_within_the_netherlands_and_belgium_are_one(place):
    requests = join_colli(parcels(3, **place))
    assert {shipment_of(request) for request in requests} == {"P-1"}
    assert [request.reference for request in requests] == ["P-1", "P-2", "P-3"]


@pytest.mark.parametrize(
    "changes",
    [
        GERMANY,
        {"country_code": "GB", "customs": Declaration("1", ())},
        {"carrier": DPD},
        {"carrier": DHL_FOR_YOU},
        {"carrier": BPOST},
        {"package_type": 2},
    ],
)
def test_elsewhere_each_parcel_is_a_shipment_of_its_own(changes):
    assert shipments(parcels(2, **changes)) == [1, 1]


def test_one_parcel_is_no_group():
    assert join_colli(parcels(1)) == parcels(1)
    assert join_colli([]) == []


def test_more_than_a_shipment_may_hold_are_several_shipments():
    most = MAX_COLLI[POSTNL]
    assert shipments(parcels(2 * most + 1)) == [most, most, 1]


@pytest.mark.parametrize(
    "other",
    [
        {"label_description": "1 x MUG"},
        {"options": {"signature": True}},
        {"weight": 25_000},  # large format, which one shipment has or has not
        {"city": "Amersfoort"},
    ],
)
def test_parcels_that_differ_in_what_a_shipment_says_once_stay_apart(other):
    assert shipments([parcel("P-1"), parcel("P-2", **other)]) == [1, 1]


def test_different_weights_are_one_shipment():
    assert shipments([parcel("P-1", 500), parcel("P-2", 9000)]) == [2]


# Made together, each with its own label


def test_one_shipment_is_made_and_every_parcel_has_its_label_and_number(
    myparcel, labelling
):
    requests = join_colli([parcel("P-1", 500), parcel("P-2", 900), parcel("P-3", 700)])
    created = announced(labelling, requests)
    assert len(set(created.values())) == 1
    assert myparcel.counts() == {CREATE: 1}
    outcome = labelling.collect(created)
    assert outcome == Outcome(labels=outcome.labels)
    assert set(outcome.labels) == names(3)
    assert_each_has_its_own_label(myparcel, outcome.labels)
    by_reference = {s.reference: s for s in myparcel.shipments.values()}
    assert {ref: s.weight_grams for ref, s in by_reference.items()} == {
        "P-1": 500,
        "P-2": 900,
        "P-3": 700,
    }
    for reference, label in outcome.labels.items():
        assert label.tracking_number == by_reference[reference].barcode
        assert label.price_cents == by_reference[reference].price_cents


def test_a_shipment_beside_others_in_one_request(myparcel, labelling):
    requests = [
        parcel("Q-1", city="Amersfoort"),
        *join_colli(parcels(2)),
        parcel("Q-2", city="Zwolle"),
    ]
    created = announced(labelling, requests)
    assert len(set(created.values())) == 3
    outcome = labelling.collect(created)
    assert set(outcome.labels) == {"Q-1", "P-1", "P-2", "Q-2"}
    assert_each_has_its_own_label(myparcel, outcome.labels)
    assert myparcel.count(FETCH) == 1


@pytest.mark.parametrize("named", ["main", "none"])
def test_others_that_myparcel_does_not_name_get_one_label_each(
    myparcel, labelling, named
):
    myparcel.collo_references = named
    created = announced(labelling, join_colli(parcels(3)))
    outcome = labelling.collect(created)
    assert set(outcome.labels) == names(3)
    assert_each_has_its_own_label(myparcel, outcome.labels)
    assert outcome.labels["P-1"].remote_ref == created["P-1"]


def test_a_part_of_a_shipment_gets_its_own_page_and_no_other(myparcel, labelling):
    created = announced(labelling, join_colli(parcels(3)))
    outcome = labelling.collect({"P-3": created["P-3"]})
    assert set(outcome.labels) == {"P-3"}
    assert_each_has_its_own_label(myparcel, outcome.labels)
    (bought,) = myparcel.with_reference("P-3")
    assert outcome.labels["P-3"].tracking_number == bought.barcode


def test_a_part_whose_name_myparcel_does_not_tell_is_unclear(myparcel, labelling):
    created = announced(labelling, join_colli(parcels(3)))
    myparcel.collo_references = "none"
    outcome = labelling.collect({"P-3": created["P-3"]})
    assert outcome == Outcome(unclear=frozenset({"P-3"}))


def test_a_name_that_all_parcels_of_a_shipment_bear_is_of_none(myparcel, labelling):
    created = announced(labelling, join_colli(parcels(3)))
    myparcel.collo_references = "main"
    outcome = labelling.collect({"P-1": created["P-1"]})
    assert outcome == Outcome(unclear=frozenset({"P-1"}))


def test_a_shipment_is_unbought_with_all_its_parcels_or_bought(myparcel, labelling):
    created = announced(labelling, [*join_colli(parcels(2)), parcel("Q"), parcel("R")])
    labelling.collect({"Q": created["Q"]})
    assert labelling.find_unbought(created) == {"P-1", "P-2", "R"}
    labelling.collect(created)
    assert labelling.find_unbought(created) == frozenset()


def test_of_what_myparcel_does_not_know_nobody_says_that_it_is_unbought(labelling):
    assert labelling.find_unbought({"P-1": "999999"}) == frozenset()


def test_a_document_that_lacks_a_page_is_given_to_nobody(myparcel, labelling):
    created = announced(labelling, join_colli(parcels(2)))

    def answer(call):
        page = pdf_a6([Label("PostNL", myparcel.with_reference("P-1")[0].barcode, ())])
        return Response(page, content_type="application/pdf")

    myparcel.faults.add(FETCH, "hook", hook=answer, moment="after")
    outcome = labelling.collect(created)
    assert (outcome.labels, outcome.unclear) == ({}, names(2))
    assert set(labelling.collect(created).labels) == names(2)


def test_a_shipment_is_found_again_by_its_first_parcel(myparcel, labelling):
    requests = join_colli(parcels(2))
    myparcel.faults.add(CREATE, "cut", moment="after")
    assert labelling.announce(requests).unclear == names(2)
    created = labelling.announce(requests, look_up=LOOK_UP).created
    assert set(created) == names(2)
    assert len(myparcel.shipments) == 2
    assert_each_has_its_own_label(myparcel, labelling.collect(created).labels)


@pytest.mark.parametrize("form", ["keyed", "flat", "rfc9457"])
def test_a_refused_shipment_is_refused_as_a_whole_and_the_others_are_made(
    myparcel, labelling, form
):
    myparcel.error_form = form
    bad = join_colli(parcels(2, postal_code="XXX"))
    outcome = labelling.announce([*bad, parcel("Q-1")])
    assert set(outcome.refused) == names(2)
    assert set(outcome.created) == {"Q-1"}
    assert len(myparcel.shipments) == 1


def test_what_our_own_check_refuses_of_one_parcel_keeps_its_whole_shipment(
    myparcel, labelling
):
    requests = join_colli([parcel("P-1"), parcel("P-2", 31_000, options={})])
    # The heavier one is of another format: together it is what people forced.
    requests = [dataclasses.replace(item, shipment="P-1") for item in requests]
    outcome = labelling.announce([*requests, parcel("Q-1")])
    assert set(outcome.refused) == names(2)
    assert set(outcome.created) == {"Q-1"}


def test_a_document_lost_among_others_is_asked_for_shipment_by_shipment(
    myparcel, labelling
):
    requests = [*join_colli(parcels(2)), parcel("Q-1", city="Zwolle")]
    created = announced(labelling, requests)
    myparcel.faults.add(FETCH, "cut", moment="after")
    outcome = labelling.collect(created)
    assert set(outcome.labels) == {"P-1", "P-2", "Q-1"}
    assert myparcel.count(FETCH) == 3
    assert_each_has_its_own_label(myparcel, outcome.labels)


# What nobody follows


@pytest.mark.parametrize(
    ("kind", "status"), [(LETTER, LETTER_PRINTED), (STAMP, STAMP_PRINTED)]
)
def test_a_label_without_a_number_is_stored_when_it_is_alone_in_its_document(
    myparcel, labelling, kind, status
):
    created = announced(labelling, parcels(3, package_type=kind))
    outcome = labelling.collect(created)
    assert set(outcome.labels) == names(3)
    for reference, label in outcome.labels.items():
        shipment = myparcel.shipments[int(created[reference])]
        assert (shipment.status, shipment.barcode) == (status, "")
        assert label.tracking_number == label.remote_ref == created[reference]
        assert label.tracking_url == ""
        (text,) = page_texts(label)
        assert reference in text


@pytest.mark.parametrize("kind", [LETTER, STAMP])
def test_a_number_that_is_not_on_the_label_of_a_letter_is_kept(
    myparcel, labelling, kind
):
    created = announced(labelling, parcels(1, package_type=kind))

    def number(call):
        (shipment,) = myparcel.shipments.values()
        shipment.barcode = "3SMYPA000000777"

    myparcel.faults.add(READ, "hook", hook=number)
    outcome = labelling.collect(created)
    assert outcome.labels["P-1"].tracking_number == "3SMYPA000000777"


def test_a_package_whose_number_is_late_is_not_stored_without_it(myparcel, labelling):
    created = announced(labelling, parcels(1))

    def forget(call):
        (shipment,) = myparcel.shipments.values()
        shipment.barcode = ""

    myparcel.faults.add(READ, "hook", hook=forget, times=None)
    assert labelling.collect(created) == Outcome(unclear=frozenset({"P-1"}))


# Concepts that nobody needs


def test_deleting_a_shipment_deletes_all_its_parcels(myparcel, client, labelling):
    created = announced(labelling, join_colli(parcels(3)))
    delete_concepts(client, [created["P-1"], created["P-2"]])
    assert myparcel.shipments == {}


def test_what_cannot_be_deleted_holds_up_no_other_concept(myparcel, client, labelling):
    created = announced(labelling, parcels(4))
    registered = myparcel.shipments[int(created["P-2"])]

    def register(call):
        # Somebody prints it in the portal between our two calls.
        registered.status = REGISTERED

    myparcel.faults.add(DELETE, "hook", hook=register)
    delete_concepts(client, ["999999999", *created.values()])
    assert list(myparcel.shipments.values()) == [registered]


def test_an_unknown_id_that_spoils_the_reading_holds_up_no_other_concept(
    myparcel, client, labelling
):
    created = announced(labelling, parcels(2))
    unknown = {"status": 404, "body": (3001, "Not found")}
    myparcel.faults.add(READ, "refused", times=2, **unknown)
    delete_concepts(client, ["999999999", *created.values()])
    assert myparcel.shipments == {}


def test_while_myparcel_is_silent_nothing_counts_as_deleted(
    myparcel, client, labelling
):
    created = announced(labelling, parcels(2))
    myparcel.faults.add(DELETE, "unavailable")
    with pytest.raises(errors.Unclear):
        delete_concepts(client, list(created.values()))
    assert {s.status for s in myparcel.shipments.values()} == {CONCEPT}


def test_more_concepts_than_one_call_takes_are_all_deleted(myparcel, client, labelling):
    for start in range(0, 120, 20):
        labelling.announce([parcel(f"P-{start + n}") for n in range(20)])
    delete_concepts(client, [str(number) for number in myparcel.shipments])
    assert myparcel.shipments == {}
