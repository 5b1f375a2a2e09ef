"""What the tests of labels, validation and push share."""

import io
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

from pypdf import PdfReader

from odoo import Command

from ..amazon import login
from ..amazon.unshipped_report import read_unshipped_report
from ..carriers.myparcel import MyParcel
from ..models import amazon_push_drain, delivery_carrier_myparcel
from .common import AmazonStandinsCommon, make_report, report_row

CREATE, FETCH = "POST /shipments", "GET /shipment_labels"
READ, SEARCH = "GET /shipments/{ids}", "GET /shipments"
CONFIRM = "confirmShipment"
# A postal code that passes every check but MyParcel's own.
BAD_POSTAL_CODE = "0000"
CONCEPT = 1


class LabelCase(AmazonStandinsCommon):
    """Deliveries of imported orders, runs over them, and what the stand-ins hold."""

    def setUp(self):
        super().setUp()
        self.myparcel = self.standins.myparcel
        self.amazon = self.standins.amazon
        # A token that an earlier test was given says nothing about this one.
        self.patch(login, "_cache", login._TokenCache())
        # The pace itself is tested on its own.
        self.patch(amazon_push_drain, "CONFIRM_RATE", 1000.0)
        self.addCleanup(lambda: self.assertEqual(self.standins.violations, []))

    # === DELIVERIES === #

    @classmethod
    def import_deliveries(cls, count=1, first=1, **cells):
        """Import orders of one item each; their deliveries, in their order."""
        return cls.import_orders(
            *(report_row(first + n, **cells) for n in range(count))
        ).picking_ids

    @classmethod
    def import_orders(cls, *rows):
        """Import a report of these rows, without its dialog; the orders."""
        report = read_unshipped_report(make_report(*rows))
        order_import = cls.env["amazon.order.import"].create(
            {"shop_id": cls.shop.id, "market_id": cls.market_nl.id}
        )
        orders, __ = cls.env["amazon.order"]._import_orders(order_import, report.orders)
        return orders

    def spoil(self, pickings):
        """Give deliveries an address that MyParcel refuses and our check does not."""
        pickings.partner_id.zip = BAD_POSTAL_CODE

    @classmethod
    def pack(cls, picking, *quantities):
        """Reserve a delivery and put its first products into packages of so many."""
        picking.action_confirm()
        picking.action_assign()
        move = picking.move_ids[:1]
        packages = cls.env["stock.package"].create([{} for __ in quantities])
        move.move_line_ids.unlink()
        move.move_line_ids = [
            Command.create(
                {
                    "product_id": move.product_id.id,
                    "location_id": move.location_id.id,
                    "location_dest_id": move.location_dest_id.id,
                    "picking_id": picking.id,
                    "quantity": quantity,
                    "result_package_id": package.id,
                }
            )
            for quantity, package in zip(quantities, packages, strict=True)
        ]
        return packages

    def create_carrier(self, name="Bike courier", **values):
        """A delivery method whose numbers people type."""
        product = self.env["product.product"].create({"name": name, "type": "service"})
        return self.env["delivery.carrier"].create(
            {"name": name, "product_id": product.id, "delivery_type": "fixed", **values}
        )

    def create_fixed_deliveries(self, carrier, count=1, first=1, **cells):
        self.shop.carrier_id = carrier
        return self.import_deliveries(count, first, **cells)

    # === RUNS === #

    def create_run(self, pickings, user=None, **values):
        """The run that "Create labels" makes over a selection, checked."""
        with self.committing(user or self.amazon_user) as env:
            action = pickings.with_env(env).action_create_labels()
            run = env["delivery.label.run"].browse(action["res_id"])
            run.write(values)
        return run.with_env(self.env)

    def start(self, run, user=None):
        with self.committing(user or self.amazon_user) as env:
            run.with_env(env).action_start()
        return run

    def label(self, pickings, user=None, **values):
        """Create the labels of a selection; by default nothing is validated."""
        run = self.create_run(pickings, user, **{"validate_after": False, **values})
        return self.start(run, user)

    def validate(self, pickings, user=None, **context):
        """Press Validate; what the button returns."""
        with self.committing(user or self.amazon_user) as env:
            return pickings.with_env(env).with_context(**context).button_validate()

    @contextmanager
    def impatient(self, seconds=0.4):
        """MyParcel's client gives up after so many seconds."""
        hasty = partial(MyParcel, timeout=(2, seconds))
        with patch.object(delivery_carrier_myparcel, "MyParcel", hasty):
            yield

    # === PUSH === #

    def load_orders(self, *pickings):
        """Make Amazon hold the orders of these deliveries."""
        from tests.standins import Item, Order

        for order in self.env["stock.picking"].concat(*pickings).amazon_order_ids:
            items = [
                Item(item.item_ref, item.sku, quantity=item.quantity_ordered)
                for item in order.item_ids
            ]
            self.amazon.orders.add(Order(order.name, items))

    def push(self):
        self.run_cron("cron_push_confirmations")

    def find_confirmations(self, pickings):
        return self.env["amazon.shipment.confirmation"].search(
            [("picking_id", "in", pickings.ids)], order="id"
        )

    # === WHAT WAS BOUGHT === #

    def get_bought(self):
        """The numbers of what the carrier has sold, by our reference."""
        bought = {}
        for shipment in self.myparcel.shipments.values():
            if shipment.status != CONCEPT:
                bought.setdefault(shipment.reference, []).append(shipment.barcode)
        return bought

    def assert_bought_once(self, parcels):
        """Exactly these parcels were bought, each once, and each has its own label."""
        bought = self.get_bought()
        self.assertEqual(set(bought), set(parcels.mapped("reference")))
        for parcel in parcels:
            (number,) = bought[parcel.reference]
            self.assertEqual(parcel.state, "labelled")
            self.assertEqual(parcel.tracking_number, number)
            (text,) = read_pages(parcel.label_attachment_id)
            self.assertIn(number, text)


def read_pages(attachment):
    """The text of each page of a stored PDF."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(attachment.raw)).pages]
