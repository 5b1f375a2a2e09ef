"""What the check of reports finds, before anything is created."""

import base64
import csv
import io
from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AmazonCommon, make_report, order_ref, report_row, upload

NEW_ORDERS = (
    "order-id\torder-item-id\tpurchase-date\tsku\tproduct-name\tquantity-purchased"
    "\tcurrency\titem-price\trecipient-name\tship-address-1\tship-city"
    "\tship-postal-code\tship-country\r\n"
    f"{order_ref(1)}\t00000000000001\t2026-11-16T08:34:47+00:00\tMUG-BLUE\tMug\t3\tEUR"
    "\t9.95\tRecipient Example\tVoorbeeldstraat 12\tUtrecht\t3500 AA\tNL\r\n"
).encode()


class CheckCase(AmazonCommon):
    def line(self, checked, number):
        return checked.line_ids.filtered(lambda line: line.name == order_ref(number))

    def check_rows(self, *rows, **options):
        return self.check_report(make_report(*rows), **options)


@tagged("post_install", "-at_install")
class TestStatus(CheckCase):
    def test_every_order_of_the_report_has_one_line_and_the_counts_add_up(self):
        self.import_rows(report_row(1), report_row(2), report_row(3), report_row(4))
        self.find_order(3).picking_ids.carrier_tracking_ref = "3STYPED"
        shipped = self.find_order(4).picking_ids
        shipped.carrier_id = False
        shipped.button_validate()
        later = "2026-11-21T22:59:59+00:00"
        checked = self.check_rows(
            report_row(1),
            report_row(2, promise_date=later),
            report_row(3, quantity_to_ship=2),
            report_row(4),
            report_row(5),
        )
        statuses = [self.line(checked, number).status for number in range(1, 6)]
        self.assertEqual(
            statuses, ["known", "changed", "labelled_changed", "shipped_here", "new"]
        )
        self.assertEqual(
            (checked.known_count, checked.changed_count, checked.shipped_count),
            (1, 2, 1),
        )
        self.assertEqual((checked.new_count, checked.order_count), (1, 5))
        self.assertEqual(self.line(checked, 1).order_id, self.find_order(1))
        self.assertFalse(self.line(checked, 5).order_id)

    def test_a_labelled_parcel_can_still_follow_another_date(self):
        self.import_rows(report_row(1))
        self.find_order(1).picking_ids.carrier_tracking_ref = "3STYPED"
        later = "2026-11-21T22:59:59+00:00"
        checked = self.check_rows(report_row(1, promise_date=later))
        self.assertEqual(checked.line_ids.status, "changed")
        self.assertTrue(checked.line_ids.changes)

    def test_what_changed_is_told_without_the_address_itself(self):
        self.import_rows(report_row(1, quantity_to_ship=3))
        cells = {
            "promise_date": "2026-11-21T22:59:59+00:00",
            "ship_address_1": "Geheimestraat 7",
            "recipient_name": "Somebody Else",
            "is_buyer_requested_cancellation": "true",
        }
        checked = self.check_rows(
            report_row(1, quantity_to_ship=2, **cells),
            report_row(1, item=77, sku="PLATE", **cells),
        )
        changes = self.line(checked, 1).changes
        for words in (
            "Ship by",
            "asks to cancel",
            "address is another",
            "MUG-BLUE: 2 pieces instead of 3",
            "PLATE is new: 1",
        ):
            self.assertIn(words, changes)
        for secret in ("Geheimestraat", "Somebody", "Voorbeeldstraat"):
            self.assertNotIn(secret, changes)

    def test_an_item_that_vanished_is_told(self):
        self.import_rows(report_row(1), report_row(1, item=77, sku="PLATE"))
        checked = self.check_rows(report_row(1))
        self.assertIn("PLATE: 0 pieces instead of 1", self.line(checked, 1).changes)

    def test_checking_changes_no_known_order(self):
        self.import_rows(report_row(1))
        order = self.find_order(1)
        before = order.read(), order.partner_id.read(), order.picking_ids.read()
        self.check_rows(report_row(1, quantity_to_ship=4, ship_city="Elders"))
        self.env.invalidate_all()
        after = order.read(), order.partner_id.read(), order.picking_ids.read()
        self.assertEqual(before, after)

    def test_partly_shipped_and_cancel_requests_are_counted(self):
        checked = self.check_rows(
            report_row(1, quantity_purchased=3, quantity_shipped=2),
            report_row(2, is_buyer_requested_cancellation="true"),
        )
        self.assertEqual(checked.partly_shipped_count, 1)
        self.assertEqual(checked.cancelled_count, 1)
        self.assertTrue(self.line(checked, 1).is_partly_shipped)
        self.assertTrue(self.line(checked, 2).cancel_requested)

    def test_an_order_of_which_a_whole_item_was_shipped_is_partly_shipped(self):
        sent = report_row(1, item=7, quantity_shipped=1, quantity_to_ship=0)
        checked = self.check_rows(report_row(1), sent, report_row(2))
        self.assertEqual(checked.partly_shipped_count, 1)
        self.assertTrue(self.line(checked, 1).is_partly_shipped)

    def test_an_open_order_with_nothing_left_to_ship_is_named(self):
        self.import_rows(report_row(1), report_row(2))
        checked = self.check_rows(report_row(1, quantity_to_ship=0), report_row(2))
        self.assertEqual(checked.problem_ids.order_ref, order_ref(1))
        self.assertIn("Cancel the delivery", checked.problem_ids.reason)

    def test_the_rest_of_which_amazon_has_nothing_left_is_named(self):
        self.import_rows(report_row(1, quantity_to_ship=3))
        order, none_left = self.find_order(1), report_row(1, quantity_to_ship=0)
        # All that is open here left with our parcel, for all that Amazon knows.
        confirmation = self.create_confirmation(order, 3, state="pushed")
        self.assertFalse(self.check_rows(none_left, report_row(2)).problem_ids)
        confirmation.line_ids.quantity = 1
        checked = self.check_rows(none_left, report_row(2))
        self.assertEqual(checked.problem_ids.order_ref, order.name)


@tagged("post_install", "-at_install")
class TestFiles(CheckCase):
    def test_several_files_become_one_import_and_stay_with_it(self):
        checked = self.check_report(
            {"a.txt": make_report(report_row(1)), "b.txt": make_report(report_row(2))}
        )
        self.assertEqual(checked.order_count, 2)
        self.assertEqual(checked.attachment_ids.mapped("name"), ["a.txt", "b.txt"])
        self.assertEqual(set(checked.attachment_ids.mapped("res_id")), {checked.id})
        self.env.invalidate_all()
        self.assertEqual(checked.name, "a.txt, b.txt")

    def test_an_order_in_two_files_is_taken_from_the_newer_report(self):
        old, new = "2026-11-16T09:00:00+00:00", "2026-11-17T09:00:00+00:00"
        done = self.import_report(
            {
                "new.txt": make_report(
                    report_row(1, quantity_to_ship=2, reporting_date=new)
                ),
                "old.txt": make_report(
                    report_row(1, quantity_to_ship=5, reporting_date=old)
                ),
            }
        )
        self.assertEqual(done.order_count, 1)
        self.assertEqual(self.find_order(1).item_ids.quantity_to_ship, 2)
        self.assertEqual(str(done.reported_at), "2026-11-17 09:00:00")

    def test_one_bad_file_is_named_and_the_others_go_on(self):
        done = self.import_report(
            {"good.txt": make_report(report_row(1)), "bad.txt": b"<html>Sign in</html>"}
        )
        self.assertEqual(done.created_count, 1)
        self.assertEqual(done.problem_ids.filename, "bad.txt")
        self.assertIn("Sign in to Seller Central", done.problem_ids.reason)

    def test_a_file_with_nothing_to_ship_stops_no_others_and_is_no_problem(self):
        checked = self.check_report(
            {"none.txt": make_report(), "some.txt": make_report(report_row(1))}
        )
        self.assertEqual((checked.new_count, checked.problem_count), (1, 0))
        self.assertIn("none.txt: there is nothing to ship", checked.warning)

    def test_when_no_file_can_be_read_each_is_named(self):
        with self.assertRaises(UserError) as caught:
            self.check_report({"none.txt": make_report(), "bad.txt": b"<html></html>"})
        for words in ("none.txt", "nothing to ship", "bad.txt", "web page"):
            self.assertIn(words, str(caught.exception))

    def test_a_problem_names_its_file(self):
        checked = self.check_report(
            {
                "good.txt": make_report(report_row(1)),
                "damaged.txt": make_report(report_row(2), report_row(3, sku="")),
            }
        )
        problem = checked.problem_ids
        self.assertEqual((problem.filename, problem.row), ("damaged.txt", 3))

    def test_two_files_of_one_name_are_both_read(self):
        reports = upload(self.env, make_report(report_row(1)))
        reports |= upload(self.env, make_report(report_row(2)))
        action = (
            self.env["amazon.order.import.wizard"]
            .create({"shop_id": self.shop.id, "attachment_ids": reports.ids})
            .action_check()
        )
        checked = self.env["amazon.order.import"].browse(action["res_id"])
        self.assertEqual(checked.new_count, 2)

    def test_somebody_elses_file_cannot_be_imported(self):
        theirs = upload(self.env(user=self.employee), make_report(report_row(1)))
        wizards = self.env["amazon.order.import.wizard"].with_user(self.amazon_user)
        with self.assertRaises(AccessError):
            wizards.create(
                {"shop_id": self.shop.id, "attachment_ids": theirs.ids}
            ).action_check()

    def test_a_new_orders_report_is_refused_until_somebody_insists(self):
        with self.assertRaisesRegex(UserError, "Accept New Orders Reports"):
            self.check_report(NEW_ORDERS)
        done = self.import_report(NEW_ORDERS, accept_new_orders=True)
        self.assertIn("New Orders report", done.warning)
        self.assertEqual(self.find_order(1).picking_ids.move_ids.product_uom_qty, 3)

    def test_a_new_orders_report_changes_no_quantity_of_a_known_order(self):
        self.import_rows(report_row(1, quantity_to_ship=1))
        done = self.import_report(NEW_ORDERS, accept_new_orders=True)
        item = self.find_order(1).item_ids
        self.assertEqual(item.quantity_to_ship, 1)
        self.assertEqual((item.unit_price, item.currency_id.name), (3.32, "EUR"))
        self.assertEqual(done.created_count, 0)


@tagged("post_install", "-at_install")
class TestMarket(CheckCase):
    def test_channel_goes_before_the_buyers_alias_and_that_before_the_dialog(self):
        checked = self.check_rows(
            report_row(1, sales_channel="Amazon.de"),
            report_row(2, buyer_email="x@marketplace.amazon.de"),
            report_row(3, buyer_email="x@example.com"),
            report_row(4, buyer_email="", sales_channel="Non-Amazon"),
            report_row(5, buyer_email="X@Marketplace.Amazon.NL"),
            market=self.market_de,
        )
        markets = [self.line(checked, number).market_id for number in range(1, 6)]
        self.assertEqual(markets, [self.market_de] * 4 + [self.market_nl])


@tagged("post_install", "-at_install")
class TestAge(CheckCase):
    def _reported(self, **ago):
        moment = datetime.now() - timedelta(**ago)
        return f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"

    def test_a_fresh_report_needs_no_warning(self):
        row = report_row(1, reporting_date=self._reported(hours=20))
        self.assertFalse(self.check_rows(row).warning)

    def test_a_report_older_than_a_day_is_warned_of(self):
        row = report_row(1, reporting_date=self._reported(hours=25))
        self.assertIn("more than a day ago", self.check_rows(row).warning)

    def test_the_newest_row_counts(self):
        checked = self.check_rows(
            report_row(1, reporting_date=self._reported(days=9)),
            report_row(2, reporting_date=self._reported(hours=1)),
        )
        self.assertFalse(checked.warning)

    def test_a_report_older_than_that_of_the_last_import_is_warned_of(self):
        self.import_rows(report_row(1, reporting_date=self._reported(hours=1)))
        checked = self.check_rows(report_row(2, reporting_date=self._reported(hours=2)))
        self.assertIn("last import", checked.warning)

    def test_a_check_that_was_never_imported_is_no_last_import(self):
        self.check_rows(report_row(1, reporting_date=self._reported(hours=1)))
        checked = self.check_rows(report_row(2, reporting_date=self._reported(hours=2)))
        self.assertFalse(checked.warning)


@tagged("post_install", "-at_install")
class TestPreview(CheckCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.express = cls.carrier.copy({"name": "Express"})
        cls.mailbox = cls.env.ref(
            "amazon_carrier_connector.package_type_myparcel_mailbox"
        )

    def _rule(self, **values):
        return self.env["amazon.shipping.rule"].create(
            {"name": "Rule", "carrier_id": self.express.id, **values}
        )

    def test_the_check_shows_what_the_import_will_choose(self):
        tag = self.env["product.tag"].create({"name": "Fragile"})
        self.plate.product_tag_ids = tag
        germany = self.env.ref("base.de")
        self._rule(name="Tag", product_tag_ids=tag.ids, sequence=1)
        self._rule(name="Heavy", weight_min=1.2, weight_max=1.2, sequence=2)
        self._rule(name="Zip", zip_prefixes="99", carrier_id=False, sequence=3)
        self._rule(name="Prime", prime="yes", sequence=4)
        self._rule(name="DE", country_ids=germany.ids, sequence=5)
        self._rule(
            name="Small",
            quantity_max=1,
            sequence=6,
            carrier_id=self.carrier.id,
            package_type_id=self.mailbox.id,
        )
        self.express.write({"max_weight": 2, "zip_prefix_ids": False})
        self.carrier.country_ids = self.env.ref("base.nl") | germany
        rows = [
            report_row(1, sku="PLATE"),
            report_row(2, quantity_to_ship=3),
            report_row(3, ship_postal_code="9999 ZZ"),
            report_row(4, is_prime="true"),
            report_row(5, ship_country="DE"),
            report_row(6),
            report_row(7, quantity_to_ship=2),
            report_row(8, sku="PLATE", quantity_to_ship=2),
            report_row(9, sku="UNKNOWN"),
            report_row(10, ship_country="FR"),
        ]
        done = self.import_report(make_report(*rows))
        for line in done.line_ids:
            with self.subTest(line.name):
                delivery = line.order_id.picking_ids
                self.assertEqual(line.carrier_id, delivery.carrier_id)
                self.assertEqual(line.package_type_id, delivery.parcel_type_id)
        names = [self.line(done, number).rule_id.name for number in range(1, 10)]
        self.assertEqual(
            names,
            [
                *("Tag", "Heavy", "Zip", "Prime", "DE", "Small", False, "Tag"),
                "Small",
            ],
        )
        # Heavier than Express carries, and a country the shop's own does not go to.
        self.assertFalse(self.line(done, 8).carrier_id)
        self.assertFalse(self.line(done, 10).carrier_id)

    def test_the_check_weighs_and_counts_as_the_import_does(self):
        self.shop.default_weight = 0.9
        self.env["ir.config_parameter"].set_param("product.weight_in_lbs", "1")
        self._rule(name="Default", weight_min=0.9, weight_max=0.9, sequence=1)
        # 0.4 lb.
        self._rule(name="Pound", weight_min=0.18, weight_max=0.19, sequence=2)
        self._rule(name="Plate", skus="PLATE", sequence=3)
        done = self.import_report(
            make_report(
                report_row(1),
                report_row(2, sku="UNKNOWN"),
                report_row(3, quantity_to_ship=2),
                report_row(
                    *(3, 33), sku="PLATE", quantity_to_ship=0, quantity_purchased=1
                ),
            )
        )
        for line in done.line_ids:
            with self.subTest(line.name):
                delivery = line.order_id.picking_ids
                self.assertEqual(line.rule_id, delivery.amazon_rule_id)
        names = [self.line(done, number).rule_id.name for number in (1, 2, 3)]
        self.assertEqual(names, ["Pound", "Default", False])

    def test_orders_that_will_be_held_show_no_delivery_method(self):
        self.shop.unknown_sku_policy = "hold"
        checked = self.check_rows(report_row(1, sku="UNKNOWN"), report_row(2))
        self.assertFalse(self.line(checked, 1).carrier_id)
        self.assertEqual(self.line(checked, 2).carrier_id, self.carrier)

    def test_checking_creates_no_product_under_the_policy_create(self):
        self.shop.unknown_sku_policy = "create"
        products = self.env["product.product"].search_count([])
        self.check_rows(report_row(1, sku="UNKNOWN"))
        self.assertEqual(self.env["product.product"].search_count([]), products)

    def test_queries_do_not_grow_with_orders_or_rules(self):
        counts = []
        for orders, rules in ((20, 2), (200, 40)):
            for __ in range(rules):
                self._rule(skus="NOBODY", country_ids=self.env.ref("base.be").ids)
            rows = [report_row(number) for number in range(1, orders + 1)]
            data = make_report(*rows)
            self.check_report(data)
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.check_report(data)
            counts.append(self.env.cr.sql_log_count - start)
        # Records are written 100 at a time.
        self.assertLess(counts[1] - counts[0], 15)


@tagged("post_install", "-at_install")
class TestProblemFile(CheckCase):
    def _read(self, checked):
        data = base64.b64decode(checked.problem_file)
        self.assertTrue(data.startswith(b"\xef\xbb\xbf"))
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        return list(csv.reader(text, delimiter=";"))

    def test_every_problem_is_a_row_with_file_row_order_and_reason(self):
        checked = self.check_rows(
            report_row(1), report_row(2, sku=""), report_row(3, ship_country="1")
        )
        header, *rows = self._read(checked)
        self.assertEqual(header, ["File", "Row", "Order ID", "Reason"])
        self.assertEqual(len(rows), len(checked.problem_ids))
        self.assertEqual(rows[0][:3], ["unshipped.txt", "3", order_ref(2)])
        self.assertIn("sku is empty", rows[0][3])

    def test_no_cell_is_a_formula_for_a_spreadsheet_program(self):
        checked = self.check_rows(report_row(1))
        self.env["amazon.order.import.problem"].create(
            [
                {"import_id": checked.id, "reason": f"{sign}1+1"}
                for sign in ("=", "+", "-", "@", "\t", "\r")
            ]
        )
        __, *rows = self._read(checked)
        self.assertEqual(len(rows), 6)
        self.assertTrue(all(row[3].startswith("'") for row in rows))

    def test_the_button_downloads_it_without_storing_anything(self):
        checked = self.check_rows(report_row(1), report_row(2, sku=""))
        before = self.env["ir.attachment"].search_count([])
        action = checked.action_download_problems()
        self.assertIn(f"/amazon.order.import/{checked.id}/problem_file", action["url"])
        self.assertEqual(self.env["ir.attachment"].search_count([]), before)


@tagged("post_install", "-at_install")
class TestOldLines(CheckCase):
    def test_lines_of_old_imports_are_deleted_and_the_counts_stay(self):
        old = self.import_rows(report_row(1))
        fresh = self.import_rows(report_row(2))
        self.env.cr.execute(
            "UPDATE amazon_order_import_line SET create_date = now() - interval '31 d'"
            " WHERE import_id = %s",
            [old.id],
        )
        self.env.invalidate_all()
        self.env["amazon.order.import.line"]._gc_lines()
        self.assertFalse(old.line_ids)
        self.assertTrue(fresh.line_ids)
        self.assertEqual(old.new_count, 1)

    def test_shipping_rules_and_lines_let_each_other_go(self):
        rule = self.env["amazon.shipping.rule"].create(
            {"name": "Rule", "carrier_id": self.carrier.id}
        )
        line = self.import_rows(report_row(1)).line_ids
        self.assertEqual(line.rule_id, rule)
        rule.unlink()
        self.assertTrue(line.exists())
        self.assertFalse(line.rule_id)
