"""The four steps, by the very methods that the buttons of the web client call."""

from __future__ import annotations

from .client import OdooClient
from .shop import encode


class MainJob:
    """One user's work in one shop."""

    def __init__(self, client: OdooClient, shop_id: int):
        self.client, self.shop_id = client, shop_id

    def check(self, data: bytes, filename="unshipped.txt") -> int:
        """Upload a report; the id of the import on its check screen."""
        attachments = self.client.create(
            "ir.attachment", {"name": filename, "datas": encode(data)}
        )
        (wizard,) = self.client.create(
            "amazon.order.import.wizard",
            {"shop_id": self.shop_id, "attachment_ids": [(6, 0, attachments)]},
        )
        action = self.client.press("amazon.order.import.wizard", wizard, "action_check")
        return action["res_id"]

    def start_import(self, import_id: int) -> None:
        self.client.press("amazon.order.import", import_id, "action_import")

    def has_imported(self, import_id: int) -> bool:
        """Raises RuntimeError when the import failed."""
        told = self.client.read("amazon.order.import", import_id, "state", "error")
        if told["state"] == "failed":
            raise RuntimeError(told["error"])
        return told["state"] == "done"

    def deliveries(self) -> list[int]:
        """All deliveries of the shop, in the order of Odoo's list."""
        return self.client.search(
            "stock.picking", [("amazon_shop_id", "=", self.shop_id)]
        )

    def create_labels(self, delivery_ids: list[int]) -> int:
        """Select deliveries; the id of the label run on its check screen."""
        action = self.client.call("stock.picking", "action_create_labels", delivery_ids)
        return action["res_id"]

    def start_labels(self, run_id: int) -> None:
        self.client.press("delivery.label.run", run_id, "action_start")

    def has_labelled(self, run_id: int) -> bool:
        """Raises RuntimeError when the run was stopped."""
        told = self.client.read("delivery.label.run", run_id, "state", "error")
        if told["state"] == "stopped":
            raise RuntimeError(told["error"])
        return told["state"] == "done"

    def check_all_labelled(self, run_id: int) -> None:
        """Raises RuntimeError when a run that is done has left a parcel without one."""
        domain = [("run_id", "=", run_id), ("state", "!=", "labelled")]
        if left := self.client.search("delivery.parcel", domain):
            (first,) = self.client.read("delivery.parcel", left[:1], "error")
            raise RuntimeError(f"{len(left)} parcels have no label: {first['error']}")

    def labels(self, run_id: int) -> bytes:
        """The PDF behind the button "All Labels"."""
        action = self.client.press("delivery.label.run", run_id, "action_download")
        return self.client.download(action["url"])

    def confirmations(self, *states: str) -> int:
        """How many parcels are in these states of the outbox."""
        domain = [("shop_id", "=", self.shop_id), ("state", "in", states)]
        return self.client.count("amazon.shipment.confirmation", domain)

    def count_all(self) -> dict[str, int]:
        """How many records an import could have made."""
        return {
            model: self.client.count(model, domain)
            for model, domain in {
                "amazon.order": [],
                "amazon.order.item": [],
                "stock.picking": [],
                "stock.move": [],
                "res.partner": [("active", "in", [True, False])],
                "delivery.parcel": [],
                "amazon.shipment.confirmation": [],
            }.items()
        }
