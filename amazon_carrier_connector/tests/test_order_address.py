"""The address of an order: Amazon's words, the contact's lines, the label's split."""

from dataclasses import replace

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..amazon.orders import PostalAddress
from .common import AmazonCommon, report_row

SPLIT = (
    "recipient_street_name",
    "recipient_number",
    "recipient_suffix",
    "recipient_box",
    "recipient_additional",
)
ADDRESS = PostalAddress(
    name="Recipient Example",
    line1="Dorpsstraat 12 a",
    city="Utrecht",
    postal_code="3500 AA",
    country_code="NL",
)


class AddressCase(AmazonCommon):
    def import_address(self, *lines, number=1, **cells):
        """Import an order with these address lines; the order as staff see it."""
        columns = (f"ship_address_{position}" for position in (1, 2, 3))
        cells.update(zip(columns, lines, strict=False))
        self.import_rows(report_row(number, **cells))
        return self.find_order(number).with_user(self.amazon_user)

    def split_of(self, order):
        order.invalidate_recordset()
        return tuple(order[name] or "" for name in SPLIT)

    def recipient_of(self, order):
        return order.picking_ids._prepare_recipient()

    def assert_label_gets(self, order, street, number, suffix, box, additional):
        recipient = self.recipient_of(order)
        self.assertEqual(
            (recipient.street, recipient.number, recipient.number_suffix)
            + (recipient.box_number, recipient.street_additional),
            (street, number, suffix, box, additional),
        )

    def claim(self, order, state="requested"):
        """A parcel of the order's delivery that lives."""
        picking = order.sudo().picking_ids
        parcel = self.env["delivery.parcel"].create(picking._prepare_parcel_values())
        parcel.state = state
        return parcel


@tagged("post_install", "-at_install")
class TestSplitAtImport(AddressCase):
    def test_the_split_of_the_import_is_stored_and_is_what_the_label_gets(self):
        order = self.import_address(
            "Proefbedrijf",
            "Kasteelstraat 1A bus 200",
            "2e verdieping",
            ship_country="BE",
        )
        parts = ("Kasteelstraat", "1", "A", "200", "Proefbedrijf, 2e verdieping")
        self.assertEqual(self.split_of(order), parts)
        self.assert_label_gets(order, *parts)

    def test_the_whole_address_is_kept_as_amazon_gave_it(self):
        order = self.import_address("Line 1", "Line 2", "Line 3", ship_state="Zeeland")
        self.assertEqual(
            order.address_source.splitlines(),
            ["Recipient Example", "Line 1", "Line 2", "Line 3"]
            + ["3500 AA Utrecht", "Zeeland", "NL"],
        )

    def test_a_plain_address_is_certain_and_a_guess_is_not(self):
        for number, (line, state) in enumerate(
            [("Dorpsstraat 12", "certain"), ("Plein 1944", "uncertain")]
        ):
            with self.subTest(line):
                order = self.import_address(line, number=number)
                self.assertEqual(order.address_state, state)

    def test_splitting_takes_no_query_per_order(self):
        def count(first, orders):
            numbers = range(first, first + orders)
            rows = [report_row(n, ship_address_1=f"Kade {n}") for n in numbers]
            self.import_rows(*rows)
            imported = self.env["amazon.order"].search(
                [], limit=orders, order="id desc"
            )
            for order in imported:
                order.partner_id.sudo().street = f"Gracht {order.id}"
            self.env.flush_all()
            start = self.cr.sql_log_count
            imported.invalidate_recordset()
            self.env.add_to_compute(imported._fields["address_state"], imported)
            self.env.flush_all()
            return self.cr.sql_log_count - start

        count(1, 1)
        self.assertEqual(count(100, 3), count(200, 40))

    def test_a_delivery_without_an_order_splits_its_contact(self):
        contact = self.env["res.partner"].create(
            {"name": "A", "street": "Dorpsstraat 12 a", "street2": "t.a.v. B"}
        )
        delivery = self.env["stock.picking"].create(
            {
                "partner_id": contact.id,
                "picking_type_id": self.warehouse.out_type_id.id,
            }
        )
        recipient = delivery._prepare_recipient()
        self.assertEqual((recipient.street, recipient.number), ("Dorpsstraat", "12"))
        self.assertEqual(recipient.street_additional, "t.a.v. B")

    def test_a_delivery_sent_to_somebody_else_is_labelled_for_them(self):
        order = self.import_address("Dorpsstraat 12")
        neighbour = self.env["res.partner"].create(
            {"name": "Neighbour", "street": "Kerkweg 14"}
        )
        order.sudo().picking_ids.partner_id = neighbour
        self.assert_label_gets(order, "Kerkweg", "14", "", "", "")

    def test_a_company_beside_the_street_is_the_labels_company(self):
        order = self.import_address("Proef B.V.", "Testlaan 100", "2e verdieping")
        self.assert_label_gets(order, "Testlaan", "100", "", "", "2e verdieping")
        self.assertEqual(self.recipient_of(order).company, "Proef B.V.")
        self.assertEqual(order.partner_id.street, "Proef B.V.")

    def test_a_company_that_is_corrected_is_on_the_contact_and_on_the_label(self):
        order = self.import_address("Testlaan 100, Proef")
        order.write({"recipient_company": "Proef", "recipient_additional": "hal 3"})
        self.assertEqual(order.partner_id.street, "Testlaan 100")
        self.assertEqual(order.partner_id.street2, "Proef, hal 3")
        self.assertEqual(self.recipient_of(order).company, "Proef")
        self.assert_label_gets(order, "Testlaan", "100", "", "", "hal 3")

    def test_the_company_of_a_contact_that_is_no_orders_is_used(self):
        contact = self.env["res.partner"].create(
            {"name": "A", "street": "Dorpsstraat 12", "street2": "Other B.V."}
        )
        delivery = self.env["stock.picking"].create(
            {
                "partner_id": contact.id,
                "picking_type_id": self.warehouse.out_type_id.id,
            }
        )
        self.assertEqual(delivery._prepare_recipient().company, "Other B.V.")
        contact.company_name = "Proef B.V."
        recipient = delivery._prepare_recipient()
        self.assertEqual(recipient.company, "Proef B.V.")
        self.assertEqual(recipient.street_additional, "Other B.V.")

    def test_the_phone_is_cleaned_for_the_label_and_kept_as_it_was_given(self):
        phone = "+31 (0)6-00000001 ext. 12345"
        order = self.import_address("Dorpsstraat 12", buyer_phone_number=phone)
        self.assertEqual(order.recipient_phone, phone)
        recipient = self.recipient_of(order)
        self.assertEqual(recipient.phone, "+31600000001")
        self.assertEqual(recipient.email, "a1b2c3d4@marketplace.amazon.nl")


@tagged("post_install", "-at_install")
class TestRegions(AddressCase):
    FOUND = (
        ("NL", "NOORD HOLLAND", "NH"),
        ("NL", "zh", "ZH"),
        ("ES", "La Coruña", "C"),
        ("ES", "Alava", "VI"),
        ("ES", "Madrid", "M"),
        ("IT", "MI", "MI"),
        ("IT", "Milano", "MI"),
        ("US", "CA", "CA"),
        ("US", "california", "CA"),
        ("CA", "Québec", "QC"),
        ("DE", "Nordrhein-Westfalen", "DE-NW"),
        ("IE", "Co. Cork", None),
    )

    def test_states_are_found_by_code_and_name_and_what_is_unknown_is_in_the_city(self):
        rows = [
            report_row(number, ship_country=country, ship_state=region, ship_city="X")
            for number, (country, region, __) in enumerate(self.FOUND)
        ]
        self.import_rows(*rows)
        for number, (country, region, code) in enumerate(self.FOUND):
            contact = self.find_order(number).partner_id
            with self.subTest(country=country, region=region):
                self.assertEqual(contact.state_id.code or None, code)
                self.assertEqual(contact.city, "X" if code else f"X, {region}")
                if code:
                    self.assertEqual(contact.state_id.country_id.code, country)

    def test_a_county_of_great_britain_does_not_vanish(self):
        for number, county in enumerate(("West Yorkshire", "Co. Nowhere", "Antrim")):
            cells = {"ship_country": "UK", "ship_state": county, "ship_city": "Leeds"}
            order = self.import_address("1 High St", number=number, **cells)
            recipient = self.recipient_of(order)
            self.assertEqual(recipient.country_code, "GB")
            with self.subTest(county):
                self.assertIn(county, f"{recipient.city} {recipient.region}")

    def test_a_region_called_as_its_city_is_not_written_twice(self):
        cells = {"ship_country": "LU", "ship_city": "Luxembourg"}
        order = self.import_address("1 rue X", ship_state="LUXEMBOURG", **cells)
        self.assertEqual(order.partner_id.city, "Luxembourg")

    def test_a_region_without_a_city_is_all_there_is(self):
        order = self.import_address(
            "X", ship_country="LU", ship_city="", ship_state="Y"
        )
        self.assertEqual(order.partner_id.city, "Y")

    def test_regions_take_no_query_per_order(self):
        def count(first, orders):
            addresses = [
                PostalAddress(region=f"Region {n}", country_code="NL", city="A")
                for n in range(first, first + orders)
            ]
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            places = self.env["amazon.order"]._find_places(addresses)
            for address in addresses:
                self.env["amazon.order"]._prepare_contact_address(address, *places)
            return self.cr.sql_log_count - start

        self.assertEqual(count(1, 1), count(10, 50))

    def test_a_new_region_at_amazon_is_taken_over(self):
        order = self.import_address("Dorpsstraat 12", ship_state="Utrecht")
        new = replace(ADDRESS, line1="Dorpsstraat 12", region="Zeeland")
        self.assertTrue(order._take_address(new))
        self.assertEqual(order.recipient_state_id.code, "ZE")


@tagged("post_install", "-at_install")
class TestCorrection(AddressCase):
    def test_a_corrected_split_is_on_the_contact_and_on_the_label(self):
        order = self.import_address("Plein 1944", "achterom")
        order.write({"recipient_street_name": "Plein 1944", "recipient_number": "5"})
        self.assertEqual(order.address_state, "checked")
        self.assertEqual(order.partner_id.street, "Plein 1944 5")
        self.assertEqual(order.partner_id.street2, "achterom")
        self.assert_label_gets(order, "Plein 1944", "5", "", "", "achterom")

    def test_a_correction_that_would_be_read_otherwise_holds(self):
        order = self.import_address("Overtoom 12 3")
        order.write(
            {
                "recipient_street_name": "Overtoom 12",
                "recipient_number": "3",
                "recipient_suffix": False,
            }
        )
        self.assertEqual(self.split_of(order), ("Overtoom 12", "3", "", "", ""))
        self.assertEqual(order.partner_id.street, "Overtoom 12 3")
        self.assertEqual(order.address_state, "checked")

    def test_lines_that_are_corrected_are_split_again(self):
        order = self.import_address("Plein 1944")
        order.write({"recipient_street": "Dorpsstraat 7 b", "recipient_street2": "hof"})
        self.assertEqual(self.split_of(order), ("Dorpsstraat", "7", "b", "", "hof"))
        self.assertEqual(order.address_state, "certain")

    def test_lines_that_are_corrected_to_another_riddle_stay_uncertain(self):
        order = self.import_address("Plein 1944")
        order.action_confirm_address()
        order.write({"recipient_street": "Plein 1945"})
        self.assertEqual(order.address_state, "uncertain")

    def test_a_contact_that_is_corrected_itself_is_split_again(self):
        order = self.import_address("Plein 1944")
        order.partner_id.sudo().street = "Dorpsstraat 7"
        self.assertEqual(self.split_of(order)[:2], ("Dorpsstraat", "7"))

    def test_another_country_is_split_by_its_rules(self):
        order = self.import_address("Kasteelstraat 1 bus 3")
        self.assertEqual(self.split_of(order)[3], "")
        order.recipient_country_id = self.env.ref("base.be")
        self.assertEqual(self.split_of(order), ("Kasteelstraat", "1", "", "3", ""))

    def test_a_form_that_corrects_lines_and_split_at_once_keeps_the_split(self):
        order = self.import_address("Plein 1944")
        for vals in (
            {"recipient_street": "Plein 1944 7", "recipient_number": "8"},
            {"recipient_number": "9", "recipient_street": "Plein 1944 7"},
        ):
            vals["recipient_street_name"] = "Plein 1944"
            order.write(vals)
            self.assertEqual(self.split_of(order)[1], vals["recipient_number"])
            number = vals["recipient_number"]
            self.assertEqual(order.partner_id.street, f"Plein 1944 {number}")

    def test_the_form_shows_the_new_split_while_the_lines_are_typed(self):
        order = self.import_address("Plein 1944")
        with Form(order, "amazon_carrier_connector.amazon_order_view_form") as form:
            form.recipient_street = "Dorpsstraat 7 b"
            self.assertEqual(form.recipient_street_name, "Dorpsstraat")
            self.assertEqual(form.recipient_number, "7")
            form.recipient_suffix = "c"
        self.assertEqual(self.split_of(order)[:3], ("Dorpsstraat", "7", "c"))
        self.assertEqual(order.partner_id.street, "Dorpsstraat 7 c")

    def test_an_address_that_is_right_is_confirmed_and_stays_as_it_is(self):
        order = self.import_address("Plein 1944")
        before = self.split_of(order)
        order.action_confirm_address()
        self.assertEqual(order.address_state, "checked")
        self.assertEqual(self.split_of(order), before)
        self.assertEqual(order.partner_id.street, "Plein 1944")

    def test_confirming_a_certain_address_says_nothing_new(self):
        order = self.import_address("Dorpsstraat 12")
        order.action_confirm_address()
        self.assertEqual(order.address_state, "certain")

    def test_town_and_name_can_be_corrected_without_a_new_split(self):
        order = self.import_address("Plein 1944")
        order.action_confirm_address()
        order.write({"recipient_city": "Zeist", "recipient_name": "B"})
        self.assertEqual(order.address_state, "checked")
        self.assertEqual(order.partner_id.city, "Zeist")


@tagged("post_install", "-at_install")
class TestClosedAddress(AddressCase):
    """Nothing is corrected that stands on a label already."""

    CORRECTIONS = (
        {"recipient_street": "Dorpsstraat 7"},
        {"recipient_number": "7"},
        {"recipient_city": "Zeist"},
        {"recipient_country_id": False},
    )

    def assert_closed(self, order):
        order.invalidate_recordset()
        self.assertFalse(order.is_address_open)
        for vals in self.CORRECTIONS:
            with self.subTest(vals), self.assertRaises(UserError) as refusal:
                order.write(vals)
            self.assertIn(order.name, str(refusal.exception))

    def assert_open(self, order):
        order.invalidate_recordset()
        self.assertTrue(order.is_address_open)
        order.write(dict(self.CORRECTIONS[1]))

    def test_an_address_is_open_until_a_label_is_asked_for(self):
        order = self.import_address("Dorpsstraat 12")
        self.assert_open(order)
        self.claim(order)
        self.assert_closed(order)

    def test_an_unclear_label_closes_it_and_a_cancelled_one_opens_it_again(self):
        order = self.import_address("Dorpsstraat 12")
        parcel = self.claim(order, "unclear")
        self.assert_closed(order)
        parcel.state = "cancelled"
        self.assert_open(order)

    def test_the_address_of_a_shipped_order_is_closed(self):
        order = self.import_address("Dorpsstraat 12")
        delivery = order.sudo().picking_ids
        delivery.carrier_id = False
        delivery.button_validate()
        self.assert_closed(order)

    def test_the_address_of_a_held_order_is_open(self):
        self.shop.unknown_sku_policy = "hold"
        order = self.import_address("Dorpsstraat 12", sku="NOBODY-KNOWS")
        self.assertFalse(order.picking_ids)
        self.assert_open(order)


@tagged("post_install", "-at_install")
class TestNewAddressAtAmazon(AddressCase):
    def setUp(self):
        super().setUp()
        self.order = self.import_address("Dorpsstraat 12 a")

    def test_the_same_address_is_no_change(self):
        self.assertFalse(self.order._is_address_changed(ADDRESS))
        self.assertFalse(self.order._take_address(ADDRESS))

    def test_every_part_of_the_address_counts_as_a_change(self):
        for name in PostalAddress.__slots__:
            with self.subTest(name):
                self.assertTrue(
                    self.order._is_address_changed(replace(ADDRESS, **{name: "DE"}))
                )

    def test_a_new_address_is_taken_over_and_split(self):
        new = PostalAddress(
            name="Other Name",
            line1="Firma X",
            line2="Musterweg 5",
            city="Köln",
            postal_code="50667",
            country_code="DE",
        )
        self.assertTrue(self.order._take_address(new))
        contact = self.order.partner_id
        self.assertEqual(contact.name, "Other Name")
        self.assertEqual((contact.zip, contact.city), ("50667", "Köln"))
        self.assertEqual(contact.country_id.code, "DE")
        self.assertEqual(self.split_of(self.order), ("Musterweg", "5", "", "", ""))
        self.assertEqual(self.order.recipient_company, "Firma X")
        self.assertFalse(self.order._is_address_changed(new))

    def test_a_correction_stays_while_amazon_says_the_same(self):
        self.order.recipient_number = "14"
        self.assertFalse(self.order._take_address(ADDRESS))
        self.assertEqual(self.order.partner_id.street, "Dorpsstraat 14 a")

    def test_a_correction_gives_way_to_what_amazon_says_anew(self):
        self.order.recipient_number = "14"
        self.assertTrue(self.order._take_address(replace(ADDRESS, line2="achterom")))
        self.assertEqual(self.order.partner_id.street, "Dorpsstraat 12 a")
        self.assertEqual(self.split_of(self.order)[1], "12")
        self.assertEqual(self.order.address_state, "certain")

    def test_a_confirmed_split_stays_confirmed_when_only_the_town_changes(self):
        order = self.import_address("Plein 1944", number=2)
        order.action_confirm_address()
        new = replace(ADDRESS, line1="Plein 1944", city="Zeist")
        self.assertTrue(order._take_address(new))
        self.assertEqual(order.partner_id.city, "Zeist")
        self.assertEqual(order.address_state, "checked")

    def test_a_missing_name_keeps_the_one_that_is_known(self):
        self.assertTrue(self.order._take_address(replace(ADDRESS, name="")))
        self.assertEqual(self.order.partner_id.name, "Recipient Example")


@tagged("post_install", "-at_install")
class TestWhoReadsTheAddress(AddressCase):
    def test_source_and_split_are_for_amazon_users(self):
        order = self.import_address("Dorpsstraat 12")
        for name in ("address_source", "recipient_company", *SPLIT):
            order.read([name])
            with self.subTest(name), self.assertRaises(AccessError):
                order.with_user(self.stock_user).read([name])
            with self.subTest(name), self.assertRaises(AccessError):
                order.with_user(self.stock_user).search([(name, "=", "x")])

    def test_stock_users_see_that_an_address_is_uncertain_and_confirm_nothing(self):
        order = self.import_address("Plein 1944").with_user(self.stock_user)
        self.assertEqual(order.address_state, "uncertain")
        with self.assertRaises(AccessError):
            order.action_confirm_address()

    def test_warehouse_staff_get_the_whole_address_for_their_label(self):
        order = self.import_address("Dorpsstraat 12 a")
        recipient = order.with_user(self.stock_user).picking_ids._prepare_recipient()
        self.assertEqual((recipient.street, recipient.number), ("Dorpsstraat", "12"))
        self.assertEqual(recipient.phone, "+31600000001")
