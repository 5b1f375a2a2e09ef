"""The order, its contact, its delivery and its state."""

from itertools import product

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AmazonCommon, make_report, order_ref, report_row


@tagged("post_install", "-at_install")
class TestContact(AmazonCommon):
    def _contact_of(self, number):
        return self.find_order(number).partner_id

    def test_the_contact_has_name_and_address_and_nothing_to_reach_the_buyer_by(self):
        self.import_rows(report_row(1))
        contact = self._contact_of(1)
        self.assertEqual(contact.name, "Recipient Example")
        self.assertEqual(contact.street, "Voorbeeldstraat 12 a")
        self.assertEqual(contact.zip, "3500 AA")
        self.assertEqual(contact.city, "Utrecht")
        self.assertEqual(contact.country_id.code, "NL")
        self.assertFalse(contact.phone or contact.email)
        self.assertEqual(contact.type, "delivery")
        self.assertEqual(contact.company_id, self.company)
        self.assertFalse(contact.parent_id)

    def test_staff_correct_the_address_on_the_order(self):
        self.import_rows(report_row(1, ship_address_1="Dorpsstraat"))
        order = self.find_order(1).with_user(self.amazon_user)
        order.write({"recipient_street": "Dorpsstraat 7", "recipient_zip": "3511 AB"})
        contact = order.picking_ids.partner_id
        self.assertEqual(contact.street, "Dorpsstraat 7")
        self.assertEqual(contact.zip, "3511 AB")
        self.assertEqual(contact.name, "Recipient Example")
        self.assertEqual(order.recipient_street, "Dorpsstraat 7")

    def test_buyers_are_in_no_list_of_contacts(self):
        self.import_rows(report_row(1, recipient_name="Zaphod Uniquename"))
        contacts = self.env["res.partner"].with_user(self.amazon_user)
        self.assertFalse(contacts.search([("name", "ilike", "Uniquename")]))
        self.assertFalse(contacts.name_search("Uniquename"))

    def test_the_delivery_is_found_by_the_buyers_name(self):
        self.import_rows(report_row(1, recipient_name="Zaphod Uniquename"))
        found = self.env["stock.picking"].search([("partner_id", "ilike", "uniquena")])
        self.assertEqual(found, self.find_order(1).picking_ids)

    def test_every_part_of_every_address_is_on_the_contact(self):
        parts = {
            "ship_address_1": ("", "Kasteelstraat 1 bus 200A", "c/o Müller, O'Neil"),
            "ship_address_2": ("", "Postnummer 123456", 'Haus "B", 3. OG'),
            "ship_address_3": ("", "Étage 4; Tür <7>", "x" * 2000),
        }
        addresses = list(product(*parts.values()))
        self.import_rows(
            *(
                report_row(number, **dict(zip(parts, lines, strict=True)))
                for number, lines in enumerate(addresses, start=1)
            )
        )
        for number, lines in enumerate(addresses, start=1):
            contact = self._contact_of(number)
            written = f"{contact.street or ''} {contact.street2 or ''}"
            for line in filter(None, lines):
                with self.subTest(lines=lines):
                    self.assertIn(line, written)

    def test_the_first_line_that_is_filled_is_the_street(self):
        self.import_rows(report_row(1, ship_address_1="", ship_address_2="Main St 5"))
        self.assertEqual(self._contact_of(1).street, "Main St 5")
        self.assertFalse(self._contact_of(1).street2)

    def test_names_are_taken_to_the_letter(self):
        names = ("Sjoerd O'Neil", '"Anna" <b>Bø</b> & Söhne', "%s {0} \\n", "李 小龍")
        self.import_rows(
            *(
                report_row(number, recipient_name=name)
                for number, name in enumerate(names, start=1)
            )
        )
        for number, name in enumerate(names, start=1):
            self.assertEqual(self._contact_of(number).name, name)

    def test_a_missing_recipient_is_the_buyer_else_the_order(self):
        self.import_rows(
            report_row(1, recipient_name="", buyer_name="Buyer"),
            report_row(2, recipient_name="", buyer_name=""),
        )
        self.assertEqual(self._contact_of(1).name, "Buyer")
        self.assertEqual(self._contact_of(2).name, order_ref(2))

    def test_an_unknown_country_keeps_no_order_from_being_imported(self):
        done = self.import_rows(report_row(1, ship_country="ZZ"), report_row(2))
        self.assertEqual(done.created_count, 2)
        self.assertFalse(self._contact_of(1).country_id)

    def test_uk_is_the_united_kingdom(self):
        self.import_rows(report_row(1, ship_country="uk"))
        self.assertEqual(self._contact_of(1).country_id.code, "GB")

    def test_two_orders_of_one_buyer_have_a_contact_each(self):
        self.import_rows(report_row(1), report_row(2))
        self.assertNotEqual(self._contact_of(1), self._contact_of(2))


@tagged("post_install", "-at_install")
class TestLongTexts(AmazonCommon):
    def test_very_long_texts_are_imported_whole(self):
        texts = {
            "recipient_name": "N" * 3000,
            "ship_city": "C" * 3000,
            "product_name": "Blauw 'teapot' <i>&</i> " + "ä" * 4000,
            "ship_service_level": "L" * 300,
        }
        self.import_rows(report_row(1, **texts))
        order = self.find_order(1)
        self.assertEqual(order.partner_id.name, texts["recipient_name"])
        self.assertEqual(order.partner_id.city, texts["ship_city"])
        self.assertEqual(order.item_ids.title, texts["product_name"])
        move = order.picking_ids.move_ids
        self.assertIn(texts["product_name"], move.description_picking)

    def test_an_order_that_the_database_cannot_hold_stops_no_others(self):
        long_sku = "".join(chr(0x4E00 + number) for number in range(4000))
        rows = [report_row(1), report_row(2, sku=long_sku), report_row(3)]
        # The database refuses such a SKU in its index, and Odoo logs that.
        with self.assertLogs("odoo.sql_db"):
            done = self.import_rows(*rows)
        self.assertEqual(done.created_count, 2)
        self.assertEqual(done.problem_ids.order_ref, order_ref(2))

    def test_control_characters_stop_no_other_order(self):
        done = self.import_rows(
            report_row(1),
            report_row(2, product_name="Tea\x00pot", recipient_name="A\x01B"),
            report_row(3),
        )
        self.assertTrue(self.find_order(1) and self.find_order(3))
        self.assertEqual(done.created_count + len(done.problem_ids), 3)

    def test_absurd_dates_stop_no_other_order(self):
        done = self.import_rows(
            report_row(1, promise_date="9999-12-31T23:59:59+00:00"),
            report_row(2, promise_date="0001-01-01T00:00:00+00:00"),
            report_row(3),
        )
        self.assertEqual(done.state, "done")
        self.assertTrue(self.find_order(3))
        self.assertEqual(done.created_count + len(done.problem_ids), 3)

    def test_a_huge_quantity_is_imported(self):
        self.import_rows(report_row(1, quantity_to_ship="999999"))
        move = self.find_order(1).picking_ids.move_ids
        self.assertEqual(move.product_uom_qty, 999999)


@tagged("post_install", "-at_install")
class TestOrderState(AmazonCommon):
    def _import_order(self, *rows):
        self.import_rows(*(rows or [report_row(1)]))
        return self.find_order(1)

    def _ship(self, delivery):
        delivery.carrier_id = False
        delivery.button_validate()

    def test_an_imported_order_is_to_ship(self):
        self.assertEqual(self._import_order().state, "to_ship")

    def test_an_order_is_shipped_when_its_delivery_is_done(self):
        order = self._import_order()
        self._ship(order.picking_ids)
        self.assertEqual(order.state, "shipped")

    def test_an_order_is_cancelled_when_its_delivery_is(self):
        order = self._import_order()
        order.picking_ids.action_cancel()
        self.assertEqual(order.state, "cancelled")

    def test_an_order_with_a_backorder_is_still_to_ship(self):
        order = self._import_order(report_row(1, quantity_to_ship="3"))
        delivery = order.picking_ids
        delivery.carrier_id = False
        delivery.action_confirm()
        delivery.move_ids.quantity = 1
        delivery.move_ids.picked = True
        delivery.with_context(skip_backorder=True).button_validate()
        self.assertEqual(len(order.picking_ids), 2)
        self.assertEqual(order.state, "to_ship")
        self._ship(order.picking_ids - delivery)
        self.assertEqual(order.state, "shipped")

    def test_the_orders_delivery_is_opened(self):
        order = self._import_order()
        action = order.with_user(self.amazon_user).action_view_pickings()
        self.assertEqual(action["res_model"], "stock.picking")
        self.assertEqual(action["res_id"], order.picking_ids.id)

    def test_an_order_with_deliveries_cannot_be_deleted(self):
        order = self._import_order()
        with (
            self.assertLogs("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            order.unlink()
        self.assertTrue(order.exists())


@tagged("post_install", "-at_install")
class TestDeliverySearch(AmazonCommon):
    """What the lists and filters of deliveries find."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = cls.env["stock.picking"].create(
            {"picking_type_id": cls.warehouse.out_type_id.id}
        )

    def setUp(self):
        super().setUp()
        self.import_rows(
            report_row(1, is_buyer_requested_cancellation="true"), report_row(2)
        )
        self.first = self.find_order(1).picking_ids
        self.second = self.find_order(2).picking_ids
        self.all = self.first | self.second | self.plain

    def _search(self, *domain):
        return self.env["stock.picking"].search([("id", "in", self.all.ids), *domain])

    def test_deliveries_are_found_by_order_id(self):
        self.assertEqual(
            self._search(("amazon_order_ids", "ilike", order_ref(2))), self.second
        )

    def test_deliveries_are_found_by_shop(self):
        self.assertEqual(
            self._search(("amazon_shop_id", "=", self.shop.id)),
            self.first | self.second,
        )
        self.assertEqual(
            self._search(("amazon_shop_id", "!=", False)), self.first | self.second
        )

    def test_deliveries_that_are_not_amazons_are_found_as_well(self):
        for domain in (
            ("amazon_order_ids", "=", False),
            ("amazon_shop_id", "=", False),
            ("amazon_shop_id", "!=", self.shop.id),
        ):
            with self.subTest(domain):
                self.assertEqual(self._search(domain), self.plain)

    def test_cancel_requests_are_found_until_they_are_released(self):
        wanted = ("amazon_cancel_requested", "=", True)
        self.assertEqual(self._search(wanted), self.first)
        self.assertEqual(
            self._search(("amazon_cancel_requested", "=", False)),
            self.second | self.plain,
        )
        self.find_order(1).with_user(self.amazon_user).action_release_cancellation()
        self.assertFalse(self._search(wanted))
        self.assertFalse(self.first.amazon_cancel_requested)

    def test_the_label_state_that_is_shown_is_the_one_that_is_found(self):
        self.second.carrier_tracking_ref = "3STEST"
        for state in ("to_label", "labelled", "refused", "unclear", "requested", False):
            with self.subTest(state):
                self.assertEqual(
                    self._search(("label_state", "=", state)),
                    self.all.filtered(lambda p, s=state: p.label_state == s),
                )
        self.assertEqual(self.first.label_state, "to_label")
        self.assertFalse(self.second.label_state)

    def test_a_delivery_shows_shop_market_and_order(self):
        delivery = self.first.with_user(self.stock_user)
        self.assertEqual(delivery.amazon_shop_id, self.shop)
        self.assertEqual(delivery.amazon_market_id, self.market_nl)
        self.assertEqual(delivery.amazon_order_ids, self.find_order(1))

    def test_the_shop_counts_what_is_to_label(self):
        self.assertEqual(self.shop.delivery_to_label_count, 2)
        self.assertEqual(self.shop.order_count, 2)
        self.second.action_cancel()
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.delivery_to_label_count, 1)


@tagged("post_install", "-at_install")
class TestShop(AmazonCommon):
    def test_a_shop_is_called_after_its_seller(self):
        shop = self._create_shop(self.company, "A7SELLER")
        self.assertEqual(shop.name, "Amazon A7SELLER")

    def test_a_name_that_was_given_is_kept(self):
        shop = self._create_shop(self.company, "A7SELLER", name="Mugs")
        shop.selling_partner_id = "A8SELLER"
        self.assertEqual(shop.name, "Mugs")

    def test_a_shop_ships_from_a_warehouse_of_its_company(self):
        self._create_other_company()
        self.assertEqual(self.shop.warehouse_id.company_id, self.company)
        self.assertEqual(self.other_shop.warehouse_id.company_id, self.other_company)

    def test_a_shop_cannot_ship_from_anothers_warehouse(self):
        self._create_other_company()
        with self.assertRaises(UserError):
            self.shop.warehouse_id = self.other_shop.warehouse_id

    def test_the_refresh_token_connects_the_shop_and_disconnecting_forgets_it(self):
        shop = self.shop.with_user(self.amazon_manager)
        self.assertEqual(shop.state, "draft")
        shop.refresh_token_entry = " Atzr|secret "
        self.assertEqual(shop.state, "connected")
        shop.action_disconnect()
        self.assertEqual(shop.state, "draft")
        self.assertFalse(self.shop.sudo().refresh_token)

    def test_saving_the_shop_again_keeps_the_token(self):
        shop = self.shop.with_user(self.amazon_manager)
        shop.refresh_token_entry = "Atzr|secret"
        shop.write({"name": "Other", "refresh_token_entry": False})
        self.assertEqual(shop.state, "connected")

    def test_an_unconnected_shop_names_all_that_is_missing(self):
        with self.assertRaises(UserError) as refusal:
            self.shop._get_selling_partner()
        for word in ("client ID", "client secret", "refresh token", self.shop.name):
            self.assertIn(word, str(refusal.exception))

    def test_a_report_is_uploaded_for_the_shop_it_was_started_from(self):
        action = self.shop.action_upload_report()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).new({})
        self.assertEqual(wizard.shop_id._origin, self.shop)

    def test_the_buttons_of_a_shop_open_what_they_count(self):
        self._create_shop(self.company, "A9SECOND")
        self.import_rows(report_row(1), report_row(2))
        shop = self.shop.with_user(self.amazon_user)
        self.find_order(2).picking_ids.action_cancel()
        confirmation = self.create_confirmation(self.find_order(1), state="failed")
        for action, count, found in (
            (
                shop.action_view_orders(),
                shop.order_count,
                self.find_order(1) | self.find_order(2),
            ),
            (
                shop.action_view_deliveries_to_label(),
                shop.delivery_to_label_count,
                self.find_order(1).picking_ids,
            ),
            (
                shop.action_view_failed_confirmations(),
                shop.confirmation_failed_count,
                confirmation,
            ),
        ):
            with self.subTest(action["res_model"]):
                self.assertEqual(
                    self.env[action["res_model"]].search(action["domain"]), found
                )
                self.assertEqual(count, len(found))

    def test_a_copied_shop_is_not_connected(self):
        self.shop.refresh_token_entry = "Atzr|secret"
        copied = self.shop.copy()
        self.assertEqual(copied.state, "draft")
        self.assertFalse(copied.selling_partner_id)


@tagged("post_install", "-at_install")
class TestReportOfTheSamples(AmazonCommon):
    def test_the_report_of_an_account_with_other_columns_is_imported(self):
        row = report_row(
            1,
            is_iba="true",
            gift_message_text='Happy "birthday"',
            signature_confirmation_recommended="false",
        )
        cells = dict(reversed(row.items()))
        data = make_report(cells, encoding="cp1252")
        self.import_report(data)
        self.assertEqual(self.find_order(1).state, "to_ship")
