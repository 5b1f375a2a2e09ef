"""Kits of Manufacturing and batch transfers, where they are installed beside the
addon: what a warehouse does with components, that Amazon is told of whole kits, and
that a batch has its labels before it leaves.

One Odoo and one database serve all tests of the module; each has an order of its own.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import datetime, timedelta, timezone

import pytest

from devtools.paths import LOGS, ROOT
from devtools.processes import OdooServer, complaints, guarded_odoo
from devtools.programs import run
from tests.driver.client import OdooClient, OdooError
from tests.driver.main_job import MainJob
from tests.driver.shop import USER, Product, create_user, put_in_stock, set_up
from tests.driver.unshipped_report import COLUMNS
from tests.standins import Standins

from .conftest import own_database

POT, LID, CUP, TRAY = (
    Product(sku, sku.title(), 0.3) for sku in ("POT", "LID", "CUP", "TRAY")
)
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def installed(environment):
    """A database with the addon in which Manufacturing is installed afterwards."""
    log = LOGS / "system" / "kits-install.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    with own_database(environment, "kits") as name:
        run(
            guarded_odoo(
                environment,
                *(
                    "-d",
                    name,
                    "-i",
                    "mrp,sale_stock,stock_picking_batch",
                    "--stop-after-init",
                ),
                *("--no-http", "--max-cron-threads=0", "--logfile", log),
            ),
            log="kits-install-output",
            advice=f"Odoo could not install Manufacturing: read {log}.",
            env=environment.variables(),
            cwd=ROOT,
        )
        yield name, log.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def standins():
    with Standins(rates="fast") as running:
        yield running
        assert running.violations == []


@pytest.fixture(scope="module")
def server(environment, installed):
    name, __ = installed
    log = LOGS / "system" / "kits.log"
    log.unlink(missing_ok=True)
    running = OdooServer(environment, name, log, arguments=("--max-cron-threads=0",))
    running.start()
    try:
        yield running
        complained = running.complaints()
    finally:
        running.stop()
    assert complained == []


@pytest.fixture(scope="module")
def admin(server):
    return OdooClient(server.url, server.database, "admin", "admin")


@pytest.fixture(scope="module")
def warehouse(server, admin, standins):
    """Kits in stock: TEA is two cups and a pot with its lid, itself a kit."""
    shop_id = set_up(admin, standins.connection())
    put_in_stock(admin, [POT, LID, CUP, TRAY])
    create_user(admin, "clerk", USER)
    clerk = OdooClient(server.url, server.database, "clerk", "clerk")
    made = Warehouse(server, admin, clerk, shop_id, standins)
    made.create_kit("POT-LID", {"POT": 1, "LID": 1})
    made.create_kit("TEA", {"CUP": 2, "POT-LID": 1})
    return made


@pytest.fixture
def work(warehouse):
    """The warehouse at the beginning of a day."""
    warehouse.standins.reset()
    warehouse.admin.write("amazon.shop", warehouse.shop_id, validate_after=True)
    return warehouse


class Warehouse:
    def __init__(self, server, admin, clerk, shop_id, standins):
        self.server = server
        self.admin, self.clerk, self.shop_id = admin, clerk, shop_id
        self.standins, self.job = standins, MainJob(clerk, shop_id)

    # === PRODUCTS === #

    def find_product(self, sku):
        domain = [("default_code", "=", sku)]
        (product,) = self.admin.search("product.product", domain)
        return product

    def create_kit(self, sku, components):
        (product,) = self.admin.create(
            "product.product",
            {"name": f"Kit {sku}", "default_code": sku, "is_storable": True},
        )
        template = self.admin.read("product.product", product, "product_tmpl_id")
        lines = [
            (0, 0, {"product_id": self.find_product(part), "product_qty": quantity})
            for part, quantity in components.items()
        ]
        values = {"type": "phantom", "bom_line_ids": lines, **template}
        values.pop("id")
        self.admin.create("mrp.bom", values)

    # === DELIVERIES === #

    def order(self, **quantities):
        """Import an order of these SKUs ("_" for "-"); its delivery."""
        self.number = next(NUMBERS)
        report = make_report(
            self.number,
            {sku.replace("_", "-"): number for sku, number in quantities.items()},
        )
        self.standins.amazon.orders.load_report(report)
        self.job.start_import(self.job.check(report))
        (delivery,) = self.find_deliveries()
        return delivery

    def find_deliveries(self, *domain):
        return self.clerk.search(
            "stock.picking",
            [("amazon_order_ids.name", "=", order_ref(self.number)), *domain],
            order="id",
        )

    def read_moves(self, delivery, **options):
        """Quantity by SKU of the product; of moves that are not cancelled."""
        moves = self.clerk.search(
            "stock.move", [("picking_id", "=", delivery), ("state", "!=", "cancel")]
        )
        found = defaultdict(float)
        for move in self.clerk.read(
            "stock.move", moves, "product_id", "product_uom_qty", "amazon_item_id"
        ):
            assert move["amazon_item_id"]
            product = self.clerk.read(
                "product.product", move["product_id"], "default_code"
            )
            found[product["default_code"]] += move["product_uom_qty"]
        return dict(found)

    def sell_to_switzerland(self, delivery, price):
        """Let Amazon have told a price in euros, and the buyer move."""
        euro = self.admin.ref("base.EUR")
        (swiss,) = self.admin.search("res.country", [("code", "=", "CH")])
        rates = self.admin.search("res.currency.rate", [("currency_id", "=", euro)])
        if not rates:
            values = {"name": "2020-01-01", "rate": 0.5, "currency_id": euro}
            self.admin.create("res.currency.rate", values)
        items = self.admin.search(
            "amazon.order.item", [("order_id.name", "=", order_ref(self.number))]
        )
        self.server.environment.server.query(
            f"UPDATE amazon_order_item SET unit_price = {price}, currency_id = {euro}"
            f" WHERE id IN ({', '.join(map(str, items))})",
            self.server.database,
        )
        partner = self.admin.read("stock.picking", delivery, "partner_id")["partner_id"]
        self.admin.write("res.partner", partner, country_id=swiss, zip="8001")

    def reserve(self, delivery):
        for method in ("action_confirm", "action_assign"):
            self.clerk.press("stock.picking", delivery, method)

    def pick(self, delivery, **quantities):
        """Reserve, and put no more than these quantities of the SKUs in the parcel."""
        self.reserve(delivery)
        for sku, quantity in quantities.items():
            moves = self.clerk.search(
                "stock.move",
                [
                    ("picking_id", "=", delivery),
                    ("product_id", "=", self.find_product(sku)),
                ],
            )
            self.clerk.write("stock.move", moves, quantity=quantity)

    def validate(self, delivery):
        """Press Validate, the rest goes into a backorder; the backorder."""
        self.clerk.press(
            "stock.picking", delivery, "button_validate", skip_backorder=True
        )
        assert self.clerk.read("stock.picking", delivery, "state")["state"] == "done"
        domain = [("backorder_id", "=", delivery)]
        return next(iter(self.clerk.search("stock.picking", domain)), None)

    def ship(self, *deliveries):
        """Labels by a run, validation after them."""
        run_id = self.job.create_labels(list(deliveries))
        self.job.start_labels(run_id)
        assert self.job.has_labelled(run_id)

    # === AMAZON === #

    def push(self):
        action = self.admin.ref("amazon_carrier_connector.cron_push_confirmations")
        self.admin.press("ir.cron", action, "method_direct_trigger")

    def get_told(self):
        """What Amazon was told of the order: pieces by SKU, package after package."""
        state = self.standins.amazon.state()
        packages = state["orders"][order_ref(self.number)]["packages"].values()
        return [
            {
                self.skus[item_ref]: quantity
                for item_ref, quantity in package["items"].items()
            }
            for package in packages
        ]

    @property
    def skus(self):
        items = self.clerk.search(
            "amazon.order.item", [("order_id.name", "=", order_ref(self.number))]
        )
        return {
            item["item_ref"]: item["sku"]
            for item in self.clerk.read("amazon.order.item", items, "item_ref", "sku")
        }


def order_ref(number):
    return f"402-{number:07d}-{number:07d}"


def make_report(number, quantities):
    now = datetime.now(timezone.utc)
    moments = {
        **dict.fromkeys(("purchase-date", "payments-date", "reporting-date"), now),
        "promise-date": now + timedelta(days=2),
    }
    rows = [
        {
            **dict.fromkeys(COLUMNS, ""),
            **{
                name: f"{moment:%Y-%m-%dT%H:%M:%S+00:00}"
                for name, moment in moments.items()
            },
            "order-id": order_ref(number),
            "order-item-id": f"{number:010d}{place:04d}",
            "sku": sku,
            "product-name": f"{sku} at Amazon",
            "quantity-purchased": str(quantity),
            "quantity-shipped": "0",
            "quantity-to-ship": str(quantity),
            "ship-service-level": "Standard",
            "recipient-name": "Recipient Example",
            "ship-address-1": "Voorbeeldstraat 12",
            "ship-city": "Utrecht",
            "ship-postal-code": "3511 AA",
            "ship-country": "NL",
            "sales-channel": "Amazon.nl",
        }
        for place, (sku, quantity) in enumerate(quantities.items(), start=1)
    ]
    lines = [COLUMNS, *([row[column] for column in COLUMNS] for row in rows)]
    return "".join("\t".join(line) + "\r\n" for line in lines).encode()


def test_manufacturing_installs_beside_the_addon_without_a_complaint(installed):
    __, log = installed
    assert "Loading module mrp" in log
    assert complaints(log) == []


def test_a_kit_is_labelled_shipped_and_told_as_a_whole(work):
    delivery = work.order(TEA=3, TRAY=2)
    assert work.read_moves(delivery) == {"TEA": 3, "TRAY": 2}
    work.ship(delivery)
    assert work.read_moves(delivery) == {"CUP": 6, "POT": 3, "LID": 3, "TRAY": 2}
    assert work.find_deliveries(("state", "=", "done")) == [delivery]
    work.push()
    assert work.get_told() == [{"TEA": 3, "TRAY": 2}]


def test_plain_validation_tells_of_whole_kits_as_well(work):
    delivery = work.order(POT_LID=2)
    work.reserve(delivery)
    assert work.validate(delivery) is None
    work.push()
    assert work.get_told() == [{"POT-LID": 2}]


def test_kits_that_are_whole_are_told_and_the_rest_with_the_backorder(work):
    delivery = work.order(TEA=3)
    work.pick(delivery, CUP=5, POT=3, LID=2)
    backorder = work.validate(delivery)
    assert work.read_moves(backorder) == {"CUP": 1, "LID": 1}
    work.push()
    assert work.get_told() == [{"TEA": 2}]
    work.reserve(backorder)
    assert work.validate(backorder) is None
    work.push()
    assert work.get_told() == [{"TEA": 2}, {"TEA": 1}]


def test_a_kit_without_one_component_is_told_with_the_delivery_that_completes_it(work):
    delivery = work.order(TEA=1, TRAY=1)
    work.pick(delivery, POT=0)
    backorder = work.validate(delivery)
    work.push()
    assert work.get_told() == [{"TRAY": 1}]
    work.reserve(backorder)
    work.validate(backorder)
    work.push()
    assert work.get_told() == [{"TRAY": 1}, {"TEA": 1}]


def test_a_bill_of_materials_that_changes_on_the_way_changes_nothing_that_is_told(work):
    work.create_kit("SET", {"CUP": 2, "TRAY": 1})
    delivery = work.order(SET=2)
    work.reserve(delivery)
    (bom,) = work.admin.search(
        "mrp.bom", [("product_tmpl_id.default_code", "=", "SET")]
    )
    lid = work.find_product("LID")
    work.admin.write("mrp.bom", bom, bom_line_ids=[(0, 0, {"product_id": lid})])
    work.validate(delivery)
    work.push()
    assert work.get_told() == [{"SET": 2}]


def test_a_sku_that_turns_out_to_be_a_kit_and_then_not_changes_what_is_reserved(work):
    delivery = work.order(NEW_SKU=2)
    work.reserve(delivery)
    assert work.read_moves(delivery) == {"AMAZON-ITEM": 2}
    listing = work.clerk.search("amazon.listing", [("sku", "=", "NEW-SKU")])
    work.clerk.write("amazon.listing", listing, product_id=work.find_product("TEA"))
    assert work.read_moves(delivery) == {"CUP": 4, "POT": 2, "LID": 2}
    assert work.clerk.read("stock.picking", delivery, "state")["state"] == "assigned"

    work.clerk.write("amazon.listing", listing, product_id=work.find_product("TRAY"))
    assert work.read_moves(delivery) == {"TRAY": 2}
    assert work.clerk.read("stock.picking", delivery, "state")["state"] == "assigned"

    work.clerk.write("amazon.listing", listing, product_id=work.find_product("POT-LID"))
    work.ship(delivery)
    assert work.read_moves(delivery) == {"POT": 2, "LID": 2}
    work.push()
    assert work.get_told() == [{"NEW-SKU": 2}]


def test_the_components_of_a_kit_are_declared_with_the_price_of_the_kit(work):
    (china,) = work.admin.search("res.country", [("code", "=", "CN")])
    prices = {"POT": 20, "LID": 10}
    for sku, price in prices.items():
        product = work.find_product(sku)
        values = {"hs_code": "732393", "country_of_origin": china, "list_price": price}
        work.admin.write("product.product", product, **values)
    delivery = work.order(POT_LID=2)
    work.sell_to_switzerland(delivery, 25.0)
    # The check comes before the kit is taken apart, the label after it.
    work.ship(delivery)
    (shipment,) = work.standins.myparcel.state()["shipments"]
    declared = shipment["request"]["customs_declaration"]["items"]
    assert {
        item["description"]: (item["amount"], item["item_value"]["amount"])
        for item in declared
    } == {"Pot": (2, 3333), "Lid": (2, 1667)}


def test_kits_picked_first_are_told_with_the_delivery_that_follows(work):
    (house,) = work.admin.search("stock.warehouse", [], limit=1)
    work.admin.write("stock.warehouse", house, delivery_steps="pick_ship")
    try:
        pick = work.order(TEA=2)
        work.pick(pick, CUP=2, POT=2, LID=2)
        rest = work.validate(pick)
        (first,) = work.find_deliveries(("picking_type_code", "=", "outgoing"))
        work.ship(first)
        work.push()
        assert work.get_told() == [{"TEA": 1}]
        work.reserve(rest)
        work.validate(rest)
        (second,) = work.find_deliveries(
            ("picking_type_code", "=", "outgoing"), ("state", "!=", "done")
        )
        work.ship(second)
        work.push()
        assert work.get_told() == [{"TEA": 1}, {"TEA": 1}]
    finally:
        work.admin.write("stock.warehouse", house, delivery_steps="ship_only")


# Batch transfers


def make_batch(work, count):
    """Deliveries of so many orders in one batch transfer."""
    deliveries = [work.order(TRAY=1) for __ in range(count)]
    (batch,) = work.admin.create("stock.picking.batch", {})
    work.admin.write("stock.picking", deliveries, batch_id=batch)
    work.admin.press("stock.picking.batch", batch, "action_confirm")
    return batch, deliveries


def read_states(work, batch, deliveries):
    """State of the batch, and of each delivery with whether it is in the batch."""
    told = work.admin.read("stock.picking", deliveries, "state", "batch_id")
    state = work.admin.read("stock.picking.batch", batch, "state")["state"]
    return state, [(each["state"], each["batch_id"] == batch) for each in told]


def spoil_address(work, delivery):
    """A postal code that passes every check but MyParcel's own."""
    partner = work.admin.read("stock.picking", delivery, "partner_id")["partner_id"]
    work.admin.write("res.partner", partner, zip="0000")


def count_bought(work):
    shipments = work.standins.myparcel.shipments.values()
    return sum(bool(shipment.barcode) for shipment in shipments)


def test_a_small_batch_is_validated_with_its_labels(work):
    batch, deliveries = make_batch(work, 2)
    work.admin.press("stock.picking.batch", batch, "action_done")
    assert read_states(work, batch, deliveries) == ("done", [("done", True)] * 2)
    assert count_bought(work) == 2


def test_one_refusal_leaves_the_whole_batch_and_keeps_the_label_of_the_other(work):
    batch, deliveries = make_batch(work, 2)
    spoil_address(work, deliveries[1])
    with pytest.raises(OdooError, match="Postal code"):
        work.admin.press("stock.picking.batch", batch, "action_done")
    state, pickings = read_states(work, batch, deliveries)
    assert (state, pickings) == ("in_progress", [("assigned", True)] * 2)
    partner = work.admin.read("stock.picking", deliveries[1], "partner_id")
    work.admin.write("res.partner", partner["partner_id"], zip="3511 AA")
    work.admin.press("stock.picking.batch", batch, "action_done")
    assert read_states(work, batch, deliveries) == ("done", [("done", True)] * 2)
    assert count_bought(work) == 2


def test_a_large_batch_becomes_one_run_that_validates_it_as_a_whole(work):
    batch, deliveries = make_batch(work, 7)
    # One needs no label, and leaves with the others.
    work.admin.write("stock.picking", deliveries[0], carrier_id=False)
    action = work.admin.press("stock.picking.batch", batch, "action_done")
    assert action["res_model"] == "delivery.label.run"
    assert read_states(work, batch, deliveries)[0] == "in_progress"
    assert count_bought(work) == 0
    work.job.start_labels(action["res_id"])
    assert work.job.has_labelled(action["res_id"])
    assert read_states(work, batch, deliveries) == ("done", [("done", True)] * 7)
    assert count_bought(work) == 6


def test_of_a_large_batch_what_was_refused_stays_behind_and_says_why(work):
    batch, deliveries = make_batch(work, 7)
    spoil_address(work, deliveries[3])
    run_id = work.admin.press("stock.picking.batch", batch, "action_done")["res_id"]
    work.job.start_labels(run_id)
    told = work.admin.read("stock.picking", deliveries, "state", "label_state")
    assert [each["state"] for each in told].count("done") == 6
    assert (told[3]["state"], told[3]["label_state"]) == ("assigned", "refused")
    problems = work.admin.read("delivery.label.run", run_id, "problem_parcel_ids")
    (parcel,) = problems["problem_parcel_ids"]
    assert "Postal code" in work.admin.read("delivery.parcel", parcel, "error")["error"]
