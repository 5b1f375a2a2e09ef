"""Buyers' data is erased when its time is over, wherever it was copied to."""

from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..models import amazon_erased_record, buyer_data
from .common import order_ref, report_row
from .label_case import LabelCase

BUYER = {
    "recipient_name": "Zaphodine Uniquename",
    "buyer_name": "Zaphodine Uniquename",
    "ship_address_1": "Magratheaplein 42 b",
    "ship_address_2": "Slartibartfastflat",
    "ship_city": "Utrecht",
    "ship_postal_code": "3521 ZQ",
    "buyer_email": "zqx42unique@marketplace.amazon.nl",
    "buyer_phone_number": "+31687654321",
}
TRACES = (
    *("zaphodine", "uniquename", "magratheaplein", "slartibartfastflat"),
    *("3521 zq", "3521zq", "zqx42unique", "687654321"),
)
# Kinds of fields that can hold what a buyer is known by.
TELLING = (
    *("char", "text", "html", "binary", "image", "json", "reference", "properties"),
)
HOLDERS = (
    *("res.partner", "stock.picking", "stock.move", "mail.message", "mail.mail"),
    *("mail.activity", "mail.notification"),
)
PERSONAL_MODELS = ("res.partner", "ir.attachment")
GONE = {*buyer_data.DELETED, *buyer_data.AGED}
ADDON = "amazon_carrier_connector"


class ErasureCase(LabelCase):
    def ship(self, *rows):
        """Orders that are labelled, validated and left just now."""
        orders = self.import_orders(*rows)
        self.label(orders.picking_ids)
        orders.picking_ids.with_context(
            skip_sms=True, skip_backorder=True
        ).button_validate()
        self.assertEqual(set(orders.mapped("state")), {"shipped"})
        return orders

    def age(self, orders, days=31):
        """Let everything about orders have happened so many days earlier."""
        self.env.flush_all()
        moment = fields.Datetime.now() - timedelta(days=days)
        for table, column, ids in (
            ("amazon_order", "create_date", orders.ids),
            ("amazon_order", "ship_by", orders.ids),
            ("amazon_order", "deliver_by", orders.ids),
            ("stock_picking", "date_done", orders.picking_ids.ids),
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = ANY(%s)",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    moment,
                    ids,
                )
            )
        self.env.invalidate_all()

    def erase(self):
        self.run_cron("cron_erase_buyers")
        self.env.invalidate_all()

    def use(self, contact):
        """Let another document name a contact."""
        return self.env["stock.picking"].create(
            {
                "partner_id": contact.id,
                "picking_type_id": self.warehouse.out_type_id.id,
            }
        )

    def find_traces(self):
        """Tables with a row in which anything of the buyer can be read."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
        pattern = "|".join(TRACES)
        found = set()
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(
                SQL(
                    "SELECT 1 FROM %s AS r WHERE r::text ~* %s LIMIT 1",
                    SQL.identifier(table),
                    pattern,
                )
            )
            found |= {table} if self.env.cr.fetchone() else set()
        return found


@tagged("post_install", "-at_install")
class TestErasure(ErasureCase):
    def fill(self, order):
        """Let people and Odoo write of the buyer wherever they can."""
        picking = order.picking_ids
        name = BUYER["recipient_name"]
        picking.note = f"Call {name}"
        picking.signature = self.env.ref("base.user_admin").image_128
        picking.write({"parcel_shop_name": f"Near {name}", "parcel_shop_ref": "1"})
        prop = {"name": "a1b2", "type": "char", "string": "Gift", "value": name}
        picking.picking_properties = [{**prop, "definition_changed": True}]
        order.partner_id.properties = [{**prop, "definition_changed": True}]
        for record in (order, picking):
            record.message_post(
                body=f"{name} called",
                subject=name,
                attachments=[("letter.txt", name.encode())],
                email_from=f"{name} <{BUYER['buyer_email']}>",
            )
            record.activity_schedule(
                "mail.mail_activity_data_todo", summary=f"Call {name}", note=name
            )
        done = picking.activity_schedule("mail.mail_activity_data_todo", note=name)
        done.action_feedback(f"{name} is content")
        picking.parcel_ids.write({"warning": name, "error": f"{name}: refused"})
        picking.parcel_ids.run_id.action_download()
        picking.parcel_ids.run_id.error = name
        order.cancel_reason = name
        order.partner_id.write({"comment": name, "email": BUYER["buyer_email"]})

    def test_nothing_of_a_buyer_is_left_in_any_table(self):
        order = self.ship(report_row(1, **BUYER))
        self.fill(order)
        found = self.find_traces()
        self.assertLess(
            {"amazon_order", "res_partner", "stock_picking", "mail_message"}, found
        )
        picking, parcel = order.picking_ids, order.picking_ids.parcel_ids
        number, items = parcel.tracking_number, order.item_ids.mapped("sku")
        files = parcel.label_attachment_id | parcel.run_id.attachment_id
        self.assertEqual(len(files), 2)
        self.age(order)
        self.erase()
        self.assertEqual(self.find_traces(), set())
        self.assertFalse(files.exists())
        self.assertEqual(order.address_state, "erased")
        self.assertFalse(order.is_contact_kept)
        # What is no buyer's stays.
        self.assertEqual(order.name, order_ref(1))
        self.assertEqual(order.item_ids.mapped("sku"), items)
        self.assertEqual(parcel.tracking_number, number)
        self.assertEqual(picking.carrier_tracking_ref, number)
        self.assertTrue(picking.date_done)
        self.assertEqual(order.state, "shipped")

    def test_what_was_erased_is_reported_by_counts_and_ids(self):
        order = self.ship(report_row(1, **BUYER))
        self.age(order)
        self.erase()
        event = self.env["amazon.audit.event"].search([("event", "=", "erased")])
        self.assertEqual(event.res_ids, order.ids)
        self.assertEqual(event.record_count, 1)
        self.assertIn("Amazon Order: 1", event.note)
        self.assertIn("Attachment: ", event.note)

    def test_erasing_again_changes_nothing(self):
        order = self.ship(report_row(1, **BUYER))
        self.age(order)
        self.erase()
        erased_at = order.erased_at
        self.assertTrue(erased_at)
        self.erase()
        self.assertEqual(order.erased_at, erased_at)
        events = self.env["amazon.audit.event"].search([("event", "=", "erased")])
        self.assertEqual(len(events), 1)

    def test_only_what_is_over_for_so_many_days_is_erased(self):
        young, old, open_order, disputed, cancelled = self.import_orders(
            *(report_row(number, **BUYER) for number in range(1, 6))
        )
        shipped = young | old | disputed
        self.label(shipped.picking_ids)
        shipped.picking_ids.with_context(skip_sms=True).button_validate()
        cancelled.picking_ids.action_cancel()
        disputed.write({"is_disputed": True, "dispute_reason": "A-to-z claim"})
        self.age(young, 29)
        self.age(old | open_order | disputed | cancelled, 31)
        self.assertTrue(young.erasure_due_on and old.erasure_due_on)
        self.assertFalse(open_order.erasure_due_on or disputed.erasure_due_on)
        self.erase()
        self.assertTrue(old.erased_at and cancelled.erased_at)
        self.assertFalse(young.erased_at or open_order.erased_at or disputed.erased_at)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_order_kept_action"
        )
        kept = self.env["amazon.order"].search(
            [
                "|",
                ("erased_at", "=", False),
                ("is_contact_kept", "=", True),
                ("create_date", "<", "today -30d"),
            ]
        )
        self.assertIn("erased_at", action["domain"])
        self.assertEqual(kept, open_order | disputed)
        self.company.amazon_retention_days = 20
        disputed.is_disputed = False
        self.erase()
        self.assertTrue(young.erased_at and disputed.erased_at)
        self.assertFalse(open_order.erased_at)

    def test_the_time_is_1_to_30_days(self):
        for days in (0, -1, 31):
            with (
                self.subTest(days),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.company.amazon_retention_days = days
                self.env.flush_all()

    def test_a_return_on_its_way_keeps_the_buyer(self):
        order = self.ship(report_row(1, **BUYER))
        copy = order.picking_ids.copy({"return_id": order.picking_ids.id})
        self.age(order)
        copy.state = "assigned"
        self.erase()
        self.assertFalse(order.erased_at)

    def test_a_dispute_needs_a_reason_and_is_in_the_audit_trail(self):
        order = self.ship(report_row(1, **BUYER))
        with self.assertRaises(ValidationError):
            order.is_disputed = True
        order.with_user(self.amazon_user).write(
            {"is_disputed": True, "dispute_reason": "Zaphodine claims"}
        )
        event = self.env["amazon.audit.event"].search([("event", "=", "disputed")])
        self.assertEqual(event.user_id, self.amazon_user)
        self.assertNotIn("Zaphodine", str(event.read()))

    def test_a_contact_that_something_else_uses_is_kept_and_listed_until_then(self):
        order = self.ship(report_row(1, **BUYER))
        contact = order.partner_id
        other = self.use(contact)
        self.age(order)
        self.erase()
        self.assertTrue(order.erased_at and order.is_contact_kept)
        self.assertEqual(contact.name, BUYER["recipient_name"])
        self.assertFalse(order.recipient_email or order.recipient_street_name)
        other.partner_id = False
        self.erase()
        self.assertFalse(order.is_contact_kept)
        self.assertEqual(contact.name, "Erased buyer")
        self.assertEqual(self.find_traces(), set())

    def ship_to(self, contact, number=1):
        """An order whose delivery got another contact by hand."""
        order = self.import_orders(report_row(number, **BUYER))
        order.picking_ids.partner_id = contact
        self.label(order.picking_ids)
        order.picking_ids.with_context(skip_sms=True).button_validate()
        return order

    def make_contact(self, name):
        return self.env["res.partner"].create(
            {
                "name": name,
                "street": "Magratheaplein 42",
                "zip": "3521 ZQ",
                "city": "Utrecht",
                "email": "contact@example.com",
                "country_id": self.env.ref("base.nl").id,
            }
        )

    def test_an_address_that_people_gave_to_a_delivery_goes_too(self):
        contact = self.make_contact(BUYER["recipient_name"])
        order = self.ship_to(contact)
        self.age(order)
        self.erase()
        self.assertEqual(self.find_traces(), set())
        self.assertEqual(contact.name, "Erased buyer")
        self.assertFalse(contact.active or contact.email)

    def test_an_address_that_people_gave_is_kept_and_listed_where_it_is_used(self):
        contact = self.make_contact(BUYER["recipient_name"])
        order = self.ship_to(contact)
        other = self.use(contact)
        self.age(order)
        self.erase()
        self.assertTrue(order.erased_at and order.is_contact_kept)
        self.assertEqual(contact.name, BUYER["recipient_name"])
        self.assertEqual(order.partner_id.name, "Erased buyer")
        other.partner_id = False
        self.erase()
        self.assertFalse(order.is_contact_kept)
        self.assertEqual(self.find_traces(), set())

    def test_a_contact_of_the_merchants_own_stays(self):
        """Goods go to a shop, say, where buyers fetch them."""
        contact = self.make_contact("Corner shop")
        # Programs that write the table themselves leave the moment out.
        nowhen = self.make_contact("Depot")
        orders = self.ship_to(contact) | self.ship_to(nowhen, 2)
        self.age(orders)
        for record, moment in (
            (contact, orders[0].create_date - timedelta(days=1)),
            (nowhen, None),
        ):
            self.env.cr.execute(
                "UPDATE res_partner SET create_date = %s WHERE id = %s",
                (moment, record.id),
            )
        self.env.invalidate_all()
        self.erase()
        for order in orders:
            self.assertTrue(order.erased_at)
            self.assertFalse(order.is_contact_kept)
        self.assertEqual(contact.name, "Corner shop")
        self.assertEqual(nowhen.name, "Depot")
        self.assertTrue(contact.active and contact.street)

    def test_what_is_sent_back_and_out_again_goes_too(self):
        order = self.ship(report_row(1, **BUYER))
        back = order.picking_ids.copy({"return_id": order.picking_ids.id})
        again = back.copy({"return_id": back.id, "note": BUYER["recipient_name"]})
        (back | again).state = "cancel"
        self.age(order)
        self.erase()
        self.assertFalse(order.is_contact_kept)
        self.assertEqual(self.find_traces(), set())

    def test_an_old_report_brings_nothing_back(self):
        order = self.ship(report_row(1, **BUYER))
        self.age(order)
        self.erase()
        asks = {
            "is_buyer_requested_cancellation": "true",
            "buyer_requested_cancel_reason": "Zaphodine moved",
        }
        done = self.import_rows(report_row(1, **BUYER, **asks))
        self.assertFalse(order.address_source or order.cancel_reason)
        self.erase()
        self.assertFalse(done.attachment_ids)
        self.assertEqual(self.find_traces(), set())

    def test_uploaded_reports_and_problems_go_by_their_age(self):
        done = self.import_rows(report_row(1, **BUYER), report_row(2, sku=""))
        self.erase()
        self.assertTrue(done.attachment_ids and done.problem_ids)
        self.age_imports()
        self.erase()
        self.assertFalse(done.attachment_ids or done.problem_ids)

    def age_imports(self):
        self.env.flush_all()
        for table in ("amazon_order_import", "amazon_order_import_problem"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET create_date = create_date - interval '31 days'",
                    SQL.identifier(table),
                )
            )
        self.env.invalidate_all()

    def test_what_people_wrote_and_attached_to_an_import_goes_with_its_report(self):
        done = self.import_rows(report_row(1, **BUYER))
        name = BUYER["recipient_name"]
        done.message_post(body=name, attachments=[("letter.txt", name.encode())])
        done.activity_schedule("mail.mail_activity_data_todo", note=name)
        files = self.env["ir.attachment"].search(
            [("res_model", "=", done._name), ("res_id", "=", done.id)]
        )
        self.assertEqual(len(files), 2)
        self.erase()
        self.assertFalse(done.erased_at)
        self.age_imports()
        self.erase()
        self.assertTrue(done.erased_at)
        self.assertFalse(files.exists() or done.attachment_ids)
        told = str(done.message_ids.mapped("body")) + str(
            done.activity_ids.read(["note"])
        )
        self.assertNotIn(name, told)

    def test_what_is_written_after_a_report_was_erased_early_goes_in_time(self):
        done = self.import_rows(report_row(1, **BUYER))
        done.order_ids.picking_ids.action_cancel()
        done.order_ids.with_user(self.amazon_manager).action_erase_buyer()
        self.erase()
        self.assertFalse(done.attachment_ids or done.erased_at)
        done.message_post(body=BUYER["recipient_name"])
        self.erase()
        self.assertIn("zaphodine", str(done.message_ids.mapped("body")).lower())
        self.age_imports()
        self.erase()
        self.assertTrue(done.erased_at)
        self.assertEqual(self.find_traces(), set())

    def test_an_import_that_cannot_be_erased_stops_no_other(self):
        bad, good = (self.import_rows(report_row(n, **BUYER)) for n in (1, 2))
        self.age_imports()
        erase = type(bad)._erase

        def fail(self):
            if bad in self:
                raise ValueError("Zaphodine")
            return erase(self)

        with (
            patch.object(type(bad), "_erase", fail),
            self.assertLogs(amazon_erased_record.__name__, "ERROR") as logged,
        ):
            self.erase()
        self.assertTrue(bad.attachment_ids)
        self.assertFalse(good.attachment_ids)
        self.assertNotIn("Zaphodine", "".join(logged.output))
        self.erase()
        self.assertFalse(bad.attachment_ids)

    def test_the_report_of_an_import_that_is_stuck_goes_too(self):
        for state in ("queued", "running"):
            with self.subTest(state):
                done = self.import_rows(report_row(1, **BUYER))
                done.state = state
                self.erase()
                self.assertTrue(done.attachment_ids)
                self.age_imports()
                self.erase()
                self.assertFalse(done.attachment_ids)

    def test_calls_of_carriers_go_in_a_company_without_a_shop(self):
        company = self.env["res.company"].create({"name": "No Shop"})
        hook = self.env["myparcel.hook"].create({"company_id": company.id, "body": "x"})
        self.erase()
        self.assertTrue(hook.exists())
        self.env.cr.execute(
            "UPDATE myparcel_hook SET create_date = create_date - interval '31 days'"
        )
        hook.invalidate_recordset()
        self.erase()
        self.assertFalse(hook.exists())

    # === DELETED ORDERS === #

    def hold(self, number):
        """An order without a delivery."""
        self.shop.unknown_sku_policy = "hold"
        held = self.import_orders(report_row(number, **BUYER, sku="UNKNOWN-SKU"))
        self.assertEqual(held.state, "held")
        return held

    def test_a_deleted_order_leaves_nothing_of_its_buyer(self):
        held = self.hold(1)
        drafted = self.import_orders(report_row(2, **BUYER))
        drafted.picking_ids.action_cancel()
        drafted.picking_ids.unlink()
        for order in (held, drafted):
            with self.subTest(order.name):
                self.assertFalse(order.picking_ids)
                order.message_post(body=BUYER["recipient_name"])
                contact = order.partner_id
                order.with_user(self.amazon_manager).unlink()
                self.assertFalse(order.exists())
                self.assertEqual(contact.name, "Erased buyer")
        self.assertEqual(self.find_traces(), set())
        events = self.env["amazon.audit.event"].search([("event", "=", "erased")])
        self.assertEqual(events.user_id, self.amazon_manager)
        self.assertEqual(len(events), 2)

    def test_the_report_goes_with_a_deleted_order(self):
        self.shop.unknown_sku_policy = "hold"
        done = self.import_rows(report_row(1, **BUYER, sku="UNKNOWN-SKU"))
        done.message_post(body=BUYER["recipient_name"])
        files = done.attachment_ids
        self.assertTrue(files)
        done.order_ids.with_user(self.amazon_manager).unlink()
        self.assertFalse(files.exists() or done.attachment_ids)
        self.assertEqual(self.find_traces(), set())

    def test_nobody_deletes_an_order_whose_buyer_would_stay(self):
        disputed = self.hold(1)
        disputed.write({"is_disputed": True, "dispute_reason": "Lost"})
        used = self.hold(2)
        self.use(used.partner_id)
        for order in (disputed, used):
            with (
                self.subTest(order.name),
                self.assertRaisesRegex(UserError, order.name),
                self.env.cr.savepoint(),
            ):
                order.with_user(self.amazon_manager).unlink()
            self.assertTrue(order.exists().partner_id)
            self.assertFalse(order.erased_at)

    def test_whoever_may_not_delete_an_order_erases_nobody(self):
        order = self.hold(1)
        with self.assertRaises(AccessError):
            order.with_user(self.amazon_user).unlink()
        self.assertFalse(order.erased_at)

    def test_a_batch_that_fails_is_erased_one_by_one_and_the_bad_one_waits(self):
        orders = self.ship(*(report_row(number, **BUYER) for number in range(1, 4)))
        self.age(orders)
        clear = type(orders)._clear

        def fail(self, found):
            if orders[1] in self:
                raise ValueError("Zaphodine")
            return clear(self, found)

        with (
            patch.object(type(orders), "_clear", fail),
            self.assertLogs(amazon_erased_record.__name__, "ERROR") as logged,
        ):
            self.erase()
        self.assertEqual(orders.filtered("erased_at"), orders[0] | orders[2])
        self.assertNotIn("Zaphodine", "".join(logged.output))
        self.erase()
        self.assertTrue(all(orders.mapped("erased_at")))

    def test_queries_do_not_grow_with_the_orders_of_a_batch(self):
        few = self.ship(report_row(1), report_row(2))
        many = self.ship(*(report_row(number) for number in range(10, 20)))
        self.age(few | many)
        self.env.flush_all()

        def count(orders):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._filter_expired(fields.Datetime.now())._erase()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(self.ship(report_row(30)))
        self.assertLessEqual(count(many), count(few) + 2)

    # === ON REQUEST === #

    def test_a_manager_erases_one_buyer_before_the_time(self):
        order = self.ship(report_row(1, **BUYER))
        with self.assertRaises(AccessError):
            order.with_user(self.amazon_user).action_erase_buyer()
        order.with_user(self.amazon_manager).action_erase_buyer()
        self.assertEqual(self.find_traces(), set())
        event = self.env["amazon.audit.event"].search([("event", "=", "erased")])
        self.assertEqual(event.user_id, self.amazon_manager)

    def test_open_and_disputed_orders_are_not_erased_on_request(self):
        open_order = self.import_orders(report_row(1))
        disputed = self.ship(report_row(2))
        disputed.write({"is_disputed": True, "dispute_reason": "Lost"})
        for order in (open_order, disputed):
            with self.assertRaisesRegex(UserError, order.name):
                order.with_user(self.amazon_manager).action_erase_buyer()

    def test_the_privacy_lookup_finds_a_buyer_and_erases(self):
        order = self.ship(report_row(1, **BUYER))
        order.partner_id.name = "Somebody"
        as_admin = order.with_user(self.admin)
        action = as_admin.action_privacy_lookup()
        self.assertEqual(action["context"]["default_email"], BUYER["buyer_email"])
        wizard = (
            self.env["privacy.lookup.wizard"]
            .with_user(self.admin)
            .create({"name": "Nobody Found", "email": BUYER["buyer_email"]})
        )
        wizard.action_lookup()
        line = wizard.line_ids.filtered(lambda line: line.res_model == order._name)
        self.assertEqual(line.res_id, order.id)
        line.action_erase_buyer()
        self.assertTrue(order.erased_at)
        self.assertTrue(wizard.execution_details)
        self.assertIn(str(order.id), wizard.log_id.execution_details)

    def test_the_privacy_lookup_erases_no_order_for_a_record_of_another_model(self):
        order = self.ship(report_row(1, **BUYER))
        partner_model = self.env["ir.model"]._get("res.partner")
        wizard = self.env["privacy.lookup.wizard"].with_user(self.admin)
        wizard = wizard.create({"name": "Nobody", "email": "nobody@example.com"})
        line = self.env["privacy.lookup.wizard.line"].create(
            {
                "wizard_id": wizard.id,
                "res_model_id": partner_model.id,
                "res_id": order.id,
            }
        )
        with self.assertRaises(UserError):
            line.with_user(self.admin).action_erase_buyer()
        self.assertFalse(order.erased_at)

    def test_the_dialog_counts_and_erases_nothing(self):
        order = self.ship(report_row(1, **BUYER))
        self.age(order)
        wizard = self.env["amazon.erasure.wizard"].with_user(self.amazon_manager)
        wizard = wizard.create({})
        self.assertEqual((wizard.order_count, wizard.kept_contact_count), (1, 0))
        self.assertIn("Contact: 1", wizard.summary)
        self.assertFalse(order.erased_at)
        wizard.action_erase()
        self.assertFalse(order.erased_at)


@tagged("post_install", "-at_install")
class TestBuyerData(ErasureCase):
    """A field that could hold a buyer's data has a decision, or a test fails."""

    def telling_fields(self, model_name):
        return {
            field.name
            for field in self.env[model_name]._fields.values()
            if field.store or (field.type == "binary" and not field.compute)
            if field.type in TELLING or field.comodel_name in PERSONAL_MODELS
            if field.type not in ("one2many",)
        }

    def is_ours(self, field):
        """Whether a field is of our own models, or added by us to others."""
        model = self.registry[field.model_name]
        return ADDON in (model._original_module, *field._modules)

    def our_fields(self, model_name):
        fields_of = self.env[model_name]._fields
        return {
            name
            for name in self.telling_fields(model_name)
            if self.is_ours(fields_of[name])
        }

    def decided_fields(self, model_name):
        return {
            *buyer_data.CLEARED.get(model_name, ()),
            *buyer_data.HARMLESS.get(model_name, ()),
        }

    def test_every_field_of_the_addon_is_decided(self):
        undecided = {
            name: self.our_fields(name) - self.decided_fields(name)
            for name, model in self.registry.items()
            if not (model._abstract or model._transient or name in GONE)
        }
        self.assertEqual({k: v for k, v in undecided.items() if v}, {})

    def test_every_field_of_what_holds_a_buyer_is_decided(self):
        undecided = {
            name: self.telling_fields(name) - self.decided_fields(name)
            for name in HOLDERS
        }
        self.assertEqual({k: v for k, v in undecided.items() if v}, {})

    def test_no_deletion_reads_a_table_from_end_to_end(self):
        """PostgreSQL looks for each deleted row in every column that refers to it."""
        searched = [
            str(field)
            for model in self.registry.values()
            for field in model._fields.values()
            if field.type == "many2one" and field.store and field.comodel_name in GONE
            if self.is_ours(field) and not (model._transient or field.index)
        ]
        self.assertEqual(searched, [])

    def test_the_tables_name_fields_that_exist(self):
        """But those of core models, which may be another module's."""
        ours = {name for name in self.env if name.startswith(("amazon.", "delivery."))}
        ours |= {"gls.account", "gls.customer", "gls.pickup", "stock.picking"}
        for name in ours & {*buyer_data.CLEARED, *buyer_data.HARMLESS}:
            with self.subTest(name):
                unknown = self.decided_fields(name) - set(self.env[name]._fields)
                self.assertEqual(unknown, set())
