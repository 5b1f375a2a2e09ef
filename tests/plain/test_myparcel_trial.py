"""MyParcel's test environment is ours: nothing is bought, nothing stays there."""

import dataclasses
import io

import pytest
from carriers.labelling import LookUp
from carriers.myparcel import MyParcel, user_agent
from carriers.myparcel_trial import MyParcelTrial
from carriers.shipments import ParcelRequest
from carriers.specimen import draw_specimen
from pypdf import PdfReader

from tests.plain.recipients import RECIPIENT

LOOK_UP = LookUp(asked_at={}, is_held=lambda number: False)


@pytest.fixture
def trial(myparcel):
    agent = user_agent("19.0.1.0.0")
    return MyParcelTrial(
        MyParcel(myparcel.api_key, base_url=myparcel.url, user_agent=agent)
    )


def parcel(reference, postal_code="3500 AA"):
    return ParcelRequest(
        reference=reference,
        carrier_id=1,
        package_type=1,
        recipient=dataclasses.replace(RECIPIENT, postal_code=postal_code),
        weight_grams=750,
        label_description="3 x MUG",
    )


def page_of(pdf):
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    return page


def test_each_parcel_gets_a_specimen_and_myparcel_keeps_nothing(myparcel, trial):
    outcome = trial.announce([parcel("P-1"), parcel("P-2")])
    assert set(outcome.labels) == {"P-1", "P-2"}
    assert outcome.created == {}
    assert myparcel.shipments == {}
    names = [call.operation for call in myparcel.calls]
    assert names == ["POST /shipments", "DELETE /shipments/{ids}"]
    numbers = {label.tracking_number for label in outcome.labels.values()}
    assert len(numbers) == 2
    assert all(number.startswith("TEST") for number in numbers)


def test_a_specimen_looks_like_a_label_and_says_that_it_is_none(trial):
    label = trial.announce([parcel("P-1")]).labels["P-1"]
    page = page_of(label.document)
    assert [round(float(side)) for side in page.mediabox[2:]] == [298, 420]
    text = page.extract_text()
    for part in (
        *("TEST", "PostNL", "Eva Voorbeeld", "Voorbeeldstraat 12 a", "3500 AA Utrecht"),
        *("P-1", "3 x MUG", label.tracking_number),
    ):
        assert part in text
    assert (label.remote_ref, label.tracking_url, label.price_cents) == ("", "", None)


def test_what_myparcel_refuses_is_refused_here_too_and_the_others_get_theirs(trial):
    outcome = trial.announce([parcel("P-1"), parcel("P-2", postal_code="0000")])
    assert set(outcome.labels) == {"P-1"}
    assert set(outcome.refused) == {"P-2"}


def test_concepts_that_were_not_deleted_are_deleted_by_the_next_look_up(
    myparcel, trial
):
    myparcel.faults.add("DELETE /shipments/{ids}", "unavailable")
    outcome = trial.announce([parcel("P-1")])
    assert outcome.unclear == {"P-1"}
    assert len(myparcel.shipments) == 1
    outcome = trial.announce([parcel("P-1")], LOOK_UP)
    assert set(outcome.labels) == {"P-1"}
    assert myparcel.shipments == {}


def test_concepts_of_before_are_deleted_and_drawn_without_an_address(myparcel, trial):
    concepts = trial._labelling.announce([parcel("P-1")]).created
    outcome = trial.collect(concepts)
    assert set(outcome.labels) == {"P-1"}
    assert "P-1" in page_of(outcome.labels["P-1"].document).extract_text()
    assert myparcel.shipments == {}


def test_any_name_can_be_drawn():
    pdf = draw_specimen(
        carrier="PostNL",
        number="TEST1",
        address=["Łucja Żółć", "田中", "Jürgen ✓"],
        reference="P-1",
        text="",
    )
    text = page_of(pdf).extract_text()
    assert "Zó" in text
    assert "Jürgen ?" in text
