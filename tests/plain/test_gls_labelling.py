"""The one step of the label engine against a GLS that keeps state."""

import base64
import dataclasses
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from carriers import errors
from carriers.gls import Gls
from carriers.gls_answers import tracking_url
from carriers.gls_labelling import GlsLabelling, _is_of
from carriers.gls_tracking import GlsTracking
from carriers.labelling import Found, LookUp, Outcome, ReturnLabel
from pypdf import PdfReader
from werkzeug.wrappers import Response

from tests.plain.gls_shipments import ORDER, recipient, shipment
from tests.standins import Standins
from tests.standins.labels import Label, pdf_a6

CREATE, SEARCH = "Label/Create", "tt/search"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)


@pytest.fixture
def labelling(gls):
    return connect(gls)


def connect(gls, password=None, timeout=(2, 5), with_tracking=True):
    login = {"username": gls.username, "password": password or gls.password}
    tracking = GlsTracking(**login, base_url=gls.tracking_url, timeout=timeout)
    client = Gls(**login, base_url=gls.url, timeout=timeout)
    return GlsLabelling(client, tracking if with_tracking else None)


def look_up(reference="R-1", minutes_ago=0.0, held=()):
    asked_at = datetime.now(timezone.utc) - timedelta(minutes=minutes_ago)
    return LookUp({reference: asked_at}, lambda number: number in held)


def lost(gls, *asked):
    """Parcels that were bought, and nobody got the answer."""
    for request in asked or (shipment("R-1"),):
        gls.faults.add(CREATE, "cut", moment="after")
        connect(gls).announce([request])
    return list(gls.units)


# Buying


def test_a_label_is_bought_in_one_step(gls, labelling):
    outcome = labelling.announce([shipment("R-1")])
    assert outcome == Outcome(labels=outcome.labels)
    label = outcome.labels["R-1"]
    (unit,) = gls.units.values()
    assert (label.tracking_number, label.remote_ref) == (unit.unit_no, unit.unique_no)
    assert label.price_cents is None
    assert unit.unit_no in label.tracking_url
    (page,) = PdfReader(io.BytesIO(label.document)).pages
    assert unit.unit_no in page.extract_text()
    assert gls.counts() == {CREATE: 1}


def test_the_label_for_the_way_back_is_the_second_page(gls, labelling):
    asked = shipment("R-1", options={"shopReturnService": True})
    label = labelling.announce([asked]).labels["R-1"]
    there, back = gls.units.values()
    pages = PdfReader(io.BytesIO(label.document)).pages
    texts = [page.extract_text() for page in pages]
    assert len(texts) == 2
    assert there.unit_no in texts[0]
    assert back.unit_no in texts[1]
    assert label.tracking_number == there.unit_no
    assert label.return_label.tracking_number == back.unit_no
    assert label.return_label.tracking_url == tracking_url(back.unit_no, "")
    (page,) = PdfReader(io.BytesIO(label.return_label.document)).pages
    assert back.unit_no in page.extract_text()


def test_the_way_back_is_followed_with_the_postal_code_of_who_sends(gls, labelling):
    options = {"shopReturnService": True}
    asked = shipment("R-1", options=options, sender=recipient("NL"))
    back = labelling.announce([asked]).labels["R-1"].return_label
    assert back.tracking_url == tracking_url(back.tracking_number, "3500AA")


def test_the_way_back_of_a_label_printer_follows_the_label(gls, labelling):
    options = {"shopReturnService": True}
    asked = shipment("R-1", options=options, label_type="zpl")
    label = labelling.announce([asked]).labels["R-1"]
    there, back = gls.units.values()
    assert label.label_format == label.return_label.label_format == "zpl"
    assert label.document.count(b"^XA") == 2
    assert label.document.index(there.unit_no.encode()) < label.document.index(
        back.unit_no.encode()
    )


def test_a_way_back_without_its_label_is_a_persons_matter(gls, labelling):
    def forget(call):
        (there, back) = gls.units.values()
        label = base64.b64encode(pdf_a6([Label("GLS", there.unit_no, ())])).decode()
        told = {"unitId": "R-1", "unitNo": there.unit_no, "label": label}
        told["unitNoShopReturn"] = back.unit_no
        return answer({"error": False, "status": "200", "units": [told]})

    gls.faults.add(CREATE, "hook", moment="after", hook=forget)
    asked = shipment("R-1", options={"shopReturnService": True})
    outcome = labelling.announce([asked])
    assert outcome == Outcome(found=outcome.found)
    there, back = gls.units
    found = outcome.found["R-1"]
    assert found.tracking_number == there
    # It is there all the same, and is to be deleted with the parcel.
    assert found.return_label == ReturnLabel(back, tracking_url(back, ""), b"", "")


def test_nothing_to_announce_asks_nobody(gls, labelling):
    assert labelling.announce([]) == labelling.announce([], look_up()) == Outcome()
    assert gls.counts() == {}


def test_what_was_refused_is_told_and_the_others_are_bought(gls, labelling):
    asked = [shipment("R-1"), shipment("R-2", postal_code="XXX"), shipment("R-3")]
    outcome = labelling.announce(asked)
    assert set(outcome.labels) == {"R-1", "R-3"}
    (problem,) = outcome.refused["R-2"]
    assert problem.field == "recipient.postal_code"
    assert outcome.error is None


def test_what_cannot_pass_is_refused_without_asking(gls, labelling):
    outcome = labelling.announce([shipment("R-1", country="CH")])
    assert [problem.code for problem in outcome.refused["R-1"]] == ["outside_eu"]
    assert gls.counts() == {}


# kind, details -> what is known of the parcel
FAULTS = [
    ("cut", {"moment": "before"}, "unclear"),
    ("cut", {"moment": "after"}, "unclear"),
    ("cut_midway", {}, "unclear"),
    ("truncated", {}, "unclear"),
    ("unavailable", {"moment": "after"}, "unclear"),
    ("refused", {"status": 424, "body": "V999: failed dependency"}, "unclear"),
    ("refused", {"status": 422, "body": "V999: no"}, "refused"),
    ("refused", {"status": 404}, "refused"),
    ("content", {"body": "<html>busy</html>"}, "unclear"),
    ("content", {"body": "{}"}, "unclear"),
]


@pytest.mark.parametrize(("kind", "details", "known"), FAULTS)
def test_an_answer_that_is_no_label_is_asked_for_only_once(
    gls, labelling, kind, details, known
):
    gls.faults.add(CREATE, kind, reference="R-1", **details)
    outcome = labelling.announce([shipment("R-1"), shipment("R-2", order_ref="2")])
    assert set(getattr(outcome, known)) == {"R-1"}
    assert set(outcome.labels) == {"R-2"}
    assert gls.references(CREATE)["R-1"] == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "throttled", "retry_after": 30}, errors.Throttled),
        ({"kind": "refused", "status": 401}, errors.Unauthorized),
    ],
)
def test_what_concerns_the_account_stops_before_the_next_parcel(
    gls, labelling, fault, error
):
    gls.faults.add(CREATE, **fault)
    outcome = labelling.announce([shipment("R-1"), shipment("R-2", order_ref="2")])
    assert isinstance(outcome.error, error)
    assert dataclasses.replace(outcome, error=None) == Outcome()
    assert gls.units == {}


def test_who_does_not_answer_is_not_asked_further(gls):
    gls.faults.add(CREATE, "timeout", moment="after", seconds=3)
    hasty = connect(gls, timeout=(2, 0.5))
    outcome = hasty.announce([shipment("R-1"), shipment("R-2", order_ref="2")])
    assert outcome.unclear == {"R-1"}
    assert isinstance(outcome.error, errors.Unclear)
    assert gls.references(CREATE).get("R-2") is None


def test_a_carrier_that_is_down_has_bought_nothing():
    with Standins(rates="fast") as standins:
        labelling = connect(standins.gls)
    outcome = labelling.announce([shipment()])
    assert isinstance(outcome.error, errors.Unavailable)
    assert dataclasses.replace(outcome, error=None) == Outcome()


@pytest.mark.parametrize("label", [None, "", "bm90IGEgUERG", "%PDF-1.4"])
def test_a_parcel_without_a_usable_label_is_found_with_its_number(
    gls, labelling, label
):
    def spoil(call):
        (unit,) = gls.units.values()
        spoiled = {"unitId": "R-1", "unitNo": unit.unit_no, "label": label}
        return answer({"error": False, "status": "200", "units": [spoiled]})

    gls.faults.add(CREATE, "hook", moment="after", hook=spoil)
    outcome = labelling.announce([shipment("R-1")])
    (number,) = gls.units
    assert outcome.found["R-1"].tracking_number == number
    assert outcome == Outcome(found=outcome.found)


def answer(body):
    return Response(json.dumps(body), content_type="application/json")


def test_several_threads_ask_at_once_and_each_gets_its_own_label(gls, labelling):
    together = threading.Barrier(labelling.connections, timeout=10)
    gls.faults.add(
        CREATE, "hook", times=None, hook=lambda call: together.wait() and None
    )
    asked = [shipment(f"R-{number}") for number in range(8)]
    with ThreadPoolExecutor(labelling.connections) as pool:
        outcomes = list(pool.map(lambda one: labelling.announce([one]), asked))
    told = {
        reference: label.tracking_number
        for outcome in outcomes
        for reference, label in outcome.labels.items()
    }
    assert told == {unit.unit_id: unit.unit_no for unit in gls.units.values()}
    assert len(told) == 8


# Several parcels of one delivery


def test_the_parcels_of_a_delivery_are_one_shipment_of_several_units(gls, labelling):
    asked = [shipment("R-1", weight_grams=500), shipment("R-2", weight_grams=900)]
    outcome = labelling.announce(asked)
    assert gls.counts() == {CREATE: 1}
    (call,) = gls.calls
    told = [(unit["unitId"], unit["weight"]) for unit in call.data["units"]]
    assert told == [("R-1", 0.5), ("R-2", 0.9)]
    assert all(u["unitId"] == u["customerUnitReference"] for u in call.data["units"])
    for unit in gls.units.values():
        label = outcome.labels[unit.unit_id]
        assert label.tracking_number == unit.unit_no
        assert unit.unit_no in label.tracking_url
        (page,) = PdfReader(io.BytesIO(label.document)).pages
        assert unit.unit_no in page.extract_text()


def test_each_parcel_of_a_delivery_has_its_own_way_back(gls, labelling):
    options = {"shopReturnService": True}
    asked = [shipment(name, options=options) for name in ("R-1", "R-2")]
    labels = labelling.announce(asked).labels
    kinds = {number: unit.kind for number, unit in gls.units.items()}
    backs = {labels[name].return_label.tracking_number for name in ("R-1", "R-2")}
    assert backs == {number for number, kind in kinds.items() if kind == "return"}
    assert len(backs) == 2


def test_parcels_that_differ_in_more_than_their_weight_are_not_one_shipment(
    gls, labelling
):
    asked = [shipment("R-1"), shipment("R-2"), shipment("R-3", country="BE")]
    assert set(labelling.announce(asked).labels) == {"R-1", "R-2", "R-3"}
    sizes = [len(call.data["units"]) for call in gls.calls]
    assert sizes == [2, 1]


def test_what_is_wrong_with_one_parcel_keeps_the_others_of_its_delivery(gls, labelling):
    asked = [shipment("R-1"), shipment("R-2", weight_grams=40_000)]
    outcome = labelling.announce(asked)
    codes = {
        name: [p.code for p in problems] for name, problems in outcome.refused.items()
    }
    assert codes == {"R-1": ["with_others"], "R-2": ["too_heavy"]}
    assert gls.units == {}


def test_what_gls_says_of_the_whole_shipment_is_told_of_each_parcel(gls, labelling):
    asked = [shipment(name, postal_code="XXX") for name in ("R-1", "R-2")]
    outcome = labelling.announce(asked)
    fields = [problems[0].field for problems in outcome.refused.values()]
    assert fields == ["recipient.postal_code"] * 2


def test_labels_in_hand_are_kept_although_the_answer_forgets_a_parcel(gls, labelling):
    def forget(call):
        first = next(iter(gls.units.values()))
        label = base64.b64encode(pdf_a6([Label("GLS", first.unit_no, ())])).decode()
        told = {"unitId": "R-1", "unitNo": first.unit_no, "label": label}
        return answer({"error": False, "status": "200", "units": [told]})

    gls.faults.add(CREATE, "hook", moment="after", hook=forget)
    outcome = labelling.announce([shipment("R-1"), shipment("R-2")])
    assert set(outcome.labels) == {"R-1"}
    assert outcome.unclear == {"R-2"}
    assert outcome.error is None


def test_a_lost_shipment_is_found_parcel_by_parcel(gls, labelling):
    asked = [shipment("R-1"), shipment("R-2")]
    gls.faults.add(CREATE, "cut", moment="after")
    assert labelling.announce(asked).unclear == {"R-1", "R-2"}
    now = datetime.now(timezone.utc)
    outcome = labelling.announce(
        asked, LookUp(dict.fromkeys(("R-1", "R-2"), now), {}.get)
    )
    numbers = {unit.unit_id: number for number, unit in gls.units.items()}
    found = {name: found.tracking_number for name, found in outcome.found.items()}
    assert found == numbers
    assert gls.count(CREATE) == 1


# Looking up


def test_a_lost_parcel_is_found_by_its_own_reference(gls, labelling):
    (number,) = lost(gls)
    outcome = labelling.announce([shipment("R-1")], look_up())
    assert outcome.found["R-1"].tracking_number == number
    assert number in outcome.found["R-1"].tracking_url
    assert outcome == Outcome(found=outcome.found)
    assert gls.count(CREATE) == 1


@pytest.mark.parametrize("job_date", ["moment", "local", "day"])
def test_a_lost_parcel_is_found_by_its_order_and_moment(gls, labelling, job_date):
    gls.searched_by, gls.job_date = ("reference",), job_date
    (number,) = lost(gls)
    outcome = labelling.announce([shipment("R-1")], look_up())
    assert outcome.found["R-1"].tracking_number == number


def test_a_parcel_of_the_order_that_is_ours_already_is_not_it(gls, labelling):
    gls.searched_by = ("reference",)
    (number,) = lost(gls, shipment("R-0"))
    outcome = labelling.announce([shipment("R-1")], look_up(held={number}))
    assert outcome == Outcome(unclear=frozenset({"R-1"}))


def test_a_parcel_of_the_order_of_another_moment_is_not_it(gls, labelling):
    gls.searched_by = ("reference",)
    lost(gls, shipment("R-0"))
    for minutes in (-10, 60):
        outcome = labelling.announce([shipment("R-1")], look_up(minutes_ago=minutes))
        assert outcome == Outcome(unclear=frozenset({"R-1"}))


def test_two_that_may_be_it_are_a_persons_choice(gls, labelling):
    gls.searched_by = ("reference",)
    lost(gls, shipment("R-1"), shipment("R-2"))
    outcome = labelling.announce([shipment("R-1")], look_up())
    assert outcome == Outcome(unclear=frozenset({"R-1"}))


def test_a_parcel_of_another_order_is_never_it(gls, labelling):
    lost(gls, shipment("R-2", order_ref="402-0000001-0000002"))
    outcome = labelling.announce([shipment("R-1")], look_up())
    assert outcome == Outcome(unclear=frozenset({"R-1"}))


def test_one_number_is_given_to_one_parcel(gls, labelling):
    gls.searched_by = ("reference",)
    lost(gls, shipment("R-1"))
    now = datetime.now(timezone.utc)
    both = LookUp({"R-1": now, "R-2": now}, lambda number: False)
    outcome = labelling.announce([shipment("R-1"), shipment("R-2")], both)
    assert set(outcome.found) == {"R-1"}
    assert outcome.unclear == {"R-2"}


def test_what_is_not_found_stays_unclear_and_nothing_is_bought(gls, labelling):
    outcome = labelling.announce([shipment("R-1")], look_up())
    assert outcome == Outcome(unclear=frozenset({"R-1"}))
    assert gls.counts() == {SEARCH: 2}


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("cut", {}),
        ("throttled", {"retry_after": 9}),
        ("unavailable", {}),
        ("truncated", {}),
        ("content", {"body": "<html>"}),
    ],
)
def test_a_search_that_fails_leaves_it_unclear_without_an_error(
    gls, labelling, kind, details
):
    lost(gls)
    gls.faults.add(SEARCH, kind, **details)
    outcome = labelling.announce([shipment("R-1")], look_up())
    assert outcome == Outcome(unclear=frozenset({"R-1"}))


def test_without_tracking_nothing_is_found_and_nobody_asked(gls):
    lost(gls)
    labelling = connect(gls, with_tracking=False)
    outcome = labelling.announce([shipment("R-1")], look_up())
    assert outcome == Outcome(unclear=frozenset({"R-1"}))
    assert gls.counts() == {CREATE: 1}


def test_tracking_that_gls_did_not_switch_on_finds_nothing(gls, labelling):
    gls.tracking_enabled = False
    lost(gls)
    outcome = labelling.announce([shipment("R-1")], look_up())
    assert outcome == Outcome(unclear=frozenset({"R-1"}))


def test_there_is_no_second_step(labelling):
    assert labelling.steps == ("announce",)


# Moments: asked at 10:00 UTC, which is 11:00 in the Netherlands in November.
@pytest.mark.parametrize(
    ("handed_in", "is_of"),
    [
        ("2026-11-22T10:00:03Z", True),
        ("2026-11-22T11:00:03", True),
        ("2026-11-22 11:00", True),
        ("2026-11-22T11:00:03.1234567+01:00", True),
        ("2026-11-22T09:56:00Z", True),
        ("2026-11-22T10:14:00Z", True),
        ("2026-11-22", True),
        ("2026-11-22T00:00:00", True),
        ("2026-11-22T09:54:00Z", False),
        ("2026-11-22T10:16:00Z", False),
        ("2026-11-22T10:00:03", False),
        ("2026-11-21", False),
        ("2026-11-23", False),
        ("", False),
        ("yesterday", False),
        ("2026-99-99T99:99", False),
    ],
)
def test_a_parcel_is_of_the_moment_at_which_was_asked(handed_in, is_of):
    assert _is_of(handed_in, NOW) is is_of


def test_a_day_is_the_day_in_the_netherlands():
    late = datetime(2026, 11, 22, 23, 30, tzinfo=timezone.utc)
    assert _is_of("2026-11-23", late)
    assert not _is_of("2026-11-22", late)


def test_found_shows_where_to_look(gls, labelling):
    (number,) = lost(gls)
    found = labelling.announce([shipment("R-1")], look_up()).found["R-1"]
    assert found == Found(number, gls_link(number))
    assert ORDER not in found.tracking_url


def gls_link(number):
    return f"https://www.gls-info.nl/tracking?parcelNo={number}&zipcode=3500AA"
