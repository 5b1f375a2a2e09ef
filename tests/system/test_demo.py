"""The demo checks itself: it fails when Amazon or the PDF lacks what it should hold."""

from __future__ import annotations

import pytest

from tests.driver.demo import CheckFailed, Demo, Outside

ORDERS = 24


@pytest.fixture
def demo(server, standins, tmp_path):
    return Demo(
        server.url,
        server.database,
        Outside(standins.connection()),
        tmp_path / "demo",
        ORDERS,
    )


def test_demo_does_the_main_job_and_prints_what_it_compared(demo, capsys, tmp_path):
    demo.run()
    told = capsys.readouterr().out
    for line in (
        f"{ORDERS} orders read, 0 problems",
        f"orders read = deliveries created: {ORDERS}",
        f"labels = parcels: {ORDERS}",
        f"pages of the PDF = labels: {ORDERS}",
        f"every confirmation answered 204: {ORDERS}",
        "Amazon holds items, quantities, carrier and number of every order",
    ):
        assert line in told
    assert (tmp_path / "demo" / "labels.pdf").read_bytes().startswith(b"%PDF")


def test_demo_fails_when_a_204_was_answered_and_nothing_is_held(demo, standins):
    standins.amazon.faults.add("confirmShipment", "content", status=204)
    with pytest.raises(CheckFailed, match="Amazon holds 0 packages"):
        demo.run()
