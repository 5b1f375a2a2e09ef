"""The overview: its numbers are those of the records that they open."""

import json
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import MANAGER, USER, report_row
from .label_case import LabelCase

# A Wednesday, noon in Amsterdam.
NOON = datetime(2026, 11, 18, 11)
COUNTS = {
    "delivery_to_label_count": "action_view_deliveries_to_label",
    "delivery_late_count": "action_view_late_deliveries",
    "delivery_due_today_count": "action_view_deliveries_due_today",
    "delivery_problem_count": "action_view_problem_deliveries",
    "delivery_labelled_count": "action_view_labelled_deliveries",
    "confirmation_to_push_count": "action_view_confirmations_to_push",
    "confirmation_late_count": "action_view_late_confirmations",
    "confirmation_failed_count": "action_view_failed_confirmations",
    "sku_to_match_count": "action_view_skus_to_match",
    "order_count": "action_view_orders",
}
# Orders by the hours until they must be shipped.
HOURS = {1: -30, 2: -2, 3: 3, 4: 20, 5: 44, 6: 24 * 9}


@tagged("post_install", "-at_install")
class TestOverview(LabelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.amazon_user | cls.amazon_manager | cls.stock_user).tz = "Europe/Amsterdam"
        cls.deliveries = cls.import_orders(
            *(
                report_row(
                    number,
                    promise_date=f"{NOON + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}Z",
                )
                for number, hours in HOURS.items()
            )
        ).picking_ids

    def setUp(self):
        super().setUp()
        clock = freeze_time(NOON)
        clock.start()
        self.addCleanup(clock.stop)

    def delivery(self, number):
        return self.find_order(number).picking_ids

    def open(self, action):
        return self.env[action["res_model"]].search(action["domain"])

    def see(self, user, shop=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (shop or self.shop).with_user(user)

    def add_parcel(self, number, state, **values):
        return self.env["delivery.parcel"].create(
            {
                "picking_id": self.delivery(number).id,
                "company_id": self.company.id,
                "carrier_id": self.carrier.id,
                "weight_kg": 1,
                "state": state,
                "without_label": True,
                "labelled_at": NOON,
                **values,
            }
        )

    def assert_found(self, action, *numbers, user=None):
        shop = self.see(user or self.amazon_user)
        found = self.open(getattr(shop, action)())
        wanted = self.env["stock.picking"].concat(*map(self.delivery, numbers))
        self.assertEqual(found, wanted.sorted(lambda p: found.ids.index(p.id)))

    # === NUMBERS === #

    def test_each_number_is_that_of_the_records_its_button_opens(self):
        self.delivery(1).carrier_id = False
        self.add_parcel(2, "refused")
        self.add_parcel(3, "labelled", tracking_number="3STEST")
        self.find_order(4).cancel_requested = True
        self.import_rows(report_row(21, sku="NOBODY-KNOWS"))
        self.env["amazon.shipment.confirmation"].create(
            [
                {
                    "order_id": self.find_order(number).id,
                    "picking_id": self.delivery(number).id,
                    "tracking_number": f"3STEST{number}",
                    "ship_date": NOON,
                    "state": state,
                }
                for number, state in ((1, "to_push"), (2, "failed"))
            ]
        )
        self.env.cr.execute(
            "UPDATE amazon_shipment_confirmation SET create_date = %s",
            [NOON - timedelta(days=1)],
        )
        for user in (self.stock_user, self.amazon_user, self.amazon_manager):
            shop = self.see(user)
            for count, action in COUNTS.items():
                if user == self.stock_user and count == "sku_to_match_count":
                    continue
                with self.subTest(count, user=user.login):
                    self.assertGreater(shop[count], 0)
                    found = self.open(getattr(shop, action)())
                    self.assertEqual(shop[count], len(found))

    def test_an_order_that_is_picked_first_is_late_once(self):
        self.warehouse.delivery_steps = "pick_ship"
        pick = self.import_orders(
            report_row(31, promise_date="2026-11-18T09:00:00Z")
        ).picking_ids
        self.assertEqual(self.see(self.amazon_user).delivery_late_count, 3)
        pick.action_confirm()
        pick.move_ids.write({"quantity": 1, "picked": True})
        pick._action_done()
        self.assertEqual(len(self.find_order(31).picking_ids), 2)
        self.assertEqual(self.see(self.amazon_user).delivery_late_count, 3)

    def test_numbers_are_of_their_own_shop(self):
        other = self._create_shop(self.company, "A9SECOND")
        self.import_rows(report_row(31), shop=other)
        shops = self.see(self.amazon_user, self.shop | other)
        self.assertEqual(shops.mapped("delivery_to_label_count"), [6, 1])
        self.assertEqual(self.open(other.action_view_deliveries()), self.delivery(31))

    def test_what_waits_for_its_label_is_late_due_today_or_neither(self):
        self.assert_found("action_view_deliveries_to_label", *HOURS)
        self.assert_found("action_view_late_deliveries", 1, 2)
        self.assert_found("action_view_deliveries_due_today", 3)

    def test_what_is_shipped_or_cancelled_is_counted_no_more(self):
        self.delivery(1).action_cancel()
        self.label(self.delivery(2), validate_after=True)
        self.assertEqual(self.delivery(2).state, "done")
        self.assert_found("action_view_late_deliveries")
        self.assert_found("action_view_labelled_deliveries")

    def test_problems_are_what_a_person_must_mend_before_it_can_leave(self):
        self.delivery(1).carrier_id = False
        self.add_parcel(2, "unclear")
        self.add_parcel(3, "refused")
        self.find_order(4).cancel_requested = True
        self.delivery(5).amazon_on_hold = True
        self.find_order(6).address_state = "uncertain"
        self.assert_found("action_view_problem_deliveries", *HOURS)
        # Each of them is mended, or has its label all the same.
        self.delivery(1).carrier_id = self.carrier
        (self.delivery(2) | self.delivery(3)).parcel_ids.state = "cancelled"
        self.find_order(4).cancel_released = True
        self.delivery(5).amazon_on_hold = False
        self.delivery(6).carrier_tracking_ref = "3STEST"
        self.assert_found("action_view_problem_deliveries")

    # === BARS === #

    def test_each_bar_opens_the_open_deliveries_of_its_day(self):
        self.delivery(3).action_cancel()
        shop = self.see(self.amazon_user)
        (graph,) = json.loads(shop.ship_by_graph)
        bars = {bar["day"]: bar for bar in graph["values"]}
        self.assertEqual(
            {day: bar["value"] for day, bar in bars.items()},
            {-1: 1, 0: 1, 1: 1, 2: 1, 3: 0, 4: 0, 5: 1},
        )
        for day, number in {-1: 1, 0: 2, 1: 4, 2: 5, 5: 6}.items():
            found = self.open(shop.action_view_ship_by(day))
            self.assertEqual(found, self.delivery(number))
        self.assertEqual(bars[0]["label"], "Today")
        self.assertEqual(bars[2]["label"], "Fri 20")

    def test_a_day_ends_at_the_users_midnight(self):
        late = NOON.replace(hour=22, minute=30)
        self.delivery(4).move_ids.date_deadline = late
        shop = self.see(self.amazon_user)
        self.assertIn(self.delivery(4), self.open(shop.action_view_ship_by(0)))
        self.amazon_user.tz = "Europe/Amsterdam"
        self.delivery(4).move_ids.date_deadline = late + timedelta(hours=1)
        shop = self.see(self.amazon_user)
        self.assertIn(self.delivery(4), self.open(shop.action_view_ship_by(1)))
        shop = self.see(self.admin)
        self.admin.tz = "UTC"
        self.assertIn(self.delivery(4), self.open(shop.action_view_ship_by(0)))

    def test_without_a_deadline_it_is_among_the_last(self):
        self.delivery(1).date_deadline = False
        shop = self.see(self.amazon_user)
        self.assertIn(self.delivery(1), self.open(shop.action_view_ship_by(5)))
        (graph,) = json.loads(shop.ship_by_graph)
        self.assertEqual(graph["values"][-1]["value"], 2)

    def test_a_shop_without_open_deliveries_has_no_bars(self):
        self.deliveries.action_cancel()
        self.assertFalse(self.see(self.amazon_user).ship_by_graph)

    # === BUTTONS === #

    def test_labels_are_created_for_all_that_is_to_label_the_most_urgent_first(self):
        self.delivery(1).action_cancel()
        action = self.see(self.amazon_user).action_create_labels()
        run = self.env["delivery.label.run"].browse(action["res_id"])
        self.assertEqual(
            run.parcel_ids.sorted("position").picking_id,
            self.env["stock.picking"].concat(*map(self.delivery, (2, 3, 4, 5, 6))),
        )

    def test_where_nothing_is_to_label_the_button_says_so(self):
        self.deliveries.action_cancel()
        shop = self.see(self.amazon_user)
        with self.assertRaisesRegex(UserError, "No delivery waits for a label"):
            shop.action_create_labels()

    def test_the_last_import_is_the_latest_of_file_and_amazon(self):
        self.shop.feed_ids.last_import_at = NOON - timedelta(days=2)
        self.assertEqual(
            self.see(self.amazon_user).last_import_at, NOON - timedelta(days=2)
        )
        self.import_rows(report_row(41))
        self.assertEqual(self.see(self.stock_user).last_import_at, NOON)
        found = self.open(self.shop.action_view_imports())
        self.assertIn(self.find_order(41).import_id, found)

    # === STEPS === #

    def test_the_steps_are_shown_until_all_are_done(self):
        self.company.amazon_client_id = False
        self.company.sudo().myparcel_api_key = False
        self.shop.carrier_id = False
        self.env["amazon.order.import"].search([]).unlink()
        shop = self.see(self.amazon_manager)
        steps = (
            *("has_app_keys", "has_carrier_account"),
            *("has_shipping_choice", "has_import"),
        )
        self.assertEqual([shop[step] for step in steps], [False] * 4)
        self.assertTrue(shop.shows_setup)
        self.company.amazon_client_id = "amzn1.application-oa2-client.x"
        self.company.myparcel_api_key_entry = "key"
        self.env["amazon.shipping.rule"].create({"name": "All"})
        self.import_rows(report_row(41))
        shop = self.see(self.amazon_manager)
        self.assertEqual([shop[step] for step in steps], [True] * 4)
        self.assertFalse(shop.shows_setup)

    def test_a_gls_account_is_a_carriers_account(self):
        self.company.sudo().myparcel_api_key = False
        self.assertFalse(self.see(self.amazon_manager).has_carrier_account)
        self.env["gls.account"].create(
            {"company_id": self.company.id, "username": "gls@example.com"}
        )
        self.assertTrue(self.see(self.amazon_manager).has_carrier_account)

    def test_who_needs_no_connection_hides_the_steps(self):
        self.shop.action_disconnect()
        self.assertTrue(self.see(self.amazon_manager).shows_setup)
        self.see(self.amazon_manager).action_hide_setup()
        self.assertFalse(self.see(self.amazon_manager).shows_setup)

    def test_keys_are_entered_by_administrators_and_others_read_how(self):
        action = self.see(self.admin).action_enter_keys()
        self.assertEqual(action["res_model"], "res.config.settings")
        action = self.see(self.amazon_manager).action_enter_keys()
        self.assertEqual(action["res_model"], "amazon.shop")

    # === IN PROGRESS === #

    def test_an_import_tells_how_far_it_is(self):
        feed = self.shop.feed_ids
        self.assertFalse(self.see(self.stock_user).progress_message)
        feed.state = "queued"
        self.assertEqual(
            self.see(self.stock_user).progress_message, "Orders are being imported."
        )
        feed.write({"state": "running", "listed_count": 40})
        self.assertIn("40 so far", self.see(self.stock_user).progress_message)
        feed.error = "Amazon is away."
        self.assertFalse(self.see(self.stock_user).progress_message)

    def test_nothing_is_imported_of_a_shop_that_is_not_saved_yet(self):
        self.assertFalse(self.env["amazon.shop"].new({}).progress_message)

    def test_a_push_tells_how_much_is_to_go(self):
        self.label(self.delivery(1) | self.delivery(2))
        shop = self.see(self.amazon_user)
        self.assertEqual(
            shop.progress_message, "Tracking numbers are being sent: 2 to go."
        )
        self.shop.push_drain_ids.paused_until = NOON + timedelta(minutes=5)
        self.assertFalse(self.see(self.amazon_user).progress_message)

    # === INVENTORY OVERVIEW === #

    def test_the_card_of_an_operation_type_counts_its_labels(self):
        self.delivery(1).carrier_id = False
        self.add_parcel(2, "labelled", tracking_number="3STEST")
        kind = self.warehouse.out_type_id.with_user(self.stock_user)
        self.assertEqual(kind.count_picking_to_label, 5)
        self.assertEqual(
            self.open(kind.action_view_pickings_to_label()),
            self.deliveries - self.delivery(2),
        )
        self.assertEqual(kind.count_picking_label_problem, 1)
        self.assertEqual(
            self.open(kind.action_view_pickings_with_label_problem()), self.delivery(1)
        )
        other = self.warehouse.in_type_id.with_user(self.stock_user)
        self.assertEqual(other.count_picking_to_label, 0)

    # === STATISTICS === #

    def report(self, *groups, user=None, domain=()):
        """Shipments, cost and late rate by these groups."""
        self.env.flush_all()
        return (
            self.env["delivery.parcel.report"]
            .with_user(user or self.amazon_user)
            ._read_group(list(domain), groups, ["__count", "cost:sum", "late_rate:avg"])
        )

    def test_shipments_are_counted_with_their_cost_and_how_many_were_late(self):
        self.add_parcel(1, "labelled", tracking_number="3S1", price=4.95)
        self.add_parcel(3, "labelled", tracking_number="3S3", price=6)
        (self.delivery(1) | self.delivery(3)).write(
            {"state": "done", "date_done": NOON}
        )
        typed = self.delivery(6)
        typed.carrier_id = self.create_carrier()
        typed.write({"state": "done", "date_done": NOON, "carrier_tracking_ref": "T"})
        # Still here, and late by now.
        self.add_parcel(2, "labelled", tracking_number="3S2")
        self.assertEqual(
            self.report("carrier_id"),
            [
                (self.carrier, 3, 10.95, 2 / 3),
                (typed.carrier_id, 1, False, 0),
            ],
        )
        self.assertEqual(self.report("market_id")[0][:2], (self.market_nl, 4))
        self.assertEqual(
            self.report("date:day", domain=[("late_rate", "=", 1)])[0][1], 2
        )

    def test_what_was_not_shipped_is_not_counted(self):
        self.add_parcel(1, "labelled", tracking_number="3S1", is_test=True)
        self.add_parcel(2, "cancelled", tracking_number="3S2")
        self.add_parcel(3, "refused")
        self.assertEqual(self.report(), [(0, False, False)])

    def test_the_statistics_can_be_exported_without_any_buyer(self):
        told = self.env["delivery.parcel.report"].fields_get()
        self.assertNotIn("res.partner", {f.get("relation") for f in told.values()})
        self.add_parcel(1, "labelled", tracking_number="3S1", price=4.95)
        self.amazon_user.group_ids |= self.env.ref("base.group_allow_export")
        row = self.env["delivery.parcel.report"].with_user(self.amazon_user).search([])
        names = ["picking_id/name", "market_id/name", "country_id/code", "cost"]
        self.assertEqual(
            row.export_data(names)["datas"],
            [[self.delivery(1).name, self.market_nl.name, "NL", 4.95]],
        )

    # === QUERIES AND RIGHTS === #

    def read_cards(self, user):
        """As the web client reads the kanban; how many queries it took."""
        view = self.env.ref("amazon_carrier_connector.amazon_shop_view_kanban")
        shops = self.env["amazon.shop"].with_user(user)
        shown = shops.get_views([(view.id, "kanban")])["models"]["amazon.shop"]
        names = set(shown["fields"]) - {"activity_ids", "message_ids"}
        # What is cached for all requests.
        shops.web_search_read([], dict.fromkeys(names, {}))
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        shops.web_search_read([], dict.fromkeys(names, {}))
        return self.cr.sql_log_count - before

    def test_more_shops_take_no_more_queries(self):
        few = self.read_cards(self.amazon_user)
        for number in range(5):
            shop = self._create_shop(self.company, f"A{number}MORE")
            self.import_rows(report_row(50 + number), shop=shop)
        self.assertEqual(self.read_cards(self.amazon_user), few)

    def test_shops_of_other_companies_are_not_on_the_overview(self):
        self._create_other_company()
        both = new_test_user(
            self.env,
            "both",
            f"{USER},{MANAGER}",
            company_ids=(self.company | self.other_company).ids,
        )
        shops = self.env["amazon.shop"]
        self.assertNotIn(self.other_shop, shops.with_user(self.amazon_user).search([]))
        allowed = (self.company | self.other_company).ids
        found = shops.with_user(both).with_context(allowed_company_ids=allowed)
        self.assertIn(self.other_shop, found.search([]))
