"""Faults on command: what the client sees, and whether the stand-in acted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import requests

CREATE = "POST /shipments"
LABELS = "GET /shipment_labels"


def test_throttled_answer_carries_retry_after_and_nothing_is_done(
    myparcel, shipment, standins
):
    standins.myparcel.faults.add(CREATE, "throttled", retry_after=7)
    refused = myparcel.create(shipment("a"))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert refused.json()["errors"]
    assert not standins.myparcel.shipments
    assert myparcel.create(shipment("a")).ok


def test_throttled_answer_can_be_empty(amazon, standins):
    standins.amazon.faults.add("confirmShipment", "throttled", body=False)
    refused = amazon.confirm()
    assert (refused.status_code, refused.content) == (429, b"")
    assert "Retry-After" not in refused.headers


def test_log_in_can_be_throttled(amazon, standins):
    standins.lwa.faults.add("token", "throttled", retry_after=1)
    assert amazon.log_in(standins.seller.refresh_token).status_code == 429


@pytest.mark.parametrize(("moment", "made"), [("before", 0), ("after", 1)])
def test_503_is_html_before_or_after_acting(myparcel, shipment, standins, moment, made):
    standins.myparcel.faults.add(CREATE, "unavailable", moment=moment)
    refused = myparcel.create(shipment("a"))
    assert refused.status_code == 503
    assert refused.headers["Content-Type"].startswith("text/html")
    assert refused.text.startswith("<html>")
    assert len(standins.myparcel.shipments) == made


@pytest.mark.parametrize(("moment", "made"), [("before", 0), ("after", 1)])
def test_timeout_before_or_after_acting(gls, standins, moment, made):
    standins.gls.faults.add("Label/Create", "timeout", moment=moment)
    url = f"{standins.gls.url}/api/Label/Create"
    body = {
        "username": gls.gls.username,
        "password": gls.gls.password,
        "shiptype": "p",
        "units": [{"unitId": "A", "weight": 1}],
        "addresses": {"deliveryAddress": ADDRESS},
    }
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, json=body, timeout=0.5)
    assert len(standins.gls.units) == made
    assert standins.gls.calls[-1].acted is bool(made)
    assert standins.gls.count("Label/Create") == 1


ADDRESS = {
    "name1": "A",
    "street": "Weg",
    "zipCode": "4321BA",
    "city": "Ede",
    "countryCode": "NL",
}


def test_held_request_is_let_go_when_the_client_hangs_up(amazon, standins):
    standins.amazon.faults.add("confirmShipment", "timeout", seconds=60)
    before = set(threading.enumerate())
    url = standins.amazon.url + "/orders/v0/orders/1/shipmentConfirmation"
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, json={}, timeout=0.3)
    held = set(threading.enumerate()) - before
    for thread in held:
        thread.join(10)
    assert not any(thread.is_alive() for thread in held)


@pytest.mark.parametrize(("moment", "made"), [("before", 0), ("after", 1)])
def test_cut_connection_before_or_after_acting(amazon, standins, moment, made):
    standins.amazon.faults.add("confirmShipment", "cut", moment=moment)
    with pytest.raises(requests.ConnectionError):
        amazon.confirm()
    assert len(standins.amazon.confirmations) == made
    assert amazon.confirm().status_code == 204


def test_connection_can_be_cut_in_the_middle_of_the_answer(
    myparcel, shipment, standins
):
    ids = myparcel.ids(shipment("a"))
    standins.myparcel.faults.add(LABELS, "cut_midway")
    with pytest.raises(
        (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
    ):
        myparcel.labels(ids)
    assert standins.myparcel.shipments[ids[0]].status == 2


def test_truncated_pdf_looks_whole_by_its_headers(myparcel, shipment, standins):
    ids = myparcel.ids(shipment("a"))
    whole = myparcel.labels(ids).content
    standins.myparcel.faults.add(LABELS, "truncated")
    cut = myparcel.labels(ids)
    assert cut.status_code == 200
    assert cut.content == whole[: len(whole) // 2]


def test_wrong_content_can_come_with_status_200(myparcel, shipment, standins):
    ids = myparcel.ids(shipment("a"))
    standins.myparcel.faults.add(LABELS, "content", body="<html>", moment="after")
    answer = myparcel.labels(ids)
    assert (answer.status_code, answer.text) == (200, "<html>")
    assert standins.myparcel.shipments[ids[0]].status == 2


def test_204_without_effect(amazon, standins):
    standins.amazon.faults.add("confirmShipment", "content", status=204)
    answer = amazon.confirm()
    assert (answer.status_code, answer.content) == (204, b"")
    assert not standins.amazon.confirmations


def test_refusal_of_the_services_own_shape(amazon, myparcel, gls, standins):
    standins.amazon.faults.add("*", "refused", status=500)
    assert amazon.confirm().json()["errors"][0]["code"] == "InternalFailure"
    standins.myparcel.faults.add(
        "*", "refused", status=422, body=(3716, "limit reached")
    )
    assert myparcel.read([1]).json()["errors"][0]["code"] == 3716
    standins.gls.faults.add("*", "refused", status=424, body="V424: later")
    refused = gls.create()
    assert (refused.status_code, refused.json()["message"]) == (424, "V424: later")


def test_latency_delays_and_still_acts(amazon, standins):
    standins.amazon.faults.add("confirmShipment", "latency", seconds=0.3)
    start = time.monotonic()
    assert amazon.confirm().status_code == 204
    assert time.monotonic() - start >= 0.3


def test_fault_hits_the_nth_request_only(amazon, standins):
    fault = standins.amazon.faults.add("confirmShipment", "unavailable", nth=3)
    statuses = [amazon.confirm().status_code for _ in range(4)]
    assert statuses == [204, 204, 503, 204]
    assert (fault.seen, fault.played) == (4, 1)


def test_fault_hits_the_next_requests(amazon, standins):
    standins.amazon.faults.add("confirmShipment", "unavailable", times=2)
    assert [amazon.confirm().status_code for _ in range(3)] == [503, 503, 204]


def test_fault_can_last(amazon, standins):
    standins.amazon.faults.add("confirmShipment", "unavailable", times=None)
    assert {amazon.confirm().status_code for _ in range(5)} == {503}
    standins.amazon.faults.clear()
    assert amazon.confirm().status_code == 204


def test_fault_hits_requests_that_name_the_reference(myparcel, shipment, standins):
    standins.myparcel.faults.add("*", "unavailable", reference="b", times=None)
    assert myparcel.create(shipment("a")).ok
    assert myparcel.create(shipment("a"), shipment("b")).status_code == 503
    standins.myparcel.faults.clear()
    ids = myparcel.ids(shipment("b"))
    standins.myparcel.faults.add(LABELS, "unavailable", reference="b", times=None)
    assert myparcel.labels(ids).status_code == 503


def test_unknown_fault_is_refused_when_it_is_added(standins):
    with pytest.raises(ValueError, match="no such fault"):
        standins.amazon.faults.add("*", "earthquake")


@pytest.mark.parametrize(
    ("moment", "confirmed"), [("before", 0), ("after", 1), ("answered", 1)]
)
def test_hook_is_called_at_its_moment(amazon, standins, moment, confirmed):
    seen, done = [], threading.Event()

    def hook(call):
        seen.append((call.operation, len(standins.amazon.confirmations)))
        done.set()

    standins.amazon.faults.add("confirmShipment", "hook", hook=hook, moment=moment)
    assert amazon.confirm().status_code == 204
    assert done.wait(5)
    assert seen == [("confirmShipment", confirmed)]


CHILD = """
import requests, sys
print("ready", flush=True)
sys.stdin.readline()
headers = {"x-amz-access-token": sys.argv[2]}
answer = requests.post(sys.argv[1], json={}, headers=headers)
print(answer.status_code, flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize(
    ("moment", "acted", "printed"),
    [("before", False, ""), ("after", True, ""), ("answered", True, None)],
)
def test_process_group_is_killed_at_its_moment(
    amazon, standins, moment, acted, printed
):
    url = standins.amazon.url + "/tokens/2021-03-01/restrictedDataToken"
    code = CHILD.replace("json={}", f"json={RESOURCES!r}")
    child = subprocess.Popen(
        [sys.executable, "-c", code, url, amazon.token],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout.readline() == "ready\n"
    operation = "createRestrictedDataToken"
    standins.amazon.faults.add(operation, "kill", pid=child.pid, moment=moment)
    child.stdin.write("go\n")
    child.stdin.flush()
    assert child.wait(10) == -signal.SIGKILL
    output = child.stdout.read()
    child.stdin.close()
    child.stdout.close()
    assert printed is None or output == printed
    assert standins.amazon.calls[-1].acted is acted


RESOURCES = {"restrictedResources": [{"method": "GET", "path": "/x"}]}


@pytest.mark.parametrize("pid", [0, 1, os.getpgrp()])
def test_own_process_group_is_never_killed(standins, pid):
    with pytest.raises(ValueError, match="process group"):
        standins.amazon.faults.add("*", "kill", pid=pid)
