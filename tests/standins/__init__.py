"""Stand-ins for Amazon, MyParcel and GLS Netherlands: real HTTP servers on loopback.

    with Standins() as standins:
        standins.amazon.orders.load_report(data)
        ... standins.amazon.url, standins.lwa.token_url, standins.myparcel.url
        assert standins.myparcel.count("POST /shipments") == 1
        assert not standins.violations

They are written from the services' documentation and never import the addon.
"""

from __future__ import annotations

from .amazon import Amazon
from .clock import Clock
from .contracts import Contracts
from .gls import Gls
from .lwa import LoginWithAmazon, Seller, Sellers
from .myparcel import MyParcel
from .orders import Item, Order

__all__ = ["Item", "Order", "Seller", "Standins"]


class Standins:
    """All services together.

    ``rates``: None for the published ones, ``"fast"`` for none, or a dictionary that
    replaces some: ``{"confirmShipment": (200, 200)}`` is tokens a second and burst,
    ``{"POST /shipments": (500, 300)}`` is calls and seconds.
    """

    def __init__(self, rates=None, contracts: Contracts | None = None):
        self.clock = Clock()
        contracts = contracts or Contracts.from_environment()
        sellers = Sellers()
        self.seller = sellers.add("A1STANDINSELLER")
        self.lwa = LoginWithAmazon(self.clock, contracts, sellers)
        self.amazon = Amazon(self.clock, contracts, self.lwa, rates)
        self.myparcel = MyParcel(self.clock, contracts, rates)
        self.gls = Gls(self.clock, contracts, rates)
        self.services = (self.lwa, self.amazon, self.myparcel, self.gls)

    def __enter__(self) -> Standins:
        for service in self.services:
            service.start()
        return self

    def __exit__(self, *exception) -> None:
        for service in self.services:
            service.stop()

    @property
    def violations(self) -> list:
        """What no correct client would have asked, over all services."""
        return [v for service in self.services for v in service.violations]

    def reset(self) -> None:
        for service in self.services:
            service.reset()

    def connection(self, seller: Seller | None = None) -> dict[str, str]:
        """The addresses and credentials that a client is given, of one seller."""
        sellers, seller = self.lwa.sellers, seller or self.seller
        return {
            "amazon": self.amazon.url,
            "lwa": self.lwa.url,
            "lwa_token": self.lwa.token_url,
            "myparcel": self.myparcel.url,
            "gls": self.gls.url,
            "gls_test": self.gls.test_url,
            "gls_tracking": self.gls.tracking_url,
            "application_id": sellers.application_id,
            "client_id": sellers.client_id,
            "client_secret": sellers.client_secret,
            "refresh_token": seller.refresh_token,
            "selling_partner_id": seller.selling_partner_id,
            "myparcel_key": self.myparcel.api_key,
            "gls_username": self.gls.username,
            "gls_password": self.gls.password,
        }
