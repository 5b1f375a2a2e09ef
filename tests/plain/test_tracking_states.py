"""Where parcels are, from what the carriers say of it."""

import json
from datetime import timedelta

import pytest
from carriers.errors import Refused, Throttled, Unauthorized
from carriers.gls_shipments import TrackedParcel
from carriers.gls_tracking import GlsTracking
from carriers.myparcel import MyParcel, user_agent
from carriers.myparcel_hooks import STATUS_CHANGE, is_hook_url, read_hook
from carriers.tracking_states import (
    END_STATES,
    GIVEN_UP_AFTER,
    GLS_STATES,
    MYPARCEL_STATES,
    PACE,
    Tracking,
    gls_state,
    read_patiently,
    track_gls,
    track_myparcel,
    wait_after,
)

from tests.standins import Standins
from tests.standins.myparcel import Shipment as Held

STATES = ("registered", "in_transit", "at_pickup", "delivered", "problem", "returned")


@pytest.fixture(scope="module")
def running():
    with Standins(rates="fast") as standins:
        yield standins


@pytest.fixture
def standins(running):
    running.reset()
    yield running
    assert running.violations == []


@pytest.fixture
def client(standins):
    return connect(standins.myparcel)


def connect(myparcel, key=None):
    return MyParcel(
        key or myparcel.api_key,
        base_url=myparcel.url,
        user_agent=user_agent("19.0.1.0.0"),
    )


def hold(standins, status, number=1):
    """A shipment that MyParcel has."""
    request = {
        "reference_identifier": f"REF-{number}",
        "carrier": 1,
        "recipient": {"cc": "NL", "postal_code": "3500 AA"},
        "options": {"package_type": 1},
    }
    shipment = Held(number, request, "2026-11-22 12:00:00", status, f"3S{number:09d}")
    standins.myparcel.shipments[number] = shipment
    return shipment


# --- words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state"),
    [(2, "registered"), (12, "registered"), (14, "registered"), (18, "registered")]
    + [(3, "in_transit"), (4, "in_transit"), (5, "in_transit"), (6, "in_transit")]
    + [(8, "at_pickup"), (7, "delivered"), (9, "delivered"), (19, "delivered")]
    + [(10, "returned"), (11, "returned"), (36, "delivered"), (38, "delivered")]
    + [(13, "problem"), (16, "problem"), (17, "problem"), (34, "problem")]
    + [(1, ""), (30, ""), (0, ""), (100, ""), (77, ""), (-3, "")],
)
def test_every_number_of_myparcel_has_its_state_and_unknown_ones_tell_nothing(
    standins, client, status, state
):
    hold(standins, status)
    assert track_myparcel(client).read(["1"]) == {"1": state}


@pytest.mark.parametrize(
    ("word", "scanned", "state"),
    [
        ("Announced", False, "registered"),
        ("Announced", True, "in_transit"),
        ("InRegion", False, "in_transit"),
        ("OutForDelivery", True, "in_transit"),
        ("Delivered", True, "delivered"),
        ("NotDelivered", True, "problem"),
        ("Teleported", True, ""),
        ("", False, ""),
    ],
)
def test_a_scan_knows_better_than_an_old_state_of_gls(word, scanned, state):
    parcel = TrackedParcel("1", "", word, "", "", "", is_scanned=scanned)
    assert gls_state(parcel) == state


def test_the_tables_use_our_words_only():
    assert set(MYPARCEL_STATES.values()) == set(STATES)
    assert set(GLS_STATES.values()) | set(END_STATES) <= set(STATES)


# --- asking ---------------------------------------------------------------------------


def test_unknown_ids_of_myparcel_are_left_out(standins, client):
    hold(standins, 7)
    assert track_myparcel(client).read(["1", "2"]) == {"1": "delivered"}


def test_gls_is_asked_twenty_numbers_a_call(standins):
    gls = standins.gls
    client = GlsTracking(gls.username, gls.password, base_url=gls.tracking_url)
    tracking = track_gls(client)
    assert tracking.chunk_size == 20
    assert tracking.read([f"{n:014d}" for n in range(20)]) == {}
    assert gls.count("tt/details") == 1


def test_a_wrong_key_and_a_full_window_are_told(standins):
    with pytest.raises(Unauthorized):
        track_myparcel(connect(standins.myparcel, key="wrong")).read(["1"])
    standins.myparcel.faults.add("GET /shipments/{ids}", "throttled", retry_after=9)
    with pytest.raises(Throttled):
        track_myparcel(connect(standins.myparcel)).read(["1"])


def test_a_number_that_spoils_its_call_does_not_keep_the_others():
    asked = []

    def read(keys):
        asked.append(keys)
        if "bad" in keys:
            raise Refused(())
        return dict.fromkeys(keys, "delivered")

    keys = ["1", "2", "bad", "3", "4"]
    found = read_patiently(Tracking("key", 5, 1, read), keys)
    assert found == dict.fromkeys(["1", "2", "3", "4"], "delivered")
    assert asked[-1] == ["3", "4"]


def test_young_parcels_are_asked_for_more_often_than_old_ones():
    waits = [wait_after(timedelta(days=days)) for days in (0, 1, 3, 9, 11, 44, 400)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(hours=2) and waits[-1] == timedelta(days=1)
    assert GIVEN_UP_AFTER == max(limit for limit, __ in PACE)


# --- hooks ----------------------------------------------------------------------------


def body(*entries):
    return json.dumps({"data": {"hooks": list(entries)}})


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        (body({"shipment_id": 5}), ("5",)),
        (
            body({"shipment_id": "5"}, {"shipment_id": 5}, {"shipment_id": 6}),
            ("5", "6"),
        ),
        (body(), ()),
        (body({"shipment_id": True}, {"shipment_id": None}, {}, 7, "8"), ()),
        (body({"shipment_id": "1 OR 1=1"}, {"shipment_id": "-4"}), ()),
        (body({"shipment_id": "²"}, {"shipment_id": "9" * 20}), ()),
        (body({"shipment_id": [1]}, {"shipment_id": 1.5}), ()),
        ("", ()),
        ("null", ()),
        ("[]", ()),
        ('{"data": {"hooks": "5"}}', ()),
        ('{"data": [1]}', ()),
        ("[" * 100_000, ()),
        ("\x00", ()),
    ],
)
def test_a_hook_names_shipments_and_nothing_else_of_it_is_read(text, refs):
    assert read_hook(text) == refs


def test_more_than_a_hundred_shipments_of_a_hook_are_not_read():
    named = read_hook(body(*({"shipment_id": n} for n in range(1, 500))))
    assert len(named) == 100


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://odoo.example.com/hook/1/ab", True),
        ("http://127.0.0.1:8069/hook", True),
        ("http://odoo.example.com/hook", False),
        ("https://odoo.example.com/Hook", False),
        ("https://user@odoo.example.com/hook", False),
        ("ftp://odoo.example.com/hook", False),
        ("", False),
    ],
)
def test_myparcel_can_call_only_safe_addresses_in_lower_case(url, fits):
    assert is_hook_url(url) is fits


def test_a_subscription_is_made_sends_its_hooks_and_ends(standins, client):
    myparcel = standins.myparcel
    ref = client.subscribe(STATUS_CHANGE, "https://odoo.example.com/hook")
    (call,) = myparcel.hook_calls(hold(standins, 7))
    assert call.url == "https://odoo.example.com/hook"
    assert read_hook(call.body.decode()) == ("1",)
    assert client.subscribe(STATUS_CHANGE, "https://odoo.example.com/other") != ref
    assert len(myparcel.subscriptions) == 1
    client.unsubscribe(str(*myparcel.subscriptions))
    assert myparcel.hook_calls(hold(standins, 7)) == []
    with pytest.raises(Refused):
        client.unsubscribe(ref)
