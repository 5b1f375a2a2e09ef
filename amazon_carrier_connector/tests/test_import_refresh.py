"""Importing again: known orders follow Amazon, until they are labelled or done."""

from odoo.tests import tagged

from .common import AmazonCommon, make_report, order_ref, report_row
from .label_case import LabelCase

LATER = "2026-11-21T22:59:59+00:00"


class RefreshCase(AmazonCommon):
    def order_of(self, *rows):
        self.import_rows(*rows)
        return self.find_order(1)

    def quantities(self, order):
        """Of what is open, by SKU."""
        moves = order.picking_ids.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        return {m.amazon_item_id.sku: m.product_uom_qty for m in moves}


@tagged("post_install", "-at_install")
class TestDates(RefreshCase):
    def test_a_new_ship_by_moves_date_and_deadline_of_the_open_delivery(self):
        order = self.order_of(report_row(1))
        self.import_rows(report_row(1, promise_date=LATER))
        delivery = order.picking_ids
        for moment in (order.ship_by, delivery.scheduled_date, delivery.date_deadline):
            self.assertEqual(str(moment), "2026-11-21 22:59:59")

    def test_a_confirmed_delivery_follows_as_well(self):
        order = self.order_of(report_row(1))
        order.picking_ids.action_confirm()
        self.import_rows(report_row(1, promise_date=LATER))
        self.assertEqual(str(order.picking_ids.scheduled_date), "2026-11-21 22:59:59")


@tagged("post_install", "-at_install")
class TestQuantities(RefreshCase):
    def test_a_draft_follows_less_and_more(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        for quantity in (2, 5):
            done = self.import_rows(report_row(1, quantity_to_ship=quantity))
            self.assertEqual(self.quantities(order), {"MUG-BLUE": quantity})
            self.assertEqual(order.item_ids.quantity_to_ship, quantity)
            self.assertFalse(done.problem_ids)

    def test_a_reserved_delivery_follows_and_stays_reserved(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        order.picking_ids.action_confirm()
        order.picking_ids.action_assign()
        for quantity in (2, 5):
            self.import_rows(report_row(1, quantity_to_ship=quantity))
            self.assertEqual(order.picking_ids.move_ids.quantity, quantity)
            self.assertEqual(order.picking_ids.state, "assigned")

    def test_an_item_that_vanished_leaves_the_delivery(self):
        order = self.order_of(report_row(1), report_row(1, item=7, sku="PLATE"))
        self.import_rows(report_row(1))
        self.assertEqual(self.quantities(order), {"MUG-BLUE": 1})
        self.assertEqual(order.picking_ids.state, "draft")

    def test_a_new_item_comes_into_the_delivery(self):
        order = self.order_of(report_row(1))
        self.import_rows(report_row(1), report_row(1, item=7, sku="PLATE"))
        self.assertEqual(self.quantities(order), {"MUG-BLUE": 1, "PLATE": 1})
        self.assertEqual(len(order.picking_ids), 1)

    def test_a_new_item_comes_into_a_confirmed_delivery_confirmed(self):
        order = self.order_of(report_row(1))
        order.picking_ids.action_confirm()
        self.import_rows(report_row(1), report_row(1, item=7, sku="PLATE"))
        self.assertNotIn("draft", order.picking_ids.move_ids.mapped("state"))
        self.assertEqual(self.quantities(order), {"MUG-BLUE": 1, "PLATE": 1})

    def test_importing_the_change_again_changes_nothing_more(self):
        self.order_of(report_row(1, quantity_to_ship=3))
        rows = [
            report_row(1, quantity_to_ship=2),
            report_row(1, item=7, sku="PLATE"),
        ]
        self.assertEqual(self.import_rows(*rows).updated_count, 1)
        again = self.import_rows(*rows)
        self.assertEqual((again.changed_count, again.updated_count), (0, 0))

    def test_never_less_than_is_picked_and_that_is_said(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        delivery = order.picking_ids
        delivery.action_confirm()
        delivery.action_assign()
        delivery.move_ids.picked = True
        done = self.import_rows(report_row(1, quantity_to_ship=1))
        self.assertEqual(self.quantities(order), {"MUG-BLUE": 3})
        self.assertEqual(done.problem_ids.order_ref, order_ref(1))
        self.assertIn("MUG-BLUE: 1 pieces are to be shipped", done.problem_ids.reason)
        self.assertEqual(done.problem_ids.filename, "unshipped.txt")

    def test_more_of_a_cancelled_delivery_is_told_to_a_person(self):
        order = self.order_of(report_row(1))
        order.picking_ids.action_cancel()
        done = self.import_rows(report_row(1, quantity_to_ship=2))
        self.assertEqual(len(order.picking_ids), 1)
        self.assertIn("make another one", done.problem_ids.reason)

    def test_a_held_order_takes_the_quantity_without_a_delivery(self):
        self.shop.unknown_sku_policy = "hold"
        order = self.order_of(report_row(1, sku="NEW"))
        done = self.import_rows(report_row(1, sku="NEW", quantity_to_ship=4))
        self.assertEqual(order.item_ids.quantity_to_ship, 4)
        self.assertFalse(order.picking_ids or done.problem_ids)


@tagged("post_install", "-at_install")
class TestPartlyShipped(RefreshCase):
    """Amazon counts what was shipped, with a delay: nothing is shipped twice."""

    def _ship(self, delivery, quantity):
        """Validate a part; its backorder."""
        delivery.carrier_id = False
        delivery.action_confirm()
        delivery.action_assign()
        delivery.move_ids.quantity = quantity
        delivery.with_context(skip_backorder=True).button_validate()
        self.assertEqual(delivery.state, "done")
        return delivery.backorder_ids

    def test_what_left_here_is_not_shipped_again_whenever_amazon_learns_of_it(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        self._ship(order.picking_ids, 1)
        for shipped in (0, 1, 0):
            done = self.import_rows(
                report_row(
                    1,
                    quantity_purchased=3,
                    quantity_shipped=shipped,
                    quantity_to_ship=3 - shipped,
                )
            )
            self.assertEqual(self.quantities(order), {"MUG-BLUE": 2})
            self.assertEqual((done.changed_count, done.problem_count), (0, 0))

    def test_what_was_shipped_elsewhere_leaves_the_delivery(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        row = report_row(
            1, quantity_purchased=3, quantity_shipped=2, quantity_to_ship=1
        )
        for __ in range(2):
            self.import_rows(row)
            self.assertEqual(self.quantities(order), {"MUG-BLUE": 1})

    def test_a_cancelled_piece_leaves_the_backorder(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        self._ship(order.picking_ids, 1)
        self.import_rows(
            report_row(1, quantity_purchased=3, quantity_shipped=1, quantity_to_ship=1)
        )
        self.assertEqual(self.quantities(order), {"MUG-BLUE": 1})

    def test_a_part_that_was_shipped_before_the_first_import_stays_out(self):
        row = report_row(
            1, quantity_purchased=5, quantity_shipped=3, quantity_to_ship=2
        )
        order = self.order_of(row)
        self.import_rows(row)
        self.assertEqual(self.quantities(order), {"MUG-BLUE": 2})

    def test_a_shipped_item_that_amazon_no_longer_lists_is_no_change(self):
        order = self.order_of(report_row(1), report_row(1, item=7, sku="PLATE"))
        delivery = order.picking_ids
        delivery.carrier_id = False
        delivery.action_confirm()
        delivery.action_assign()
        plate = delivery.move_ids.filtered(lambda m: m.product_id == self.plate)
        plate.quantity = 0
        delivery.with_context(skip_backorder=True).button_validate()
        done = self.import_rows(report_row(1, item=7, sku="PLATE"))
        self.assertEqual(self.quantities(order), {"PLATE": 1})
        self.assertEqual((done.changed_count, done.problem_count), (0, 0))


@tagged("post_install", "-at_install")
class TestTwoSteps(RefreshCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.delivery_steps = "pick_ship"

    def test_the_pick_follows_and_what_was_picked_is_not_picked_again(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        self.import_rows(report_row(1, quantity_to_ship=2))
        pick = order.picking_ids
        self.assertEqual(pick.move_ids.product_uom_qty, 2)
        pick.carrier_id = False
        pick.action_confirm()
        pick.action_assign()
        pick.button_validate()
        self.assertEqual(len(order.picking_ids), 2)
        again = self.import_rows(report_row(1, quantity_to_ship=2))
        self.assertEqual((again.changed_count, again.problem_count), (0, 0))
        more = self.import_rows(report_row(1, quantity_to_ship=3))
        self.assertEqual(self.quantities(order), {"MUG-BLUE": 2})
        self.assertIn("cannot follow", more.problem_ids.reason)


@tagged("post_install", "-at_install")
class TestAddress(RefreshCase):
    def test_the_open_delivery_goes_to_the_new_address(self):
        order = self.order_of(report_row(1))
        self.import_rows(report_row(1, ship_address_1="Nieuweweg 5", ship_city="Ede"))
        contact = order.picking_ids.partner_id
        self.assertEqual((contact.street, contact.city), ("Nieuweweg 5", "Ede"))

    def test_a_persons_correction_stays_while_amazons_address_is_the_same(self):
        order = self.order_of(report_row(1))
        order.recipient_street = "Corrected 1"
        done = self.import_rows(report_row(1))
        self.assertEqual(order.partner_id.street, "Corrected 1")
        self.assertEqual(done.changed_count, 0)


@tagged("post_install", "-at_install")
class TestDeliveryMethod(RefreshCase):
    def setUp(self):
        super().setUp()
        mailbox = "amazon_carrier_connector.package_type_myparcel_mailbox"
        self.mailbox = self.env.ref(mailbox)
        self.express = self.carrier.copy({"name": "Express"})
        self.env["amazon.shipping.rule"].create(
            {
                "name": "Small",
                "quantity_max": 1,
                "country_ids": self.env.ref("base.nl").ids,
                "carrier_id": self.express.id,
                "package_type_id": self.mailbox.id,
            }
        )

    def test_the_rules_choose_again_for_the_new_quantity(self):
        delivery = self.order_of(report_row(1)).picking_ids
        self.assertEqual(delivery.parcel_type_id, self.mailbox)
        self.import_rows(report_row(1, quantity_to_ship=5))
        self.assertEqual(delivery.carrier_id, self.carrier)
        self.assertNotEqual(delivery.parcel_type_id, self.mailbox)
        self.import_rows(report_row(1, quantity_to_ship=1))
        self.assertEqual(delivery.parcel_type_id, self.mailbox)

    def test_the_rules_choose_again_for_the_new_address(self):
        self.carrier.country_ids = self.env.ref("base.nl") | self.env.ref("base.de")
        delivery = self.order_of(report_row(1)).picking_ids
        self.assertEqual(delivery.carrier_id, self.express)
        self.import_rows(report_row(1, ship_country="DE", ship_postal_code="10115"))
        self.assertEqual(delivery.carrier_id, self.carrier)

    def test_what_a_person_chose_stays(self):
        delivery = self.order_of(report_row(1)).picking_ids
        courier = self.carrier.copy({"name": "Courier"})
        delivery.carrier_id = courier
        self.import_rows(report_row(1, quantity_to_ship=5))
        self.assertEqual(delivery.carrier_id, courier)

    def test_a_new_date_alone_chooses_nothing_again(self):
        delivery = self.order_of(report_row(1)).picking_ids
        self.env["amazon.shipping.rule"].search([]).active = False
        self.import_rows(report_row(1, promise_date=LATER))
        self.assertEqual(delivery.carrier_id, self.express)


@tagged("post_install", "-at_install")
class TestLabelled(LabelCase):
    CHANGED = {
        "promise_date": LATER,
        "ship_address_1": "Nieuweweg 5",
        "quantity_to_ship": 4,
        "is_buyer_requested_cancellation": "true",
    }

    def _import(self, **cells):
        return self.import_report(make_report(report_row(1, **cells))).with_env(
            self.env
        )

    def test_a_labelled_delivery_stays_as_it_is_and_a_person_is_told(self):
        self._import(quantity_to_ship=2)
        order = self.find_order(1)
        delivery = order.picking_ids
        self._label(delivery)
        before = (
            *(delivery.scheduled_date, delivery.move_ids.product_uom_qty),
            *(order.partner_id.street, order.item_ids.quantity_to_ship),
        )
        done = self._import(**self.CHANGED)
        after = (
            *(delivery.scheduled_date, delivery.move_ids.product_uom_qty),
            *(order.partner_id.street, order.item_ids.quantity_to_ship),
        )
        self.assertEqual(before, after)
        reason = done.problem_ids.reason
        self.assertEqual(done.problem_ids.order_ref, order_ref(1))
        for words in ("after its label", "address", "4 pieces", "cancel"):
            self.assertIn(words, reason)
        self.assertNotIn("Nieuweweg", reason)
        # What the order itself says is true whatever becomes of the parcel.
        self.assertTrue(order.cancel_requested)
        self.assertEqual(str(order.ship_by), "2026-11-21 22:59:59")

    def test_a_reason_alone_that_comes_later_is_no_problem(self):
        asked = {"is_buyer_requested_cancellation": "true"}
        self._import(**asked)
        order = self.find_order(1)
        order.action_release_cancellation()
        self._label(order.picking_ids)
        again = self._import(**asked, buyer_requested_cancel_reason="Too late")
        self.assertEqual(order.cancel_reason, "Too late")
        self.assertFalse(again.problem_ids)

    def test_after_the_label_is_cancelled_the_change_is_taken_over(self):
        self._import(quantity_to_ship=2)
        order = self.find_order(1)
        self._label(order.picking_ids).state = "cancelled"
        order.picking_ids.carrier_tracking_ref = False
        done = self._import(quantity_to_ship=4, ship_address_1="Nieuweweg 5")
        self.assertFalse(done.problem_ids)
        self.assertEqual(order.picking_ids.move_ids.product_uom_qty, 4)
        self.assertEqual(order.partner_id.street, "Nieuweweg 5")

    def test_a_parcel_that_is_being_asked_for_counts_as_a_label(self):
        self._import()
        order = self.find_order(1)
        order.picking_ids._create_label_run()
        parcel = order.picking_ids.parcel_ids
        for state in ("requested", "unclear"):
            parcel.state = state
            done = self._import(ship_address_1=f"Nieuweweg {state}")
            self.assertEqual(done.line_ids.status, "labelled_changed")
            self.assertNotIn("Nieuweweg", order.partner_id.street)

    def test_a_shipped_order_is_told_of_and_left_alone(self):
        self._import()
        order = self.find_order(1)
        delivery = order.picking_ids
        delivery.carrier_id = False
        delivery.button_validate()
        done = self._import(**self.CHANGED)
        self.assertEqual(order.item_ids.quantity_to_ship, 1)
        self.assertEqual(order.picking_ids, delivery)
        self.assertIn("after it was shipped", done.problem_ids.reason)

    def test_another_date_of_a_shipped_order_is_no_problem(self):
        self._import()
        order = self.find_order(1)
        order.picking_ids.carrier_id = False
        order.picking_ids.button_validate()
        done = self._import(promise_date="2026-11-21T22:59:59+00:00")
        self.assertEqual(str(order.ship_by), "2026-11-21 22:59:59")
        self.assertFalse(done.problem_ids)

    def _label(self, delivery):
        delivery._create_label_run()
        label = self.env["ir.attachment"].create({"name": "label.pdf", "raw": b"%PDF"})
        delivery.parcel_ids.write(
            {
                "label_attachment_id": label.id,
                "state": "labelled",
                "tracking_number": "3SLABEL",
                "remote_ref": "1",
                "labelled_at": "2026-11-17 12:00:00",
            }
        )
        return delivery.parcel_ids


@tagged("post_install", "-at_install")
class TestFrozen(RefreshCase):
    def test_what_the_outbox_holds_stays_whatever_amazon_says_later(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        confirmation = self.create_confirmation(order, 3, state="pushed")
        self.import_rows(
            report_row(1, quantity_purchased=3, quantity_shipped=1, quantity_to_ship=1)
        )
        self.assertEqual(confirmation.line_ids.quantity, 3)

    def test_pieces_of_a_cancelled_label_that_amazon_counts_still_ship(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        self.create_confirmation(
            order,
            2,
            state="failed",
            error="The label was cancelled.",
            pushed_at="2026-11-17 12:00:00",
        )
        self.import_rows(
            report_row(1, quantity_purchased=3, quantity_shipped=2, quantity_to_ship=1)
        )
        self.assertEqual(self.quantities(order), {"MUG-BLUE": 3})

    def test_a_label_that_amazon_was_told_of_and_was_cancelled_still_ships(self):
        order = self.order_of(report_row(1, quantity_to_ship=3))
        self.create_confirmation(order, 3, state="pushed")
        other = report_row(1, item=7, sku="PLATE")
        self.import_rows(other)
        self.assertEqual(self.quantities(order), {"MUG-BLUE": 3, "PLATE": 1})


@tagged("post_install", "-at_install")
class TestCancelRequests(RefreshCase):
    ROW = {"is_buyer_requested_cancellation": "true"}

    def test_the_responsible_is_told_once_however_often_it_is_imported(self):
        self.import_rows(report_row(1))
        for __ in range(2):
            self.import_rows(report_row(1, **self.ROW))
        activity = self.find_order(1).activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.shop._get_responsible())

    def test_a_new_order_that_is_to_be_cancelled_is_told_as_well(self):
        self.import_rows(report_row(1, **self.ROW), report_row(2))
        self.assertEqual(len(self.find_order(1).activity_ids), 1)
        self.assertFalse(self.find_order(2).activity_ids)

    def test_nobody_gets_an_email(self):
        before = self.env["mail.mail"].search_count([])
        self.import_rows(*(report_row(n, **self.ROW) for n in range(1, 4)))
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_a_release_removes_the_activity_and_the_next_import_makes_none(self):
        self.import_rows(report_row(1, **self.ROW))
        order = self.find_order(1)
        order.with_user(self.amazon_user).action_release_cancellation()
        self.assertFalse(order.activity_ids)
        self.import_rows(report_row(1, **self.ROW))
        self.assertFalse(order.activity_ids)
        self.assertFalse(order.picking_ids.amazon_cancel_requested)
