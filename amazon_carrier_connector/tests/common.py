"""What the addon's own tests share: a company that sells on Amazon, and its report.

The classes with stand-ins need the folder ``tests`` of the source checkout on Python's
path, which is so when the tests are started from there.
"""

import itertools
from contextlib import contextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

from ..carriers.myparcel import RATE_LIMITS, RATE_SECONDS
from ..carriers.windows import Windows
from ..models.delivery_carrier_myparcel import WINDOWS

USER = "amazon_carrier_connector.group_amazon_user"
MANAGER = "amazon_carrier_connector.group_amazon_manager"
STOCK_USER = "stock.group_stock_user"

# The columns that every account has; a report has any others beside them.
COLUMNS = (
    "order-id",
    "order-item-id",
    "purchase-date",
    "payments-date",
    "reporting-date",
    "promise-date",
    "days-past-promise",
    "buyer-email",
    "buyer-name",
    "buyer-phone-number",
    "sku",
    "product-name",
    "quantity-purchased",
    "quantity-shipped",
    "quantity-to-ship",
    "ship-service-level",
    "recipient-name",
    "ship-address-1",
    "ship-address-2",
    "ship-address-3",
    "ship-city",
    "ship-state",
    "ship-postal-code",
    "ship-country",
    "is-business-order",
    "purchase-order-number",
    "price-designation",
    "is-prime",
)
_USUAL_CELLS = {
    "purchase-date": "2026-11-16T08:34:47+00:00",
    "payments-date": "2026-11-16T08:34:47+00:00",
    "reporting-date": "2026-11-16T09:05:12+00:00",
    "promise-date": "2026-11-19T22:59:59+00:00",
    "days-past-promise": "-3",
    "buyer-email": "a1b2c3d4@marketplace.amazon.nl",
    "buyer-name": "Buyer Example",
    "buyer-phone-number": "+31600000001",
    "sku": "MUG-BLUE",
    "product-name": "Blue mug",
    "quantity-shipped": "0",
    "quantity-to-ship": "1",
    "ship-service-level": "Standard",
    "recipient-name": "Recipient Example",
    "ship-address-1": "Voorbeeldstraat 12 a",
    "ship-city": "Utrecht",
    "ship-postal-code": "3500 AA",
    "ship-country": "NL",
    "is-business-order": "false",
    "is-prime": "false",
}
_send = requests.Session.send


def order_ref(number):
    """An Amazon order id."""
    return f"402-{number:07d}-{number:07d}"


def item_ref(number):
    """An Amazon order item id; like many of Amazon's it begins with zeros."""
    return f"{number:014d}"


def report_row(number, item=None, **cells):
    """The cells of one row; a column's name is given with ``_`` for ``-``.

    :param int number: of the order
    :param int item: of the order item, by default the order's number
    """
    row = {
        "order-id": order_ref(number),
        "order-item-id": item_ref(item or number),
        **_USUAL_CELLS,
        **{name.replace("_", "-"): str(value) for name, value in cells.items()},
    }
    row.setdefault("quantity-purchased", row["quantity-to-ship"])
    return row


def make_report(*rows, encoding="utf-8"):
    """The bytes of an Unshipped orders report with these rows."""
    others = {name: None for row in rows for name in row if name not in COLUMNS}
    columns = [*COLUMNS, *others]
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    return "".join("\t".join(line) + "\r\n" for line in lines).encode(encoding)


def upload(env, data):
    """The attachments that a dialog makes of files.

    :param data: bytes of the report ``unshipped.txt``, or bytes by file name
    """
    files = {"unshipped.txt": data} if isinstance(data, bytes) else data
    return env["ir.attachment"].create(
        [{"name": name, "raw": content} for name, content in files.items()]
    )


class AmazonCommon(TransactionCase):
    """A company with one shop, three products in stock and MyParcel, and its people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.market_nl = cls.env.ref("amazon_carrier_connector.market_nl")
        cls.market_de = cls.env.ref("amazon_carrier_connector.market_de")
        cls.carrier = cls.env.ref(
            "amazon_carrier_connector.delivery_carrier_myparcel_postnl"
        )
        cls.carrier.prod_environment = True
        cls.mug = cls._create_product("Blue mug", "MUG-BLUE", weight=0.4)
        cls.plate = cls._create_product(
            "Plate", "PLATE", barcode="8710000000012", weight=1.2
        )
        cls.bowl = cls._create_product("Bowl", "BOWL", weight=0.7)
        cls.shop = cls._create_shop(cls.company, "A1SELLER")
        cls._create_users()

    @classmethod
    def _create_users(cls):
        cls.amazon_user = new_test_user(cls.env, "amazon_user", USER)
        cls.amazon_manager = new_test_user(cls.env, "amazon_manager", MANAGER)
        cls.stock_user = new_test_user(cls.env, "stock_user", STOCK_USER)
        cls.employee = new_test_user(cls.env, "employee", "base.group_user")
        cls.admin = cls.env.ref("base.user_admin")

    @classmethod
    def _create_product(cls, name, sku, stock=100, **values):
        product = cls.env["product.product"].create(
            {"name": name, "default_code": sku, "is_storable": True, **values}
        )
        cls.env["stock.quant"]._update_available_quantity(
            product, cls.warehouse.lot_stock_id, stock
        )
        return product

    @classmethod
    def _create_shop(cls, company, selling_partner_id, **values):
        return cls.env["amazon.shop"].create(
            {
                "company_id": company.id,
                "selling_partner_id": selling_partner_id,
                "market_ids": (cls.market_nl | cls.market_de).ids,
                "market_id": cls.market_nl.id,
                "carrier_id": cls.carrier.id,
                **values,
            }
        )

    @classmethod
    def _create_other_company(cls):
        """A second company with a warehouse, a shop and a manager of its own."""
        cls.other_company = cls.env["res.company"].create({"name": "Other Seller"})
        cls.other_shop = cls._create_shop(cls.other_company, "A2OTHERSELLER")
        cls.other_manager = new_test_user(
            cls.env, "other_manager", MANAGER, company_id=cls.other_company.id
        )

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        """Only this machine; Odoo's own method cannot take a pair of timeouts."""
        host = urlsplit(r.url).hostname
        assert _is_loopback(host), f"a test asked {host}"
        return _send(s, r, **kw)

    # === REAL COMMITS === #

    @contextmanager
    def committing(self, user=None):
        """An environment in which imports, runs and pushes may commit and roll back.

        :param user: who acts, by default the superuser
        """
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield self.env(cr=cr, user=user or self.env.uid)

    def run_cron(self, name):
        """Run one of the addon's scheduled actions as its worker does."""
        with self.enter_registry_test_mode():
            self.env.ref(f"amazon_carrier_connector.{name}").method_direct_trigger()

    def run_cron_to_its_end(self, name):
        """As often as it asks to go on: a slow machine's time is over sooner."""
        self.take_triggers(name)
        self.run_cron(name)
        while self.take_triggers(name):
            self.run_cron(name)

    def take_triggers(self, name):
        """Whether one of the addon's scheduled actions is to begin at once; it is not
        any more."""
        cron = self.env.ref(f"amazon_carrier_connector.{name}")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        triggers.unlink()
        return bool(triggers)

    def assert_all_refused(self, user, ways):
        """
        :param ways: what a user tries, by name
        """
        for name, attempt in ways.items():
            with self.subTest(user=user.login, way=name):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    attempt()
                    self.env.flush_all()

    def create_confirmation(self, order, quantity=0, **values):
        """What Amazon was told of an order, or is yet to be.

        :param quantity: of its only item; without it, the confirmation has no line
        """
        line = {"item_id": order.item_ids[:1].id, "quantity": quantity}
        return self.env["amazon.shipment.confirmation"].create(
            {
                "order_id": order.id,
                "picking_id": order.picking_ids[:1].id,
                "tracking_number": "3STEST",
                "ship_date": "2026-11-17 12:00:00",
                "line_ids": [Command.create(line)] if quantity else [],
                **values,
            }
        )

    # === IMPORTS === #

    def check_report(self, data, user=None, shop=None, market=None, **values):
        """Upload a report in the dialog, or several.

        :param data: bytes of the report ``unshipped.txt``, or bytes by file name
        :param values: further values of the dialog
        :return: the import, *checked*, in the environment of the user
        """
        env = self.env(user=user or self.amazon_user)
        if market:
            values["market_id"] = market.id
        wizard = env["amazon.order.import.wizard"].create(
            {
                "shop_id": (shop or self.shop).id,
                "attachment_ids": upload(env, data).ids,
                **values,
            }
        )
        action = wizard.action_check()
        return env["amazon.order.import"].browse(action["res_id"])

    def import_report(self, data, user=None, shop=None, market=None, **values):
        """Upload a report, or several, and import; options as in ``check_report``.

        :return: the import in the environment of the user
        """
        checked = self.check_report(data, user, shop, market, **values)
        with self.committing(checked.env.user) as env:
            checked.with_env(env).action_import()
        return checked

    def import_rows(self, *rows, **options):
        """Import a report of these rows; options as in ``import_report``.

        :return: the import, in the superuser's environment
        """
        return self.import_report(make_report(*rows), **options).with_env(self.env)

    def find_order(self, number, company=None):
        """The order that has the order id of a row."""
        return self.env["amazon.order"].search(
            [
                ("name", "=", order_ref(number)),
                ("company_id", "=", (company or self.company).id),
            ]
        )


class AmazonStandinsCommon(AmazonCommon):
    """The same with stand-ins for Amazon and the carriers, connected and in production.

    ``self.standins`` are real servers on loopback, forgetful before each test.
    """

    standin_rates = "fast"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        from tests.standins import Standins

        cls.standins = Standins(rates=cls.standin_rates)
        cls.standins.__enter__()
        cls.addClassCleanup(cls.standins.__exit__, None, None, None)
        cls._connect()

    @classmethod
    def _connect(cls):
        given = cls.standins.connection()
        parameters = cls.env["ir.config_parameter"]
        for name, address in (
            ("spapi_url", given["amazon"]),
            ("lwa_url", given["lwa_token"]),
            ("seller_central_url", given["lwa"]),
            ("myparcel_url", given["myparcel"]),
        ):
            parameters.set_param(f"amazon_carrier_connector.{name}", address)
        cls.company.write(
            {
                "amazon_application_id": given["application_id"],
                "amazon_client_id": given["client_id"],
                "amazon_client_secret_entry": given["client_secret"],
                "myparcel_api_key_entry": given["myparcel_key"],
            }
        )
        cls.shop.refresh_token_entry = given["refresh_token"]

    def setUp(self):
        super().setUp()
        self.standins.reset()
        # Long pauses between two calls, so that no test waits for another one.
        clock = itertools.count(step=2 * RATE_SECONDS).__next__
        windows = Windows(RATE_LIMITS, RATE_SECONDS, clock)
        self.patch(WINDOWS, "of", lambda key: windows)


def _is_loopback(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
