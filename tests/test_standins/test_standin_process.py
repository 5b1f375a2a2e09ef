"""The stand-ins as a process, and the control routes that a demo uses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
ORDER_ID = "402-1111111-2222222"


def control(service, method, part, **options):
    url = f"{service.base_url}/__standin__/{part}"
    return requests.request(method, url, timeout=10, **options)


@pytest.fixture
def process(tmp_path):
    ports = tmp_path / "ports.json"
    command = [sys.executable, "-m", "tests.standins", "--ports-file", str(ports)]
    command += ["--rates", "fast"]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "listening\n"
    yield child, json.loads(ports.read_text("utf-8"))
    child.terminate()
    assert child.wait(10) == 0
    child.stdout.close()


def test_process_serves_all_services_and_ends_when_told(process):
    _, given = process
    form = {
        "grant_type": "refresh_token",
        "refresh_token": given["refresh_token"],
        "client_id": given["client_id"],
        "client_secret": given["client_secret"],
    }
    assert requests.post(given["lwa_token"], data=form, timeout=10).ok
    login = {"username": given["gls_username"], "password": given["gls_password"]}
    url = f"{given['gls']}/api/Authentication/ValidateLogin"
    assert requests.post(url, json=login, timeout=10).json()["error"] is False
    assert requests.get(f"{given['myparcel']}/", timeout=10).ok


def test_report_can_be_loaded_and_the_state_read(amazon, standins):
    header = (
        "order-id\torder-item-id\tpurchase-date\tpromise-date\tsku\tproduct-name"
        "\tquantity-purchased\tquantity-shipped\tquantity-to-ship"
    )
    row = (
        "402-0000001-0000001\t00000000000017\t2026-11-16T08:34:47+00:00"
        "\t2026-11-19T22:59:59+00:00\tSKU-1\tProduct\t1\t0\t1"
    )
    options = {"data": f"{header}\r\n{row}\r\n".encode(), "params": GERMANY}
    added = control(standins.amazon, "POST", "orders", **options).json()
    assert added == {"orders": ["402-0000001-0000001"]}
    amazon.confirm("402-0000001-0000001", marketplace=GERMANY["marketplace"])
    state = control(standins.amazon, "GET", "state").json()
    order = state["orders"]["402-0000001-0000001"]
    assert order["fulfillment_status"] == "SHIPPED"
    assert state["confirmations"][0]["tracking_number"] == "3SMYPA000000001"


GERMANY = {"marketplace": "A1PA6795UKMFR9"}


def test_orders_can_be_added_and_changed_as_json(amazon, standins):
    order = {
        "order_id": "402-0000009-0000009",
        "items": [{"order_item_id": "00000000000099", "sku": "S", "quantity": 2}],
        "purchased": "2026-11-01T00:00:00Z",
    }
    assert control(standins.amazon, "POST", "orders", json=[order]).ok
    change = {"order_id": "402-0000009-0000009", "status": "CANCELLED"}
    assert control(standins.amazon, "POST", "order", json=change).ok
    found = amazon.order("402-0000009-0000009").json()["order"]
    assert found["fulfillment"]["fulfillmentStatus"] == "CANCELLED"


@pytest.mark.parametrize("body", [[{"nonsense": 1}], [{}]])
def test_order_that_makes_no_sense_is_refused(standins, body):
    assert control(standins.amazon, "POST", "orders", json=body).status_code == 400


def test_faults_can_be_added_listed_and_cleared(amazon, standins):
    fault = {"operation": "confirmShipment", "kind": "unavailable", "times": None}
    assert control(standins.amazon, "POST", "faults", json=fault).ok
    assert amazon.confirm().status_code == 503
    [listed] = control(standins.amazon, "GET", "faults").json()
    assert (listed["kind"], listed["played"]) == ("unavailable", 1)
    control(standins.amazon, "DELETE", "faults")
    assert amazon.confirm().status_code == 204


def test_unknown_fault_setting_or_route_is_refused(standins):
    fault = {"operation": "*", "kind": "earthquake"}
    assert control(standins.gls, "POST", "faults", json=fault).status_code == 400
    setting = {"lock": 1}
    assert control(standins.gls, "POST", "settings", json=setting).status_code == 400
    assert control(standins.gls, "GET", "nothing").status_code == 404


def test_counts_calls_and_violations_can_be_read(amazon, standins):
    amazon.confirm()
    amazon.confirm(packageReferenceId="x")
    assert control(standins.amazon, "GET", "counts").json() == {"confirmShipment": 2}
    query = {"operation": "confirmShipment", "reference": ORDER_ID, "status": 204}
    count = control(standins.amazon, "GET", "counts", params=query).json()
    assert count == {"count": 1}
    named = control(standins.amazon, "GET", "references").json()
    assert named == {ORDER_ID: 2}
    calls = control(standins.amazon, "GET", "calls").json()
    assert [call["status"] for call in calls] == [204, 400]
    [violation] = control(standins.amazon, "GET", "violations").json()
    assert "positive numeric" in violation["message"]


def test_settings_and_clock_can_be_changed(myparcel, shipment, standins):
    setting = {"payment_required": True}
    assert control(standins.myparcel, "POST", "settings", json=setting).ok
    assert myparcel.labels(myparcel.ids(shipment("a"))).status_code == 402
    before = standins.clock.seconds()
    control(standins.myparcel, "POST", "clock", json={"seconds": 60})
    assert standins.clock.seconds() >= before + 60
    standins.clock.advance(-60)


def test_status_of_a_parcel_can_be_moved_on(myparcel, gls, shipment, standins):
    [one] = myparcel.ids(shipment("a"))
    control(standins.myparcel, "POST", "status", json={str(one): 7})
    assert myparcel.shipments([one])[0]["delivered"]
    unit_no = gls.create().json()["units"][0]["unitNo"]
    control(standins.gls, "POST", "tracking", json={unit_no: "Delivered"})
    assert standins.gls.units[unit_no].state == "Delivered"


def test_seller_can_be_added(amazon, standins):
    seller = {"selling_partner_id": "A9", "refresh_token": "Atzr|nine"}
    assert control(standins.lwa, "POST", "seller", json=seller).ok
    assert amazon.log_in("Atzr|nine").ok
    del standins.lwa.sellers.sellers["A9"]


def test_reset_forgets_state_and_counts_but_not_the_log_in(amazon, standins):
    amazon.confirm()
    control(standins.amazon, "POST", "reset")
    assert not standins.amazon.orders and not standins.amazon.calls
    assert amazon.search().status_code == 200


def test_stopped_service_refuses_connections_and_comes_back_on_its_port(published):
    url = f"{published.myparcel.url}/"
    published.myparcel.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    published.myparcel.start()
    assert requests.get(url, timeout=5).ok


def test_failure_of_a_stand_in_is_a_violation(amazon, standins, monkeypatch):
    monkeypatch.setattr(standins.amazon, "orders", None)
    assert amazon.order().status_code == 500
    assert "the stand-in failed" in standins.violations[0].message
