"""Makes the addon's plain layers importable without Odoo, and keeps tests local."""

import importlib.util
import socket
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

ADDON = Path(__file__).parents[2] / "amazon_carrier_connector"


def _register(name):
    """Import ADDON/name as a top-level package, without importing the addon."""
    folder = ADDON / name
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)


for _name in ("amazon", "carriers"):
    if (ADDON / _name / "__init__.py").exists():
        _register(_name)


@pytest.fixture(autouse=True)
def _stay_on_this_machine(monkeypatch):
    """A connection to any other machine fails the test."""
    connect = socket.socket.connect

    def connect_here(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert ip_address(address[0]).is_loopback, "a test left this machine"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
