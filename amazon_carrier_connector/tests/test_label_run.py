import gc
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.base.models import ir_cron

from ..carriers.myparcel import MAX_LABELS
from ..models import (
    base_automation,
    delivery_label_run,
    delivery_label_run_validation,
)
from .common import STOCK_USER, item_ref, report_row
from .label_case import CREATE, FETCH, READ, SEARCH, LabelCase, read_pages


class PowerFailure(BaseException):
    """Ends a process whatever it catches."""


@tagged("post_install", "-at_install")
class TestLabelRun(LabelCase):
    def test_a_selection_becomes_one_document_in_its_own_order(self):
        pickings = self.import_deliveries(3)[::-1]
        run = self.label(pickings)
        self.assertEqual(run.state, "done")
        self.assertEqual(run.parcel_ids.sorted("position").picking_id, pickings)
        self.assert_bought_once(run.parcel_ids)
        numbers = pickings.mapped("carrier_tracking_ref")
        for number, text in zip(numbers, read_pages(run.attachment_id), strict=True):
            self.assertIn(number, text)
        self.assertEqual(self.myparcel.counts(), {CREATE: 1, FETCH: 1, READ: 1})

    def test_labelled_deliveries_are_reserved_and_carry_number_and_price(self):
        picking = self.import_deliveries()
        parcel = self.label(picking).parcel_ids
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(picking.carrier_tracking_ref, parcel.tracking_number)
        self.assertEqual(picking.carrier_price, 6.75)
        self.assertEqual(picking.label_state, "labelled")
        self.assertTrue(parcel.labelled_at)
        self.assertEqual(parcel.label_attachment_id.company_id, self.company)

    def test_with_validation_every_labelled_delivery_is_done(self):
        pickings = self.import_deliveries(3)
        run = self.label(pickings, validate_after=True)
        self.assertEqual(run.state, "done")
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(self.mug.qty_available, 97)

    def test_validation_keeps_no_environment_of_the_rules_it_ran(self):
        run = self.label(self.import_deliveries(2))
        # What is only freed with the garbage is kept.
        gc.disable()
        self.addCleanup(gc.enable)
        with self.committing(self.amazon_user) as env:
            run.with_env(env)._validate_deliveries()
            kept = [e for e in env.transaction.envs if "old_values" in e.context]
        self.assertEqual(set(run.parcel_ids.picking_id.mapped("state")), {"done"})
        # Each new environment is compared with all that are kept.
        self.assertEqual(kept, [])

    def test_the_shop_decides_whether_the_run_validates(self):
        pickings = self.import_deliveries(2)
        self.assertTrue(self.create_run(pickings).validate_after)
        self.shop.validate_after = False
        self.assertFalse(self.create_run(pickings).validate_after)

    def test_warehouse_staff_without_amazon_rights_label_their_own_deliveries(self):
        self.assertFalse(self.stock_user.has_group("base.group_system"))
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": self._create_customer().id,
                "carrier_id": self.carrier.id,
                "origin": "SHELF-1",
                "move_ids": [(0, 0, self._move_values(self.mug))],
            }
        )
        run = self.label(picking, user=self.stock_user)
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)
        self.assertTrue(self.stock_user.has_group(STOCK_USER))
        label = run.parcel_ids.label_attachment_id.with_user(self.stock_user)
        self.assertTrue(label.raw.startswith(b"%PDF"))

    def _create_customer(self):
        return self.env["res.partner"].create(
            {
                "name": "Shop customer",
                "street": "Winkelweg 3",
                "zip": "3511 AB",
                "city": "Utrecht",
                "country_id": self.env.ref("base.nl").id,
            }
        )

    def _move_values(self, product):
        return {
            "product_id": product.id,
            "product_uom_qty": 1,
            "location_id": self.warehouse.lot_stock_id.id,
            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
        }

    def test_what_people_see_is_counted_from_the_parcels(self):
        pickings = self.import_deliveries(3)
        pickings[0].partner_id.street = False
        run = self.create_run(pickings)
        self.assertEqual(
            (run.parcel_count, run.ready_count, run.problem_count, run.labelled_count),
            (3, 2, 1, 0),
        )
        self.start(run)
        self.assertEqual(
            (run.parcel_count, run.ready_count, run.problem_count, run.labelled_count),
            (3, 0, 1, 2),
        )
        self.assertEqual(run.progress, 100)

    def test_a_label_is_printed_again_without_asking_the_carrier(self):
        run = self.label(self.import_deliveries())
        asked = self.myparcel.counts()
        url = run.parcel_ids.action_open_label()["url"]
        self.assertIn(str(run.parcel_ids.label_attachment_id.id), url)
        self.assertIn(str(run.attachment_id.id), run.action_download()["url"])
        self.assertEqual(self.myparcel.counts(), asked)

    def test_a_run_without_labels_has_nothing_to_download(self):
        run = self.create_run(self.import_deliveries())
        with self.assertRaisesRegex(UserError, "no labels"):
            run.action_download()

    def test_a_weight_that_people_typed_is_what_the_carrier_is_told(self):
        run = self.create_run(self.import_deliveries())
        self.assertEqual(run.parcel_ids.weight_kg, 0.4)
        run.parcel_ids.weight_kg = 1.75
        self.start(run)
        (shipment,) = self.myparcel.shipments.values()
        self.assertEqual(shipment.weight_grams, 1750)

    def test_products_without_a_weight_weigh_what_the_shop_says(self):
        self.mug.weight = 0
        self.shop.default_weight = 2.5
        run = self.create_run(self.import_deliveries())
        self.assertEqual(run.parcel_ids.weight_kg, 2.5)

    def test_of_no_delivery_at_all_there_is_no_run(self):
        with self.assertRaisesRegex(UserError, "No delivery waits for a label"):
            self.env["stock.picking"].action_create_labels()

    def test_deliveries_of_two_companies_are_not_labelled_together(self):
        self._create_other_company()
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.other_company.id)]
        )
        other = self.env["stock.picking"].create(
            {"picking_type_id": warehouse.out_type_id.id}
        )
        with self.assertRaisesRegex(UserError, "one company"):
            (self.import_deliveries() | other).action_create_labels()


@tagged("post_install", "-at_install")
class TestLabelRunProblems(LabelCase):
    def test_a_refused_delivery_is_named_and_the_others_get_their_labels(self):
        pickings = self.import_deliveries(3)
        self.spoil(pickings[1])
        run = self.label(pickings, validate_after=True)
        refused = run.parcel_ids.filtered(lambda p: p.state == "refused")
        self.assertEqual(refused.picking_id, pickings[1])
        self.assertIn("Postal code", refused.error)
        self.assertEqual(run.state, "done")
        self.assertEqual(pickings.mapped("state"), ["done", "assigned", "done"])
        self.assertFalse(pickings[1].carrier_tracking_ref)
        self.assert_bought_once(run.parcel_ids - refused)

    def test_a_refused_delivery_is_labelled_after_it_was_mended(self):
        picking = self.import_deliveries()
        self.spoil(picking)
        refused = self.label(picking).parcel_ids
        picking.partner_id.zip = "3511 AB"
        mended = self.label(picking).parcel_ids
        self.assertEqual(refused.state, "refused")
        self.assert_bought_once(mended)

    def test_a_refusal_that_names_nobody_stops_only_who_causes_it(self):
        pickings = self.import_deliveries(3)
        run = self.create_run(pickings)
        guilty = run.parcel_ids.filtered(lambda p: p.picking_id == pickings[2])
        self.myparcel.faults.add(
            CREATE,
            "refused",
            reference=guilty.reference,
            times=None,
            status=422,
            body=(3705, "This combination is not possible"),
        )
        self.start(run)
        self.assertEqual(guilty.state, "refused")
        self.assertIn("This combination is not possible", guilty.error)
        self.assert_bought_once(run.parcel_ids - guilty)

    def test_an_incomplete_address_is_shown_before_anything_is_asked(self):
        pickings = self.import_deliveries(2)
        pickings[0].partner_id.city = False
        run = self.create_run(pickings)
        self.assertIn("City", run.problem_parcel_ids.error)
        self.assertEqual(run.problem_parcel_ids.picking_id, pickings[0])
        self.assertEqual(self.myparcel.calls, [])
        self.start(run)
        self.assert_bought_once(run.parcel_ids - run.problem_parcel_ids)

    def test_starting_again_labels_what_was_mended(self):
        pickings = self.import_deliveries(2)
        pickings[0].partner_id.city = False
        run = self.start(self.create_run(pickings))
        pickings[0].partner_id.city = "Utrecht"
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(len(read_pages(run.attachment_id)), 2)
        documents = self.env["ir.attachment"].search(
            [("res_model", "=", run._name), ("res_id", "=", run.id)]
        )
        self.assertEqual(documents, run.attachment_id)

    def _assert_not_labelled(self, picking, reason):
        run = self.label(picking)
        self.assertIn(reason, run.parcel_ids.error)
        self.assertEqual(run.parcel_ids.state, "draft")
        self.assertEqual(self.myparcel.calls, [])
        return run

    def test_an_order_whose_buyer_cancels_is_labelled_only_after_its_release(self):
        picking = self.import_deliveries()
        picking.amazon_order_ids.cancel_requested = True
        run = self._assert_not_labelled(picking, "asked to cancel")
        picking.amazon_order_ids.action_release_cancellation()
        self.start(run)
        self.assert_bought_once(run.parcel_ids)

    def test_a_cancelled_delivery_is_not_labelled(self):
        picking = self.import_deliveries()
        picking.action_cancel()
        self._assert_not_labelled(picking, "cancelled")

    def test_a_delivery_without_a_method_is_not_labelled(self):
        picking = self.import_deliveries()
        picking.carrier_id = False
        self._assert_not_labelled(picking, "Choose a delivery method")

    def test_a_method_that_makes_no_labels_is_named(self):
        picking = self.import_deliveries()
        picking.carrier_id = self.create_carrier("Bike courier")
        self._assert_not_labelled(picking, "Bike courier makes no labels")

    def test_a_method_chosen_after_the_check_is_taken_over(self):
        picking = self.import_deliveries()
        picking.carrier_id = self.create_carrier()
        run = self.create_run(picking)
        picking.carrier_id = self.carrier
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(run.parcel_ids.carrier_id, self.carrier)

    def test_a_pick_before_the_delivery_gets_no_label(self):
        self.warehouse.delivery_steps = "pick_ship"
        picking = self.import_deliveries()
        self._assert_not_labelled(picking, "Labels belong to the delivery order")

    def test_a_delivery_with_a_label_is_not_labelled_again(self):
        picking = self.import_deliveries()
        first = self.label(picking)
        second = self.label(picking)
        self.assertIn("has a label already", second.parcel_ids.error)
        self.assert_bought_once(first.parcel_ids)

    def test_a_delivery_whose_number_was_typed_is_not_labelled_again(self):
        picking = self.import_deliveries()
        picking.carrier_tracking_ref = "TYPED-1"
        self._assert_not_labelled(picking, "TYPED-1")
        self.assertEqual(picking.carrier_tracking_ref, "TYPED-1")

    def test_two_runs_over_one_selection_buy_one_label_each(self):
        pickings = self.import_deliveries(2)
        runs = [self.create_run(pickings) for __ in range(2)]
        for run in runs:
            self.start(run)
        self.assert_bought_once(runs[0].parcel_ids)
        self.assertEqual(set(runs[1].parcel_ids.mapped("state")), {"draft"})
        self.assertTrue(all(runs[1].parcel_ids.mapped("error")))

    def test_starting_twice_buys_nothing_more(self):
        run = self.label(self.import_deliveries(2))
        asked = self.myparcel.counts()
        self.start(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.myparcel.counts(), asked)

    def test_a_company_without_a_key_is_told_where_to_enter_it(self):
        self.company.sudo().myparcel_api_key = False
        pickings = self.import_deliveries(2)
        run = self.label(pickings)
        self.assertEqual(run.state, "stopped")
        self.assertIn("API key", run.error)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"draft"})
        self.company.myparcel_api_key_entry = self.myparcel.api_key
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        self.assertFalse(run.error)

    def test_a_neutralized_copy_asks_nobody(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("database.is_neutralized", "true")
        run = self.label(self.import_deliveries())
        self.assertIn("neutralized", run.error)
        self.assertEqual(self.myparcel.calls, [])

    def test_a_run_that_was_throttled_goes_on_by_itself_when_it_may(self):
        self.myparcel.faults.add(FETCH, "throttled", retry_after=42)
        run = self.label(self.import_deliveries(2))
        self.assertEqual(run.state, "queued")
        self.assertFalse(run.error)
        wait = run.resume_at - fields.Datetime.now()
        self.assertTrue(timedelta(seconds=30) < wait <= timedelta(seconds=43))
        cron = self.env.ref("amazon_carrier_connector.cron_label_runs")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn(run.resume_at, triggers.mapped("call_at"))
        asked = self.myparcel.counts()
        self.run_cron("cron_label_runs")
        self.assertEqual(self.myparcel.counts(), asked)
        run.resume_at = fields.Datetime.now()
        self.run_cron("cron_label_runs")
        self.assertEqual((run.state, run.resume_at), ("done", False))
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(len(self.myparcel.shipments), 2)

    def find_tasks(self, run):
        return self.env["mail.activity"].search(
            [("res_model", "=", run._name), ("res_id", "=", run.id)]
        )

    def test_a_run_that_its_carrier_never_lets_go_on_stops_and_tells_who_made_it(self):
        self.myparcel.faults.add(FETCH, "throttled", retry_after=300, times=None)
        run = self.label(self.import_deliveries(2))
        since = run.waiting_since
        for minutes, state in ((5, "queued"), (59, "queued"), (61, "stopped")):
            run.waiting_since = since - timedelta(minutes=minutes)
            run.resume_at = fields.Datetime.now()
            self.run_cron("cron_label_runs")
            self.assertEqual(run.state, state)
        self.assertIn("for an hour", run.error)
        task = self.find_tasks(run)
        self.assertEqual(task.user_id, self.amazon_user)
        self.assertIn(run.name, task.summary)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"draft"})
        self.run_cron("cron_label_runs")
        self.assertEqual(self.find_tasks(run), task)
        self.myparcel.faults.clear()
        self.start(run)
        self.assertFalse(self.find_tasks(run))
        self.assert_bought_once(run.parcel_ids)

    def test_a_run_that_gets_labels_between_its_rests_goes_on(self):
        pickings = self.import_deliveries(2)
        self.myparcel.faults.add(FETCH, "throttled", retry_after=300, times=None)
        run = self.label(pickings)
        run.waiting_since -= timedelta(hours=2)
        run.parcel_ids[0].labelled_at = fields.Datetime.now()
        run.resume_at = fields.Datetime.now()
        self.run_cron("cron_label_runs")
        self.assertEqual(run.state, "queued")
        self.assertFalse(self.find_tasks(run))

    def test_a_run_that_stops_in_the_background_is_a_task(self):
        company = self.company.sudo()
        api_key, company.myparcel_api_key = company.myparcel_api_key, False
        watched = self.label(self.import_deliveries())
        self.assertEqual(watched.state, "stopped")
        self.assertFalse(self.find_tasks(watched), "it is on the screen")
        watched.state = "queued"
        self.run_cron("cron_label_runs")
        self.assertEqual(watched.state, "stopped")
        self.assertEqual(len(self.find_tasks(watched)), 1)
        company.myparcel_api_key = api_key
        self.start(watched)
        self.assertFalse(self.find_tasks(watched))

    def test_a_run_that_waits_can_be_stopped_or_started_at_once(self):
        self.myparcel.faults.add(CREATE, "throttled", retry_after=600)
        run = self.label(self.import_deliveries())
        run.action_stop()
        self.assertEqual((run.state, run.resume_at), ("stopped", False))
        self.myparcel.faults.add(CREATE, "throttled", retry_after=600)
        self.start(run)
        self.assertEqual(run.state, "queued")
        self.start(run)
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)

    def test_an_account_that_fails_keeps_no_other_of_the_run_waiting(self):
        closed = self.carrier.copy({"name": "Of another shop"})
        closed.write({"prod_environment": True, "myparcel_api_key_entry": "wrong"})
        pickings = self.import_deliveries(4)
        (pickings[0] | pickings[2]).carrier_id = closed
        good = pickings[1] | pickings[3]
        run = self.label(pickings, validate_after=True)
        self.assertEqual(run.state, "stopped")
        self.assertIn("login or API key", run.error)
        self.assertEqual(
            run.parcel_ids.mapped("state"), ["draft", "labelled", "draft", "labelled"]
        )
        self.assertEqual(set(good.mapped("state")), {"done"})
        self.assert_bought_once(good.parcel_ids)

    def test_what_one_account_cannot_settle_keeps_no_other_unclear(self):
        closed = self.carrier.copy({"name": "Of another shop"})
        closed.write({"prod_environment": True})
        pickings = self.import_deliveries(2)
        pickings[0].carrier_id = closed
        self.myparcel.faults.add(CREATE, "cut", times=2, moment="after")
        run = self.label(pickings)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"unclear"})
        closed.myparcel_api_key_entry = "wrong"
        self.start(run)
        self.assertEqual(run.parcel_ids.mapped("state"), ["unclear", "labelled"])
        self.assertEqual((run.state, len(self.get_bought())), ("stopped", 1))

    def test_a_prepaid_account_is_told_where_to_pay(self):
        self.myparcel.payment_required = True
        run = self.label(self.import_deliveries())
        self.assertIn("https://payment.example.com", run.error)
        self.assertEqual(self.get_bought(), {})
        self.myparcel.payment_required = False
        self.start(run)
        self.assert_bought_once(run.parcel_ids)

    def test_what_comes_next_is_reserved_while_the_carrier_is_asked(self):
        pickings, seen = self.import_deliveries(2), []
        self.patch(delivery_label_run, "CHUNK_SIZE", 1)
        self.myparcel.faults.add(CREATE, "latency", seconds=0.5)
        runs = self.registry["delivery.label.run"]
        label_chunk = runs._label_chunk

        def look(self, parcels, spare):
            seen.append(self.parcel_ids.picking_id.mapped("state"))
            return label_chunk(self, parcels, spare)

        with patch.object(runs, "_label_chunk", look):
            run = self.label(pickings)
        self.assertEqual(seen, [["assigned", "draft"], ["assigned", "assigned"]])
        self.assert_bought_once(run.parcel_ids)

    def test_a_carrier_that_throttles_leaves_what_comes_later_as_it_is(self):
        pickings = self.import_deliveries(3)
        self.patch(delivery_label_run, "CHUNK_SIZE", 1)
        self.myparcel.faults.add(CREATE, "throttled", times=None)
        run = self.label(pickings)
        self.assertEqual(run.state, "queued")
        self.assertEqual(self.myparcel.count(CREATE), 1)
        self.assertEqual(run.parcel_ids[-1].picking_id.state, "draft")

    def test_a_carrier_that_is_down_leaves_drafts(self):
        pickings = self.import_deliveries(2)
        run = self.create_run(pickings)
        self.myparcel.stop()
        try:
            self.start(run)
        finally:
            self.myparcel.start()
        self.assertEqual(run.state, "stopped")
        self.assertIn("cannot be reached", run.error)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"draft"})
        self.start(run)
        self.assert_bought_once(run.parcel_ids)

    def test_an_address_mended_while_the_carrier_throttles_is_on_the_label(self):
        picking = self.import_deliveries()
        run = self.create_run(picking)
        self.myparcel.faults.add(FETCH, "throttled")
        self.start(run)
        picking.partner_id.city = "Amersfoort"
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        (text,) = read_pages(run.parcel_ids.label_attachment_id)
        self.assertIn("Amersfoort", text)

    def assert_bought_for(self, city, parcel):
        self.assert_bought_once(parcel)
        (text,) = read_pages(parcel.label_attachment_id)
        self.assertIn(city, text)
        self.run_cron("cron_delete_concepts")
        self.assertEqual(len(self.myparcel.shipments), 1)

    def test_an_address_mended_after_an_answer_was_lost_is_on_the_label(self):
        for number, moment in enumerate(("before", "after"), start=1):
            with self.subTest(moment):
                self.standins.reset()
                picking = self.import_deliveries(first=number)
                self.myparcel.faults.add(CREATE, "cut", moment=moment)
                run = self.label(picking)
                self.assertEqual(run.parcel_ids.state, "unclear")
                picking.partner_id.city = "Amersfoort"
                self.start(run)
                self.assert_bought_for("Amersfoort", run.parcel_ids)

    def test_an_address_mended_after_a_label_was_not_made_is_on_the_label(self):
        picking = self.import_deliveries()
        self.myparcel.faults.add(FETCH, "cut", moment="before")
        run = self.label(picking)
        self.assertEqual(run.parcel_ids.state, "unclear")
        picking.partner_id.city = "Amersfoort"
        self.start(run)
        self.assert_bought_for("Amersfoort", run.parcel_ids)

    def test_a_label_that_may_be_bought_is_kept_when_the_address_was_mended(self):
        picking = self.import_deliveries()
        self.myparcel.faults.add(FETCH, "cut", moment="after")
        run = self.label(picking)
        self.assertEqual(run.parcel_ids.state, "unclear")
        picking.partner_id.city = "Amersfoort"
        self.myparcel.faults.add(READ, "throttled")
        self.start(run)
        self.assertEqual(run.parcel_ids.state, "unclear")
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(len(self.myparcel.shipments), 1)

    def test_a_concept_that_was_given_up_is_not_taken_for_the_one_that_was_lost(self):
        picking = self.import_deliveries()
        self.myparcel.faults.add(FETCH, "throttled")
        run = self.label(picking)
        picking.partner_id.city = "Amersfoort"
        self.myparcel.faults.add(CREATE, "cut", moment="after")
        self.start(run)
        self.assertEqual(run.parcel_ids.state, "unclear")
        self.assertEqual(len(self.myparcel.shipments), 2)
        self.start(run)
        self.assert_bought_for("Amersfoort", run.parcel_ids)

    def test_deliveries_are_told_their_numbers_while_others_are_asked_for(self):
        pickings = self.import_deliveries(4)
        run, parcels = self.create_run(pickings), self.registry["delivery.parcel"]
        update, asked = parcels._update_pickings, {}

        def watch(self):
            for picking in self.picking_id:
                asked.setdefault(picking.id, count(FETCH))
            return update(self)

        count = self.myparcel.count
        for operation in (CREATE, FETCH):
            self.myparcel.faults.add(operation, "latency", seconds=0.2, times=None)
        with (
            patch.object(delivery_label_run, "CHUNK_SIZE", 2),
            patch.object(parcels, "_update_pickings", watch),
        ):
            self.start(run)
        # Those of the first chunk before the labels of the second.
        self.assertEqual([asked[picking.id] for picking in pickings], [1, 1, 2, 2])
        self.assertEqual(
            pickings.mapped("carrier_tracking_ref"),
            run.parcel_ids.sorted("position").mapped("tracking_number"),
        )

    def test_what_was_not_changed_is_not_announced_twice(self):
        run = self.create_run(self.import_deliveries(2))
        self.myparcel.faults.add(FETCH, "throttled")
        self.start(run)
        self.start(run)
        self.assertEqual(self.myparcel.count(CREATE), 1)


@tagged("post_install", "-at_install")
class TestLabelRunStock(LabelCase):
    def setUp(self):
        super().setUp()
        self.rare = self._create_product("Rare cup", "RARE-CUP", stock=1)

    def _import_short(self):
        """A delivery of two mugs and two of which there is one."""
        (order,) = self.import_orders(
            report_row(1, item=1, quantity_to_ship=2),
            report_row(1, item=2, sku="RARE-CUP", quantity_to_ship=2),
        )
        return order.picking_ids

    def test_a_delivery_that_is_not_reserved_in_full_gets_no_label(self):
        short = self._import_short()
        (whole,) = self.import_deliveries(first=2)
        run = self.label(short | whole)
        problem = run.parcel_ids.filtered("error")
        self.assertEqual(problem.picking_id, short)
        self.assertIn("not all products are in stock", problem.error)
        self.assert_bought_once(run.parcel_ids - problem)

    def test_a_delivery_without_any_stock_gets_no_label(self):
        self.env["stock.quant"]._update_available_quantity(
            self.rare, self.warehouse.lot_stock_id, -1
        )
        run = self.label(self.import_deliveries(sku="RARE-CUP"))
        self.assertIn("not all products are in stock", run.parcel_ids.error)
        self.assertEqual(self.myparcel.calls, [])

    def test_it_gets_its_label_when_the_goods_have_come(self):
        short = self._import_short()
        run = self.label(short)
        self.env["stock.quant"]._update_available_quantity(
            self.rare, self.warehouse.lot_stock_id, 5
        )
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(short.move_ids.mapped("quantity"), [2, 2])

    def test_a_shop_that_warns_labels_it_and_leaves_a_note(self):
        self.shop.stock_policy = "warn"
        short = self._import_short()
        run = self.label(short, validate_after=True)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(short.state, "done")
        self.assertEqual(short.move_ids.mapped("quantity"), [2, 2])
        notes = short.message_ids.filtered(lambda m: "not all products" in m.body)
        self.assertEqual(len(notes), 1)

    def test_a_shop_that_ignores_stock_labels_it_without_a_note(self):
        self.shop.stock_policy = "ignore"
        short = self._import_short()
        run = self.label(short, validate_after=True)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(short.state, "done")
        self.assertNotIn("not all products", "".join(short.message_ids.mapped("body")))

    def test_amazon_is_told_all_that_a_shop_ships_beyond_its_stock(self):
        self.shop.stock_policy = "ignore"
        short = self._import_short()
        self.load_orders(short)
        self.label(short)
        self.push()
        (confirmation,) = self.amazon.confirmations
        self.assertEqual(confirmation.items, {item_ref(1): 2, item_ref(2): 2})


@tagged("post_install", "-at_install")
class TestLabelRunValidation(LabelCase):
    def setUp(self):
        super().setUp()
        self.lamp = self._create_product("Lamp", "LAMP", stock=5)
        # Reserved from stock without a number, it cannot be validated without one.
        self.lamp.tracking = "serial"

    def test_a_delivery_that_cannot_be_validated_keeps_its_label_and_says_why(self):
        pickings = self.import_deliveries(2)
        lamp = self.import_deliveries(first=3, sku="LAMP")
        run = self.label(pickings[0] | lamp | pickings[1], validate_after=True)
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.assertEqual(lamp.state, "assigned")
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(run.problem_parcel_ids.picking_id, lamp)
        self.assertIn("Not validated", run.problem_parcel_ids.error)
        self.assertIn("Serial", run.problem_parcel_ids.error)

    def test_starting_again_validates_what_a_person_has_mended(self):
        lamp = self.import_deliveries(sku="LAMP")
        run = self.label(lamp, validate_after=True)
        self.assertEqual(lamp.state, "assigned")
        lamp.move_line_ids.lot_id = self.env["stock.lot"].create(
            {"name": "L-1", "product_id": self.lamp.id}
        )
        self.start(run)
        self.assertEqual(lamp.state, "done")
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(run.problem_count, 0)

    def test_an_unexpected_error_in_one_delivery_does_not_stop_the_others(self):
        pickings = self.import_deliveries(3)
        broken = pickings[0].id
        done = self.registry["stock.picking"]._action_done

        def fail(self):
            if broken in self.ids:
                raise ValueError("a bug in somebody's addon")
            return done(self)

        with patch.object(self.registry["stock.picking"], "_action_done", fail):
            run = self.create_run(pickings, validate_after=True)
            with self.assertLogs(delivery_label_run.__name__, "ERROR"):
                self.start(run)
        self.assertEqual(pickings.mapped("state"), ["assigned", "done", "done"])
        self.assertEqual(run.state, "done")
        self.assertIn("Not validated", run.problem_parcel_ids.error)
        self.assert_bought_once(run.parcel_ids)

    def test_a_delivery_with_an_unlabelled_package_is_not_validated(self):
        self.env["stock.quant"]._update_available_quantity(
            self.plate, self.warehouse.lot_stock_id, 100
        )
        (order,) = self.import_orders(
            report_row(1, sku="PLATE", quantity_to_ship=40, quantity_purchased=40)
        )
        picking = order.picking_ids
        light, heavy = self.pack(picking, 10, 30)
        run = self.label(picking, validate_after=True)
        self.assertEqual(run.problem_parcel_ids.package_id, heavy)
        self.assertIn("heavier", run.problem_parcel_ids.error)
        labelled = run.parcel_ids.filtered(lambda p: p.state == "labelled")
        self.assertEqual(labelled.package_id, light)
        self.assertEqual(picking.state, "assigned")

    def test_a_delivery_done_by_hand_meanwhile_is_left_alone(self):
        pickings = self.import_deliveries(2)
        run = self.create_run(pickings, validate_after=True)
        self.label(pickings[0])
        self.validate(pickings[0])
        self.start(run)
        self.assertEqual(pickings.mapped("state"), ["done", "done"])
        self.assertEqual(self.mug.qty_available, 98)


@tagged("post_install", "-at_install")
class TestLabelRunBackground(LabelCase):
    def run_labels(self):
        self.run_cron("cron_label_runs")

    def test_many_parcels_are_labelled_by_the_scheduled_action(self):
        pickings = self.import_deliveries(23)
        run = self.label(pickings)
        self.assertEqual(run.state, "queued")
        self.assertEqual(self.myparcel.calls, [])
        self.run_labels()
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(self.myparcel.count(CREATE), 2)
        numbers = pickings.mapped("carrier_tracking_ref")
        for number, text in zip(numbers, read_pages(run.attachment_id), strict=True):
            self.assertIn(number, text)

    def test_what_was_cancelled_while_its_run_waited_gets_no_label(self):
        pickings = self.import_deliveries(4)
        with patch.object(delivery_label_run, "FOREGROUND_LIMIT", 1):
            run = self.label(pickings)
        pickings[0].action_cancel()
        pickings[1].amazon_order_ids.cancel_requested = True
        pickings[2].partner_id.city = False
        self.run_labels()
        self.assertEqual(run.state, "done")
        self.assert_bought_once(pickings[3].parcel_ids)
        for picking, reason in zip(
            pickings, ("is cancelled", "asked to cancel", "City"), strict=False
        ):
            self.assertEqual(picking.parcel_ids.state, "draft")
            self.assertIn(reason, picking.parcel_ids.error)

    def test_a_run_longer_than_a_scheduled_action_may_take_is_gone_on_with(self):
        pickings = self.import_deliveries(3)
        self.patch(delivery_label_run, "FOREGROUND_LIMIT", 1)
        self.patch(delivery_label_run, "CHUNK_SIZE", 1)
        self.patch(delivery_label_run_validation, "VALIDATION_BATCH", 1)
        # Its time is over as soon as it begins.
        self.patch(ir_cron, "MIN_TIME_PER_JOB", 0)
        run = self.label(pickings, validate_after=True)
        turns = 0
        while self.take_triggers("cron_label_runs"):
            self.run_labels()
            turns += 1
            self.assertLess(turns, 20)
        self.assertGreater(turns, 3)
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.assertEqual(len(read_pages(run.attachment_id)), 3)

    def test_what_is_queued_after_the_last_run_has_ended_begins_another_turn(self):
        cron = self.env.ref("amazon_carrier_connector.cron_label_runs")
        self.patch(delivery_label_run, "FOREGROUND_LIMIT", 1)
        run = self.label(self.import_deliveries(2))
        self.take_triggers("cron_label_runs")
        # It came too late for this turn to see it.
        with patch.object(type(run), "_process_isolated", lambda run: True):
            self.run_labels()
        progress = self.env["ir.cron.progress"].search(
            [("cron_id", "=", cron.id)], order="id desc", limit=1
        )
        self.assertEqual(progress.remaining, 0)
        self.assertTrue(self.take_triggers("cron_label_runs"))
        self.run_labels()
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)
        self.assertFalse(self.take_triggers("cron_label_runs"))

    def test_a_queued_run_that_is_stopped_asks_nobody_until_it_is_started(self):
        with patch.object(delivery_label_run, "FOREGROUND_LIMIT", 1):
            run = self.label(self.import_deliveries(2))
            run.action_stop()
            self.run_labels()
            self.assertEqual(run.state, "stopped")
            self.assertEqual(self.myparcel.calls, [])
            self.start(run)
        self.run_labels()
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)

    def test_a_run_stopped_in_the_middle_keeps_its_labels_and_resumes(self):
        pickings = self.import_deliveries(4)
        run = self.create_run(pickings)

        def stop_after_a_chunk(self, processed):
            self.action_stop()
            return go_on(self, processed)

        go_on = self.registry["delivery.label.run"]._go_on
        with (
            patch.object(delivery_label_run, "CHUNK_SIZE", 2),
            patch.object(delivery_label_run, "FOREGROUND_LIMIT", 1),
        ):
            self.start(run)
            with patch.object(
                self.registry["delivery.label.run"], "_go_on", stop_after_a_chunk
            ):
                self.run_labels()
            self.assertEqual(run.labelled_count, 2)
            self.assertEqual(run.state, "stopped")
            self.start(run)
            self.run_labels()
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)

    def _abandon(self, run, when):
        """Let the asker die: before it stores what MyParcel has answered."""

        def die(self, outcome):
            if when(outcome):
                raise PowerFailure("power failure")
            return store(self, outcome)

        store = self.registry["delivery.parcel"]._store
        with (
            patch.object(self.registry["delivery.parcel"], "_store", die),
            self.assertRaisesRegex(PowerFailure, "power failure"),
        ):
            self.start(run)

    def test_parcels_whose_asker_died_after_announcing_are_labelled_once(self):
        pickings = self.import_deliveries(2)
        run = self.create_run(pickings)
        self._abandon(run, lambda outcome: outcome.created)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"requested"})
        self.run_labels()
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(len(self.myparcel.shipments), 2)
        self.assertTrue(all(pickings.mapped("carrier_tracking_ref")))

    def test_an_address_mended_after_the_asker_died_is_on_the_label(self):
        picking = self.import_deliveries()
        run = self.create_run(picking)
        run_step = self.registry["delivery.parcel"]._run_step

        def die(self, labelling, step, spare):
            if step == "collect":
                raise PowerFailure("power failure")
            return run_step(self, labelling, step, spare)

        with (
            patch.object(self.registry["delivery.parcel"], "_run_step", die),
            self.assertRaisesRegex(PowerFailure, "power failure"),
        ):
            self.start(run)
        self.assertTrue(run.parcel_ids.remote_ref)
        picking.partner_id.city = "Amersfoort"
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        (text,) = read_pages(run.parcel_ids.label_attachment_id)
        self.assertIn("Amersfoort", text)

    def test_parcels_whose_asker_died_after_buying_are_not_bought_again(self):
        pickings = self.import_deliveries(2)
        run = self.create_run(pickings)
        self._abandon(run, lambda outcome: outcome.labels)
        self.assertEqual(len(self.get_bought()), 2)
        self.run_labels()
        self.assert_bought_once(run.parcel_ids)
        self.assertTrue(all(pickings.mapped("carrier_tracking_ref")))

    def test_abandoned_parcels_are_never_given_up_while_the_carrier_is_silent(self):
        picking = self.import_deliveries()
        run = self.create_run(picking)
        self._abandon(run, lambda outcome: outcome.labels)
        for operation in (FETCH, SEARCH):
            self.myparcel.faults.add(operation, "throttled", times=None)
        self.run_labels()
        self.assertEqual(run.parcel_ids.state, "unclear")
        self.myparcel.faults.clear()
        second = self.label(picking)
        self.assertEqual(second.parcel_ids.state, "draft")
        run.parcel_ids.look_up_at = fields.Datetime.now()
        self.run_labels()
        self.assert_bought_once(run.parcel_ids)

    def test_what_may_be_bought_together_is_not_bought_anew_when_apart_is_throttled(
        self,
    ):
        pickings = self.import_deliveries(3)
        # All are bought, the document is lost, and asking for each is too much.
        self.myparcel.faults.add(FETCH, "cut", moment="after")
        self.myparcel.faults.add(FETCH, "throttled", nth=3)
        run = self.label(pickings)
        self.assertEqual(len(self.get_bought()), 3)
        self.assertEqual(
            sorted(run.parcel_ids.mapped("state")), ["labelled", "unclear", "unclear"]
        )
        self.label(pickings)
        self.start(run)
        self.assert_bought_once(run.parcel_ids)

    def test_starting_again_after_a_crash_needs_no_scheduled_action(self):
        pickings = self.import_deliveries(2)
        run = self.create_run(pickings, validate_after=True)
        self._abandon(run, lambda outcome: outcome.labels)
        self.start(run)
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(set(pickings.mapped("state")), {"done"})

    def test_more_unclear_parcels_than_one_request_holds_are_settled(self):
        run = self.create_run(self.import_deliveries(MAX_LABELS + 1))
        self.myparcel.faults.add(FETCH, "cut", moment="after", times=None)
        self.start(run)
        self.run_labels()
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"unclear"})
        self.myparcel.faults.clear()
        self.start(run)
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)

    def test_a_run_that_breaks_is_stopped_and_the_next_one_is_done(self):
        broken, whole = runs = [
            self.create_run(self.import_deliveries(first=first)) for first in (1, 2)
        ]
        for run in runs:
            run.state = "queued"
        process = self.registry["delivery.label.run"]._process

        def break_first(run):
            if run.id == broken.id:
                raise ValueError("unforeseen")
            return process(run)

        with (
            patch.object(self.registry["delivery.label.run"], "_process", break_first),
            self.assertLogs("odoo.addons.amazon_carrier_connector", "ERROR"),
        ):
            self.run_labels()
        self.assertEqual(broken.state, "stopped")
        self.assertIn("ValueError", broken.error)
        self.assertEqual(whole.state, "done")
        self.assert_bought_once(whole.parcel_ids)

    def test_a_number_lost_between_label_and_delivery_is_written_at_the_next_start(
        self,
    ):
        picking = self.import_deliveries()
        run = self.create_run(picking)
        with (
            patch.object(
                self.registry["delivery.parcel"],
                "_update_pickings",
                side_effect=[None, PowerFailure("power failure")],
            ),
            self.assertRaisesRegex(PowerFailure, "power failure"),
        ):
            self.start(run)
        self.assertEqual(run.parcel_ids.state, "labelled")
        self.assertFalse(picking.carrier_tracking_ref)
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(picking.carrier_tracking_ref, run.parcel_ids.tracking_number)

    def test_a_delivery_that_somebody_saves_meanwhile_gets_its_number_all_the_same(
        self,
    ):
        pickings = self.import_deliveries(2)
        run = self.create_run(pickings)
        take = self.registry["stock.picking"]._take_shipment
        conflicts = [SerializationFailure("saved by somebody else")]

        def meet_somebody(self, *values):
            if conflicts:
                raise conflicts.pop()
            return take(self, *values)

        with patch.object(
            self.registry["stock.picking"], "_take_shipment", meet_somebody
        ):
            self.start(run)
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)
        self.assertTrue(all(pickings.mapped("carrier_tracking_ref")))

    def test_a_delivery_that_somebody_keeps_saving_gets_its_number_at_the_next_start(
        self,
    ):
        pickings = self.import_deliveries(2)
        run = self.create_run(pickings)
        busy, take = pickings[0].id, self.registry["stock.picking"]._take_shipment

        def meet_somebody(self, *values):
            if busy in self.ids:
                raise SerializationFailure("saved by somebody else")
            return take(self, *values)

        with patch.object(
            self.registry["stock.picking"], "_take_shipment", meet_somebody
        ):
            self.start(run)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(
            [bool(p.carrier_tracking_ref) for p in pickings], [False, True]
        )
        self.start(run)
        self.assertTrue(all(pickings.mapped("carrier_tracking_ref")))
        self.assert_bought_once(run.parcel_ids)

    def test_a_run_ends_although_somebody_else_holds_its_drafts(self):
        run = self.create_run(self.import_deliveries())
        nothing = run.parcel_ids.browse()
        with patch.object(
            self.registry["delivery.parcel"],
            "try_lock_for_update",
            lambda self, **kwargs: nothing.with_env(self.env),
        ):
            self.start(run)
        self.assertEqual(run.state, "stopped")
        self.assertEqual(self.myparcel.calls, [])
        self.start(run)
        self.assert_bought_once(run.parcel_ids)

    def test_what_the_engine_writes_while_it_asks_are_parcels_and_nothing_else(self):
        picking = self.import_deliveries()
        run = self.create_run(picking)
        picking.action_confirm()
        before = picking.write_date
        with self.committing(self.amazon_user) as env:
            parcels = run.with_env(env).parcel_ids
            parcels._check()
            parcels._claim()._ask()
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(picking.write_date, before)
        self.assertFalse(picking.carrier_tracking_ref)

    # === AUTOMATION RULES === #

    def create_rule(self, code):
        """A rule of the merchant's own: a parcel gets its label."""
        model = self.env["ir.model"]._get("delivery.parcel")
        selection = self.env["ir.model.fields.selection"].search(
            [("field_id.model", "=", model.model), ("value", "=", "labelled")]
        )
        return self.env["base.automation"].create(
            {
                "name": "Merchant's own",
                "model_id": model.id,
                "trigger": "on_state_set",
                "trg_selection_field_id": selection.id,
                "action_server_ids": [
                    Command.create(
                        {
                            "name": "Merchant's own",
                            "model_id": model.id,
                            "state": "code",
                            "code": code,
                        }
                    )
                ],
            }
        )

    def test_a_rule_of_the_merchant_runs_once_for_each_labelled_parcel(self):
        self.create_rule("record.picking_id.message_post(body='Labelled')")
        pickings = self.import_deliveries(3)
        self.spoil(pickings[1])
        self.label(pickings)
        self.assertEqual(self.count_told(pickings), [1, 0, 1])

    def test_what_was_labelled_before_a_run_broke_has_its_number_and_its_rules(self):
        self.create_rule("record.picking_id.message_post(body='Labelled')")
        pickings = self.import_deliveries(2)
        run = self.create_run(pickings)
        runs = self.registry["delivery.label.run"]
        label_chunk = runs._label_chunk

        def break_down(self, parcels, spare):
            if parcels.picking_id == pickings[1]:
                raise ZeroDivisionError
            return label_chunk(self, parcels, spare)

        with (
            patch.object(delivery_label_run, "CHUNK_SIZE", 1),
            patch.object(delivery_label_run, "FOREGROUND_LIMIT", 1),
            patch.object(runs, "_label_chunk", break_down),
            self.assertLogs(delivery_label_run.__name__, "ERROR"),
        ):
            self.start(run)
            self.run_labels()
        self.assertEqual(run.state, "stopped")
        self.assertEqual(self.count_told(pickings), [1, 0])
        self.assertEqual(
            pickings.mapped(lambda picking: bool(picking.carrier_tracking_ref)),
            [True, False],
        )
        self.assertEqual(len(self.find_confirmations(pickings)), 1)

    def keep_saving(self, picking, until_rollback):
        """Somebody saves a delivery whenever a rule writes a message on it."""
        busy, post = {picking.id}, self.registry["stock.picking"].message_post

        def meet_somebody(self, **values):
            if not busy & set(self.ids):
                return post(self, **values)
            if until_rollback:
                self.env.cr.postrollback.add(busy.clear)
            raise SerializationFailure("saved by somebody else")

        return patch.object(
            self.registry["stock.picking"], "message_post", meet_somebody
        )

    def count_told(self, pickings):
        return [
            sum("Labelled" in (message.body or "") for message in picking.message_ids)
            for picking in pickings
        ]

    def test_a_rule_that_meets_somebody_who_saves_the_delivery_is_repeated(self):
        self.create_rule("record.picking_id.message_post(body='Labelled')")
        pickings = self.import_deliveries(2)
        with self.keep_saving(pickings[1], until_rollback=True):
            run = self.label(pickings)
        self.assertEqual(self.count_told(pickings), [1, 1])
        self.assertEqual(len(self.find_confirmations(pickings)), 2)
        self.assert_bought_once(run.parcel_ids)

    def test_a_rule_on_a_delivery_that_is_saved_again_and_again_is_logged(self):
        self.create_rule("record.picking_id.message_post(body='Labelled')")
        pickings = self.import_deliveries(2)
        with (
            self.keep_saving(pickings[1], until_rollback=False),
            self.assertLogs(base_automation.__name__, "ERROR") as logs,
        ):
            run = self.label(pickings)
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(self.count_told(pickings), [1, 0])
        self.assertEqual(len(self.find_confirmations(pickings)), 2)
        self.assert_bought_once(run.parcel_ids)

    def test_a_rule_that_fails_undoes_no_label_and_keeps_no_other_rule(self):
        pickings = self.import_deliveries(2)
        self.create_rule(f"if record.picking_id.id == {pickings[0].id}: fail")
        with self.assertLogs(base_automation.__name__, "ERROR"):
            run = self.label(pickings)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(len(self.find_confirmations(pickings)), 2)
