"""SKUs that nobody knows: listed, given a product, and what the deliveries become."""

import json
from contextlib import contextmanager

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import AmazonCommon, report_row


class MatchCase(AmazonCommon):
    def _import_unknown(self, *numbers, sku="NEW-1", **cells):
        self.import_rows(*(report_row(number, sku=sku, **cells) for number in numbers))
        return self.env["amazon.order"].concat(*map(self.find_order, numbers))

    def _find_listing(self, sku="NEW-1", shop=None):
        return self.env["amazon.listing"].search(
            [("shop_id", "=", (shop or self.shop).id), ("sku", "=", sku)]
        )

    def _choose(self, product, sku="NEW-1", user=None):
        listing = self._find_listing(sku).with_user(user or self.amazon_user)
        listing.product_id = product
        return listing

    def _reserve(self, deliveries):
        deliveries.action_confirm()
        deliveries.action_assign()

    def _label(self, delivery, state="labelled"):
        parcel = self.env["delivery.parcel"].create(
            {
                "picking_id": delivery.id,
                "company_id": delivery.company_id.id,
                "carrier_id": delivery.carrier_id.id,
                "weight_kg": 1.0,
            }
        )
        label = self.env["ir.attachment"].create({"name": "Label", "raw": b"%PDF"})
        parcel.write(
            {
                "state": state,
                "labelled_at": "2026-11-17 12:00:00",
                "tracking_number": f"3STEST{parcel.id}",
                "label_attachment_id": label.id,
            }
        )
        return parcel

    @contextmanager
    def _notices(self):
        """The sentences that are shown to whoever acts meanwhile."""
        bus, notices = self.env["bus.bus"].sudo(), []
        self.env.cr.precommit.run()
        bus.search([]).unlink()
        yield notices
        self.env.cr.precommit.run()
        messages = [json.loads(message) for message in bus.search([]).mapped("message")]
        notices += [
            message["payload"]["message"]
            for message in messages
            if message["type"] == "simple_notification"
        ]


@tagged("post_install", "-at_install")
class TestUnknownSkus(MatchCase):
    def test_an_unknown_sku_becomes_a_listing_with_its_title_and_no_product(self):
        for policy in ("placeholder", "hold"):
            with self.subTest(policy):
                self.shop.unknown_sku_policy = policy
                sku = f"NEW-{policy}"
                number = len(policy)
                self._import_unknown(number, sku=sku, product_name="Teapot, 1 l")
                listing = self._find_listing(sku)
                self.assertEqual(listing.title, "Teapot, 1 l")
                self.assertFalse(listing.product_id)
                self.assertEqual(listing.state, "to_match")

    def test_a_sku_that_is_known_or_created_needs_no_listing(self):
        self.shop.unknown_sku_policy = "create"
        for number, sku in enumerate(("MUG-BLUE", "8710000000012", "NEW-1"), start=1):
            with self.subTest(sku):
                self._import_unknown(number, sku=sku)
                self.assertFalse(self._find_listing(sku))

    def test_a_sku_is_listed_once_however_often_it_comes(self):
        self._import_unknown(1, 2)
        self._import_unknown(1, 3)
        self.assertEqual(len(self._find_listing()), 1)

    def test_each_shop_has_its_own_skus_to_match(self):
        second_shop = self._create_shop(self.company, "A9SECOND")
        self._import_unknown(1)
        self.import_rows(report_row(2, sku="NEW-1"), shop=second_shop)
        self._choose(self.bowl)
        self.assertEqual(self._find_listing(shop=second_shop).state, "to_match")
        placeholder = self.env.ref("amazon_carrier_connector.product_placeholder")
        self.assertEqual(self.find_order(2).item_ids.product_id, placeholder)

    def test_many_unknown_skus_are_listed_with_as_many_queries_as_few(self):
        shop = self.shop
        shop._match_products({"WARM-UP": "Warm up"})

        def count(titles):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            shop._match_products(titles)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = count({"A-1": "One"})
        self.assertLessEqual(count({f"B-{n}": "Many" for n in range(200)}), few + 3)

    def test_a_product_that_cannot_be_shipped_any_more_is_to_match_again(self):
        self._import_unknown(1)
        listing = self._choose(self.bowl)
        self.assertEqual(listing.state, "matched")
        self.bowl.active = False
        self.assertEqual(listing.state, "to_match")
        self.assertIn(listing, listing.search([("state", "=", "to_match")]))
        self.assertNotIn(listing, listing.search([("state", "=", "matched")]))

    def test_a_deleted_product_leaves_its_sku_to_match(self):
        self._import_unknown(1)
        teapot = self.env["product.product"].create({"name": "Teapot"})
        listing = self.env["amazon.listing"].create(
            {"shop_id": self.shop.id, "sku": "TEAPOT", "product_id": teapot.id}
        )
        teapot.unlink()
        self.assertEqual(listing.state, "to_match")

    def test_each_status_finds_its_own_and_both_find_all(self):
        self._import_unknown(1)
        self._import_unknown(2, sku="NEW-2")
        self._choose(self.bowl, "NEW-2")
        listings = self.env["amazon.listing"]
        to_match, matched = self._find_listing(), self._find_listing("NEW-2")
        shop = [("shop_id", "=", self.shop.id)]
        for states, found in (
            (["to_match"], to_match),
            (["matched"], matched),
            (["to_match", "matched"], to_match | matched),
        ):
            with self.subTest(states):
                domain = [*shop, ("state", "in", states)]
                self.assertEqual(listings.search(domain), found)
        self.assertEqual(listings.search([*shop, ("state", "!=", "matched")]), to_match)

    def test_open_orders_and_pieces_are_counted_per_sku_and_shop(self):
        second_shop = self._create_shop(self.company, "A9SECOND")
        self.import_rows(
            report_row(1, item=1, sku="NEW-1", quantity_to_ship=2),
            report_row(1, item=2, sku="NEW-1", quantity_to_ship=3),
            report_row(2, sku="NEW-1"),
            report_row(3, sku="NEW-2"),
        )
        self.import_rows(report_row(4, sku="NEW-1"), shop=second_shop)
        self.find_order(2).picking_ids.action_cancel()
        for listing, counts in (
            (self._find_listing(), (1, 5)),
            (self._find_listing("NEW-2"), (1, 1)),
            (self._find_listing(shop=second_shop), (1, 1)),
        ):
            with self.subTest(listing.display_name):
                self.assertEqual(
                    (listing.open_order_count, listing.open_quantity), counts
                )

    def test_held_orders_are_open(self):
        self.shop.unknown_sku_policy = "hold"
        self._import_unknown(1)
        self.assertEqual(self._find_listing().open_order_count, 1)

    def test_the_list_is_read_with_as_many_queries_for_many_as_for_few(self):
        names = ["sku", "title", "state", "open_order_count", "open_quantity"]
        self.import_rows(*(report_row(n, sku=f"NEW-{n}") for n in range(1, 31)))
        listings = self.env["amazon.listing"].search([("shop_id", "=", self.shop.id)])

        def count(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.read(names)
            return self.env.cr.sql_log_count - before

        count(listings[:1])
        self.assertEqual(count(listings), count(listings[:1]))

    def test_the_shop_shows_how_many_are_to_match_and_opens_them(self):
        self.assertEqual(self.shop.sku_to_match_count, 0)
        self._import_unknown(1)
        self._import_unknown(2, sku="NEW-2")
        self.assertEqual(self.shop.sku_to_match_count, 2)
        action = self.shop.with_user(self.amazon_user).action_view_skus_to_match()
        self.assertEqual(
            self.env["amazon.listing"].search(action["domain"]),
            self._find_listing() | self._find_listing("NEW-2"),
        )
        self._choose(self.bowl)
        self.assertEqual(self.shop.sku_to_match_count, 1)


@tagged("post_install", "-at_install")
class TestChosenProduct(MatchCase):
    def test_a_draft_gets_the_product_and_later_orders_as_well(self):
        order = self._import_unknown(1, quantity_to_ship=3)
        with self._notices() as notices:
            self._choose(self.bowl)
        move = order.picking_ids.move_ids
        self.assertEqual(order.item_ids.product_id, self.bowl)
        self.assertEqual((move.product_id, move.product_uom_qty), (self.bowl, 3))
        self.assertEqual(order.picking_ids.state, "draft")
        self.assertIn("NEW-1", move.description_picking)
        self.assertEqual(notices, ["Deliveries updated: 1."])
        self.assertEqual(self._import_unknown(2).item_ids.product_id, self.bowl)

    def test_the_product_chosen_in_a_form_of_the_list_is_taken(self):
        order = self._import_unknown(1)
        listing = self._find_listing().with_user(self.amazon_user)
        with Form(listing, "amazon_carrier_connector.amazon_listing_view_list") as form:
            form.product_id = self.bowl
        self.assertEqual(order.picking_ids.move_ids.product_id, self.bowl)

    def test_a_reserved_delivery_is_reserved_for_the_product_instead(self):
        self.mug.default_code = False
        listing = self.env["amazon.listing"].create(
            {"shop_id": self.shop.id, "sku": "NEW-1", "product_id": self.mug.id}
        )
        delivery = self._import_unknown(1, quantity_to_ship=3).picking_ids
        self._reserve(delivery)
        self.assertEqual(self.mug.free_qty, 97)
        listing.with_user(self.amazon_user).product_id = self.bowl
        self.env.invalidate_all()
        self.assertEqual(delivery.state, "assigned")
        self.assertEqual(delivery.move_line_ids.product_id, self.bowl)
        self.assertEqual(delivery.move_line_ids.quantity, 3)
        self.assertEqual((self.mug.free_qty, self.bowl.free_qty), (100, 97))
        delivery.carrier_id = False
        delivery.button_validate()
        self.assertEqual((self.mug.qty_available, self.bowl.qty_available), (100, 97))

    def test_a_delivery_that_waits_for_stock_waits_for_the_product(self):
        delivery = self._import_unknown(1).picking_ids
        self._reserve(delivery)
        rare = self.env["product.product"].create({"name": "Rare", "is_storable": True})
        self._choose(rare)
        self.assertEqual(delivery.state, "confirmed")
        self.assertEqual(delivery.move_ids.product_id, rare)
        self.assertFalse(delivery.move_line_ids)

    def test_the_other_items_of_a_delivery_keep_their_reservation(self):
        self.import_rows(
            report_row(1, item=1, sku="NEW-1"),
            report_row(1, item=2, sku="PLATE", quantity_to_ship=2),
        )
        delivery = self.find_order(1).picking_ids
        self._reserve(delivery)
        self._choose(self.bowl)
        self.assertEqual(
            {(line.product_id, line.quantity) for line in delivery.move_line_ids},
            {(self.bowl, 1), (self.plate, 2)},
        )
        self.assertEqual(len(delivery.move_ids), 2)
        self.assertEqual(delivery.state, "assigned")

    def test_the_unit_of_measure_is_the_products(self):
        grams = self.env.ref("uom.product_uom_gram")
        tea = self.env["product.product"].create({"name": "Tea", "uom_id": grams.id})
        delivery = self._import_unknown(1).picking_ids
        self._choose(tea)
        self.assertEqual(delivery.move_ids.product_uom, grams)

    def test_a_changed_choice_changes_the_open_deliveries_again(self):
        delivery = self._import_unknown(1).picking_ids
        self._choose(self.bowl)
        self._reserve(delivery)
        self._choose(self.plate)
        self.assertEqual(delivery.move_ids.product_id, self.plate)
        self.assertEqual(delivery.move_line_ids.product_id, self.plate)

    def test_a_cleared_choice_leaves_deliveries_as_they_are(self):
        delivery = self._import_unknown(1).picking_ids
        listing = self._choose(self.bowl)
        listing.product_id = False
        self.assertEqual(delivery.move_ids.product_id, self.bowl)
        self.assertEqual(listing.state, "to_match")

    def test_what_was_labelled_packed_shipped_or_cancelled_is_left_and_counted(self):
        orders = self._import_unknown(*range(1, 9))
        free, labelled, numbered, picked, packed, done, cancelled, asked = (
            order.picking_ids for order in orders
        )
        open_ones = orders.picking_ids - cancelled
        open_ones.carrier_id = False
        self._reserve(open_ones)
        self._label(labelled)
        self._label(asked, "unclear")
        numbered.carrier_tracking_ref = "3STYPED"
        picked.move_ids.picked = True
        packed.action_put_in_pack()
        done.button_validate()
        cancelled.action_cancel()
        with self._notices() as notices:
            self._choose(self.bowl)
        placeholder = self.env.ref("amazon_carrier_connector.product_placeholder")
        self.assertEqual(free.move_ids.product_id, self.bowl)
        for delivery in orders.picking_ids - free:
            self.assertEqual(delivery.move_ids.product_id, placeholder)
            self.assertEqual(delivery.move_ids.amazon_item_id.product_id, placeholder)
        self.assertEqual(
            notices,
            [
                "Deliveries updated: 1. Left as they are, because they are labelled,"
                " being packed, done or cancelled: 7."
            ],
        )

    def test_a_delivery_whose_label_was_cancelled_is_updated_on_demand(self):
        delivery = self._import_unknown(1).picking_ids
        parcel = self._label(delivery)
        listing = self._choose(self.bowl)
        self.assertNotEqual(delivery.move_ids.product_id, self.bowl)
        parcel.state = "cancelled"
        listing.action_update_deliveries()
        self.assertEqual(delivery.move_ids.product_id, self.bowl)

    def test_the_backorder_of_a_shipped_part_is_updated(self):
        self._import_unknown(1, quantity_to_ship=3)
        delivery = self.find_order(1).picking_ids
        delivery.carrier_id = False
        self._reserve(delivery)
        delivery.move_ids.write({"quantity": 1, "picked": True})
        delivery.with_context(skip_backorder=True).button_validate()
        backorder = self.find_order(1).picking_ids - delivery
        self._choose(self.bowl)
        self.assertEqual(backorder.move_ids.product_id, self.bowl)
        self.assertNotEqual(delivery.move_ids.product_id, self.bowl)

    def test_held_orders_get_their_deliveries_when_nothing_is_missing_any_more(self):
        self.shop.unknown_sku_policy = "hold"
        self.import_rows(
            report_row(1, sku="NEW-1"),
            report_row(2, item=2, sku="NEW-1"),
            report_row(2, item=3, sku="NEW-2"),
        )
        with self._notices() as notices:
            self._choose(self.bowl)
        self.assertEqual(self.find_order(1).picking_ids.move_ids.product_id, self.bowl)
        self.assertEqual(self.find_order(2).state, "held")
        self.assertEqual(notices, ["Deliveries created: 1."])
        self._choose(self.plate, "NEW-2")
        self.assertEqual(
            self.find_order(2).picking_ids.move_ids.product_id, self.bowl | self.plate
        )
        self.assertEqual(len(self.find_order(1).picking_ids), 1)

    def test_several_skus_get_one_product_at_once(self):
        orders = self._import_unknown(1) | self._import_unknown(2, sku="NEW-2")
        listings = self._find_listing() | self._find_listing("NEW-2")
        with self._notices() as notices:
            listings.with_user(self.amazon_user).write({"product_id": self.bowl.id})
        self.assertEqual(orders.picking_ids.move_ids.product_id, self.bowl)
        self.assertEqual(notices, ["Deliveries updated: 2."])

    def test_a_choice_without_open_orders_says_nothing(self):
        with self._notices() as notices:
            self.env["amazon.listing"].create(
                {"shop_id": self.shop.id, "sku": "X", "product_id": self.bowl.id}
            )
        self.assertEqual(notices, [])

    def test_the_rules_choose_again_for_the_weight_of_the_product(self):
        letter = self.carrier.copy({"name": "Letter"})
        # That of what has no weight, as the placeholder.
        self.shop.default_weight = 0.2
        self.env["amazon.shipping.rule"].create(
            {"name": "Light", "weight_max": 0.3, "carrier_id": letter.id}
        )
        drafts = self._import_unknown(1, 2, 3).picking_ids
        self.assertEqual(drafts.carrier_id, letter)
        by_rule, reserved, by_person = drafts
        self._reserve(reserved)
        chosen = self.carrier.copy({"name": "Courier"})
        by_person.carrier_id = chosen
        self._choose(self.plate)
        self.assertEqual((by_rule | reserved).carrier_id, self.carrier)
        self.assertEqual(by_person.carrier_id, chosen)

    def test_a_method_that_cannot_carry_the_product_does_not_stay(self):
        self.carrier.max_weight = 0.5
        delivery = self._import_unknown(1).picking_ids
        self.assertEqual(delivery.carrier_id, self.carrier)
        self._choose(self.plate)
        self.assertFalse(delivery.carrier_id)

    def test_many_deliveries_are_updated_with_as_many_queries_as_few(self):
        self.import_rows(*(report_row(n, sku="FEW") for n in range(1, 4)))
        self.import_rows(*(report_row(n, sku="MANY") for n in range(4, 44)))
        self.import_rows(report_row(44, sku="WARM-UP"))

        def count(sku):
            listing = self._find_listing(sku)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            listing.product_id = self.bowl
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count("WARM-UP")
        few = count("FEW")
        self.assertLessEqual(count("MANY"), few + 5)


@tagged("post_install", "-at_install")
class TestRefusedProduct(MatchCase):
    def _assert_refused(self, product, reason):
        order = self._import_unknown(1)
        before = order.picking_ids.move_ids.product_id
        with self.assertRaisesRegex(ValidationError, f"NEW-1: {reason}"):
            self._choose(product, user=self.amazon_manager)
        self.env.invalidate_all()
        self.assertEqual(order.picking_ids.move_ids.product_id, before)

    def test_an_archived_product_is_refused(self):
        self.bowl.active = False
        self._assert_refused(self.bowl, "it is archived")

    def test_a_service_is_refused(self):
        service = self.env["product.product"].create(
            {"name": "Wrapping", "type": "service"}
        )
        self._assert_refused(service, "only goods")

    def test_a_product_of_another_company_is_refused(self):
        self._create_other_company()
        theirs = self.env["product.product"].create(
            {"name": "Theirs", "company_id": self.other_company.id}
        )
        self._assert_refused(theirs, "it belongs to another company")

    def test_another_companys_skus_cannot_be_matched(self):
        self._create_other_company()
        self._import_unknown(1)
        with self.assertRaises(AccessError):
            self._choose(self.bowl, user=self.other_manager)

    def test_stock_users_who_are_no_amazon_users_choose_nothing(self):
        self._import_unknown(1)
        with self.assertRaises(AccessError):
            self._choose(self.bowl, user=self.stock_user)

    def test_a_choice_while_an_import_works_with_the_shop_is_refused(self):
        listing = self.env["amazon.listing"].create(
            {"shop_id": self.shop.id, "sku": "NEW-1"}
        )
        self.patch(
            self.registry["amazon.shop"],
            "try_lock_for_update",
            lambda shops, **options: shops.browse(),
        )
        with self.assertRaisesRegex(UserError, "is at work on the orders"):
            listing.product_id = self.bowl
