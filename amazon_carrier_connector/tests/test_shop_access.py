"""A connected shop is tested, and its markets come from Amazon."""

import time
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.amazon_shop_feed import PARTICIPATION_PACE, SEARCH_PACE
from .common import AmazonStandinsCommon, make_report, report_row

PARTICIPATIONS, SEARCH = "getMarketplaceParticipations", "searchOrders"


@tagged("post_install", "-at_install")
class TestConnectionTest(AmazonStandinsCommon):
    """A private app: its keys and the refresh token were entered by hand."""

    def setUp(self):
        super().setUp()
        seller = self.standins.seller
        self.addCleanup(setattr, seller, "restricted_role", True)
        self.addCleanup(setattr, seller, "connected", True)

    def have_open_order(self):
        self.standins.amazon.orders.load_report(make_report(report_row(1)))
        self.standins.clock.advance(600)

    def ask(self):
        """The kind of the notification, and what it says."""
        with self.committing(self.amazon_manager) as env:
            action = self.shop.with_env(env).action_test_connection()
        self.assertEqual(action["params"]["next"]["tag"], "soft_reload")
        return action["params"]["type"], action["params"]["message"]

    def assert_fails(self, words):
        kind, message = self.ask()
        self.assertEqual(kind, "danger")
        self.assertIn(words, message)
        return message

    # === ALL IS WELL === #

    def test_a_good_connection_works(self):
        self.have_open_order()
        self.assertEqual(self.ask(), ("success", "The connection works."))
        self.assertEqual(self.standins.violations, [])

    def test_a_good_test_is_remembered_and_a_failed_one_is_not(self):
        self.company.amazon_client_secret_entry = "wrong"
        self.ask()
        self.assertFalse(self.shop.tested_at)
        self._connect()
        self.ask()
        self.assertTrue(self.shop.tested_at)

    def test_markets_are_asked_for_only_while_our_share_of_the_calls_lasts(self):
        pace = PARTICIPATION_PACE
        full = (pace.burst - 1) / pace.rate
        self.shop.feed_ids.participation_full_at = time.time() + full
        self.ask()
        self.assert_fails("asked too often")
        self.assertEqual(self.standins.amazon.count(PARTICIPATIONS), 1)

    def test_a_good_test_sets_a_stopped_shop_going(self):
        feed = self.shop.feed_ids
        stop = {"error": "No role", "error_kind": "role_missing"}
        feed.write({**stop, "paused_until": fields.Datetime.now() + timedelta(hours=1)})
        self.ask()
        self.assertFalse(feed.paused_until or feed.error)
        self.shop.invalidate_recordset(["health"])
        self.assertEqual(self.shop.health, "connected")

    def test_without_an_open_order_it_says_what_could_not_be_tested(self):
        kind, message = self.ask()
        self.assertEqual(kind, "success")
        self.assertIn("shows with the first order", message)

    def test_the_markets_of_a_private_app_are_read(self):
        self.shop.write({"market_ids": [Command.clear()], "market_id": False})
        self.ask()
        self.assertEqual(len(self.shop.market_ids), 10)
        self.assertEqual(self.shop.participating_market_ids, self.shop.market_ids)
        self.assertEqual(self.shop.market_id, self.market_nl)

    def test_the_store_of_a_token_is_told_and_another_one_noticed(self):
        self.have_open_order()
        self.assertEqual(self.ask()[1], "The connection works.")
        self.assertEqual(self.shop.store_names, "Voorbeeld Webshop")
        other = self.standins.lwa.sellers.add("A2OTHER", store_name="Een Ander")
        self.addCleanup(self.standins.lwa.sellers.sellers.pop, "A2OTHER")
        self.shop.refresh_token_entry = other.refresh_token
        kind, message = self.ask()
        self.assertEqual(kind, "success")
        self.assertIn("now names the store Een Ander", message)
        self.assertIn("Voorbeeld Webshop before", message)
        self.assertEqual(self.shop.store_names, "Een Ander")

    def test_a_market_where_the_seller_may_not_sell_is_switched_off(self):
        market_us = self.env.ref("amazon_carrier_connector.market_us")
        self.shop.market_ids |= market_us
        self.shop.market_id = market_us
        self.ask()
        self.assertEqual(self.shop.market_ids, self.market_nl | self.market_de)
        self.assertEqual(self.shop.market_id, self.market_nl)

    def test_orders_are_looked_for_in_the_main_market_only(self):
        self.shop.market_id = self.market_de
        self.ask()
        (call,) = [c for c in self.standins.amazon.calls if c.operation == SEARCH]
        self.assertIn(self.market_de.marketplace_ref, call.target)
        self.assertNotIn(self.market_nl.marketplace_ref, call.target)

    # === WHAT IS MISSING === #

    def test_the_missing_restricted_role_is_named(self):
        self.have_open_order()
        self.standins.seller.restricted_role = False
        self.assert_fails("role Direct-to-Consumer Delivery")

    def test_orders_that_are_forbidden_name_the_same_role(self):
        self.standins.amazon.faults.add(SEARCH, "refused", status=403, times=2)
        message = self.assert_fails("role Direct-to-Consumer Delivery")
        self.assertNotIn("Insights", message)

    def test_the_missing_role_of_the_markets_is_named_and_the_rest_tested(self):
        self.have_open_order()
        self.standins.amazon.faults.add(PARTICIPATIONS, "refused", status=403, times=2)
        message = self.assert_fails("role Selling Partner Insights")
        self.assertNotIn("Direct-to-Consumer", message)
        self.assertEqual(self.standins.amazon.count(SEARCH), 1)

    def test_both_roles_are_named_at_once(self):
        for operation in (PARTICIPATIONS, SEARCH):
            self.standins.amazon.faults.add(operation, "refused", status=403, times=2)
        self.assertIn("Insights", self.assert_fails("Direct-to-Consumer"))

    def test_the_token_of_another_shop_is_noticed(self):
        other = self._create_shop(self.company, "A3SELLER", name="Other")
        self.assertEqual(self.ask()[0], "success")
        other.refresh_token_entry = self.standins.seller.refresh_token
        self.assert_fails("that of shop Other as well")

    def test_a_shop_of_a_company_of_others_with_the_token_is_not_named(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = self._create_shop(company, "A3SELLER", name="Other")
        other.refresh_token_entry = self.standins.seller.refresh_token
        message = self.assert_fails("a shop of another company as well")
        self.assertNotIn("Other", message)

    def test_a_withdrawn_consent_is_said(self):
        self.standins.seller.connected = False
        self.assert_fails("withdrawn")

    def test_a_wrong_secret_is_said(self):
        self.company.amazon_client_secret_entry = "wrong"
        self.assert_fails("client secret (invalid_client)")

    def test_a_wrong_region_is_said(self):
        self.shop.write({"region": "fe", "market_ids": [Command.clear()]})
        self.assert_fails("check the region")
        self.assertFalse(self.shop.market_ids)

    def test_a_test_leaves_the_import_its_calls(self):
        bucket = self.shop.feed_ids
        self.ask()
        spent = bucket.search_full_at - time.time()
        self.assertAlmostEqual(spent, 1 / SEARCH_PACE.rate, delta=5)
        bucket.search_full_at = time.time() + SEARCH_PACE.burst / SEARCH_PACE.rate
        self.assert_fails("too often")
        self.assertEqual(self.standins.amazon.count(SEARCH), 1)

    def test_an_amazon_that_does_not_answer_is_said(self):
        for kind, words in (
            ("throttled", "too often"),
            ("unavailable", "cannot be reached"),
            ("cut", "lost or not clear"),
        ):
            for operation in (PARTICIPATIONS, SEARCH):
                with self.subTest(kind=kind, operation=operation):
                    self.standins.amazon.faults.add(operation, kind)
                    self.assert_fails(words)

    def test_a_shop_that_is_not_connected_is_not_tested(self):
        self.shop._store_consent(False)
        with self.assertRaisesRegex(UserError, "refresh token"):
            self.ask()
        self.assertEqual(self.standins.amazon.calls, [])
