"""The two steps of the label engine against a MyParcel that keeps state."""

import dataclasses
import io
import json

import pytest
from carriers import errors
from carriers.labelling import LookUp, Outcome
from carriers.myparcel import MyParcel, user_agent
from carriers.myparcel_colli import join_colli
from carriers.myparcel_labelling import MyParcelLabelling
from carriers.shipments import ParcelRequest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from werkzeug.wrappers import Response

from tests.plain.recipients import RECIPIENT
from tests.standins import Standins
from tests.standins.labels import Label, pdf_a6

CHUNK_SIZE = MyParcelLabelling.chunk_size
LOOK_UP = LookUp(asked_at={}, is_held=lambda number: False)
CREATE, FETCH = "POST /shipments", "GET /shipment_labels"
READ, SEARCH = "GET /shipments/{ids}", "GET /shipments"
REGISTERED, EXPIRED, CANCELLED = 2, 16, 17


@pytest.fixture
def labelling(myparcel):
    return connect(myparcel)


def connect(myparcel, key=None, timeout=(2, 5)):
    client = MyParcel(
        key or myparcel.api_key,
        base_url=myparcel.url,
        user_agent=user_agent("19.0.1.0.0"),
        timeout=timeout,
    )
    return MyParcelLabelling(client)


def parcel(reference, **recipient):
    return ParcelRequest(
        reference=reference,
        carrier_id=1,
        package_type=1,
        recipient=dataclasses.replace(RECIPIENT, **recipient),
        weight_grams=750,
    )


def parcels(count):
    return [parcel(f"P-{number}") for number in range(1, count + 1)]


def bad(reference):
    """A parcel that passes our own check and not MyParcel's."""
    return parcel(reference, postal_code="XXX")


def announced(labelling, count):
    """Concepts P-1, P-2 ... of which the labels can be collected."""
    return dict(labelling.announce(parcels(count)).created)


def registered(myparcel):
    """How often each reference was bought."""
    found = {}
    for shipment in myparcel.shipments.values():
        if shipment.status != 1:
            found[shipment.reference] = found.get(shipment.reference, 0) + 1
    return found


def texts(label):
    return [page.extract_text() for page in PdfReader(io.BytesIO(label.document)).pages]


def names(count):
    return {f"P-{number}" for number in range(1, count + 1)}


def problem_details(*positions):
    """MyParcel's refusal that names shipments by their position in the request."""
    found = [
        {
            "type": "urn:problem:3505",
            "detail": f"'XXX' is not a postal code ({position})",
            "instance": f"/data/shipments/{position}/recipient/postal_code",
        }
        for position in positions
    ]
    return {
        "status": 422,
        "body": json.dumps({"type": "urn:problem:invalid", "errors": found}),
        "content_type": "application/problem+json",
    }


# Announcing


def test_a_chunk_becomes_concepts_in_one_request_and_nothing_is_bought(
    myparcel, labelling
):
    outcome = labelling.announce(parcels(CHUNK_SIZE))
    assert outcome == Outcome(created=outcome.created)
    assert set(outcome.created) == names(CHUNK_SIZE)
    assert myparcel.counts() == {CREATE: 1}
    assert registered(myparcel) == {}


def test_nothing_to_announce_asks_nobody(myparcel, labelling):
    assert labelling.announce([], look_up=LOOK_UP) == Outcome()
    assert myparcel.counts() == {}


def test_a_refused_parcel_is_named_and_the_rest_is_sent_again(myparcel, labelling):
    requests = [parcel("P-1"), bad("P-2"), parcel("P-3"), bad("P-4")]
    outcome = labelling.announce(requests)
    assert set(outcome.created) == {"P-1", "P-3"}
    assert set(outcome.refused) == {"P-2", "P-4"}
    (problem,) = outcome.refused["P-4"]
    assert (problem.field, problem.code) == ("recipient.postal_code", "3505")
    assert myparcel.count(CREATE) == 2
    assert len(myparcel.shipments) == 2


def test_what_our_own_check_refuses_is_not_sent_and_holds_up_nobody(
    myparcel, labelling
):
    requests = [parcel("P-1"), parcel("P-2", name="N" * 41)]
    outcome = labelling.announce(requests)
    assert set(outcome.created) == {"P-1"}
    assert [p.code for p in outcome.refused["P-2"]] == ["too_long"]
    assert myparcel.count(CREATE) == 1


def test_a_chunk_of_refused_parcels_only_creates_nothing(myparcel, labelling):
    outcome = labelling.announce([bad("P-1"), bad("P-2")])
    assert set(outcome.refused) == {"P-1", "P-2"}
    assert (outcome.created, outcome.error) == ({}, None)
    assert myparcel.count(CREATE) == 1


def test_refusals_that_come_one_after_the_other_still_let_the_last_one_through(
    myparcel, labelling
):
    for nth, position in enumerate((2, 0), start=1):
        myparcel.faults.add(CREATE, "content", nth=nth, **problem_details(position))
    outcome = labelling.announce(parcels(3))
    assert set(outcome.refused) == {"P-3", "P-1"}
    assert set(outcome.created) == {"P-2"}


def test_a_refusal_that_names_nobody_is_pinned_on_the_parcel_that_causes_it(
    myparcel, labelling
):
    myparcel.faults.add(
        CREATE,
        "refused",
        reference="P-2",
        times=None,
        status=422,
        body=(3705, "This combination of options is not possible"),
    )
    outcome = labelling.announce(parcels(3))
    assert set(outcome.created) == {"P-1", "P-3"}
    (problem,) = outcome.refused["P-2"]
    assert problem.code == "3705"
    assert "combination" in problem.message
    assert len(myparcel.shipments) == 2


def test_a_refusal_of_everything_names_every_parcel_once(myparcel, labelling):
    myparcel.faults.add(
        CREATE, "refused", times=None, status=400, body=(3212, "Parameter missing")
    )
    outcome = labelling.announce(parcels(3))
    assert set(outcome.refused) == names(3)
    assert myparcel.count(CREATE) == 4


# Fault, moment -> how many of three concepts exist when the answer is lost.
LOST_ANSWERS = [
    ("cut", "before", 0),
    ("cut", "after", 3),
    ("timeout", "before", 0),
    ("timeout", "after", 3),
    ("unavailable", "before", 0),
    ("unavailable", "after", 3),
    ("cut_midway", "after", 3),
    ("truncated", "after", 3),
]


@pytest.mark.parametrize(("kind", "moment", "held"), LOST_ANSWERS)
def test_an_unclear_announcement_is_found_again_and_not_repeated(
    myparcel, kind, moment, held
):
    labelling = connect(myparcel, timeout=(2, 0.4))
    myparcel.faults.add(CREATE, kind, moment=moment, seconds=3)
    lost = labelling.announce(parcels(3))
    assert (lost.unclear, lost.created) == (names(3), {})
    assert myparcel.count(CREATE) == 1
    assert len(myparcel.shipments) == held
    found = labelling.announce(parcels(3), look_up=LOOK_UP)
    assert set(found.created) == names(3)
    assert len(myparcel.shipments) == 3
    assert myparcel.count(CREATE) == (1 if held else 2)


def test_who_does_not_answer_at_all_is_not_asked_further(myparcel):
    labelling = connect(myparcel, timeout=(2, 0.2))
    myparcel.faults.add(CREATE, "timeout", seconds=3)
    outcome = labelling.announce(parcels(2))
    assert isinstance(outcome.error, errors.Unclear)
    assert outcome.unclear == names(2)


def test_a_refused_parcel_keeps_its_reason_when_the_rest_becomes_unclear(
    myparcel, labelling
):
    myparcel.faults.add(CREATE, "cut", nth=2)
    outcome = labelling.announce([bad("P-1"), parcel("P-2")])
    assert [p.code for p in outcome.refused["P-1"]] == ["3505"]
    assert outcome.unclear == {"P-2"}


def test_a_throttled_carrier_makes_all_wait_and_nothing_is_made(myparcel, labelling):
    myparcel.faults.add(CREATE, "throttled", retry_after=7)
    outcome = labelling.announce(parcels(2))
    assert outcome.error.retry_after == 7
    assert outcome == Outcome(error=outcome.error)
    assert myparcel.shipments == {}


def test_throttled_in_the_middle_keeps_what_is_known_and_the_rest_waits(
    myparcel, labelling
):
    myparcel.faults.add(CREATE, "throttled", nth=2)
    outcome = labelling.announce([bad("P-1"), parcel("P-2")])
    assert set(outcome.refused) == {"P-1"}
    assert isinstance(outcome.error, errors.Throttled)
    assert (outcome.created, outcome.unclear) == ({}, frozenset())


def test_a_wrong_key_makes_all_wait(myparcel):
    outcome = connect(myparcel, key="wrong").announce(parcels(2))
    assert isinstance(outcome.error, errors.Unauthorized)
    assert outcome == Outcome(error=outcome.error)


def test_a_carrier_that_is_down_makes_all_wait():
    with Standins(rates="fast") as standins:
        labelling = connect(standins.myparcel)
    outcome = labelling.announce(parcels(2))
    assert isinstance(outcome.error, errors.Unavailable)
    assert outcome == Outcome(error=outcome.error)


# Looking up


def test_what_an_earlier_attempt_made_is_taken_and_only_the_rest_is_made(
    myparcel, labelling
):
    (made,) = announced(labelling, 1).values()
    outcome = labelling.announce(parcels(3), look_up=LOOK_UP)
    assert outcome.created["P-1"] == made
    assert set(outcome.created) == names(3)
    assert len(myparcel.shipments) == 3


@pytest.mark.parametrize("kind", ["throttled", "cut", "unavailable"])
def test_while_the_search_fails_nothing_is_made(myparcel, labelling, kind):
    announced(labelling, 1)
    myparcel.faults.add(SEARCH, kind, nth=2)
    outcome = labelling.announce(parcels(2), look_up=LOOK_UP)
    assert isinstance(outcome.error, errors.CarrierError)
    assert outcome == Outcome(error=outcome.error)
    assert len(myparcel.shipments) == 1


def test_a_cancelled_shipment_is_not_found_again(myparcel, labelling):
    (old,) = announced(labelling, 1).values()
    myparcel.shipments[int(old)].status = CANCELLED
    (new,) = labelling.announce(parcels(1), look_up=LOOK_UP).created.values()
    assert new != old


def test_of_several_the_registered_one_is_taken(myparcel, labelling):
    announced(labelling, 1)
    bought = announced(labelling, 1)
    labelling.collect(bought)
    announced(labelling, 1)
    assert labelling.announce(parcels(1), look_up=LOOK_UP).created == bought
    assert registered(myparcel) == {"P-1": 1}


def test_a_reference_that_begins_like_another_is_not_mistaken_for_it(
    myparcel, labelling
):
    labelling.announce([parcel("P-10")])
    outcome = labelling.announce([parcel("P-1")], look_up=LOOK_UP)
    assert set(outcome.created) == {"P-1"}
    assert len(myparcel.with_reference("P-1")) == 1


# Collecting


def test_every_parcel_gets_the_page_with_its_own_number(myparcel, labelling):
    refs = announced(labelling, CHUNK_SIZE)
    outcome = labelling.collect(refs)
    assert outcome == Outcome(labels=outcome.labels)
    assert set(outcome.labels) == names(CHUNK_SIZE)
    for reference, label in outcome.labels.items():
        shipment = myparcel.shipments[int(refs[reference])]
        (text,) = texts(label)
        assert label.tracking_number == shipment.barcode
        assert label.tracking_number in text
        assert label.tracking_url.startswith("https://")
        assert label.price_cents == shipment.price_cents
        assert label.remote_ref == refs[reference]
    assert myparcel.count(FETCH) == myparcel.count(READ) == 1
    assert set(registered(myparcel).values()) == {1}


def test_collecting_again_gives_the_same_number_and_buys_nothing(myparcel, labelling):
    refs = announced(labelling, 2)
    first, second = labelling.collect(refs), labelling.collect(refs)
    assert {r: label.tracking_number for r, label in first.labels.items()} == {
        r: label.tracking_number for r, label in second.labels.items()
    }
    assert registered(myparcel) == {"P-1": 1, "P-2": 1}


def test_one_expired_label_is_refused_and_the_others_are_collected(myparcel, labelling):
    refs = announced(labelling, 3)
    myparcel.shipments[int(refs["P-2"])].status = EXPIRED
    outcome = labelling.collect(refs)
    assert set(outcome.labels) == {"P-1", "P-3"}
    assert [p.code for p in outcome.refused["P-2"]] == ["3746"]
    assert outcome.error is None


def test_one_shipment_that_was_deleted_at_the_carrier_holds_up_nobody(
    myparcel, labelling
):
    refs = announced(labelling, 3)
    del myparcel.shipments[int(refs["P-1"])]
    outcome = labelling.collect(refs)
    assert set(outcome.labels) == {"P-2", "P-3"}
    assert set(outcome.refused) == {"P-1"}


@pytest.mark.parametrize(
    ("kind", "moment"),
    [
        ("cut", "before"),
        ("cut", "after"),
        ("unavailable", "before"),
        ("unavailable", "after"),
        ("cut_midway", "after"),
        ("truncated", "after"),
    ],
)
def test_a_lost_document_is_asked_for_one_by_one_and_bought_once(
    myparcel, labelling, kind, moment
):
    refs = announced(labelling, 3)
    myparcel.faults.add(FETCH, kind, moment=moment)
    outcome = labelling.collect(refs)
    assert set(outcome.labels) == names(3)
    assert registered(myparcel) == dict.fromkeys(names(3), 1)
    assert myparcel.count(FETCH) == 4


@pytest.mark.parametrize("kind", ["truncated", "cut", "unavailable"])
def test_one_label_that_never_comes_is_unclear_and_the_others_are_collected(
    myparcel, labelling, kind
):
    refs = announced(labelling, 3)
    myparcel.faults.add(FETCH, kind, reference="P-2", times=None, moment="after")
    outcome = labelling.collect(refs)
    assert set(outcome.labels) == {"P-1", "P-3"}
    assert outcome.unclear == {"P-2"}
    assert outcome.error is None
    myparcel.faults.clear()
    assert set(labelling.collect({"P-2": refs["P-2"]}).labels) == {"P-2"}
    assert registered(myparcel) == dict.fromkeys(names(3), 1)


def sheet(*barcodes):
    """A document of the right kind with pages for these numbers."""
    return pdf_a6(
        [Label("PostNL", barcode, ("Eva Voorbeeld",)) for barcode in barcodes]
    )


def bend(myparcel, references, draw):
    """Answer every request for more than one label with another document."""

    def answer(call):
        if len(call.references) > 1:
            numbers = [myparcel.with_reference(name)[0].barcode for name in references]
            return Response(draw(numbers), content_type="application/pdf")

    myparcel.faults.add(FETCH, "hook", hook=answer, moment="after", times=None)


WRONG_DOCUMENTS = {
    "a page is missing": lambda numbers: sheet(*numbers[1:]),
    "a page is there twice": lambda numbers: sheet(numbers[0], *numbers[:-1]),
    "a page too many": lambda numbers: sheet(*numbers, numbers[0]),
    "a stranger's page": lambda numbers: sheet("3SOTHR000000001", *numbers[1:]),
    "no PDF at all": lambda numbers: b"<html>please wait</html>",
}


@pytest.mark.parametrize("draw", WRONG_DOCUMENTS.values(), ids=WRONG_DOCUMENTS)
def test_a_document_that_does_not_fit_its_parcels_is_asked_for_one_by_one(
    myparcel, labelling, draw
):
    refs = announced(labelling, 3)
    bend(myparcel, sorted(refs), draw)
    outcome = labelling.collect(refs)
    assert set(outcome.labels) == names(3)
    for label in outcome.labels.values():
        (text,) = texts(label)
        assert label.tracking_number in text


def test_pages_in_another_order_still_reach_their_own_parcel(myparcel, labelling):
    refs = announced(labelling, 3)
    bend(myparcel, sorted(refs), lambda numbers: sheet(*reversed(numbers)))
    outcome = labelling.collect(refs)
    for label in outcome.labels.values():
        assert label.tracking_number in texts(label)[0]
    assert myparcel.count(FETCH) == 1


def test_a_single_wrong_page_never_becomes_a_label(myparcel, labelling):
    refs = announced(labelling, 1)
    stranger = sheet("3SOTHR000000001")
    myparcel.faults.add(
        FETCH,
        "hook",
        hook=lambda call: Response(stranger, content_type="application/pdf"),
        moment="after",
    )
    outcome = labelling.collect(refs)
    assert (outcome.labels, outcome.unclear) == ({}, {"P-1"})


def test_a_throttled_purchase_buys_nothing_and_all_wait(myparcel, labelling):
    refs = announced(labelling, 2)
    myparcel.faults.add(FETCH, "throttled", retry_after=9)
    outcome = labelling.collect(refs)
    assert outcome == Outcome(error=outcome.error)
    assert outcome.error.retry_after == 9
    assert registered(myparcel) == {}


def test_a_prepaid_account_buys_nothing_and_is_told_where_to_pay(myparcel, labelling):
    refs = announced(labelling, 2)
    myparcel.payment_required = True
    outcome = labelling.collect(refs)
    assert outcome == Outcome(error=outcome.error)
    assert outcome.error.url.startswith("https://")
    assert registered(myparcel) == {}


@pytest.mark.parametrize("kind", ["throttled", "refused"])
def test_what_was_bought_and_cannot_be_read_is_unclear_and_never_given_up(
    myparcel, labelling, kind
):
    refs = announced(labelling, 2)
    myparcel.faults.add(READ, kind, status=403, body=(3001, "No permission"))
    outcome = labelling.collect(refs)
    assert outcome.unclear == names(2)
    assert isinstance(outcome.error, errors.CarrierError)
    assert registered(myparcel) == {"P-1": 1, "P-2": 1}
    assert set(labelling.collect(refs).labels) == names(2)
    assert registered(myparcel) == {"P-1": 1, "P-2": 1}


@pytest.mark.parametrize("kind", ["cut", "unavailable", "truncated"])
def test_a_number_that_cannot_be_read_at_first_is_read_one_by_one(
    myparcel, labelling, kind
):
    refs = announced(labelling, 2)
    myparcel.faults.add(READ, kind)
    assert set(labelling.collect(refs).labels) == names(2)
    assert registered(myparcel) == {"P-1": 1, "P-2": 1}


def test_a_shipment_without_a_number_yet_is_unclear_and_the_others_are_collected(
    myparcel, labelling
):
    refs = announced(labelling, 2)

    def forget_the_number(call):
        myparcel.shipments[int(refs["P-2"])].barcode = ""

    myparcel.faults.add(READ, "hook", hook=forget_the_number, times=None)
    outcome = labelling.collect(refs)
    assert set(outcome.labels) == {"P-1"}
    assert outcome.unclear == {"P-2"}


def test_throttled_in_the_middle_keeps_the_labels_and_gives_up_none_of_the_rest(
    myparcel, labelling
):
    refs = announced(labelling, 3)
    # All three are bought, the document is lost, and the third request is too many.
    myparcel.faults.add(FETCH, "cut", moment="after")
    myparcel.faults.add(FETCH, "throttled", nth=3)
    outcome = labelling.collect(refs)
    assert set(outcome.labels) == {"P-1"}
    assert outcome.unclear == {"P-2", "P-3"}
    assert isinstance(outcome.error, errors.Throttled)


def test_throttled_at_the_first_of_one_by_one_gives_up_none(myparcel, labelling):
    refs = announced(labelling, 2)
    myparcel.faults.add(FETCH, "cut", moment="after")
    myparcel.faults.add(FETCH, "throttled", nth=2)
    outcome = labelling.collect(refs)
    assert (outcome.labels, outcome.unclear) == ({}, names(2))


def test_throttled_after_a_refusal_leaves_concepts_that_wait(myparcel, labelling):
    refs = announced(labelling, 3)
    myparcel.shipments[int(refs["P-1"])].status = EXPIRED
    myparcel.faults.add(FETCH, "throttled", nth=3)
    outcome = labelling.collect(refs)
    assert set(outcome.refused) == {"P-1"}
    assert (outcome.labels, outcome.unclear) == ({}, frozenset())
    assert myparcel.shipments[int(refs["P-2"])].status == 1


def test_a_purchase_without_any_answer_is_not_followed_by_others(myparcel):
    labelling = connect(myparcel, timeout=(2, 0.4))
    refs = announced(labelling, 3)
    myparcel.faults.add(FETCH, "timeout", seconds=3)
    outcome = labelling.collect(refs)
    assert outcome.unclear == names(3)
    assert myparcel.count(FETCH) == 1


# Any sequence of faults

FAULTS = st.fixed_dictionaries(
    {
        "operation": st.sampled_from([CREATE, FETCH, READ, SEARCH]),
        "kind": st.sampled_from(
            ["throttled", "unavailable", "cut", "cut_midway", "truncated", "timeout"]
        ),
        "moment": st.sampled_from(["before", "after"]),
        "nth": st.integers(min_value=1, max_value=4),
        "times": st.integers(min_value=1, max_value=3),
    }
)


def play(myparcel, faults):
    for fault in faults:
        if fault["kind"] in ("cut_midway", "truncated"):
            fault = {**fault, "moment": "after"}
        myparcel.faults.add(**fault, seconds=1)


class Engine:
    """The caller in small: keeps what it is told, and looks up what is unclear."""

    def __init__(self, labelling, requests):
        self.labelling = labelling
        self.waiting = {request.reference: request for request in requests}
        self.unclear, self.created = set(), {}
        self.labels, self.refused = {}, {}

    def go(self):
        for look_up in (True, False):
            to_announce = [
                request
                for name, request in self.waiting.items()
                if name not in self.created and (name in self.unclear) == look_up
            ]
            self.keep(self.labelling.announce(to_announce, look_up))
        if self.created:
            self.keep(self.labelling.collect(dict(self.created)))

    def keep(self, outcome):
        self.created.update(outcome.created)
        self.labels.update(outcome.labels)
        self.refused.update(outcome.refused)
        self.unclear |= outcome.unclear
        for name in {**outcome.labels, **outcome.refused}:
            self.waiting.pop(name, None)
            self.created.pop(name, None)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(faults=st.lists(FAULTS, max_size=6))
def test_whatever_goes_wrong_every_parcel_ends_with_one_label_bought_once(
    standins, faults
):
    standins.reset()
    myparcel = standins.myparcel
    play(myparcel, faults)
    # Two of them are one shipment.
    requests = [*join_colli(parcels(2)), parcel("P-3"), bad("P-4")]
    engine = Engine(connect(myparcel, timeout=(2, 0.15)), requests)
    for _attempt in range(3):
        engine.go()
    myparcel.faults.clear()
    for _attempt in range(2):
        engine.go()
    assert engine.waiting == {}
    assert set(engine.refused) == {"P-4"}
    assert set(engine.labels) == names(3)
    assert registered(myparcel) == dict.fromkeys(names(3), 1)
    for label in engine.labels.values():
        assert label.tracking_number in texts(label)[0]
    assert standins.violations == []
