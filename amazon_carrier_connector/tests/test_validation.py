from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .label_case import CREATE, FETCH, READ, LabelCase

MISHAP = "the scanner fell into the water"


@tagged("post_install", "-at_install")
class TestValidation(LabelCase):
    """The Validate button, without a run."""

    def setUp(self):
        super().setUp()
        pickings = self.registry["stock.picking"]
        label = pickings._label_in_own_transaction

        def begin_after(self):
            # The test has one connection, on which the rollback of a validation would
            # take along what the label's own cursor has committed. So what is rolled
            # back begins here.
            self.env["ir.cron"]._commit_progress()
            return label(self)

        self.patch(pickings, "_label_in_own_transaction", begin_after)

    def assert_refused(self, reason, pickings, user=None):
        with self.assertRaisesRegex(UserError, reason):
            self.validate(pickings, user)

    # === A LABEL COMES FIRST === #

    def test_a_validated_delivery_has_its_label_number_and_price(self):
        picking = self.import_deliveries()
        self.assertIs(self.validate(picking), True)
        self.assertEqual(picking.state, "done")
        parcel = picking.parcel_ids
        self.assert_bought_once(parcel)
        self.assertFalse(parcel.run_id)
        self.assertEqual(picking.carrier_tracking_ref, parcel.tracking_number)
        self.assertEqual(picking.carrier_price, 6.75)
        self.assertEqual(picking.carrier_tracking_url, parcel.tracking_url)
        self.assertEqual(self.mug.qty_available, 99)

    def test_the_carrier_is_asked_once_per_delivery(self):
        self.validate(self.import_deliveries(2))
        self.assertEqual(self.myparcel.counts(), {CREATE: 2, FETCH: 2, READ: 2})

    def test_the_label_is_there_before_anything_is_done(self):
        picking = self.import_deliveries()
        seen = []
        done = self.registry["stock.picking"]._action_done

        def look(self):
            seen.append((self.state, self.carrier_tracking_ref))
            return done(self)

        with patch.object(self.registry["stock.picking"], "_action_done", look):
            self.validate(picking)
        self.assertEqual(seen, [("assigned", picking.carrier_tracking_ref)])

    def test_a_delivery_labelled_by_a_run_is_validated_without_asking_again(self):
        picking = self.import_deliveries()
        run = self.label(picking)
        asked = self.myparcel.counts()
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual(self.myparcel.counts(), asked)
        self.assert_bought_once(run.parcel_ids)

    def test_the_price_has_the_margins_that_core_applies(self):
        self.carrier.write({"margin": 0.5, "fixed_margin": 2})
        picking, labelled = self.import_deliveries(2)
        self.validate(picking)
        self.assertEqual(picking.carrier_price, 6.75 * 1.5 + 2)
        self.label(labelled)
        self.assertEqual(labelled.carrier_price, 6.75 * 1.5 + 2)

    def test_each_package_gets_its_own_label_and_all_numbers_are_given(self):
        picking = self.import_deliveries(quantity_to_ship=3)
        packages = self.pack(picking, 1, 2)
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assert_bought_once(picking.parcel_ids)
        self.assertEqual(picking.parcel_ids.package_id, packages)
        numbers = picking.parcel_ids.sorted("id").mapped("tracking_number")
        self.assertEqual(picking.carrier_tracking_ref, ",".join(numbers))
        self.assertEqual(picking.carrier_price, 2 * 6.75)
        links = dict(picking.get_multiple_carrier_tracking())
        self.assertEqual(set(links), set(numbers))

    def test_only_the_package_without_a_label_is_labelled(self):
        picking = self.import_deliveries(quantity_to_ship=2)
        packages = self.pack(picking, 1, 1)
        run = self.create_run(picking)
        run.parcel_ids.filtered(lambda p: p.package_id == packages[1]).unlink()
        self.start(run)
        self.assertEqual(run.parcel_ids.package_id, packages[0])
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.parcel_ids.package_id, packages)
        self.assert_bought_once(picking.parcel_ids)
        self.assertEqual(len(picking.carrier_tracking_ref.split(",")), 2)

    def test_a_package_added_after_the_label_does_not_leave_without_one(self):
        picking = self.import_deliveries(quantity_to_ship=2)
        first, second = self.pack(picking, 1, 1)
        line = picking.move_line_ids.filtered(lambda m: m.result_package_id == second)
        line.result_package_id = first
        run = self.label(picking)
        self.assertEqual(picking.carrier_tracking_ref, run.parcel_ids.tracking_number)
        line.result_package_id = second
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.parcel_ids.package_id, first | second)
        self.assert_bought_once(picking.parcel_ids)
        self.assertEqual(len(picking.carrier_tracking_ref.split(",")), 2)

    def test_a_second_box_packed_after_the_label_keeps_the_delivery_here(self):
        picking = self.import_deliveries(quantity_to_ship=2)
        whole = self.label(picking).parcel_ids
        packages = self.pack(picking, 1, 1)
        self.assert_refused("packed into several boxes", picking)
        self.assertNotEqual(picking.state, "done")
        with self.committing(self.amazon_user) as env:
            whole.with_env(env).action_cancel()
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        labelled = picking.parcel_ids.filtered(lambda p: p.state == "labelled")
        self.assertEqual(labelled.package_id, packages)
        self.assertEqual(len(picking.carrier_tracking_ref.split(",")), 2)

    def test_one_box_packed_after_the_label_leaves_with_it(self):
        picking = self.import_deliveries(quantity_to_ship=2)
        whole = self.label(picking).parcel_ids
        self.pack(picking, 2)
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assert_bought_once(whole)

    def test_a_run_does_not_validate_what_was_packed_into_two_boxes_meanwhile(self):
        picking = self.import_deliveries(quantity_to_ship=2)
        run = self.label(picking)
        self.pack(picking, 1, 1)
        run.validate_after = True
        self.start(run)
        self.assertNotEqual(picking.state, "done")
        self.assertIn("packed into several boxes", run.parcel_ids.error)

    # === NO LABEL, NO VALIDATION === #

    def test_a_refusal_leaves_the_delivery_unvalidated_and_the_stock_untouched(self):
        picking = self.import_deliveries()
        self.spoil(picking)
        self.assert_refused("Postal code", picking)
        self.assertNotEqual(picking.state, "done")
        self.assertEqual(self.mug.qty_available, 100)
        self.assertFalse(picking.carrier_tracking_ref)
        self.assertEqual(self.get_bought(), {})

    def test_the_refusal_names_the_delivery(self):
        picking = self.import_deliveries()
        self.spoil(picking)
        self.assert_refused(f"{picking.name} has no label", picking)

    def test_an_incomplete_address_is_refused_without_asking_the_carrier(self):
        picking = self.import_deliveries()
        picking.partner_id.city = False
        self.assert_refused("City is missing", picking)
        self.assertEqual(self.myparcel.calls, [])
        self.assertFalse(picking.parcel_ids)

    def test_an_order_whose_buyer_cancels_is_not_shipped(self):
        picking = self.import_deliveries()
        picking.amazon_order_ids.cancel_requested = True
        self.assert_refused("asked to cancel", picking)
        self.assertNotEqual(picking.state, "done")

    def test_one_refusal_among_several_validates_none_and_keeps_the_others_labels(self):
        pickings = self.import_deliveries(3)
        self.spoil(pickings[1])
        self.assert_refused("Postal code", pickings)
        self.assertNotIn("done", pickings.mapped("state"))
        self.assertEqual(self.mug.qty_available, 100)
        good = pickings[0] | pickings[2]
        self.validate(good)
        self.assertEqual(set(good.mapped("state")), {"done"})
        self.assert_bought_once(good.parcel_ids)

    def test_a_silent_carrier_leaves_it_unvalidated_and_the_next_time_works(self):
        picking = self.import_deliveries()
        self.myparcel.stop()
        try:
            self.assert_refused("cannot be reached", picking)
        finally:
            self.myparcel.start()
        self.assertNotEqual(picking.state, "done")
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assert_bought_once(picking.parcel_ids.filtered("tracking_number"))

    def test_repeated_failures_leave_one_draft_and_not_a_heap(self):
        picking = self.import_deliveries()
        self.myparcel.faults.add(CREATE, "throttled", times=3)
        for __ in range(3):
            self.assert_refused("too much at once", picking)
        self.validate(picking)
        self.assertEqual(len(picking.parcel_ids), 1)
        self.assert_bought_once(picking.parcel_ids)

    def test_an_unclear_answer_is_settled_at_the_next_validation(self):
        for operation in (CREATE, FETCH):
            with self.subTest(operation):
                self.standins.reset()
                first = 10 if operation == CREATE else 20
                picking = self.import_deliveries(first=first)
                self.myparcel.faults.add(operation, "cut", moment="after")
                self.assert_refused("did not answer clearly", picking)
                self.assertNotEqual(picking.state, "done")
                self.validate(picking)
                self.assertEqual(picking.state, "done")
                self.assert_bought_once(picking.parcel_ids)
                self.assertEqual(len(self.myparcel.shipments), 1)

    def test_a_label_that_somebody_else_is_asking_for_is_awaited(self):
        picking = self.import_deliveries()
        run = self.create_run(picking)
        with self.committing() as env:
            run.parcel_ids.with_env(env)._claim()
        nothing = self.env["delivery.parcel"]
        with patch.object(
            self.registry["delivery.parcel"],
            "try_lock_for_update",
            lambda self, **kwargs: nothing.with_env(self.env),
        ):
            self.assert_refused("being made", picking)
        self.assertEqual(self.myparcel.calls, [])

    # === THE LABEL OUTLIVES THE VALIDATION === #

    def test_rules_on_labels_do_not_wait_for_ever_for_the_delivery(self):
        rules, limits = self.registry["base.automation"], []
        run_on_labelled, run_safely = rules._run_on_labelled, rules._run_safely

        def begin(self, *args):
            # A commit ends an earlier limit; the test's cursor does not really commit.
            self.env.cr.execute("SET LOCAL lock_timeout = 0")
            return run_on_labelled(self, *args)

        def watch(self, *args):
            self.env.cr.execute("SHOW lock_timeout")
            limits.append(self.env.cr.fetchone()[0])
            return run_safely(self, *args)

        self.patch(rules, "_run_on_labelled", begin)
        self.patch(rules, "_run_safely", watch)
        self.validate(self.import_deliveries())
        self.assertEqual(set(limits), {"1s"})

    def test_a_label_survives_the_rollback_of_its_validation_and_is_used_again(self):
        picking = self.import_deliveries()

        def fail(self):
            raise UserError(MISHAP)

        with patch.object(self.registry["stock.picking"], "_action_done", fail):
            self.assert_refused("scanner", picking)
        parcel = picking.parcel_ids
        self.assert_bought_once(parcel)
        self.assertNotEqual(picking.state, "done")
        self.assertFalse(picking.carrier_tracking_ref)
        asked = self.myparcel.counts()
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.carrier_tracking_ref, parcel.tracking_number)
        self.assertEqual(self.myparcel.counts(), asked)
        self.assert_bought_once(picking.parcel_ids)

    # === MORE THAN A FEW === #

    def test_five_are_labelled_at_once(self):
        pickings = self.import_deliveries(5)
        self.assertIs(self.validate(pickings), True)
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.assert_bought_once(pickings.parcel_ids)

    def test_more_become_a_run_that_validates_afterwards(self):
        self.shop.validate_after = False
        pickings = self.import_deliveries(6)
        action = self.validate(pickings)
        run = self.env["delivery.label.run"].browse(action["res_id"])
        self.assertEqual(action["res_model"], "delivery.label.run")
        self.assertEqual(run.picking_ids, pickings)
        self.assertNotIn("done", pickings.mapped("state"))
        self.assertEqual(self.myparcel.calls, [])
        self.start(run)
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.assert_bought_once(run.parcel_ids)

    def test_one_of_them_that_is_partly_labelled_is_completed_and_validated(self):
        pickings = self.import_deliveries(6)
        partly = self.import_deliveries(first=20, quantity_to_ship=2)
        packages = self.pack(partly, 1, 1)
        first = self.create_run(partly, validate_after=False)
        first.parcel_ids.filtered(lambda p: p.package_id == packages[1]).unlink()
        self.start(first)
        action = self.validate(pickings | partly)
        run = self.env["delivery.label.run"].browse(action["res_id"])
        self.assertEqual(len(run.parcel_ids), 7)
        self.start(run)
        self.assertEqual(set((pickings | partly).mapped("state")), {"done"})
        self.assert_bought_once((first | run).parcel_ids)

    def test_beside_them_those_that_need_no_label_are_validated_at_once(self):
        pickings = self.import_deliveries(6)
        typed, plain = self.import_deliveries(2, first=11)
        typed.carrier_tracking_ref = "TYPED-1"
        plain.carrier_id = False
        action = self.validate(pickings | typed | plain)
        self.assertEqual((typed.state, plain.state), ("done", "done"))
        self.assertNotIn("done", pickings.mapped("state"))
        self.assertEqual(self.myparcel.calls, [])
        message = action["params"]["message"]
        self.assertIn("2 deliveries were validated. 6 need a label", message)
        run = self.env["delivery.label.run"].browse(action["params"]["next"]["res_id"])
        self.assertEqual(run.picking_ids, pickings)
        self.assertIn(str(run.id), action["params"]["links"][0]["url"])
        self.start(run)
        self.assertEqual(set(pickings.mapped("state")), {"done"})

    def test_a_question_about_the_others_comes_before_the_run(self):
        pickings = self.import_deliveries(6)
        short = self.import_deliveries(first=11, quantity_to_ship=3)
        short.carrier_id = False
        short.action_confirm()
        short.move_ids.quantity = 2
        action = self.validate(pickings | short)
        self.assertEqual(action["res_model"], "stock.backorder.confirmation")
        self.assertFalse(pickings.parcel_ids)
        self.answer_backorder(action)
        self.assertEqual(short.state, "done")
        self.assertEqual(len(pickings.parcel_ids), 6)

    def test_what_is_made_and_validated_in_one_go_gets_its_label_by_a_run(self):
        pickings = self.import_deliveries(2)
        new, saved = pickings

        def find_uncommitted(self):
            # The test has one connection, on which everything is in sight.
            return self & new.with_env(self.env)

        with patch.object(
            self.registry["stock.picking"], "_find_uncommitted", find_uncommitted
        ):
            self.validate(pickings)
        self.assertEqual((new.state, saved.state), ("assigned", "done"))
        self.assert_bought_once(saved.parcel_ids)
        self.assertEqual(new.parcel_ids.run_id.state, "queued")
        self.run_cron("cron_label_runs")
        self.assertEqual(new.state, "done")
        self.assert_bought_once(pickings.parcel_ids)

    def test_those_that_have_a_label_do_not_count(self):
        pickings = self.import_deliveries(6)
        self.label(pickings[:1])
        self.assertIs(self.validate(pickings), True)
        self.assertEqual(set(pickings.mapped("state")), {"done"})

    # === WHO NEEDS NO LABEL FROM US === #

    def assert_validated_without_asking(self, picking):
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual(self.myparcel.calls, [])

    def test_a_typed_number_is_kept_and_no_label_is_bought(self):
        picking = self.import_deliveries()
        picking.carrier_tracking_ref = "TYPED-1"
        self.assert_validated_without_asking(picking)
        self.assertEqual(picking.carrier_tracking_ref, "TYPED-1")

    def test_a_method_of_another_kind_is_left_to_core(self):
        picking = self.import_deliveries()
        picking.carrier_id = self.create_carrier()
        self.assert_validated_without_asking(picking)

    def test_a_method_that_only_rates_buys_no_label(self):
        self.carrier.integration_level = "rate"
        self.assert_validated_without_asking(self.import_deliveries())

    def test_a_pick_before_the_delivery_buys_no_label(self):
        self.warehouse.delivery_steps = "pick_ship"
        self.assert_validated_without_asking(self.import_deliveries())

    # === BACKORDERS === #

    def answer_backorder(self, action):
        with self.committing(self.amazon_user) as env:
            wizard = Form.from_action(env, action).save()
            wizard.process()

    def test_nothing_is_bought_before_the_question_of_the_backorder(self):
        picking = self.import_deliveries(quantity_to_ship=3)
        picking.action_confirm()
        picking.move_ids.quantity = 2
        action = self.validate(picking)
        self.assertEqual(action["res_model"], "stock.backorder.confirmation")
        self.assertEqual(self.myparcel.calls, [])
        self.assertEqual(picking.state, "assigned")
        self.answer_backorder(action)
        self.assertEqual(picking.state, "done")
        self.assert_bought_once(picking.parcel_ids)

    def test_a_backorder_gets_a_label_of_its_own(self):
        picking = self.import_deliveries(quantity_to_ship=3)
        picking.action_confirm()
        picking.move_ids.quantity = 2
        self.answer_backorder(self.validate(picking))
        backorder = picking.backorder_ids
        self.assertFalse(backorder.carrier_tracking_ref)
        self.validate(backorder)
        self.assertEqual(backorder.state, "done")
        both = picking | backorder
        self.assert_bought_once(both.parcel_ids)
        self.assertEqual(len(set(both.mapped("carrier_tracking_ref"))), 2)

    # === CORE'S OTHER DOORS === #

    def test_a_cancelled_shipment_is_labelled_again_from_the_delivery(self):
        picking = self.import_deliveries()
        self.validate(picking)
        old = picking.parcel_ids
        with self.committing(self.amazon_user) as env:
            picking.with_env(env).cancel_shipment()
        self.assertEqual(old.state, "cancelled")
        self.assertFalse(picking.carrier_tracking_ref)
        with self.committing(self.amazon_user) as env:
            picking.with_env(env).send_to_shipper()
        new = picking.parcel_ids - old
        self.assertEqual(new.state, "labelled")
        self.assertEqual(picking.carrier_tracking_ref, new.tracking_number)
        self.assertEqual(len(self.get_bought()), 2)

    def test_a_cancelled_shipment_is_labelled_again_by_a_run(self):
        picking = self.import_deliveries()
        self.validate(picking)
        old = picking.parcel_ids
        picking.cancel_shipment()
        new = self.label(picking).parcel_ids
        self.assertEqual((old.state, new.state), ("cancelled", "labelled"))
        self.assertEqual(picking.carrier_tracking_ref, new.tracking_number)

    def test_cancelling_several_shipments_cancels_each_label_once(self):
        pickings = self.import_deliveries(2)
        self.validate(pickings)
        pickings.cancel_shipment()
        self.assertEqual(set(pickings.parcel_ids.mapped("state")), {"cancelled"})
        self.assertFalse(any(pickings.mapped("carrier_tracking_ref")))

    def test_plain_warehouse_staff_validate_and_get_their_label(self):
        picking = self.import_deliveries()
        self.validate(picking, user=self.stock_user)
        self.assertEqual(picking.state, "done")
        self.assert_bought_once(picking.parcel_ids)

    def test_plain_warehouse_staff_label_many_print_return_and_cancel(self):
        self.company.email = "shop@example.com"
        pickings = self.import_deliveries(6)
        pickings[0].with_user(self.stock_user).parcel_weight = 4.5
        with self.committing(self.stock_user) as env:
            action = pickings.with_env(env).button_validate()
            run = env["delivery.label.run"].browse(action["res_id"])
            run.action_start()
            run.action_print_packing_slips()
            run.action_download()
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.assertEqual(pickings[0].parcel_ids.weight_kg, 4.5)
        with self.committing(self.stock_user) as env:
            pickings[0].with_env(env).action_create_return_labels()
            pickings[1].with_env(env).cancel_shipment()
        self.assertEqual(pickings[0].parcel_ids.return_ids.state, "labelled")
        self.assertFalse(pickings[1].carrier_tracking_ref)


@tagged("post_install", "-at_install")
class TestCoresWay(LabelCase):
    """Code that calls what the button calls, in a transaction of its own."""

    def test_code_that_skips_the_button_still_gets_a_label(self):
        picking = self.import_deliveries()
        with self.committing() as env:
            own = picking.with_env(env)
            own.action_confirm()
            own.move_ids.picked = True
            own._action_done()
        self.assertEqual(picking.state, "done")
        self.assert_bought_once(picking.parcel_ids)
        self.assertEqual(
            picking.carrier_tracking_ref, picking.parcel_ids.tracking_number
        )
        self.assertEqual(picking.carrier_price, 6.75)

    def test_code_that_skips_the_button_fails_when_the_carrier_refuses(self):
        picking = self.import_deliveries()
        self.spoil(picking)
        with (
            self.assertRaisesRegex(UserError, "Postal code"),
            self.committing() as env,
        ):
            own = picking.with_env(env)
            own.action_confirm()
            own.move_ids.picked = True
            own._action_done()
        self.assertNotEqual(picking.state, "done")
        self.assertEqual(self.mug.qty_available, 100)

    def test_whoever_may_only_read_deliveries_buys_no_label(self):
        """Core asks the carrier before it writes, and labels outlive the refusal."""
        picking = self.import_deliveries()
        groups = "account.group_account_readonly,base.group_partner_manager"
        reader = new_test_user(self.env, "reader", groups)
        with self.assertRaises(AccessError), self.committing(reader) as env:
            picking.with_env(env).send_to_shipper()
        self.assertEqual(self.myparcel.calls, [])

    def test_a_delivery_that_is_not_saved_yet_is_not_labelled(self):
        picking = self.import_deliveries()
        picking.action_confirm()
        picking.action_assign()
        # Outside the test mode the label's cursor is a connection of its own, which
        # cannot see what this transaction has not committed.
        with self.assertRaisesRegex(UserError, "Save the new delivery"):
            picking._get_shipping_results()
        self.assertEqual(self.myparcel.calls, [])

    def sell(self, number):
        """A confirmed quotation of a mug, whose shipping is charged as it costs."""
        self.carrier.invoice_policy = "real"
        customer = self.import_deliveries(first=number).partner_id.copy(
            {"active": True}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "order_line": [Command.create({"product_id": self.mug.id})],
            }
        )
        order.set_delivery_line(self.carrier, 0)
        order.action_confirm()
        return order

    def test_a_sale_is_charged_what_the_label_cost(self):
        for number, label in enumerate((self.validate, self.label)):
            with self.subTest(label.__name__):
                self.standins.reset()
                order = self.sell(number)
                label(order.picking_ids)
                (line,) = order.order_line.filtered("is_delivery")
                self.assertEqual(line.price_unit, 6.75)
                self.assert_bought_once(order.picking_ids.parcel_ids)
