"""Uploading a report: the check, the import, and importing again."""

import io
import zipfile

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.base.models import ir_cron

from ..models import amazon_order_import
from .common import (
    AmazonCommon,
    item_ref,
    make_report,
    order_ref,
    report_row,
    upload,
)


def _zip_of_two(data):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("monday.txt", data)
        archive.writestr("tuesday.txt", data)
    return packed.getvalue()


@tagged("post_install", "-at_install")
class TestCheck(AmazonCommon):
    def test_checking_counts_and_creates_no_order_contact_or_delivery(self):
        models = ("amazon.order", "res.partner", "stock.picking", "stock.move")
        before = [
            self.env[model].with_context(active_test=False).search_count([])
            for model in models
        ]
        checked = self.check_report(make_report(report_row(1), report_row(2)))
        self.assertEqual(checked.state, "checked")
        self.assertEqual(checked.order_count, 2)
        self.assertEqual(checked.new_count, 2)
        after = [
            self.env[model].with_context(active_test=False).search_count([])
            for model in models
        ]
        self.assertEqual(before, after)

    def test_the_check_tells_known_orders_from_new_ones(self):
        self.import_rows(report_row(1))
        checked = self.check_report(make_report(report_row(1), report_row(2)))
        self.assertEqual((checked.known_count, checked.new_count), (1, 1))

    def test_the_check_counts_orders_whose_buyer_asked_to_cancel(self):
        checked = self.check_report(
            make_report(
                report_row(1, is_buyer_requested_cancellation="true"),
                report_row(2, is_buyer_requested_cancellation="false"),
            )
        )
        self.assertEqual(checked.cancelled_count, 1)

    def test_a_bad_row_is_named_with_row_order_and_reason(self):
        checked = self.check_report(
            make_report(report_row(1), report_row(2, quantity_to_ship="two"))
        )
        problem = checked.problem_ids
        self.assertEqual(problem.row, 3)
        self.assertEqual(problem.order_ref, order_ref(2))
        self.assertIn("quantity-to-ship", problem.reason)
        self.assertIn("two", problem.reason)

    def test_the_encoding_that_was_found_is_shown(self):
        data = make_report(report_row(1, ship_city="Köln"), encoding="cp1252")
        self.assertEqual(self.check_report(data).encoding, "cp1252")

    def test_a_file_that_is_no_report_is_refused_by_name_and_with_advice(self):
        good = make_report(report_row(1))
        for data, advice in (
            (b"\r\n", "is empty"),
            (make_report(), "nothing to ship"),
            (b"<html><body>Sign in</body></html>", "Sign in to Seller Central"),
            (b"<?xml version='1.0'?><AmazonEnvelope/>", "XML"),
            (good.replace(b"\t", b";"), "separators"),
            (good.replace(b"order-id\t", b"amazon-order-id\t"), "All Orders"),
            (good.replace(b"ship-city", b"town"), "ship-city"),
            (_zip_of_two(good), "archive"),
            (b"name,price\r\nmug,3\r\n", "Unshipped Orders report"),
        ):
            with (
                self.subTest(advice),
                self.assertRaisesRegex(UserError, advice) as caught,
            ):
                self.check_report(data)
            self.assertIn("unshipped.txt", str(caught.exception))

    def test_the_only_shop_and_its_main_market_are_proposed(self):
        self.env["amazon.shop"].search([("id", "!=", self.shop.id)]).active = False
        wizard = self.env["amazon.order.import.wizard"].new({})
        self.assertEqual(wizard.shop_id._origin, self.shop)
        self.assertEqual(wizard.market_id._origin, self.market_nl)

    def test_with_two_shops_none_is_proposed(self):
        self._create_shop(self.company, "A9SECOND")
        self.assertFalse(self.env["amazon.order.import.wizard"].new({}).shop_id)


@tagged("post_install", "-at_install")
class TestImport(AmazonCommon):
    def test_every_order_becomes_one_draft_delivery(self):
        done = self.import_rows(*(report_row(number) for number in range(1, 8)))
        self.assertEqual(done.state, "done")
        self.assertEqual(done.created_count, 7)
        deliveries = done.order_ids.picking_ids
        self.assertEqual(set(deliveries.mapped("state")), {"draft"})
        self.assertEqual(
            sorted(deliveries.mapped("origin")),
            [order_ref(number) for number in range(1, 8)],
        )

    def test_an_order_on_many_scattered_rows_becomes_one_delivery(self):
        rows = [report_row(1, item=100 + item) for item in range(30)]
        others = [report_row(200 + number) for number in range(30)]
        mixed = [row for pair in zip(rows, others, strict=True) for row in pair]
        done = self.import_rows(*mixed)
        self.assertEqual(done.created_count, 31)
        order = self.find_order(1)
        self.assertEqual(len(order.picking_ids), 1)
        self.assertEqual(
            set(order.picking_ids.move_ids.mapped("amazon_item_id.item_ref")),
            {item_ref(100 + item) for item in range(30)},
        )

    def test_only_what_is_left_to_ship_is_in_the_delivery(self):
        self.import_rows(
            report_row(1, quantity_purchased=5, quantity_shipped=3, quantity_to_ship=2),
            report_row(
                1,
                item=2,
                sku="PLATE",
                quantity_purchased=1,
                quantity_shipped=1,
                quantity_to_ship=0,
            ),
        )
        moves = self.find_order(1).picking_ids.move_ids
        self.assertEqual(moves.product_id, self.mug)
        self.assertEqual(moves.product_uom_qty, 2)
        self.assertEqual(moves.amazon_item_id.quantity_ordered, 5)

    def test_the_delivery_is_due_when_amazon_wants_it_shipped(self):
        self.import_rows(report_row(1, promise_date="2026-11-19T23:59:59+01:00"))
        delivery = self.find_order(1).picking_ids
        for moment in (delivery.scheduled_date, delivery.date_deadline):
            self.assertEqual(str(moment), "2026-11-19 22:59:59")

    def test_an_order_without_a_promise_is_imported(self):
        self.import_rows(report_row(1, promise_date=""))
        self.assertFalse(self.find_order(1).ship_by)
        self.assertEqual(self.find_order(1).picking_ids.state, "draft")

    def test_the_order_keeps_what_the_report_says(self):
        self.import_rows(
            report_row(
                1,
                ship_service_level="Expedited",
                is_prime="true",
                is_business_order="true",
                ship_phone_number="+31 6 1234 5678",
                ship_state="Utrecht",
                is_buyer_requested_cancellation="true",
                buyer_requested_cancel_reason="Ordered by mistake",
            )
        )
        order = self.find_order(1)
        self.assertEqual(order.service_level, "Expedited")
        self.assertTrue(order.is_prime and order.is_business and order.cancel_requested)
        self.assertEqual(order.cancel_reason, "Ordered by mistake")
        self.assertEqual(order.recipient_phone, "+31 6 1234 5678")
        self.assertEqual(order.recipient_email, "a1b2c3d4@marketplace.amazon.nl")
        self.assertEqual(order.recipient_state_id.code, "UT")
        self.assertEqual(str(order.purchase_date), "2026-11-16 08:34:47")

    def test_an_order_with_one_bad_row_is_left_out_and_the_others_are_imported(self):
        done = self.import_rows(
            report_row(1),
            report_row(2),
            report_row(2, item=3, sku=""),
            report_row(4),
        )
        self.assertEqual(done.state, "done")
        self.assertTrue(self.find_order(1) and self.find_order(4))
        self.assertFalse(self.find_order(2))
        self.assertEqual(set(done.problem_ids.mapped("order_ref")), {order_ref(2)})

    def test_the_market_is_that_of_the_sales_channel_where_the_report_has_it(self):
        self.import_rows(
            report_row(1, sales_channel="Amazon.de"),
            report_row(2, sales_channel="amazon.NL"),
            report_row(3, sales_channel=""),
            report_row(4, sales_channel="Non-Amazon"),
            market=self.market_nl,
        )
        self.assertEqual(self.find_order(1).market_id, self.market_de)
        for number in (2, 3, 4):
            self.assertEqual(self.find_order(number).market_id, self.market_nl)

    def test_the_result_is_told_once_on_the_import(self):
        done = self.import_rows(report_row(1), report_row(2, sku=""))
        bodies = done.message_ids.mapped("body")
        results = [body for body in bodies if "orders imported" in body]
        self.assertEqual(len(results), 1)
        self.assertIn("1 orders imported", results[0])
        self.assertIn("1 problems", results[0])

    def test_an_import_cannot_be_started_twice(self):
        done = self.import_report(make_report(report_row(1)))
        with self.assertRaisesRegex(UserError, "imported already"):
            done.action_import()

    def test_the_deliveries_of_an_import_can_be_listed(self):
        first = self.import_rows(report_row(1), report_row(2))
        self.import_rows(report_row(3))
        action = first.action_view_deliveries()
        self.assertEqual(
            self.env["stock.picking"].search(action["domain"]),
            first.order_ids.picking_ids,
        )

    def test_an_order_more_takes_fewer_than_two_queries_more(self):
        def count(first, last):
            checked = self.check_report(
                make_report(*(report_row(number) for number in range(first, last)))
            )
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with self.committing(self.amazon_user) as env:
                checked.with_env(env).action_import()
            return self.env.cr.sql_log_count - before

        count(1, 3)
        few, many = count(3, 13), count(13, 123)
        # One of them takes the delivery's number, which core does one by one.
        self.assertLess(many - few, 2 * 100)


@tagged("post_install", "-at_install")
class TestImportAgain(AmazonCommon):
    def _snapshot(self):
        """All that is stored in the tables that an import writes."""
        self.env.flush_all()
        rows = {}
        for table in (
            "amazon_order",
            "amazon_order_item",
            "amazon_listing",
            "product_product",
            "res_partner",
            "stock_picking",
            "stock_move",
            "stock_reference",
        ):
            self.env.cr.execute(f"SELECT * FROM {table} ORDER BY id")
            rows[table] = self.env.cr.fetchall()
        return rows

    def test_the_same_file_again_changes_nothing(self):
        rows = [report_row(number) for number in range(1, 6)]
        self.import_rows(*rows)
        before = self._snapshot()
        again = self.import_rows(*rows)
        self.assertEqual(self._snapshot(), before)
        self.assertEqual(again.state, "done")
        self.assertEqual(again.created_count, 0)
        self.assertEqual(again.known_count, 5)
        self.assertEqual(again.updated_count, 0)

    def test_two_overlapping_files_give_each_order_once(self):
        self.import_rows(*(report_row(number) for number in range(1, 6)))
        second = self.import_rows(*(report_row(number) for number in range(4, 9)))
        self.assertEqual(second.created_count, 3)
        for number in range(1, 9):
            self.assertEqual(len(self.find_order(number)), 1)
            self.assertEqual(len(self.find_order(number).picking_ids), 1)

    def test_two_checked_imports_of_one_file_give_each_order_once(self):
        data = make_report(report_row(1), report_row(2))
        first, second = self.check_report(data), self.check_report(data)
        for checked in (first, second):
            with self.committing(self.amazon_user) as env:
                checked.with_env(env).action_import()
        self.assertEqual(first.created_count, 2)
        self.assertEqual(second.created_count, 0)
        self.assertEqual(second.state, "done")

    def test_a_second_shop_of_the_company_does_not_import_an_order_again(self):
        self.import_rows(report_row(1))
        second_shop = self._create_shop(self.company, "A9SECOND")
        again = self.import_rows(report_row(1), shop=second_shop)
        self.assertEqual(again.created_count, 0)
        self.assertEqual(self.find_order(1).shop_id, self.shop)

    def test_an_order_known_in_another_company_is_imported_here_as_well(self):
        self._create_other_company()
        self.import_rows(report_row(1), user=self.other_manager, shop=self.other_shop)
        done = self.import_rows(report_row(1))
        self.assertEqual(done.created_count, 1)
        self.assertEqual(self.find_order(1).shop_id, self.shop)
        self.assertEqual(
            self.find_order(1, self.other_company).shop_id, self.other_shop
        )

    def test_a_new_ship_by_and_a_cancel_request_are_taken_over(self):
        self.import_rows(report_row(1), report_row(2))
        again = self.import_rows(
            report_row(
                1,
                promise_date="2026-11-21T22:59:59+00:00",
                is_buyer_requested_cancellation="false",
            ),
            report_row(2, is_buyer_requested_cancellation="true"),
        )
        self.assertEqual(again.updated_count, 2)
        self.assertEqual(str(self.find_order(1).ship_by), "2026-11-21 22:59:59")
        self.assertFalse(self.find_order(1).cancel_requested)
        self.assertTrue(self.find_order(2).cancel_requested)

    def test_a_report_without_the_columns_takes_nothing_back(self):
        self.import_rows(
            report_row(
                1,
                is_buyer_requested_cancellation="true",
                buyer_requested_cancel_reason="Too late",
            )
        )
        again = self.import_rows(report_row(1, promise_date=""))
        order = self.find_order(1)
        self.assertEqual(again.updated_count, 0)
        self.assertTrue(order.cancel_requested)
        self.assertEqual(order.cancel_reason, "Too late")
        self.assertEqual(str(order.ship_by), "2026-11-19 22:59:59")

    def test_a_released_order_stays_released_when_the_request_comes_again(self):
        rows = [report_row(1, is_buyer_requested_cancellation="true")]
        self.import_rows(*rows)
        order = self.find_order(1)
        self.assertTrue(order.picking_ids.amazon_cancel_requested)
        order.with_user(self.amazon_user).action_release_cancellation()
        again = self.import_rows(*rows)
        self.assertFalse(order.picking_ids.amazon_cancel_requested)
        self.assertEqual(again.updated_count, 0)

    def test_a_cancelled_delivery_is_not_made_again(self):
        self.import_rows(report_row(1))
        self.find_order(1).picking_ids.action_cancel()
        self.import_rows(report_row(1))
        self.assertEqual(len(self.find_order(1).picking_ids), 1)
        self.assertEqual(self.find_order(1).state, "cancelled")

    def test_a_corrected_address_is_not_overwritten(self):
        self.import_rows(report_row(1))
        self.find_order(1).partner_id.street = "Corrected Street 1"
        self.import_rows(report_row(1))
        self.assertEqual(self.find_order(1).partner_id.street, "Corrected Street 1")

    def test_a_shipped_order_is_not_delivered_again(self):
        self.import_rows(report_row(1))
        delivery = self.find_order(1).picking_ids
        delivery.carrier_id = False
        delivery.button_validate()
        self.import_rows(report_row(1))
        self.assertEqual(self.find_order(1).picking_ids, delivery)
        self.assertEqual(self.find_order(1).state, "shipped")


@tagged("post_install", "-at_install")
class TestBackgroundImport(AmazonCommon):
    def _refuse_in_database(self, number):
        """Let the database itself refuse an order."""
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute(
            "ALTER TABLE amazon_order ADD CONSTRAINT refused_in_test"
            " CHECK (name != %s)",
            [order_ref(number)],
        )

    def test_past_500_orders_the_scheduled_action_imports_them_all(self):
        data = make_report(*(report_row(number) for number in range(1, 502)))
        started = self.import_report(data)
        self.assertEqual(started.state, "queued")
        self.assertEqual(started.created_count, 0)
        self.run_cron_to_its_end("cron_import_orders")
        self.assertEqual(started.state, "done")
        self.assertEqual(started.created_count, 501)
        self.assertEqual(len(started.order_ids.picking_ids), 501)

    def test_an_import_out_of_time_goes_on_at_once_and_lets_others_in_between(self):
        self.patch(amazon_order_import, "CHUNK_SIZE", 2)
        # Its time is over as soon as it begins.
        self.patch(ir_cron, "MIN_TIME_PER_JOB", 0)
        started = self.import_rows(*map(report_row, range(1, 6)))
        counts = []
        while self.take_triggers("cron_import_orders") and len(counts) < 9:
            self.run_cron("cron_import_orders")
            counts.append(started.created_count)
        self.assertEqual(counts[:3], [2, 4, 5])
        self.assertEqual(started.state, "done")

    def test_500_orders_are_imported_at_once(self):
        data = make_report(*(report_row(number) for number in range(1, 501)))
        self.assertEqual(self.import_report(data).created_count, 500)

    def test_an_order_that_the_database_refuses_is_named_and_stops_no_others(self):
        started = self.import_report(
            make_report(*(report_row(number) for number in range(1, 503)))
        )
        self._refuse_in_database(7)
        with self.assertLogs("odoo.sql_db"), self.committing() as env:
            env["amazon.order.import"]._cron_import_orders()
        self.assertEqual(started.state, "done")
        self.assertEqual(started.created_count, 501)
        self.assertEqual(started.problem_ids.order_ref, order_ref(7))
        self.assertEqual(started.problem_ids.row, 8)
        self.assertNotIn("Recipient", started.problem_ids.reason)

    def test_an_order_that_a_rule_of_the_house_refuses_is_named_with_its_reason(self):
        orders = self.env["ir.model"]._get("amazon.order")
        self.env["base.automation"].create(
            {
                "name": "Nothing for this customer",
                "model_id": orders.id,
                "trigger": "on_create_or_write",
                "filter_domain": str([("name", "=", order_ref(2))]),
                "action_server_ids": [
                    Command.create(
                        {
                            "name": "Refuse",
                            "model_id": orders.id,
                            "state": "code",
                            "code": "raise UserError('Ask the office first.')",
                        }
                    )
                ],
            }
        )
        done = self.import_rows(report_row(1), report_row(2), report_row(3))
        self.assertEqual(done.state, "done")
        self.assertEqual(done.created_count, 2)
        self.assertEqual(done.problem_ids.order_ref, order_ref(2))
        self.assertIn("Ask the office first.", done.problem_ids.reason)

    def test_an_order_that_failed_can_be_imported_again(self):
        rows = [report_row(1), report_row(2)]
        self._refuse_in_database(2)
        with self.assertLogs("odoo.sql_db"):
            self.import_rows(*rows)
        self.env.cr.execute("ALTER TABLE amazon_order DROP CONSTRAINT refused_in_test")
        again = self.import_rows(*rows)
        self.assertEqual(again.created_count, 1)
        self.assertFalse(again.problem_ids)

    def test_a_failing_import_says_so_once_and_does_not_stop_others(self):
        bad = self.check_report(make_report(report_row(1))).with_env(self.env)
        good = self.check_report(make_report(report_row(2))).with_env(self.env)
        bad.attachment_ids.raw = b" "
        (bad | good).state = "queued"
        self.run_cron("cron_import_orders")
        self.run_cron("cron_import_orders")
        self.assertEqual((bad.state, good.state), ("failed", "done"))
        self.assertIn("is empty", bad.error)
        self.assertEqual(len(bad.activity_ids), 1)
        self.assertEqual(bad.activity_ids.user_id, self.amazon_user)
        self.assertFalse(good.activity_ids)

    def test_a_failed_import_can_be_started_again(self):
        data = make_report(report_row(1))
        failed = self.check_report(data).with_env(self.env)
        failed.attachment_ids.raw = b" "
        failed.state = "queued"
        self.run_cron("cron_import_orders")
        failed.attachment_ids.raw = data
        with self.committing(self.amazon_user) as env:
            failed.with_env(env).action_import()
        self.assertEqual(failed.state, "done")
        self.assertFalse(failed.error)
        self.assertTrue(self.find_order(1))

    def test_what_a_crash_left_running_is_finished_without_duplicates(self):
        data = make_report(report_row(1), report_row(2))
        self.import_rows(report_row(1))
        left = self.check_report(data)
        left.with_env(self.env).state = "running"
        self.run_cron("cron_import_orders")
        self.assertEqual(left.state, "done")
        self.assertEqual(len(self.find_order(1)), 1)
        self.assertEqual(len(self.find_order(2)), 1)

    def test_a_lost_file_fails_the_import_with_the_reason(self):
        left = self.check_report(make_report(report_row(1))).with_env(self.env)
        left.attachment_ids.write({"raw": b" ", "name": "<b>.txt"})
        left.state = "queued"
        self.run_cron("cron_import_orders")
        self.assertEqual(left.state, "failed")
        self.assertIn("<b>.txt cannot be imported", left.error)
        self.assertIn("&lt;b&gt;.txt", left.activity_ids.note)

    def test_the_scheduled_action_imports_in_each_companys_own_name(self):
        self._create_other_company()
        mine = self.check_report(make_report(report_row(1)))
        theirs = self.check_report(
            make_report(report_row(1)), self.other_manager, self.other_shop
        )
        (mine | theirs.with_env(mine.env)).with_env(self.env).state = "queued"
        self.run_cron("cron_import_orders")
        for company, warehouse in (
            (self.company, self.warehouse),
            (self.other_company, self.other_shop.warehouse_id),
        ):
            order = self.find_order(1, company)
            delivery = order.picking_ids
            self.assertEqual(delivery.company_id, company)
            self.assertEqual(delivery.picking_type_id.warehouse_id, warehouse)
            self.assertEqual(delivery.move_ids.company_id, company)
            self.assertEqual(order.partner_id.company_id, company)


@tagged("post_install", "-at_install")
class TestPeopleWhoImport(AmazonCommon):
    def test_warehouse_staff_with_only_the_amazon_user_group_import_everything(self):
        self.shop.unknown_sku_policy = "create"
        self.env["amazon.shipping.rule"].create(
            {
                "name": "Mailbox",
                "quantity_max": 1,
                "carrier_id": self.carrier.id,
                "package_type_id": self.env.ref(
                    "amazon_carrier_connector.package_type_myparcel_mailbox"
                ).id,
            }
        )
        self.carrier.write(
            {
                "country_ids": self.env.ref("base.nl").ids,
                "zip_prefix_ids": [(0, 0, {"name": "35"})],
                "max_weight": 20,
            }
        )
        done = self.import_report(
            make_report(
                report_row(1),
                report_row(2, sku="8710000000012"),
                report_row(3, sku="NEW"),
                report_row(4, quantity_to_ship="x"),
            )
        )
        self.assertEqual(done.env.user, self.amazon_user)
        self.assertEqual(done.state, "done")
        self.assertEqual(done.created_count, 3)
        self.assertEqual(done.order_ids.picking_ids.carrier_id, self.carrier)
        self.assertEqual(done.problem_count, 1)

    def test_a_user_of_two_companies_imports_for_the_company_of_the_shop(self):
        self._create_other_company()
        self.amazon_user.company_ids |= self.other_company
        both = [self.company.id, self.other_company.id]
        wizard = self.env(user=self.amazon_user, context={"allowed_company_ids": both})[
            "amazon.order.import.wizard"
        ]
        report = upload(wizard.env, make_report(report_row(1)))
        action = wizard.create(
            {"shop_id": self.other_shop.id, "attachment_ids": report.ids}
        ).action_check()
        with self.committing(self.amazon_user) as env:
            env = env(context={"allowed_company_ids": both})
            env["amazon.order.import"].browse(action["res_id"]).action_import()
        order = self.find_order(1, self.other_company)
        self.assertEqual(order.picking_ids.company_id, self.other_company)
        self.assertFalse(self.find_order(1))
