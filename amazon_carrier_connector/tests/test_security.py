"""Who may do what, in which company, and what nobody can read back."""

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..carriers.label_sheets import SHEETS
from .common import AmazonCommon, make_report, report_row

# What each group may do: read, write, create, unlink.
STAFF = {"stock_user": "", "amazon_user": "rwc", "amazon_manager": "rwcu"}
SETTINGS = {"stock_user": "", "amazon_user": "r", "amazon_manager": "rwcu"}
# Programs begin these, when people create labels.
BEGUN = {"stock_user": "rw", "amazon_user": "rw", "amazon_manager": "rwu"}
ALLOWED = {
    "amazon.market": {**SETTINGS, "stock_user": "r"},
    "amazon.shop": {**SETTINGS, "stock_user": "r"},
    "amazon.shipping.rule": {**SETTINGS, "stock_user": "r"},
    "amazon.carrier.code": SETTINGS,
    "amazon.carrier.mapping": SETTINGS,
    "amazon.consent.wizard": {
        "stock_user": "",
        "amazon_user": "",
        "amazon_manager": "rwcu",
    },
    "amazon.confirmation.file": {
        "stock_user": "r",
        "amazon_user": "r",
        "amazon_manager": "r",
    },
    "amazon.listing": STAFF,
    "amazon.order": {**BEGUN, "stock_user": "r"},
    "amazon.order.item": {**BEGUN, "stock_user": "r"},
    **dict.fromkeys(
        (
            "amazon.order.import",
            "amazon.order.import.line",
            "amazon.order.import.problem",
        ),
        {**BEGUN, "stock_user": ""},
    ),
    **dict.fromkeys(
        (
            "amazon.order.import.wizard",
            "amazon.order.fetch.wizard",
            "amazon.shop.import.wizard",
            "amazon.shop.import.wizard.line",
            "delivery.merge",
            "delivery.merge.line",
        ),
        {**STAFF, "amazon_user": "rwcu"},
    ),
    **dict.fromkeys(
        ("amazon.shipment.confirmation", "amazon.shipment.confirmation.line"),
        {"stock_user": "r", "amazon_user": "rw", "amazon_manager": "rw"},
    ),
    "amazon.audit.event": {
        "stock_user": "",
        "amazon_user": "",
        "amazon_manager": "r",
    },
    "amazon.erasure.wizard": {
        "stock_user": "",
        "amazon_user": "",
        "amazon_manager": "rwcu",
    },
    "amazon.connector.key": {
        "stock_user": "",
        "amazon_user": "",
        "amazon_manager": "r",
    },
    "amazon.push.drain": dict.fromkeys(STAFF, "r"),
    "gls.account": {"stock_user": "", "amazon_user": "", "amazon_manager": "rwcu"},
    "gls.customer": {"stock_user": "", "amazon_user": "", "amazon_manager": "rwcu"},
    "gls.pickup": {**STAFF, "stock_user": "rwc"},
    "delivery.day.list": dict.fromkeys(STAFF, "rwcu"),
    "gls.parcel.shop.wizard": dict.fromkeys(STAFF, "rwcu"),
    "gls.parcel.shop.wizard.line": dict.fromkeys(STAFF, "rwcu"),
    "delivery.carrier.failure": {
        "stock_user": "",
        "amazon_user": "",
        "amazon_manager": "r",
    },
    "myparcel.hook": {"stock_user": "", "amazon_user": "", "amazon_manager": "r"},
    "delivery.label.print": dict.fromkeys(STAFF, "rwcu"),
    "delivery.parcel.decision": dict.fromkeys(STAFF, "rwcu"),
    "amazon.shop.feed": dict.fromkeys(STAFF, "r"),
    "delivery.parcel": BEGUN,
    "delivery.parcel.concept": {
        "stock_user": "",
        "amazon_user": "",
        "amazon_manager": "r",
    },
    "delivery.parcel.return": dict.fromkeys(STAFF, "rw"),
    "delivery.parcel.report": {
        "stock_user": "",
        "amazon_user": "r",
        "amazon_manager": "r",
    },
    "delivery.label.run": BEGUN,
}
# What people write of records that programs fill in; the rest only programs write.
WRITTEN = {
    "amazon.audit.event": set(),
    "amazon.order": {
        *("dispute_reason", "is_disputed", "recipient_additional", "recipient_box"),
        *("recipient_company", "recipient_number", "recipient_phone"),
        *("recipient_street_name", "recipient_suffix"),
    },
    "amazon.order.import": set(),
    "amazon.order.import.line": set(),
    "amazon.order.import.problem": set(),
    "amazon.order.item": set(),
    "amazon.shipment.confirmation": {"carrier_id"},
    "amazon.shipment.confirmation.line": set(),
    "delivery.label.run": {
        "labels_per_sheet",
        "layout",
        "parcel_ids",
        "start_position",
        "validate_after",
    },
    "delivery.parcel": {"weight_kg"},
    "delivery.parcel.return": set(),
    "gls.pickup": {
        *("address_id", "carrier_id", "company_id", "delivery_address_id"),
        *("order_refs", "parcel_count", "pickup_date", "weight_kg"),
    },
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


class SecurityCase(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_other_company()

    def _own_models(self):
        return {
            name
            for name, model in self.registry.items()
            if model._original_module == "amazon_carrier_connector"
            and not model._abstract
        }

    def _create_one_of_each(self):
        """One record of every model that belongs to a company, in the main company."""
        self.import_rows(report_row(1), report_row(2, sku=""))
        self.import_rows(report_row(3))
        self.order = self.find_order(1)
        delivery = self.order.picking_ids
        run = delivery.action_create_labels()
        run = self.env["delivery.label.run"].browse(run["res_id"])
        confirmation = self.create_confirmation(self.order, 1)
        listing = self.env["amazon.listing"].create(
            {"shop_id": self.shop.id, "sku": "A", "product_id": self.mug.id}
        )
        rule = self.env["amazon.shipping.rule"].create({"name": "Rule"})
        own_carrier = self.carrier.copy({"company_id": self.company.id})
        account = self.env["gls.account"].create(
            {
                "company_id": self.company.id,
                "username": "gls@example.com",
                "customer_ids": [Command.create({"number": "12345678"})],
            }
        )
        pickup = self.env["gls.pickup"].create(
            {"delivery_address_id": self.order.partner_id.id}
        )
        file = self.env["amazon.confirmation.file"].create(
            {"shop_id": self.shop.id, "filename": "file.txt", "file": b"Zm9v"}
        )
        hook = self.env["myparcel.hook"].create(
            {"company_id": self.company.id, "body": "{}"}
        )
        failure = self.env["delivery.carrier.failure"].create(
            {
                "company_id": self.company.id,
                "carrier_id": own_carrier.id,
                "reason": "Down",
            }
        )
        key = self.env["amazon.connector.key"].search([("shop_id", "=", self.shop.id)])
        self.shop._store_consent(False)
        event = self.env["amazon.audit.event"].search(
            [("res_model", "=", "amazon.shop")]
        )
        concept = self.env["delivery.parcel.concept"].create(
            {
                "company_id": self.company.id,
                "carrier_id": own_carrier.id,
                "reference": "402-0000001-0000001-a1b2c3d4",
            }
        )
        parcel_return = self.env["delivery.parcel.return"].create(
            {"parcel_id": run.parcel_ids[:1].id}
        )
        # Shipped by a carrier of which nobody asks labels here.
        shipped = self.find_order(3).picking_ids
        shipped.write({"state": "done", "carrier_tracking_ref": "3STYPED"})
        records = (
            *(concept, parcel_return, event),
            self.env["delivery.parcel.report"].search(
                [("picking_id", "=", shipped.id)]
            ),
            *(key, self.shop, self.order, self.order.item_ids, self.order.import_id),
            *(self.order.import_id.problem_ids, self.order.import_id.line_ids),
            *(run, run.parcel_ids, confirmation),
            *(confirmation.line_ids, listing, rule),
            *(own_carrier.amazon_mapping_ids, file),
            *(self.shop.push_drain_ids, self.shop.feed_ids),
            *(account, account.customer_ids, hook, pickup, failure),
        )
        return {record._name: record for record in records}


@tagged("post_install", "-at_install")
class TestGroups(SecurityCase):
    def test_every_group_opens_the_form_of_a_delivery(self):
        delivery = self._create_one_of_each()["amazon.order"].picking_ids
        for user in (self.stock_user, self.amazon_user, self.amazon_manager):
            with self.subTest(user=user.login):
                form = Form(delivery.with_user(user))
                self.assertEqual(form.origin, delivery.origin)

    def test_salespeople_work_with_the_deliveries_of_their_sales(self):
        """They are no warehouse staff, and have nothing to do with Amazon."""
        seller = new_test_user(self.env, "seller", "sales_team.group_sale_salesman")
        customer = self.env["res.partner"].create({"name": "Customer"})
        line = {"product_id": self.mug.id, "product_uom_qty": 1}
        sales = self.env["sale.order"].with_user(seller)
        sale = sales.create(
            {
                "partner_id": customer.id,
                "carrier_id": self.carrier.id,
                "order_line": [Command.create(line)],
            }
        )
        sale.action_confirm()
        form = Form(sale.picking_ids)
        self.assertEqual((form.origin, form.label_state), (sale.name, "to_label"))
        sale.order_line.product_uom_qty = 2
        self.assertEqual(sale.picking_ids.move_ids.product_uom_qty, 2)
        sale.action_cancel()
        self.assertEqual(sale.picking_ids.state, "cancel")
        # All deliveries are theirs to see.
        amazons = self._create_one_of_each()["amazon.order"].picking_ids
        self.assertEqual(Form(amazons.with_user(seller)).origin, amazons.origin)

    def test_a_manager_opens_a_delivery_method(self):
        form = Form(self.shop.carrier_id.with_user(self.amazon_manager))
        self.assertEqual(form.name, self.shop.carrier_id.name)

    def test_every_model_of_the_addon_is_in_the_table(self):
        self.assertEqual(self._own_models(), set(ALLOWED))

    def test_each_group_may_do_what_the_table_says_and_no_more(self):
        for model, groups in ALLOWED.items():
            for login, letters in groups.items():
                records = self.env[model].with_user(getattr(self, login))
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, group=login, operation=operation):
                        self.assertEqual(
                            records.has_access(operation), letter in letters
                        )

    def test_what_a_person_types_in_a_dialog_is_for_nobody_else(self):
        dialogs = [name for name in ALLOWED if self.env[name]._transient]
        self.assertIn("delivery.parcel.decision", dialogs)
        rules = self.env["ir.rule"].with_user(self.amazon_user)
        for model in dialogs:
            with self.subTest(model):
                self.assertEqual(
                    list(rules._compute_domain(model)),
                    [("create_uid", "in", [self.amazon_user.id])],
                )

    def test_other_employees_customers_and_visitors_may_do_nothing(self):
        outsiders = (
            self.employee,
            new_test_user(self.env, "portal_user", "base.group_portal"),
            self.env.ref("base.public_user"),
        )
        for user in outsiders:
            for model in ALLOWED:
                for operation in OPERATIONS.values():
                    with self.subTest(user=user.login, model=model, op=operation):
                        self.assertFalse(
                            self.env[model].with_user(user).has_access(operation)
                        )

    def test_a_manager_is_a_user_is_a_stock_user(self):
        manager, user = self.amazon_manager, self.amazon_user
        self.assertTrue(manager.has_group("amazon_carrier_connector.group_amazon_user"))
        self.assertTrue(user.has_group("stock.group_stock_user"))
        self.assertFalse(
            user.has_group("amazon_carrier_connector.group_amazon_manager")
        )
        self.assertFalse(user.has_group("stock.group_stock_manager"))

    def test_warehouse_staff_cannot_change_a_shop(self):
        with self.assertRaises(AccessError):
            self.shop.with_user(self.amazon_user).write({"push_tracking": False})
        with self.assertRaises(AccessError):
            self.shop.with_user(self.amazon_user).action_disconnect()

    def _get_written_fields(self, model, user):
        records = self.env[model].with_user(user)
        return {
            name
            for name, field in records._fields.items()
            if field.store and records._has_field_access(field, "write")
        }

    def test_of_guarded_records_people_write_what_the_table_says(self):
        guarded = {
            name
            for name in self._own_models()
            if hasattr(self.env[name], "_written_by_people")
        }
        self.assertEqual(guarded, set(WRITTEN))
        for model, names in WRITTEN.items():
            for user in (self.stock_user, self.amazon_user, self.amazon_manager):
                with self.subTest(model=model, user=user.login):
                    # Buyers' data is hidden from others.
                    mine = (
                        names
                        if user != self.stock_user
                        else {
                            name
                            for name in names
                            if not self.env[model]._fields[name].groups
                        }
                    )
                    self.assertEqual(self._get_written_fields(model, user), mine)

    def test_people_fill_in_no_parcel_by_any_way_round(self):
        records = self._create_one_of_each()
        run = records["delivery.label.run"]
        foreign = self.env["ir.attachment"].create({"name": "Contract", "raw": b"x"})
        returned = records["delivery.parcel.return"]
        begun = [Command.create({"picking_id": run.picking_ids.id})]
        forged = [Command.update(run.parcel_ids.id, {"tracking_number": "3SFORGED"})]
        for user in (self.stock_user, self.amazon_user, self.amazon_manager):
            mine = run.with_user(user)
            parcel, back = mine.parcel_ids, returned.with_user(user)
            ways = {
                "write": lambda p=parcel: p.write({"state": "labelled"}),
                "save": lambda p=parcel: p.web_save({"label_attachment_id": False}, {}),
                "copy": lambda p=parcel: p.copy(),
                "new": lambda p=parcel: p.create({"picking_id": p.picking_id.id}),
                "run": lambda r=mine: r.write({"parcel_ids": forged}),
                "new in run": lambda r=mine: r.write({"parcel_ids": begun}),
                "other run": lambda r=mine: r.write({"parcel_ids": [Command.clear()]}),
                "document": lambda r=mine: r.write({"attachment_id": foreign.id}),
                "delivery": lambda p=parcel: p.picking_id.write({"parcel_ids": forged}),
                "return": lambda b=back: b.write({"remote_ref": "1"}),
                "new return": lambda b=back: b.create({"parcel_id": b.parcel_id.id}),
            }
            self.assert_all_refused(user, ways)
            loaded = parcel.load([".id", "state"], [[str(parcel.id), "cancelled"]])
            self.assertIn("enough rights", loaded["messages"][0]["message"])

    def _set_defaults(self, user, model, **values):
        """Have a value of the user's own for what he does not fill in."""
        defaults = self.env["ir.default"].with_user(user)
        for name, value in values.items():
            defaults.set(model, name, value, user_id=True)

    def test_people_fill_in_no_parcel_by_defaults_of_their_own(self):
        delivery = self._create_one_of_each()["amazon.order"].picking_ids
        foreign = self.env["ir.attachment"].create({"name": "Contract", "raw": b"x"})
        for user in (self.stock_user, self.amazon_user, self.amazon_manager):
            self._set_defaults(
                *(user, "delivery.parcel"),
                state="labelled",
                tracking_number="3SFORGED",
                label_attachment_id=foreign.id,
            )
            self._set_defaults(
                *(user, "delivery.label.run"),
                attachment_id=foreign.id,
                validate_after=True,
            )
            begun = delivery.with_user(user).action_create_labels()
            run = self.env["delivery.label.run"].browse(begun["res_id"])
            parcel = run.parcel_ids
            self.assertEqual(parcel.state, "draft")
            self.assertFalse(parcel.tracking_number or parcel.label_attachment_id)
            self.assertFalse(run.attachment_id)
            # What people may choose, they may have a default for.
            own = self.env["ir.default"].with_user(user)
            self.assertEqual(
                own._get_model_defaults("delivery.label.run"), {"validate_after": True}
            )

    def test_no_label_is_public_by_a_default_of_somebodys_own(self):
        """A visitor who counts up ids would read the addresses."""
        records = self._create_one_of_each()
        for user in (self.stock_user, self.amazon_manager):
            self._set_defaults(user, "ir.attachment", public=True, access_token="x")
            parcel, returned, run = (
                records[name].with_user(user)[:1]
                for name in (
                    *("delivery.parcel", "delivery.parcel.return"),
                    "delivery.label.run",
                )
            )
            files = (
                parcel._attach_labels([(b"%PDF", "3SLABEL", "pdf")])
                | returned._attach("3SRETURN", b"%PDF", "pdf")
                | run._attach_document(b"%PDF")
            )
            self.assertEqual(len(files), 3)
            self.assertFalse(any(files.mapped("public")))
            self.assertFalse(any(files.mapped("access_token")))

    def test_no_market_leads_to_a_foreign_seller_central(self):
        markets = self.env["amazon.market"].with_user(self.amazon_manager)
        for market in markets.search([]):
            market.seller_central_host = market.seller_central_host
        for host in (
            *("shop.example", "sellercentral.amazon.nl.shop.example"),
            *("sellercentral.amazon.nl/x", "sellercentral.amazon.nl@shop.example"),
            *("xsellercentral.amazon.nl", "sellercentral.amazon.nl\n"),
        ):
            with (
                self.subTest(host),
                self.assertRaisesRegex(ValidationError, "sellercentral"),
                self.env.cr.savepoint(),
            ):
                self.market_nl.with_user(self.amazon_manager).seller_central_host = host
                self.env.flush_all()

    def test_people_do_in_nobody_elses_name_by_defaults_of_their_own(self):
        self._set_defaults(
            *(self.amazon_user, "amazon.audit.event"),
            user_id=self.amazon_manager.id,
            note="Forged",
        )
        order = self._create_one_of_each()["amazon.order"]
        events = self.env["amazon.audit.event"]
        events._log("printed", order.with_user(self.amazon_user))
        event = events.search([("event", "=", "printed")])
        self.assertEqual(event.user_id, self.amazon_user)
        self.assertFalse(event.note)

    def test_people_fill_in_no_import_by_any_way_round(self):
        done = self._create_one_of_each()["amazon.order.import"]
        market = {"market_id": self.market_nl.id}
        forged = [Command.update(done.line_ids.id, {"name": "Forged"})]
        told = [Command.create({"reason": "Forged"})]
        listed = {"import_id": done.id, "name": "Forged", "status": "known"}
        for user in (self.amazon_user, self.amazon_manager):
            mine = done.with_user(user)
            line, problem = mine.line_ids, mine.problem_ids
            ways = {
                "write": lambda i=mine: i.write({"state": "checked"}),
                "save": lambda i=mine: i.web_save({"done_count": 0}, {}),
                "copy": lambda i=mine: i.copy(),
                "new": lambda i=mine: i.create({"shop_id": i.shop_id.id, **market}),
                "shop": lambda i=mine: i.shop_id.write(
                    {"import_ids": [Command.update(i.id, {"new_count": 9})]}
                ),
                "lines": lambda i=mine: i.write({"line_ids": forged}),
                "problems": lambda i=mine: i.write({"problem_ids": told}),
                "line": lambda r=line: r.write({"status": "known"}),
                "new line": lambda r=line: r.create(listed),
                "problem": lambda p=problem: p.write({"is_left_out": False}),
                "new problem": lambda p=problem: p.copy(),
            }
            self.assert_all_refused(user, ways)
            loaded = mine.load([".id", "state"], [[str(mine.id), "checked"]])
            self.assertIn("enough rights", loaded["messages"][0]["message"])

    def test_warehouse_staff_weigh_parcels_and_choose_the_paper(self):
        run = self._create_one_of_each()["delivery.label.run"]
        run.with_user(self.stock_user).web_save(
            {
                "layout": SHEETS,
                "labels_per_sheet": "2",
                "validate_after": False,
                "parcel_ids": [Command.update(run.parcel_ids.id, {"weight_kg": 2.5})],
            },
            {},
        )
        self.assertEqual((run.layout, run.parcel_ids.weight_kg), (SHEETS, 2.5))

    def test_warehouse_staff_begin_parcels_of_their_company_only(self):
        delivery = self._create_one_of_each()["amazon.order"].picking_ids
        begun = delivery.with_user(self.stock_user).action_create_labels()
        self.assertTrue(self.env["delivery.label.run"].browse(begun["res_id"]))
        with self.assertRaises(AccessError):
            delivery.with_user(self.other_manager).action_create_labels()

    def test_a_stock_user_cannot_upload_or_import(self):
        checked = self.check_report(make_report(report_row(1)))
        with self.assertRaises(AccessError):
            checked.with_user(self.stock_user).action_import()
        with self.assertRaises(AccessError):
            self.check_report(make_report(report_row(2)), user=self.stock_user)


@tagged("post_install", "-at_install")
class TestCompanies(SecurityCase):
    def test_every_model_with_a_company_is_tried(self):
        with_company = {
            name
            for name in self._own_models()
            if "company_id" in self.env[name]._fields
        }
        self.assertEqual(set(self._create_one_of_each()), with_company)

    def test_a_user_of_another_company_finds_and_reads_nothing(self):
        for model, record in self._create_one_of_each().items():
            theirs = record.with_user(self.other_manager)
            with self.subTest(model):
                self.assertNotIn(record.id, theirs.search([]).ids)
                for operation in ("read", "write", "unlink"):
                    self.assertFalse(theirs.has_access(operation))
                with self.assertRaises(AccessError):
                    theirs.read(["display_name"])

    def test_a_user_of_both_companies_sees_those_that_are_switched_on(self):
        self.amazon_manager.company_ids |= self.other_company
        for model, record in self._create_one_of_each().items():
            for companies, found in (
                (self.company | self.other_company, True),
                (self.company, True),
                (self.other_company, False),
            ):
                with self.subTest(model=model, companies=companies.mapped("name")):
                    records = (
                        record.with_user(self.amazon_manager)
                        .with_context(allowed_company_ids=companies.ids)
                        .search([])
                    )
                    self.assertEqual(record in records, found)

    def test_carrier_codes_without_a_company_are_everybodys(self):
        mapping = self.carrier.amazon_mapping_ids
        self.assertTrue(mapping.with_user(self.other_manager).has_access("read"))

    def test_the_buyers_address_is_only_the_shops_companys(self):
        self._create_one_of_each()
        contact = self.order.partner_id
        self.assertTrue(contact.with_user(self.amazon_user).has_access("read"))
        self.assertFalse(contact.with_user(self.other_manager).has_access("read"))

    def test_deliveries_are_not_found_through_another_companys_order(self):
        self._create_one_of_each()
        deliveries = self.env["stock.picking"].with_user(self.other_manager)
        self.assertFalse(deliveries.search([("amazon_shop_id", "!=", False)]))
        self.assertFalse(
            deliveries.search([("amazon_order_ids", "ilike", self.order.name)])
        )

    def test_a_shop_of_another_company_takes_no_report(self):
        with self.assertRaises(AccessError):
            self.check_report(make_report(report_row(1)), shop=self.other_shop)


@tagged("post_install", "-at_install")
class TestBuyersData(SecurityCase):
    def test_contacts_of_buyers_are_for_those_who_ship_to_them(self):
        """Contacts are for every employee, and a filter shows the archived ones."""
        self.import_rows(report_row(1))
        buyer = self.find_order(1).partner_id
        former = buyer.create({"name": buyer.name, "active": False})
        clerk = new_test_user(self.env, "clerk", "base.group_partner_manager")
        seen = [("name", "=", buyer.name), ("active", "=", False)]
        for user in (self.employee, clerk):
            mine = buyer.with_user(user)
            self.assertEqual(mine.search(seen), former)
            self.assertFalse(mine._read_group([*seen, ("id", "=", buyer.id)], ["zip"]))
            ways = {
                "read": lambda c=mine: c.read(["street"]),
                "page": lambda c=mine: c.web_read({"name": {}}),
                "write": lambda c=mine: c.write({"comment": "x"}),
                "unarchive": lambda c=mine: c.action_unarchive(),
                "copy": lambda c=mine: c.copy(),
            }
            self.assert_all_refused(user, ways)
        for user in (self.stock_user, self.amazon_user, self.admin):
            self.assertEqual(buyer.with_user(user).search(seen), buyer | former)

    def test_who_may_not_see_a_buyer_is_not_told_the_name_either(self):
        """In debug mode core says what it is that one may not see."""
        self.import_rows(report_row(1))
        buyer = self.find_order(1).partner_id
        for user in (self.employee, self.other_manager):
            for names in ("name", "street"):
                asked = buyer.with_user(user).with_context(show_address=True)
                with self.debug_mode(), self.assertRaises(AccessError) as refused:
                    asked.read([names])
                told = str(refused.exception)
                self.assertIn(f"(res.partner: {buyer.id}", told)
                self.assertIn("Blame", told)
                for value in (buyer.name, buyer.street, buyer.city):
                    self.assertNotIn(value, told)

    def test_phone_email_and_reason_are_for_amazon_users(self):
        self.import_rows(report_row(1))
        order = self.find_order(1)
        names = (
            "recipient_phone",
            "recipient_email",
            "cancel_reason",
        )
        order.with_user(self.amazon_user).read(names)
        for name in names:
            with self.subTest(name):
                self.assertNotIn(name, order.with_user(self.stock_user).fields_get())
                with self.assertRaises(AccessError):
                    order.with_user(self.stock_user).read([name])
                with self.assertRaises(AccessError):
                    order.with_user(self.stock_user).search([(name, "=", "x")])

    def test_the_uploaded_report_is_for_amazon_users_of_its_company(self):
        done = self.import_rows(report_row(1))
        stored = done.attachment_ids
        self.assertEqual((stored.res_model, stored.res_id), (done._name, done.id))
        self.assertFalse(stored.public or stored.access_token)
        self.assertTrue(stored.with_user(self.amazon_user).raw)
        for user in (self.stock_user, self.employee, self.other_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                stored.with_user(user).read(["raw"])

    def test_a_label_is_for_the_warehouse_of_its_company(self):
        self.import_rows(report_row(1))
        delivery = self.find_order(1).picking_ids
        delivery.action_create_labels()
        label = self.env["ir.attachment"].create(
            {
                "name": "label.pdf",
                "raw": b"%PDF-1.4",
                "mimetype": "application/pdf",
                "res_model": "delivery.parcel",
                "res_id": delivery.parcel_ids.id,
            }
        )
        self.assertTrue(label.with_user(self.stock_user).raw)
        outsiders = (
            *(self.employee, self.other_manager, self.env.ref("base.public_user")),
            new_test_user(self.env, "portal_user", "base.group_portal"),
        )
        for user in outsiders:
            with self.subTest(user.login), self.assertRaises(AccessError):
                label.with_user(user).read(["raw"])

    def test_nobody_puts_a_file_of_others_into_an_import(self):
        done = self.import_rows(report_row(1))
        foreign = self.env["ir.attachment"].create({"name": "Contract", "raw": b"x"})
        files = [Command.link(foreign.id)]
        values = {"shop_id": self.shop.id, "market_id": self.market_nl.id}
        for user in (self.amazon_user, self.amazon_manager):
            mine = done.with_user(user)
            wizard = self.env["amazon.order.import.wizard"].with_user(user)
            ways = {
                "write": lambda i=mine: i.write({"attachment_ids": files}),
                "create": lambda i=mine: i.create({**values, "attachment_ids": files}),
                "dialog": lambda w=wizard: w.create(
                    {**values, "attachment_ids": files}
                ).action_check(),
            }
            self.assert_all_refused(user, ways)

    def test_nothing_of_the_buyer_is_written_in_the_messages(self):
        done = self.import_rows(report_row(1), report_row(2, ship_country="XYZ"))
        order = self.find_order(1)
        written = " ".join(
            [
                *done.message_ids.mapped("body"),
                *order.picking_ids.message_ids.mapped("body"),
                *order.partner_id.message_ids.mapped("body"),
                *done.problem_ids.mapped("reason"),
            ]
        )
        for value in ("Recipient", "Voorbeeldstraat", "a1b2c3d4", "31600000001"):
            self.assertNotIn(value, written)
