"""Who chose how a delivery is shipped, why, and what may change it afterwards."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AmazonCommon, report_row
from .label_case import LabelCase


class ChoiceCase(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Core names every copy "(copy)".
        cls.express = cls.carrier.copy()
        cls.express.name = "Express"
        cls.courier = cls.carrier.copy()

    def rule(self, **values):
        return self.env["amazon.shipping.rule"].create(
            {"name": "Rule", "carrier_id": self.express.id, **values}
        )

    def deliver(self, *numbers, **cells):
        self.import_rows(*(report_row(number, **cells) for number in numbers))
        return self.deliveries(*numbers)

    def deliveries(self, *numbers):
        found = [self.find_order(number).picking_ids for number in numbers]
        return self.env["stock.picking"].concat(*found)

    def apply(self, deliveries):
        """Apply the rules as a clerk does; what the message says."""
        action = deliveries.with_user(self.amazon_user).action_apply_rules()
        return action["params"]["message"]


@tagged("post_install", "-at_install")
class TestChoiceInWords(ChoiceCase):
    def assert_words(self, delivery, *words):
        text = delivery.with_user(self.stock_user).amazon_choice_text
        for word in words:
            self.assertIn(word, text)
        return text

    def test_the_rule_and_each_of_its_conditions_are_named(self):
        tag = self.env["product.tag"].create({"name": "Fragile"})
        self.mug.product_tmpl_id.product_tag_ids = tag
        rule = self.rule(
            name="Mugs near by",
            shop_ids=self.shop.ids,
            market_ids=self.market_nl.ids,
            country_ids=(self.env.ref("base.nl") | self.env.ref("base.be")).ids,
            zip_prefixes="10, 35",
            weight_min=0.1,
            weight_max=2,
            quantity_max=3,
            skus="MUG-BLUE, OTHER",
            product_tag_ids=tag.ids,
            service_levels="Standard",
            prime="no",
            business="no",
        )
        delivery = self.deliver(1)
        self.assertEqual(delivery.amazon_rule_id, rule)
        text = self.assert_words(
            delivery,
            *("Mugs near by", "country Netherlands", "postal code begins with 35"),
            *("weight (kg) from 0.1 to 2", "pieces up to 3", "SKU MUG-BLUE"),
            *("tag Fragile", self.shop.name, self.market_nl.name, "level Standard"),
            *("not Prime", "not business"),
        )
        for other in ("Belgium", "OTHER", "3500"):
            self.assertNotIn(other, text)

    def test_each_condition_alone_is_said_or_not(self):
        for number, (values, word) in enumerate(
            (
                ({}, "every order"),
                ({"weight_min": 0.2}, "weight (kg) from 0.2"),
                ({"quantity_min": 1}, "pieces from 1"),
                ({"prime": "yes"}, ": Prime."),
                ({"business": "yes"}, ": business."),
            ),
            start=1,
        ):
            with self.subTest(values):
                rule = self.rule(**values)
                delivery = self.deliver(
                    number, is_prime="true", is_business_order="true"
                )
                self.assert_words(delivery, word)
                rule.active = False

    def test_without_a_rule_it_says_whose_delivery_method_it_is(self):
        self.rule(skus="BOWL")
        self.assert_words(self.deliver(1), "No shipping rule fits", "shop's")
        self.shop.apply_rules = False
        self.assert_words(self.deliver(2), "applies no shipping rules", "shop's")
        self.shop.carrier_id = False
        self.company.amazon_carrier_id = self.courier
        self.assert_words(self.deliver(3), "company's")
        self.company.amazon_carrier_id = False
        self.assert_words(self.deliver(4), "choose one")

    def test_a_delivery_method_that_does_not_accept_it_is_named(self):
        self.express.country_ids = self.env.ref("base.be")
        self.rule(name="Far")
        delivery = self.deliver(1)
        self.assertFalse(delivery.carrier_id)
        self.assert_words(delivery, "Far", "Express does not accept it")

    def test_what_a_person_chose_is_said_with_what_the_rule_would_choose(self):
        self.rule(name="Fast")
        delivery = self.deliver(1)
        delivery.carrier_id = self.courier
        self.assertTrue(delivery.amazon_chosen_by_hand)
        self.assert_words(delivery, "by hand", "Fast", "would go with Express")
        delivery.carrier_id = self.express
        self.assertFalse(delivery.amazon_chosen_by_hand)

    def test_the_reason_outlives_the_rule(self):
        rule = self.rule(name="Fast", country_ids=self.env.ref("base.nl").ids)
        delivery = self.deliver(1)
        rule.unlink()
        self.assertFalse(delivery.amazon_rule_id)
        self.assert_words(delivery, "Fast", "Netherlands")


@tagged("post_install", "-at_install")
class TestApplyRules(ChoiceCase):
    def test_open_deliveries_follow_the_rules_of_today(self):
        deliveries = self.deliver(1, 2) | self.deliver(3, sku="PLATE")
        self.rule(skus="PLATE")
        self.assertIn("1 of 3 deliveries changed", self.apply(deliveries))
        self.assertEqual(self.deliveries(1, 2).carrier_id, self.carrier)
        self.assertEqual(self.deliveries(3).carrier_id, self.express)
        self.assertIn("0 of 3", self.apply(deliveries))

    def test_what_a_person_chose_stays_and_is_told(self):
        first, second = self.deliver(1, 2)
        first.carrier_id = self.courier
        self.rule()
        message = self.apply(first | second)
        self.assertIn(first.name, message)
        self.assertNotIn(second.name, message)
        self.assertEqual(first.carrier_id, self.courier)
        self.assertEqual(second.carrier_id, self.express)

    def test_no_delivery_method_may_be_a_persons_choice_too(self):
        delivery = self.deliver(1)
        delivery.carrier_id = False
        self.rule()
        self.assertIn(delivery.name, self.apply(delivery))
        self.assertFalse(delivery.carrier_id)

    def test_a_person_gives_up_the_choice(self):
        delivery = self.deliver(1)
        delivery.carrier_id = self.courier
        rule = self.rule()
        delivery.with_user(self.amazon_user).action_follow_rules()
        self.assertEqual(delivery.carrier_id, self.express)
        self.assertEqual(delivery.amazon_rule_id, rule)
        self.assertFalse(delivery.amazon_chosen_by_hand)

    def test_labelled_closed_and_other_deliveries_are_left_and_told(self):
        labelled, closed = self.deliver(1, 2)
        labelled.carrier_tracking_ref = "3STYPED"
        closed.action_cancel()
        other = labelled.copy()
        other.carrier_id = self.courier
        self.rule()
        message = self.apply(labelled | closed | other)
        self.assertIn("0 of 3", message)
        for delivery in (labelled, closed, other):
            self.assertIn(delivery.name, message)
            self.assertNotEqual(delivery.carrier_id, self.express)

    def test_a_part_of_an_order_follows_the_rules_for_what_is_in_it(self):
        self.import_rows(
            report_row(1, quantity_to_ship=3), report_row(1, item=20, sku="PLATE")
        )
        delivery = self.deliveries(1)
        self.rule(name="Plates", skus="PLATE", sequence=1)
        tag = self.env["product.tag"].create({"name": "Fragile"})
        self.plate.product_tmpl_id.product_tag_ids = tag
        self.rule(name="Fragile", product_tag_ids=tag.ids, sequence=2)
        two = self.rule(name="Two", quantity_min=2, quantity_max=2, sequence=3)
        part = delivery.copy({"move_ids": []})
        mugs = delivery.move_ids.filtered(lambda move: move.product_id == self.mug)
        mugs.product_uom_qty = 1
        mugs.copy(
            {
                "picking_id": part.id,
                "product_uom_qty": 2,
                "amazon_item_id": mugs.amazon_item_id.id,
            }
        )
        delivery.action_follow_rules()
        part.action_follow_rules()
        self.assertEqual(delivery.amazon_rule_id.name, "Plates")
        self.assertEqual(part.amazon_rule_id, two)
        light = self.rule(name="Light", weight_max=0.8, weight_min=0.8, sequence=0)
        part.action_follow_rules()
        self.assertEqual(part.amazon_rule_id, light)

    def test_only_a_few_names_are_said(self):
        deliveries = self.deliver(*range(1, 9))
        deliveries.carrier_id = self.courier
        self.assertIn("3 more", self.apply(deliveries))

    def test_a_choice_of_before_this_version_stays(self):
        delivery = self.deliver(1)
        delivery.amazon_choice = False
        self.rule()
        self.assertIn(delivery.name, self.apply(delivery))
        self.assertEqual(delivery.carrier_id, self.carrier)

    def test_queries_do_not_grow_with_deliveries_or_rules(self):
        counts = []
        for first, last, rules in ((1, 20, 2), (101, 190, 40)):
            deliveries = self.deliver(*range(first, last + 1))
            for number in range(rules):
                self.rule(
                    skus=f"NOBODY-{number}",
                    country_ids=self.env.ref("base.be").ids,
                    shop_ids=self.shop.ids,
                )
            self.rule(zip_prefixes="35", sequence=100 - first)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            deliveries.action_apply_rules()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
            self.assertEqual(deliveries.carrier_id, self.express)
        self.assertLess(counts[1] - counts[0], 5)

    def test_more_moves_than_odoo_reads_at_once_are_not_read_one_by_one(self):
        deliveries = self.deliver(*range(1, 61))
        self.rule()
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        with patch("odoo.orm.fields_relational.PREFETCH_MAX", 5):
            deliveries.action_apply_rules()
        self.assertEqual(deliveries.carrier_id, self.express)
        self.assertLess(self.env.cr.sql_log_count - start, 60)

    def test_a_changed_order_does_not_overwrite_what_a_person_chose_before(self):
        """Even when the rules are others by then."""
        delivery = self.deliver(1)
        delivery.carrier_id = self.courier
        self.rule()
        self.deliver(1, quantity_to_ship=2)
        self.assertEqual(delivery.carrier_id, self.courier)
        self.assertEqual(delivery.move_ids.product_uom_qty, 2)


@tagged("post_install", "-at_install")
class TestTrial(ChoiceCase):
    def try_rule(self, rule):
        """The deliveries that fit, and what the title says."""
        action = rule.with_user(self.amazon_manager).action_try()
        return self.env["stock.picking"].search(action["domain"]), action[
            "display_name"
        ]

    def test_open_deliveries_that_fit_are_shown_and_nothing_changes(self):
        mugs, plates = self.deliver(1), self.deliver(2, sku="PLATE")
        rule = self.rule(name="Mugs", skus="MUG-BLUE")
        found, title = self.try_rule(rule)
        self.assertEqual(found, mugs)
        self.assertEqual(title, "Fit Mugs: 1")
        self.assertEqual((mugs | plates).carrier_id, self.carrier)

    def test_the_title_tells_how_many_an_earlier_rule_takes(self):
        deliveries = self.deliver(1, 2) | self.deliver(3, sku="PLATE")
        self.rule(skus="PLATE", sequence=1)
        found, title = self.try_rule(self.rule(name="All", sequence=2))
        self.assertEqual(found, deliveries)
        self.assertEqual(title, "Fit All: 3, of which 1 follow an earlier rule")

    def test_an_archived_rule_can_be_tried(self):
        delivery = self.deliver(1)
        found, __ = self.try_rule(self.rule(active=False))
        self.assertEqual(found, delivery)

    def test_what_rules_do_not_touch_does_not_fit(self):
        labelled, closed = self.deliver(1, 2)
        labelled.carrier_tracking_ref = "3STYPED"
        closed.action_cancel()
        second_shop = self._create_shop(self.company, "A9SECOND", apply_rules=False)
        self.import_rows(report_row(3), shop=second_shop)
        found, title = self.try_rule(self.rule(name="All"))
        self.assertFalse(found)
        self.assertEqual(title, "No open delivery fits All")

    def test_deliveries_of_another_company_do_not_fit(self):
        self._create_other_company()
        self.deliver(1)
        rule = self.rule(company_id=self.other_company.id, carrier_id=False)
        self.assertFalse(self.try_rule(rule.sudo())[0])


@tagged("post_install", "-at_install")
class TestHold(LabelCase):
    def hold(self, **values):
        return self.env["amazon.shipping.rule"].create(
            {"name": "Look first", "hold": True, **values}
        )

    def test_a_held_delivery_gets_no_label_until_a_person_releases_it(self):
        self.hold(quantity_min=2)
        held = self.import_deliveries(1, quantity_to_ship=2)
        free = self.import_deliveries(1, first=2)
        run = self.label(held | free)
        self.assertEqual(free.label_state, "labelled")
        self.assertEqual(held.label_state, "to_label")
        problem = run.parcel_ids.filtered(lambda p: p.picking_id == held).error
        self.assertIn("Look first", problem)
        self.assertIn("pieces from 2", problem)
        self.assertEqual(len(self.get_bought()), 1)

        held.with_user(self.amazon_user).action_release_hold()
        self.assertIn("Released", held.message_ids[0].body)
        self.label(held)
        self.assertEqual(held.label_state, "labelled")

    def test_a_held_delivery_cannot_be_validated(self):
        self.hold()
        held = self.create_fixed_deliveries(self.create_carrier())
        with self.assertRaisesRegex(UserError, f"(?s){held.name}.*Look first"):
            self.validate(held)
        self.assertNotEqual(held.state, "done")
        held.action_release_hold()
        self.validate(held)
        self.assertEqual(held.state, "done")

    def test_what_was_released_is_not_held_again_by_the_same_rule(self):
        rule = self.hold()
        delivery = self.import_deliveries()
        delivery.action_release_hold()
        delivery.action_apply_rules()
        self.assertFalse(delivery.amazon_on_hold)
        self.hold(name="Another", sequence=1)
        delivery.action_apply_rules()
        self.assertTrue(delivery.amazon_on_hold)
        self.assertIn("Another", delivery._describe_hold())
        rule.search([]).active = False
        delivery.action_apply_rules()
        self.assertFalse(delivery.amazon_on_hold)

    def test_a_delivery_method_of_a_person_does_not_release_it(self):
        self.hold()
        delivery = self.import_deliveries()
        delivery.carrier_id = self.create_carrier()
        delivery.action_apply_rules()
        self.assertTrue(delivery.amazon_on_hold)

    def test_the_check_of_an_import_shows_what_will_be_held(self):
        self.hold(quantity_min=2)
        checked = self.check_rows(report_row(1), report_row(2, quantity_to_ship=2))
        self.assertEqual(checked.line_ids.mapped("is_on_hold"), [False, True])

    def check_rows(self, *rows):
        from .common import make_report

        return self.check_report(make_report(*rows)).with_env(self.env)


@tagged("post_install", "-at_install")
class TestSteps(ChoiceCase):
    def test_the_delivery_order_knows_what_the_pick_was_shipped_by(self):
        self.warehouse.delivery_steps = "pick_ship"
        rule = self.rule(name="Fast", label_signature="yes")
        pick = self.deliver(1)
        self.assertEqual(pick.picking_type_id, self.warehouse.pick_type_id)
        pick.label_age_check = "yes"
        pick.button_validate()
        out = pick._get_next_transfers()
        self.assertEqual(out.carrier_id, self.express)
        self.assertEqual(out.amazon_rule_id, rule)
        self.assertFalse(out.amazon_chosen_by_hand)
        self.assertEqual(
            out._get_label_options(), {"signature": True, "age_check": True}
        )

    def test_a_backorder_is_shipped_by_the_same_rule(self):
        rule = self.rule(label_signature="yes")
        delivery = self.deliver(1, quantity_to_ship=3)
        delivery.action_confirm()
        delivery.move_ids.quantity = 1
        delivery.carrier_tracking_ref = "3STYPED"
        delivery.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=[]
        ).button_validate()
        backorder = self.deliveries(1) - delivery
        self.assertEqual(backorder.amazon_rule_id, rule)
        self.assertEqual(backorder.carrier_id, self.express)
        self.assertEqual(backorder._get_label_options(), {"signature": True})
        self.assertFalse(backorder.amazon_chosen_by_hand)
