"""Without Amazon's API: a file that a person uploads takes the place of the push."""

import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import item_ref, order_ref, report_row
from .label_case import CONFIRM, LabelCase


class ConfirmationFileCase(LabelCase):
    def hand_over(self, rows, user=None):
        """Download a file of the selection; the file."""
        rows = rows.with_user(user or self.amazon_user)
        rows.action_hand_over()
        return rows.file_id.with_env(self.env)

    def import_labelled(self, count=1, first=1, **cells):
        pickings = self.import_deliveries(count, first, **cells)
        self.load_orders(pickings)
        self.label(pickings)
        return pickings

    def hand_over_some(self, count=1, **cells):
        """Labelled deliveries that were handed over an hour ago."""
        with freeze_time(fields.Datetime.now() - timedelta(hours=1)):
            rows = self.find_confirmations(self.import_labelled(count, **cells))
            self.hand_over(rows)
        return rows

    def read_file(self, file):
        """The cells of each row, by column."""
        lines = base64.b64decode(file.file).decode().splitlines()
        header, *rows = (line.split("\t") for line in lines)
        return [dict(zip(header, row, strict=True)) for row in rows]

    def get_warnings(self):
        """What people are told of."""
        self.push()
        return self.shop.activity_search(["mail.mail_activity_data_warning"])

    def confirm_unlisted(self, *numbers, reported_at=None, **options):
        """An import whose report lists the orders of these numbers."""
        self.env["amazon.shipment.confirmation"]._confirm_unlisted(
            self.shop,
            {order_ref(number) for number in numbers},
            fields.Datetime.now() if reported_at is None else reported_at,
            **options,
        )


@tagged("post_install", "-at_install")
class TestConfirmationFile(ConfirmationFileCase):
    def test_the_file_tells_amazon_what_the_push_would(self):
        orders = self.import_orders(
            report_row(1, item=1, quantity_to_ship=2), report_row(1, item=2)
        )
        self.label(orders.picking_ids)
        (row,) = self.find_confirmations(orders.picking_ids)
        usual = {
            "order-id": order_ref(1),
            "ship-date": row.ship_date.date().isoformat(),
            "carrier-code": "PostNL",
            "carrier-name": "",
            "tracking-number": row.tracking_number,
            "ship-method": "",
        }
        self.assertEqual(
            self.read_file(self.hand_over(row)),
            [
                {**usual, "order-item-id": item_ref(1), "quantity": "2"},
                {**usual, "order-item-id": item_ref(2), "quantity": "1"},
            ],
        )

    def test_each_package_has_its_own_rows(self):
        picking = self.import_deliveries(quantity_to_ship=5)
        self.pack(picking, 2, 3)
        self.label(picking)
        rows = self.find_confirmations(picking)
        written = self.read_file(self.hand_over(rows))
        self.assertEqual(
            {(row["tracking-number"], row["quantity"]) for row in written},
            {(row.tracking_number, str(row.line_ids.quantity)) for row in rows},
        )
        self.assertEqual(sorted(rows.line_ids.mapped("quantity")), [2, 3])

    def test_what_was_handed_over_is_marked_and_never_pushed(self):
        rows = self.find_confirmations(self.import_labelled(3))
        file = self.hand_over(rows)
        self.assertEqual(set(rows.mapped("state")), {"handed_over"})
        self.assertEqual(rows.file_id, file)
        self.assertEqual(file.create_uid, self.amazon_user)
        self.assertEqual((file.confirmation_count, file.open_count), (3, 3))
        self.push()
        rows.action_retry()
        rows.picking_id.action_push_tracking()
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 0)
        self.assertEqual(set(rows.mapped("state")), {"handed_over"})

    def test_the_shop_notes_who_downloaded_what(self):
        file = self.hand_over(self.find_confirmations(self.import_labelled(2)))
        message = self.shop.message_ids[0]
        self.assertIn(file.filename, message.body)
        self.assertIn("2", message.body)
        self.assertEqual(message.author_id, self.amazon_user.partner_id)

    def test_the_download_is_the_file(self):
        rows = self.find_confirmations(self.import_labelled()).with_user(
            self.amazon_user
        )
        shown = rows.action_hand_over()["params"]
        self.assertEqual(shown["type"], "success")
        self.assertEqual(
            shown["next"]["url"],
            f"/web/content/amazon.confirmation.file/{rows.file_id.id}/file/"
            f"{rows.file_id.filename}?download=true",
        )

    def test_failed_ones_are_handed_over_too_and_those_at_amazon_are_not(self):
        pickings = self.import_labelled(3)
        pushed, failed, waiting = self.find_confirmations(pickings)
        pushed.state = "pushed"
        failed._fail("Amazon was down")
        shown = (pushed | failed | waiting).action_hand_over()["params"]
        self.assertEqual(shown["type"], "warning")
        self.assertIn("1 were left out", shown["message"])
        self.assertEqual((failed | waiting).mapped("state"), ["handed_over"] * 2)
        self.assertEqual(pushed.state, "pushed")
        self.assertFalse(failed.error)

    def test_what_the_push_may_not_send_yet_is_not_handed_over_either(self):
        self.shop.push_moment = "validation"
        labelled, cancelled = self.import_labelled(2)
        cancelled.parcel_ids.state = "cancelled"
        rows = self.find_confirmations(labelled | cancelled)
        with self.assertRaisesRegex(UserError, "nothing to hand over"):
            self.hand_over(rows)
        self.validate(labelled)
        self.hand_over(rows)
        self.assertEqual(set(rows.mapped("state")), {"handed_over", "to_push"})
        self.assertEqual(rows.file_id.confirmation_ids.picking_id, labelled)

    def test_what_is_being_pushed_just_now_stays_with_the_push(self):
        rows = self.find_confirmations(self.import_labelled(2))
        locked = rows[0]
        outbox = self.registry["amazon.shipment.confirmation"]
        self.patch(outbox, "try_lock_for_update", lambda self, **kw: self - locked)
        self.hand_over(rows)
        self.assertEqual(rows.mapped("state"), ["to_push", "handed_over"])

    def test_a_carrier_without_a_code_is_left_out_with_the_reason(self):
        bike = self.create_fixed_deliveries(self.create_carrier(), first=9)
        bike.carrier_tracking_ref = "BIKE1"
        bike.action_confirm()
        self.validate(bike)
        self.shop.carrier_id = self.carrier
        known = self.import_labelled()
        rows = self.find_confirmations(bike | known)
        self.hand_over(rows)
        self.assertEqual(self.find_confirmations(known).state, "handed_over")
        unmapped = self.find_confirmations(bike)
        self.assertEqual(unmapped.state, "failed")
        self.assertIn("Bike courier", unmapped.error)
        with self.assertRaisesRegex(UserError, "Bike courier"):
            self.hand_over(unmapped)

    def test_a_number_that_amazon_cannot_take_is_left_out(self):
        rows = self.find_confirmations(self.import_labelled())
        rows.tracking_number = "1" * 51
        with self.assertRaisesRegex(UserError, "50 characters"):
            self.hand_over(rows)

    def test_each_shop_has_a_file_of_its_own(self):
        rows = self.find_confirmations(self.import_labelled())
        other = rows.copy({"order_id": rows.order_id.copy({"name": order_ref(7)}).id})
        other.order_id.shop_id = self._create_shop(self.company, "A3SELLER")
        with self.assertRaisesRegex(UserError, "one shop at a time"):
            (rows | other).action_hand_over()

    def test_the_shop_hands_over_all_that_is_to_push_or_failed(self):
        rows = self.find_confirmations(self.import_labelled(3))
        rows[0]._fail("Amazon was down")
        rows[1].state = "confirmed"
        self.shop.with_user(self.amazon_user).action_hand_over()
        self.assertEqual(
            rows.mapped("state"), ["handed_over", "confirmed", "handed_over"]
        )

    def test_taken_back_it_is_pushed(self):
        rows = self.find_confirmations(self.import_labelled(2))
        file = self.hand_over(rows)
        file.with_user(self.amazon_user).action_take_back()
        self.assertEqual(set(rows.mapped("state")), {"to_push"})
        self.assertFalse(rows.file_id)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM, status=204), 2)

    def test_taken_back_it_begins_anew(self):
        (row,) = self.find_confirmations(self.import_labelled())
        now = fields.Datetime.now()
        row.write({"attempt_count": 9, "told_at": now, "is_repeated": True})
        self.hand_over(row)
        row.action_take_back()
        self.assertEqual(
            (row.state, row.attempt_count, row.told_at, row.is_repeated),
            ("to_push", 0, False, False),
        )

    def test_what_is_confirmed_is_not_taken_back(self):
        rows = self.find_confirmations(self.import_labelled(2))
        file = self.hand_over(rows)
        rows[0].state = "confirmed"
        file.action_take_back()
        self.assertEqual(rows.mapped("state"), ["confirmed", "to_push"])

    def test_a_number_that_changes_after_the_hand_over_needs_another_file(self):
        picking = self.create_fixed_deliveries(self.create_carrier("DHL Paket"))
        self.env["amazon.carrier.mapping"].create({"carrier_id": picking.carrier_id.id})
        picking.carrier_tracking_ref = "WRONG1"
        self.validate(picking)
        (row,) = self.find_confirmations(picking)
        first = self.hand_over(row)
        picking.carrier_tracking_ref = "RIGHT1"
        self.assertEqual((row.state, row.tracking_number), ("failed", "RIGHT1"))
        self.assertIn("another file", row.error)
        self.push()
        self.assertEqual(self.amazon.count(CONFIRM), 0)
        second = self.hand_over(row)
        self.assertNotEqual(first, second)
        self.assertEqual(self.read_file(second)[0]["tracking-number"], "RIGHT1")

    def test_a_parcel_more_takes_a_few_queries_more(self):
        few = self.find_confirmations(self.import_labelled(3))
        many = self.find_confirmations(self.import_labelled(15, first=10))
        self.env.flush_all()

        def count(rows):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows.action_hand_over()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(few[:1])
        more = count(many) - count(few[1:])
        self.assertLessEqual(more, 5 * (len(many) - 2))

    def test_only_amazon_users_hand_over_and_take_back(self):
        rows = self.find_confirmations(self.import_labelled())
        with self.assertRaises(AccessError):
            self.hand_over(rows, self.stock_user)
        file = self.hand_over(rows)
        with self.assertRaises(AccessError):
            file.with_user(self.stock_user).action_take_back()
        self.assertEqual(file.with_user(self.stock_user).filename, file.filename)
        with self.assertRaises(AccessError):
            file.with_user(self.amazon_user).filename = "other.txt"


@tagged("post_install", "-at_install")
class TestAfterTheHandOver(ConfirmationFileCase):
    def test_what_the_next_report_does_not_list_is_confirmed(self):
        gone, listed = self.hand_over_some(2)
        self.confirm_unlisted(2)
        self.assertEqual((gone.state, listed.state), ("confirmed", "handed_over"))
        self.assertTrue(gone.confirmed_at)
        self.assertFalse(self.get_warnings())

    def test_a_report_from_before_the_hand_over_says_nothing(self):
        rows = self.hand_over_some(2)
        earlier = fields.Datetime.now() - timedelta(hours=2)
        self.confirm_unlisted(2, reported_at=earlier)
        self.assertEqual(set(rows.mapped("state")), {"handed_over"})

    def test_a_report_without_its_moment_says_nothing(self):
        rows = self.hand_over_some(2)
        self.confirm_unlisted(2, reported_at=False)
        self.assertEqual(set(rows.mapped("state")), {"handed_over"})

    def test_a_report_of_another_shop_says_nothing(self):
        rows = self.hand_over_some(2)
        self.shop = self._create_shop(self.company, "A3SELLER")
        self.confirm_unlisted(2)
        self.assertEqual(set(rows.mapped("state")), {"handed_over"})

    def test_a_report_of_another_market_says_nothing(self):
        dutch = self.hand_over_some(1)
        german = self.import_deliveries(first=5)
        german.amazon_order_ids.market_id = self.market_de
        self.confirm_unlisted(5)
        self.assertEqual(dutch.state, "handed_over")
        self.confirm_unlisted(5, markets=self.market_nl)
        self.assertEqual(dutch.state, "confirmed")

    def test_an_empty_report_counts_for_a_shop_of_one_market(self):
        rows = self.hand_over_some(2)
        self.confirm_unlisted()
        self.assertEqual(set(rows.mapped("state")), {"handed_over"})
        self.shop.market_ids = self.market_nl
        self.confirm_unlisted()
        self.assertEqual(set(rows.mapped("state")), {"confirmed"})

    def test_what_waits_for_the_push_is_not_confirmed(self):
        rows = self.find_confirmations(self.import_labelled(2))
        self.confirm_unlisted(2)
        self.assertEqual(set(rows.mapped("state")), {"to_push"})

    def test_what_is_still_listed_long_after_is_told_once(self):
        rows = self.hand_over_some(3)
        later = fields.Datetime.now() + timedelta(days=2)
        self.confirm_unlisted(1, 2, 3, reported_at=later)
        (warning,) = self.get_warnings()
        for row in rows:
            self.assertIn(f"{row.order_id.name}: {row.error}", str(warning.note))
        self.assertEqual(set(rows.mapped("state")), {"handed_over"})
        self.assertTrue(all(rows.mapped("error")))
        warning.action_feedback()
        self.confirm_unlisted(1, 2, 3, reported_at=later)
        self.assertFalse(self.get_warnings())

    def test_after_it_was_told_it_can_still_be_confirmed(self):
        rows = self.hand_over_some(2)
        later = fields.Datetime.now() + timedelta(days=2)
        self.confirm_unlisted(1, 2, reported_at=later)
        self.confirm_unlisted(2, reported_at=later)
        self.assertEqual(rows.mapped("state"), ["confirmed", "handed_over"])
        self.assertFalse(rows[0].error)

    def test_a_file_that_fails_beside_a_push_is_in_the_same_activity(self):
        self.hand_over_some(1)
        failed = self.import_labelled(first=2)
        self.amazon.orders[order_ref(2)].status = "CANCELLED"
        later = fields.Datetime.now() + timedelta(days=2)
        self.confirm_unlisted(1, 2, reported_at=later)
        (warning,) = self.get_warnings()
        for number in (1, 2):
            self.assertIn(order_ref(number), str(warning.note))
        self.assertEqual(self.find_confirmations(failed).state, "failed")

    def test_a_file_of_which_no_report_says_anything_is_told_in_the_end(self):
        (row,) = self.hand_over_some(1)
        self.assertFalse(self.get_warnings())
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            (warning,) = self.get_warnings()
        self.assertIn(row.order_id.name, str(warning.note))
        self.assertIn("in a confirmation file since", str(warning.note))

    def test_a_cancelled_delivery_is_not_handed_over(self):
        picking = self.import_labelled()
        picking.state = "cancel"
        with self.assertRaisesRegex(UserError, "nothing to hand over"):
            self.hand_over(self.find_confirmations(picking))

    def test_soon_after_the_hand_over_nobody_is_told(self):
        self.hand_over_some(2)
        self.confirm_unlisted(1, 2)
        self.assertFalse(self.get_warnings())

    def test_an_order_that_has_more_to_ship_is_rightly_listed(self):
        (row,) = self.hand_over_some(1, quantity_to_ship=3)
        row.picking_id.copy(
            {
                "move_ids": [
                    (
                        0,
                        0,
                        row.picking_id.move_ids.copy_data({"picking_id": False})[0],
                    )
                ]
            }
        ).move_ids.amazon_item_id = row.order_id.item_ids
        later = fields.Datetime.now() + timedelta(days=2)
        self.confirm_unlisted(1, reported_at=later)
        self.assertFalse(self.get_warnings())

    def test_a_parcel_that_was_left_out_does_not_keep_the_upload_from_being_missed(
        self,
    ):
        (row,) = self.hand_over_some(1, quantity_to_ship=3)
        given_up = row.picking_id.copy()
        given_up.action_cancel()
        row.copy({"picking_id": given_up.id, "state": "cancelled", "file_id": False})
        later = fields.Datetime.now() + timedelta(days=2)
        self.confirm_unlisted(1, reported_at=later)
        self.assertEqual(len(self.get_warnings()), 1)

    def test_learning_from_a_report_takes_the_same_queries_for_many(self):
        self.shop.market_ids = self.market_nl
        with freeze_time(fields.Datetime.now() - timedelta(hours=1)):
            first = self.find_confirmations(self.import_labelled(2))
            second = self.find_confirmations(self.import_labelled(20, first=10))
            self.hand_over(first)
            self.env.flush_all()

        def count(*numbers):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.confirm_unlisted(*numbers)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        few = count()
        with freeze_time(fields.Datetime.now() - timedelta(hours=1)):
            self.hand_over(second)
            self.env.flush_all()
        self.assertLessEqual(count(), few)
        self.assertEqual(set((first | second).mapped("state")), {"confirmed"})
