"""Makes the addon's plain layers importable without Odoo, and keeps tests local."""

import socket
from ipaddress import ip_address

import pytest

from tests.plain import layers
from tests.standins import Standins

layers.register()


@pytest.fixture(autouse=True)
def _stay_on_this_machine(monkeypatch):
    """A connection to any other machine fails the test."""
    connect = socket.socket.connect

    def connect_here(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert ip_address(address[0]).is_loopback, "a test left this machine"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture(scope="module")
def standins():
    """Amazon, MyParcel and GLS, one set for all tests of a file."""
    with Standins(rates="fast") as running:
        yield running


@pytest.fixture
def myparcel(standins):
    """A fresh MyParcel; the test fails when it was asked wrongly."""
    standins.reset()
    yield standins.myparcel
    assert standins.violations == []


@pytest.fixture
def gls(standins):
    """A fresh GLS; the test fails when it was asked wrongly."""
    standins.reset()
    yield standins.gls
    assert standins.violations == []
