"""Labels of GLS: bought once, kept, deleted, confirmed."""

import json
from datetime import date, datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..carriers.parallel import Asking
from ..models import delivery_carrier_failure, delivery_label_run
from .gls_case import CREATE, DELETE, SEARCH, GlsCase
from .label_case import CONFIRM, LabelCase, read_pages

CONFIRM_ONE, CONFIRM_MANY = "Label/Confirm", "Label/ConfirmMultiple"


@tagged("post_install", "-at_install")
class TestGlsLabels(GlsCase):
    def sent(self, operation=CREATE):
        """The bodies of the requests of one kind."""
        return [call.data for call in self.gls.calls if call.operation == operation]

    # === BUYING === #

    def test_each_delivery_gets_its_label_and_number_in_the_order_of_the_list(self):
        pickings = self.import_deliveries(5)
        run = self.label(pickings, validate_after=True)
        self.assertEqual(run.state, "done")
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        numbers = pickings.mapped("carrier_tracking_ref")
        for number, text in zip(numbers, read_pages(run.attachment_id), strict=True):
            self.assertIn(number, text)
        self.assertFalse(any(run.parcel_ids.mapped("is_test")))

    def test_gls_gets_the_order_id_the_attempts_reference_and_the_mail(self):
        picking = self.import_deliveries()
        self.account.action_validate_login()
        parcel = self.label(picking).parcel_ids
        (body,) = self.sent()
        self.assertEqual(body["reference"], picking.amazon_order_ids.name)
        (unit,) = body["units"]
        self.assertEqual(unit["unitId"], parcel.reference)
        self.assertEqual(unit["customerUnitReference"], parcel.reference)
        self.assertEqual(unit["weight"], 0.4)
        self.assertEqual(body["customerNo"], self.gls.customer_no)
        self.assertEqual(body["labelType"], "pdfA6U")
        self.assertTrue(body["notificationEmail"]["sendMail"])
        address = body["addresses"]["deliveryAddress"]
        self.assertEqual(
            (address["street"], address["houseNo"], address["houseNoExt"]),
            ("Voorbeeldstraat", "12", "a"),
        )
        self.assertNotIn("pickupAddress", body["addresses"])

    def test_options_go_along_under_the_names_of_gls(self):
        self.carrier.write(
            {
                "label_only_recipient": "yes",
                "label_express": "t12",
                "label_notification": "no",
            }
        )
        picking = self.import_deliveries()
        picking.label_express = "t9"
        self.label(picking)
        (body,) = self.sent()
        self.assertEqual(
            body["services"], {"addresseeOnlyService": True, "expressService": "t9"}
        )
        self.assertNotIn("notificationEmail", body)

    def test_an_option_that_the_destination_does_not_have_is_told_before(self):
        self.carrier.label_express = "t9"
        run = self.create_run(
            self.import_deliveries(
                ship_country="BE", ship_postal_code="1000", ship_city="Brussel"
            )
        )
        self.assertIn("Express is not possible", run.parcel_ids.error)
        self.assertEqual(self.gls.calls, [])

    def test_a_pick_up_address_goes_along(self):
        self.carrier.gls_sender_id = self.env["res.partner"].create(
            {
                "name": "Magazijn",
                "street": "Havenweg 3",
                "zip": "3500 AB",
                "city": "Utrecht",
                "country_id": self.env.ref("base.nl").id,
            }
        )
        self.label(self.import_deliveries())
        sender = self.sent()[0]["addresses"]["pickupAddress"]
        self.assertEqual(sender["name1"], "Magazijn")
        self.assertEqual((sender["street"], sender["houseNo"]), ("Havenweg", "3"))

    def test_each_package_is_a_parcel_of_its_own(self):
        picking = self.import_deliveries(quantity_to_ship=2)
        self.pack(picking, 1, 1)
        run = self.label(picking)
        self.assertEqual(len(run.parcel_ids), 2)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(
            picking.carrier_tracking_ref,
            ",".join(run.parcel_ids.mapped("tracking_number")),
        )

    def test_the_packages_of_a_delivery_are_one_shipment(self):
        packed, single = self.import_deliveries(2, quantity_to_ship=3)
        self.pack(packed, 2, 1)
        run = self.label(packed | single)
        self.assert_bought_once(run.parcel_ids)
        weights = [{u["weight"] for u in body["units"]} for body in self.sent()]
        self.assertCountEqual(weights, [{0.4, 0.8}, {1.2}])

    def test_no_delivery_is_cut_in_two_where_parcels_are_claimed(self):
        pickings = self.import_deliveries(2, quantity_to_ship=2)
        for picking in pickings:
            self.pack(picking, 1, 1)
        with patch.object(delivery_label_run, "CHUNK_SIZE", 3):
            run = self.label(pickings)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual([len(body["units"]) for body in self.sent()], [2, 2])

    def test_plain_validation_labels_all_packages_in_one_shipment(self):
        picking = self.import_deliveries(quantity_to_ship=2)
        self.pack(picking, 1, 1)
        self.assertIs(self.validate(picking), True)
        self.assert_bought_once(picking.parcel_ids)
        self.assertEqual(self.gls.count(CREATE), 1)

    def test_plain_validation_buys_the_label_first(self):
        picking = self.import_deliveries()
        picking.action_confirm()
        self.assertIs(self.validate(picking), True)
        self.assertEqual(picking.state, "done")
        self.assert_bought_once(picking.parcel_ids)

    def test_what_gls_refuses_keeps_the_delivery_and_says_why(self):
        picking = self.import_deliveries()
        self.spoil(picking)
        picking.action_confirm()
        with self.assertRaisesRegex(UserError, "not validated"):
            self.validate(picking)
        self.assertNotEqual(picking.state, "done")
        self.assertEqual(self.get_bought(), {})

    def test_several_are_asked_at_once_and_no_more_than_the_limit(self):
        self.carrier.gls_connections = 3
        run = self.create_run(self.import_deliveries(6))
        limits = []
        begin = Asking.run

        def watch(asking, *arguments):
            limits.append(asking._connections)
            return begin(asking, *arguments)

        with patch.object(Asking, "run", watch):
            self.start(run)
        self.assertEqual(limits[0], 3)
        self.assert_bought_once(run.parcel_ids)

    def test_an_answer_is_stored_although_another_one_cannot_be(self):
        run = self.create_run(self.import_deliveries(3))
        store = self.registry["delivery.parcel"]._store
        broken = run.parcel_ids[0].id

        def fail(parcels, outcome):
            if parcels.id == broken:
                raise ValueError("disk full")
            return store(parcels, outcome)

        with (
            patch.object(self.registry["delivery.parcel"], "_store", fail),
            self.assertRaisesRegex(ValueError, "disk full"),
        ):
            self.start(run)
        self.assertEqual(
            run.parcel_ids.mapped("state"), ["requested", "labelled", "labelled"]
        )
        self.assertEqual(len(self.gls.units), 3)
        # Its asker is gone: GLS has it, and no second one is bought.
        self.run_cron("cron_label_runs")
        lost = run.parcel_ids[0]
        self.assertEqual(lost.state, "unclear")
        self.assertEqual([lost.tracking_number], self.get_bought()[lost.reference])
        self.assertEqual(self.gls.count(CREATE), 3)

    def test_a_label_in_hand_is_stored_although_its_row_was_just_saved(self):
        parcels = self.registry["delivery.parcel"]
        store, failures = parcels._store, [SerializationFailure, SerializationFailure]

        def store_later(self, outcome):
            if failures:
                raise failures.pop()
            return store(self, outcome)

        with patch.object(parcels, "_store", store_later):
            run = self.label(self.import_deliveries())
        self.assertEqual(failures, [])
        self.assert_bought_once(run.parcel_ids)

    def test_a_run_that_a_person_stops_asks_for_no_other_label(self):
        self.carrier.gls_connections = 1
        pickings = self.import_deliveries(5)
        run = self.create_run(pickings, validate_after=False)
        parcels = self.registry["delivery.parcel"]
        store = parcels._store_apart

        def stop_after(self, outcome):
            store(self, outcome)
            with self.env.registry.cursor() as cr:
                self.env(cr=cr)["delivery.label.run"].browse(run.id).state = "stopped"

        run.state = "queued"
        with patch.object(parcels, "_store_apart", stop_after):
            self.run_cron("cron_label_runs")
        self.assertEqual(self.gls.count(CREATE), 1)
        self.assertEqual(run.state, "stopped")
        self.assertEqual(run.parcel_ids.mapped("state"), ["labelled", *["draft"] * 4])
        self.assertEqual(len(read_pages(run.attachment_id)), 1)
        self.start(run)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"labelled"})
        self.assert_bought_once(run.parcel_ids)

    def test_what_is_not_the_askers_any_more_is_not_asked_for(self):
        self.carrier.gls_connections = 1
        pickings = self.import_deliveries(3)
        run = self.create_run(pickings, validate_after=False)
        parcels = self.registry["delivery.parcel"]
        store = parcels._store_apart

        def take_away(self, outcome):
            # As somebody does who finds the asker's guard gone with its connection.
            store(self, outcome)
            with self.env.registry.cursor() as cr:
                taken = self.env(cr=cr)["delivery.parcel"].browse(run.parcel_ids.ids)
                taken[1].state = "draft"

        with patch.object(parcels, "_store_apart", take_away):
            self.start(run)
        self.assertEqual(self.gls.count(CREATE), 1)
        self.assertEqual(run.parcel_ids.mapped("state"), ["labelled", "draft", "draft"])
        self.start(run)
        self.assert_bought_once(run.parcel_ids)

    def test_what_was_claimed_and_never_asked_for_is_a_draft_again(self):
        run = self.create_run(self.import_deliveries(3))
        with self.committing() as env:
            run.with_env(env).parcel_ids._check()
            run.with_env(env).parcel_ids._claim()
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"requested"})
        self.run_cron("cron_label_runs")
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"draft"})
        self.start(run)
        self.assert_bought_once(run.parcel_ids)

    # === BEFORE ANYTHING IS ASKED === #

    def test_too_long_a_city_is_told_before_with_a_proposal(self):
        city = "Sint Maartensdijk aan den Oever"
        run = self.create_run(self.import_deliveries(ship_city=city))
        self.assertIn("City is longer than the 30", run.parcel_ids.error)
        self.assertIn("For example: Sint Maartensdijk aan den", run.parcel_ids.error)
        self.assertEqual(self.gls.calls, [])

    def test_the_shipping_date_is_the_next_working_day_after_the_cut_off(self):
        company = self.company
        calendar = company.resource_calendar_id
        calendar.tz = "Europe/Amsterdam"
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": calendar.id,
                "date_from": "2026-11-23 00:00:00",
                "date_to": "2026-11-23 22:00:00",
            }
        )
        self.carrier.gls_cut_off = 16.5
        friday, tuesday = date(2026, 11, 20), date(2026, 11, 24)
        for hour, minute, day in ((9, 0, friday), (16, 29, friday), (16, 30, tuesday)):
            local = datetime(
                2026, 11, 20, hour, minute, tzinfo=ZoneInfo("Europe/Amsterdam")
            )
            utc = local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
            with (
                self.subTest(local),
                patch.object(fields.Datetime, "now", return_value=utc),
            ):
                self.assertEqual(self.carrier._gls_nl_get_shipping_date(company), day)

    def test_a_company_without_a_working_schedule_ships_any_day(self):
        self.company.resource_calendar_id = False
        now = datetime(2026, 11, 21, 9, 0)
        with patch.object(fields.Datetime, "now", lambda: now):
            self.assertEqual(
                self.carrier._gls_nl_get_shipping_date(self.company), now.date()
            )

    # === THE TEST ENVIRONMENT === #

    def test_in_the_test_environment_labels_are_tests_and_amazon_hears_nothing(self):
        self.carrier.prod_environment = False
        picking = self.import_deliveries()
        self.load_orders(picking)
        run = self.label(picking, validate_after=True)
        parcel = run.parcel_ids
        self.assertTrue(parcel.is_test and run.has_test_labels)
        self.assertEqual(parcel.state, "labelled")
        self.assertTrue(all(unit.test for unit in self.gls.units.values()))
        self.push()
        picking.action_push_tracking()
        self.push()
        self.assertFalse(self.find_confirmations(picking))
        self.assertEqual(self.amazon.count(CONFIRM), 0)

    def test_a_test_label_is_deleted_where_it_was_made(self):
        self.carrier.prod_environment = False
        parcel = self.label(self.import_deliveries()).parcel_ids
        self.carrier.prod_environment = True
        self.cancel(parcel)
        self.assertEqual(self.get_bought(), {})
        self.assertIn("/test/", self.gls.calls[-1].target)
        new = self.label(parcel.picking_id).parcel_ids
        self.assertFalse(new.is_test)
        self.assert_bought_once(new)

    # === DELETING === #

    def cancel(self, parcels):
        with self.committing(self.stock_user) as env:
            parcels.with_env(env).action_cancel()

    def test_a_cancelled_parcel_is_deleted_at_gls_and_makes_room(self):
        picking = self.import_deliveries()
        old = self.label(picking).parcel_ids
        self.cancel(old)
        self.assertEqual(old.state, "cancelled")
        self.assertFalse(picking.carrier_tracking_ref)
        new = self.label(picking).parcel_ids
        self.assert_bought_once(new)

    def test_every_unit_of_a_cancelled_delivery_is_deleted(self):
        picking = self.import_deliveries(quantity_to_ship=2)
        self.pack(picking, 1, 1)
        self.label(picking)
        with self.committing(self.stock_user) as env:
            picking.with_env(env).cancel_shipment()
        self.assertEqual(self.get_bought(), {})
        self.assertEqual(self.gls.count(DELETE), 2)
        self.assertFalse(picking.carrier_tracking_ref)

    def test_what_is_under_way_is_not_deleted_and_stays_labelled(self):
        parcel = self.label(self.import_deliveries()).parcel_ids
        self.gls.units[parcel.tracking_number].state = "InRegion"
        with self.assertRaisesRegex(UserError, "did not delete.*under way"):
            self.cancel(parcel)
        self.assertEqual(parcel.state, "labelled")

    def test_what_gls_deleted_before_can_be_given_up(self):
        parcel = self.label(self.import_deliveries()).parcel_ids
        # The answer to the deletion is lost: it is gone, and we do not know.
        self.gls.faults.add(DELETE, "cut", moment="after")
        with self.assertRaisesRegex(UserError, "may have deleted.*do not use its"):
            self.cancel(parcel)
        with self.assertRaisesRegex(UserError, "deleted before"):
            self.cancel(parcel)
        self.assertEqual(parcel.state, "labelled")
        parcel.with_user(self.stock_user).action_give_up()
        self.assertEqual(parcel.state, "cancelled")
        self.assert_bought_once(self.label(parcel.picking_id).parcel_ids)

    # === CONFIRMING === #

    def test_labels_are_not_confirmed_unless_it_is_wanted(self):
        parcel = self.label(self.import_deliveries()).parcel_ids
        self.run_cron("cron_confirm_parcels")
        parcel.action_confirm()
        self.assertEqual(self.gls.count(CONFIRM_ONE), 0)
        self.assertFalse(parcel.confirmed_at)

    def test_labels_are_confirmed_at_once_in_one_call(self):
        self.carrier.gls_confirm = "at_once"
        parcels = self.label(self.import_deliveries(3)).parcel_ids
        cron = self.env.ref("amazon_carrier_connector.cron_confirm_parcels")
        self.assertTrue(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        )
        self.run_cron("cron_confirm_parcels")
        self.assertEqual(self.gls.count(CONFIRM_MANY), 1)
        self.assertTrue(all(parcels.mapped("confirmed_at")))
        self.assertTrue(all(unit.confirmed for unit in self.gls.units.values()))
        self.run_cron("cron_confirm_parcels")
        self.assertEqual(self.gls.count(CONFIRM_MANY), 1)

    def test_a_method_that_begins_to_confirm_leaves_what_gls_got_long_ago(self):
        old, recent = self.label(self.import_deliveries(2)).parcel_ids
        old.labelled_at -= timedelta(days=15)
        self.carrier.gls_confirm = "at_once"
        self.run_cron("cron_confirm_parcels")
        self.assertFalse(old.confirmed_at)
        self.assertTrue(recent.confirmed_at)

    def test_the_day_list_waits_for_a_person(self):
        self.carrier.gls_confirm = "day_list"
        parcels = self.label(self.import_deliveries(2)).parcel_ids
        self.run_cron("cron_confirm_parcels")
        self.assertFalse(any(parcels.mapped("confirmed_at")))
        with self.committing(self.stock_user) as env:
            parcels.with_env(env).action_confirm()
        self.assertTrue(all(parcels.mapped("confirmed_at")))

    def test_one_parcel_that_cannot_be_confirmed_does_not_keep_the_others(self):
        self.carrier.gls_confirm = "at_once"
        parcels = self.label(self.import_deliveries(3)).parcel_ids
        self.gls.units[parcels[1].tracking_number].deleted = True
        self.run_cron("cron_confirm_parcels")
        self.assertEqual(
            [bool(parcel.confirmed_at) for parcel in parcels], [True, False, True]
        )
        self.assertIn("Not confirmed", parcels[1].error)

    def test_a_confirmation_that_was_throttled_is_tried_again(self):
        self.carrier.gls_confirm = "at_once"
        parcel = self.label(self.import_deliveries()).parcel_ids
        self.gls.faults.add(CONFIRM_ONE, "throttled")
        self.run_cron("cron_confirm_parcels")
        self.assertFalse(parcel.confirmed_at or parcel.error)
        self.assertFalse(self.find_tasks())
        self.run_cron("cron_confirm_parcels")
        self.assertTrue(parcel.confirmed_at)
        self.assertFalse(self.env["delivery.carrier.failure"].search([]))

    def find_tasks(self):
        return self.env["mail.activity"].search(
            [("summary", "=", "Parcels are not confirmed"), ("res_model", "=", False)]
        )

    def test_a_login_that_confirms_nothing_is_one_task_until_it_works(self):
        self.carrier.gls_confirm = "at_once"
        parcels = self.label(self.import_deliveries(2)).parcel_ids
        self.account.password_entry = "wrong"
        for __ in range(2):
            self.run_cron("cron_confirm_parcels")
            task = self.find_tasks()
            self.assertEqual(task.user_id, self.company._get_amazon_responsible())
            self.assertIn(self.carrier.name, task.note)
            self.assertIn("does not accept", task.note)
        task.action_done()
        self.run_cron("cron_confirm_parcels")
        self.assertFalse(self.find_tasks())
        self.account.password_entry = self.gls.password
        self.run_cron("cron_confirm_parcels")
        self.assertTrue(all(parcels.mapped("confirmed_at")))
        self.assertFalse(self.env["delivery.carrier.failure"].search([]))

    def test_an_outage_at_confirming_is_a_task_when_it_lasts(self):
        self.carrier.gls_confirm = "at_once"
        parcel = self.label(self.import_deliveries()).parcel_ids
        self.gls.faults.add(CONFIRM_ONE, "unavailable", times=None)
        self.run_cron("cron_confirm_parcels")
        self.assertFalse(self.find_tasks())
        with patch.object(delivery_carrier_failure, "PATIENCE", timedelta(-1)):
            self.run_cron("cron_confirm_parcels")
        self.assertIn("no usable answer", self.find_tasks().note)
        self.cancel(parcel)
        self.run_cron("cron_confirm_parcels")
        self.assertFalse(self.find_tasks())

    def test_a_parcel_that_gls_does_not_confirm_is_a_task_until_a_person_mends_it(self):
        self.carrier.gls_confirm = "at_once"
        parcel = self.label(self.import_deliveries()).parcel_ids
        unit = self.gls.units[parcel.tracking_number]
        unit.deleted = True
        self.run_cron("cron_confirm_parcels")
        self.assertIn(parcel.tracking_number, self.find_tasks().note)
        # What comes later works, and does not end it; nor is it asked again by itself.
        self.label(self.import_deliveries(first=2))
        asked = self.gls.count(CONFIRM_ONE)
        self.run_cron("cron_confirm_parcels")
        self.assertEqual(self.gls.count(CONFIRM_ONE), asked + 1)
        self.assertTrue(self.find_tasks())
        unit.deleted = False
        with self.committing(self.stock_user) as env:
            parcel.with_env(env).action_confirm()
        self.assertTrue(parcel.confirmed_at)
        self.assertFalse(parcel.error or parcel.confirmation_refused)
        self.run_cron("cron_confirm_parcels")
        self.assertFalse(self.find_tasks())

    def test_a_parcel_whose_delivery_was_not_validated_is_confirmed_all_the_same(self):
        self.carrier.gls_confirm = "at_once"
        parcel = self.label(self.import_deliveries()).parcel_ids
        parcel.error = "Not validated"
        self.run_cron("cron_confirm_parcels")
        self.assertTrue(parcel.confirmed_at)
        self.assertEqual(parcel.error, "Not validated")

    def test_nobody_is_told_of_test_labels_that_are_not_confirmed(self):
        self.carrier.write({"gls_confirm": "at_once", "prod_environment": False})
        self.label(self.import_deliveries())
        self.test_account.password_entry = "wrong"
        self.run_cron("cron_confirm_parcels")
        self.assertEqual(self.gls.count(CONFIRM_ONE), 1)
        self.assertFalse(self.find_tasks())

    # === THE REST OF CORE'S INTERFACE === #

    def test_the_tracking_link_is_the_one_that_gls_gave(self):
        picking = self.import_deliveries()
        parcel = self.label(picking).parcel_ids
        self.assertIn(parcel.tracking_number, parcel.tracking_url)
        self.assertEqual(self.carrier.get_tracking_link(picking), parcel.tracking_url)

    def test_amazon_knows_the_carrier_by_its_code(self):
        self.assertEqual(self.carrier.amazon_mapping_ids.carrier_code, "GLS")
        picking = self.import_deliveries()
        self.load_orders(picking)
        self.label(picking, validate_after=True)
        self.push()
        self.assertEqual(self.find_confirmations(picking).carrier_code, "GLS")
        self.assertEqual(self.amazon.count(CONFIRM), 1)


@tagged("post_install", "-at_install")
class TestGlsDecisions(GlsCase):
    """What GLS cannot say, a person does; nothing else leads to a second label."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls.import_deliveries()

    def test_a_lost_label_is_found_by_its_own_reference_and_waits_for_its_paper(self):
        run = self.lose(self.picking, validate_after=True)
        self.start(run)
        parcel = run.parcel_ids
        self.assertEqual([parcel.tracking_number], self.get_bought()[parcel.reference])
        self.assertEqual(parcel.state, "unclear")
        self.assertTrue(parcel.needs_decision)
        self.assertFalse(self.picking.carrier_tracking_ref)
        with self.assertRaisesRegex(UserError, "not validated.*Decide"):
            self.validate(self.picking)
        self.assertEqual(self.gls.count(CREATE), 1)

    def test_the_schedule_looks_for_a_lost_label_and_a_person_hears_what_it_needs(self):
        run = self.lose(self.picking, validate_after=True)
        parcel = run.parcel_ids
        (unit,) = self.gls.units.values()
        # Tracking shows it only later.
        unit_id, unit.unit_id, unit.reference = unit.unit_id, "later", "later"
        moment = fields.Datetime.now() - timedelta(minutes=2)
        parcel.look_up_at = moment
        self.run_cron("cron_label_runs")
        self.assertFalse(parcel.tracking_number)
        self.assertGreater(parcel.look_up_at, fields.Datetime.now())
        unit.unit_id = unit.reference = unit_id
        parcel.write({"look_up_at": moment, "asked_at": moment - timedelta(minutes=28)})
        self.run_cron("cron_label_runs")
        self.assertEqual(parcel.tracking_number, unit.unit_no)
        self.assertEqual(parcel.state, "unclear")
        asked = self.gls.counts()
        self.run_cron("cron_label_runs")
        self.assertEqual(self.gls.counts(), asked)
        self.run_cron("cron_track_parcels")
        (task,) = self.env["mail.activity"].search([("note", "ilike", unit_id)])
        self.decide(parcel, without_label=True, tracking_number=unit.unit_no)
        self.run_cron("cron_track_parcels")
        self.assertFalse(task.exists())
        self.assertEqual(self.gls.count(CREATE), 1)

    def test_a_label_found_by_the_order_must_be_ours_and_young_enough(self):
        self.gls.searched_by = ("reference",)
        run = self.lose(self.picking)
        (unit,) = self.gls.units.values()
        unit.created = "2026-01-01T00:00:00Z"
        self.check_unclear(run.parcel_ids)
        self.assertFalse(run.parcel_ids.tracking_number)

    def test_a_number_that_another_parcel_has_is_not_taken_for_the_lost_one(self):
        first = self.label(self.picking).parcel_ids
        with self.committing() as env:
            first.with_env(env).action_give_up()
        self.gls.searched_by = ("reference",)
        run = self.lose(self.picking, moment="before")
        self.check_unclear(run.parcel_ids)
        self.assertFalse(run.parcel_ids.tracking_number)
        self.assertEqual(run.parcel_ids.state, "unclear")

    def test_the_way_back_of_another_parcel_is_not_taken_for_the_lost_one(self):
        self.picking.label_return_label = "yes"
        first = self.label(self.picking).parcel_ids
        with self.committing() as env:
            first.with_env(env).action_give_up()
        self.picking.label_return_label = "no"
        self.gls.searched_by = ("reference",)
        run = self.lose(self.picking, moment="before")
        self.check_unclear(run.parcel_ids)
        self.assertFalse(run.parcel_ids.tracking_number)

    def test_checking_what_was_found_asks_nobody_again(self):
        run = self.lose(self.picking)
        self.check_unclear(run.parcel_ids)
        asked = self.gls.count(SEARCH)
        self.check_unclear(run.parcel_ids)
        self.assertEqual(self.gls.count(SEARCH), asked)

    def test_with_the_uploaded_label_the_delivery_goes_on(self):
        run = self.lose(self.picking, validate_after=True)
        parcel = run.parcel_ids
        ((number,),) = self.get_bought().values()
        self.decide(
            parcel, label=self.print_again(number), tracking_number=f" {number} "
        )
        self.assert_bought_once(parcel)
        self.assertEqual(self.picking.carrier_tracking_ref, number)
        self.start(run)
        self.assertEqual(self.picking.state, "done")
        self.assertEqual(len(read_pages(run.attachment_id)), 1)
        self.assertEqual(self.find_confirmations(self.picking).tracking_number, number)

    def test_the_uploaded_label_may_be_one_for_a_label_printer(self):
        run = self.lose(self.picking, validate_after=True)
        ((number,),) = self.get_bought().values()
        zpl = f"\n^XA^FD{number}^FS^XZ\n".encode()
        self.decide(run.parcel_ids, label=zpl, tracking_number=number)
        label = run.parcel_ids.label_attachment_id
        self.assertEqual((label.raw, label.mimetype), (zpl, "application/zpl"))
        self.start(run)
        self.assertEqual((self.picking.state, run.zpl_count), ("done", 1))
        self.assertFalse(run.attachment_id)

    def test_one_may_go_on_without_a_label_and_it_is_said(self):
        run = self.lose(self.picking, validate_after=True)
        ((number,),) = self.get_bought().values()
        with self.assertRaisesRegex(UserError, "no label twice"):
            self.decide(run.parcel_ids, tracking_number=number)
        self.decide(run.parcel_ids, tracking_number=number, without_label=True)
        self.assertTrue(run.parcel_ids.without_label)
        self.assertIn(f"parcelNo={number}&zipcode=", run.parcel_ids.tracking_url)
        self.assertEqual(run.parcel_ids.state, "labelled")
        self.start(run)
        self.assertEqual(self.picking.state, "done")
        self.assertFalse(run.attachment_id)

    def test_what_is_no_pdf_is_not_taken(self):
        run = self.lose(self.picking)
        with self.assertRaisesRegex(UserError, "must be a PDF"):
            self.decide(run.parcel_ids, label=b"<html>", tracking_number="1")
        self.assertEqual(run.parcel_ids.state, "unclear")

    def test_a_number_is_needed_and_must_be_nobody_elses(self):
        other = self.label(self.import_deliveries(first=2)).parcel_ids
        run = self.lose(self.picking)
        with self.assertRaisesRegex(UserError, "Enter the number"):
            self.decide(run.parcel_ids, without_label=True)
        with self.assertRaisesRegex(UserError, "another parcel"):
            self.decide(
                run.parcel_ids,
                without_label=True,
                tracking_number=other.tracking_number,
            )

    def test_not_at_the_carrier_means_a_new_attempt_under_a_new_reference(self):
        run = self.lose(self.picking, moment="before", validate_after=True)
        old = run.parcel_ids
        self.decide(old, "unmade")
        self.assertEqual(old.state, "cancelled")
        new = run.parcel_ids - old
        self.assertEqual((new.state, new.run_id), ("draft", run))
        self.assertNotEqual(new.reference, old.reference)
        self.start(run)
        self.assert_bought_once(new)
        self.assertEqual(self.picking.state, "done")

    def test_a_decision_comes_too_late_when_the_parcel_is_settled(self):
        run = self.lose(self.picking, moment="before")
        with self.committing(self.stock_user) as env:
            decision = env["delivery.parcel.decision"].create(
                {"parcel_id": run.parcel_ids.id, "answer": "unmade"}
            )
            run.parcel_ids.with_env(env).sudo().state = "cancelled"
            with self.assertRaisesRegex(UserError, "not unclear any more"):
                decision.action_decide()

    def test_what_gls_has_for_sure_is_cancelled_before_another_is_made(self):
        run = self.lose(self.picking)
        self.check_unclear(run.parcel_ids)
        with self.assertRaisesRegex(UserError, "cancel it first"):
            self.decide(run.parcel_ids, "unmade")
        with self.committing(self.stock_user) as env:
            run.parcel_ids.with_env(env).action_cancel()
        self.assertEqual(self.get_bought(), {})
        new = self.label(self.picking).parcel_ids
        self.assert_bought_once(new)

    def test_what_may_be_at_gls_is_neither_cancelled_nor_given_up(self):
        run = self.lose(self.picking)
        for method in ("action_cancel", "action_give_up"):
            with self.assertRaisesRegex(UserError, "not known yet"):
                getattr(run.parcel_ids, method)()

    def test_a_label_that_came_damaged_is_known_to_be_bought(self):
        run = self.create_run(self.picking)
        parcel, number = run.parcel_ids, "12345678000019"
        unit = {"unitId": parcel.reference, "unitNo": number, "label": "JVBE"}
        self.gls.faults.add(
            CREATE,
            "content",
            content_type="application/json",
            body=json.dumps({"error": False, "status": "200", "units": [unit]}),
        )
        self.start(run)
        self.assertEqual((parcel.state, parcel.tracking_number), ("unclear", number))
        self.assertTrue(parcel.needs_decision)
        self.assertEqual(self.gls.count(CREATE), 1)


@tagged("post_install", "-at_install")
class TestMixedRun(GlsCase):
    def test_one_run_of_several_carriers_gives_one_document_in_the_right_order(self):
        myparcel = self.env.ref(
            "amazon_carrier_connector.delivery_carrier_myparcel_postnl"
        )
        bikes = self.create_carrier()
        pickings = self.import_deliveries(6)
        first, second, typed, third, refused, fourth = pickings
        (first | third).carrier_id = myparcel
        typed.write({"carrier_id": bikes.id, "carrier_tracking_ref": "BIKE-1"})
        self.spoil(refused)
        run = self.label(pickings, validate_after=True)
        labelled = first | second | third | fourth
        numbers = labelled.mapped("carrier_tracking_ref")
        for number, text in zip(numbers, read_pages(run.attachment_id), strict=True):
            self.assertIn(number, text)
        self.assertEqual(set(labelled.mapped("state")), {"done"})
        bought = {*self.get_bought(), *LabelCase.get_bought(self)}
        self.assertEqual(bought, set(labelled.parcel_ids.mapped("reference")))
        self.assertEqual(run.problem_parcel_ids.picking_id, refused)
        self.assertEqual(len(run.problem_parcel_ids), 1)
        self.assertNotEqual(refused.state, "done")
        self.assertEqual((typed.state, typed.carrier_tracking_ref), ("done", "BIKE-1"))
        self.assertEqual(run.other_picking_ids, typed)
        self.assertFalse(run.error)

    def test_a_typed_delivery_that_cannot_be_validated_says_why_on_the_run(self):
        self.shop.stock_policy = "leave_out"
        labelled = self.import_deliveries()
        typed = self.import_deliveries(first=2, quantity_to_ship=500)
        typed.write(
            {"carrier_id": self.create_carrier().id, "carrier_tracking_ref": "BIKE-1"}
        )
        run = self.label(labelled | typed, validate_after=True)
        self.assertEqual((labelled.state, run.state), ("done", "done"))
        self.assertNotEqual(typed.state, "done")
        self.assertIn(f"{typed.name} was not validated", run.error)
        self.assertIn("not all products are in stock", run.error)
        self.mug.stock_quant_ids.filtered(
            lambda quant: quant.location_id.usage == "internal"
        ).quantity = 500
        self.start(run)
        self.assertEqual((typed.state, run.error), ("done", False))
