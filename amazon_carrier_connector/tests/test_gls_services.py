"""Services of GLS that need more than a yes, and what it does not do."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import report_row
from .gls_case import CREATE, DELETE, GlsCase
from .label_case import read_pages

SHOPS = "ParcelShop/GetParcelShops"


@tagged("post_install", "-at_install")
class TestGlsServices(GlsCase):
    # === PARCEL SHOPS === #

    def open_shops(self, picking):
        with self.committing(self.stock_user) as env:
            action = picking.with_env(env).action_choose_parcel_shop()
        return (
            self.env[action["res_model"]]
            .browse(action["res_id"])
            .with_user(self.stock_user)
        )

    def test_a_chosen_shop_is_on_the_delivery_and_goes_along_with_the_label(self):
        picking = self.import_deliveries()
        picking.label_parcel_shop = "yes"
        self.assertTrue(picking.parcel_shop_wanted)
        shops = self.open_shops(picking).line_ids
        self.assertEqual(len(shops), 10)
        self.assertEqual(shops.mapped("distance"), sorted(shops.mapped("distance")))
        shops[1].action_choose()
        self.assertEqual(
            (picking.parcel_shop_name, picking.parcel_shop_address),
            ("Voorbeeldwinkel 2", "Winkelstraat 2, 3500AA Utrecht"),
        )
        parcel = self.label(picking).parcel_ids
        self.assert_bought_once(parcel)
        (body,) = (call.data for call in self.gls.calls if call.operation == CREATE)
        self.assertEqual(
            body["services"],
            {
                "shopDeliveryService": True,
                "shopDeliveryParcelShopId": picking.parcel_shop_ref,
            },
        )
        with self.assertRaisesRegex(UserError, "has a label already"):
            picking.action_choose_parcel_shop()

    def test_shops_are_looked_for_near_the_recipient_and_then_where_one_says(self):
        picking = self.import_deliveries()
        wizard = self.open_shops(picking)
        wizard.write({"zip": "3511 AA", "city": "Utrecht"})
        wizard.action_search()
        self.assertEqual(len(wizard.line_ids), 10)
        first, second = (c.data for c in self.gls.calls if c.operation == SHOPS)
        self.assertEqual(
            (first["zipCode"], first["street"], first["houseNo"]),
            ("3500AA", "Voorbeeldstraat", "12"),
        )
        self.assertEqual((second["zipCode"], second["city"]), ("3511AA", "Utrecht"))
        self.assertNotIn("street", second)

    def test_without_a_postal_code_the_dialog_asks_for_one(self):
        picking = self.import_deliveries()
        picking.partner_id.zip = False
        self.assertFalse(self.open_shops(picking).line_ids)
        self.assertEqual(self.gls.calls, [])

    def test_the_search_of_another_user_is_not_seen(self):
        wizard = self.open_shops(self.import_deliveries())
        with self.assertRaises(AccessError):
            wizard.with_user(self.amazon_user).read(["zip"])

    def test_gls_that_does_not_say_is_told(self):
        self.gls.faults.add(SHOPS, "throttled")
        with self.assertRaisesRegex(UserError, "asked too much"):
            self.import_deliveries().action_choose_parcel_shop()

    def test_a_missing_shop_is_told_before_anything_is_asked(self):
        self.carrier.label_parcel_shop = "yes"
        picking = self.import_deliveries()
        run = self.create_run(picking)
        self.assertIn("press Choose Parcel Shop", run.parcel_ids.error)
        picking.label_parcel_shop = "no"
        self.assertFalse(picking.parcel_shop_wanted)
        self.start(run)
        self.assert_bought_once(run.parcel_ids)

    def test_a_recipient_who_moves_is_not_sent_to_the_shop_of_the_old_address(self):
        picking, sent = self.import_deliveries(2)
        (picking | sent).label_parcel_shop = "yes"
        for delivery in picking | sent:
            self.open_shops(delivery).line_ids[1].action_choose()
        self.label(sent)
        chosen = sent.parcel_shop_ref
        self.import_rows(
            *(
                report_row(n, ship_postal_code="1012 AB", ship_city="Amsterdam")
                for n in (1, 2)
            )
        )
        self.assertEqual(picking.partner_id.zip, "1012 AB")
        self.assertFalse(picking.parcel_shop_ref)
        self.assertFalse(picking.parcel_shop_name)
        run = self.create_run(picking)
        self.assertIn("press Choose Parcel Shop", run.parcel_ids.error)
        self.assertEqual(sent.parcel_shop_ref, chosen)

    def test_a_recipient_whose_name_changes_keeps_the_shop(self):
        picking = self.import_deliveries()
        picking.label_parcel_shop = "yes"
        self.open_shops(picking).line_ids[1].action_choose()
        self.import_rows(report_row(1, recipient_name="Nieuwe Naam"))
        self.assertEqual(picking.partner_id.name, "Nieuwe Naam")
        self.assertTrue(picking.parcel_shop_ref)

    # === THE WAY BACK === #

    def label_with_return(self):
        picking = self.import_deliveries()
        picking.label_return_label = "yes"
        return self.label(picking).parcel_ids

    def get_living_units(self):
        return [unit.unit_no for unit in self.gls.units.values() if not unit.deleted]

    def cancel(self, record):
        with self.committing(self.stock_user) as env:
            record.with_env(env).action_cancel()

    def test_the_label_of_the_way_back_is_kept_apart_and_is_no_parcel(self):
        parcel = self.label_with_return()
        there, back = self.gls.units
        self.assertEqual(parcel.tracking_number, there)
        returned = parcel.return_ids.with_user(self.stock_user)
        self.assertEqual((returned.state, returned.tracking_number), ("labelled", back))
        self.assertIn(back, returned.action_track()["url"])
        attachment = self.env["ir.attachment"].browse(returned.label_attachment_id.id)
        (page,) = read_pages(attachment)
        self.assertIn(back, page)
        self.assertEqual(parcel.picking_id.carrier_tracking_ref, there)

    def test_with_the_parcel_its_way_back_is_deleted(self):
        parcel = self.label_with_return()
        self.assertFalse(parcel.return_ids.can_be_cancelled)
        self.cancel(parcel.return_ids)
        self.assertEqual(len(self.get_living_units()), 2)
        self.cancel(parcel)
        self.assertEqual(self.get_living_units(), [])
        self.assertEqual(
            (parcel.state, parcel.return_ids.state), ("cancelled", "cancelled")
        )

    def test_a_way_back_that_gls_does_not_delete_is_told_and_can_be_tried_again(self):
        parcel = self.label_with_return()
        back = parcel.return_ids
        self.gls.faults.add(
            DELETE, "refused", reference=back.tracking_number, status=422, body="V1: no"
        )
        with self.assertRaisesRegex(UserError, back.tracking_number):
            self.cancel(parcel)
        self.assertEqual((parcel.state, back.state), ("cancelled", "labelled"))
        self.assertEqual(self.get_living_units(), [back.tracking_number])
        self.cancel(back)
        self.assertEqual((self.get_living_units(), back.state), ([], "cancelled"))

    def test_a_parcel_that_left_keeps_its_way_back(self):
        parcel = self.label_with_return()
        self.gls.units[parcel.tracking_number].state = "InTransit"
        with self.assertRaisesRegex(UserError, "under way"):
            self.cancel(parcel)
        self.assertEqual(
            (parcel.state, parcel.return_ids.state), ("labelled", "labelled")
        )
        self.assertEqual(len(self.get_living_units()), 2)

    # === LABEL PRINTERS === #

    def test_labels_for_label_printers_are_kept_as_they_are_in_a_file_of_their_own(
        self,
    ):
        printed = self.carrier.copy({"name": "GLS Printer", "prod_environment": True})
        printed.gls_label_type = "zpl300Utf8"
        pickings = self.import_deliveries(3)
        (pickings[0] | pickings[2]).carrier_id = printed
        run = self.label(pickings)
        self.assertEqual((run.state, run.zpl_count), ("done", 2))
        (page,) = read_pages(run.attachment_id)
        first, second, third = run.parcel_ids.mapped("tracking_number")
        self.assertIn(second, page)
        label = run.parcel_ids[0].label_attachment_id
        self.assertEqual(label.mimetype, "application/zpl")
        self.assertEqual(label.name.rpartition(".")[2], "zpl")
        self.assertTrue(label.raw.startswith(b"^XA"))
        for __ in range(2):
            url = run.with_user(self.stock_user).action_download_zpl()["url"]
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", run._name), ("mimetype", "=", "application/zpl")]
        )
        self.assertIn(f"/{attachment.id}?", url)
        self.assertEqual(attachment.raw.count(b"^XA"), 2)
        self.assertLess(
            attachment.raw.index(first.encode()), attachment.raw.index(third.encode())
        )

    def test_a_run_without_labels_for_label_printers_has_no_file_of_them(self):
        run = self.label(self.import_deliveries())
        self.assertFalse(run.zpl_count)
        with self.assertRaisesRegex(UserError, "no labels to download"):
            run.action_download_zpl()

    # === OUTSIDE THE EU === #

    def refuse_swiss(self, first=1):
        """The reason why a parcel to Switzerland is refused."""
        picking = self.import_deliveries(
            first=first, ship_country="CH", ship_postal_code="8001", ship_city="Zürich"
        )
        run = self.create_run(picking)
        self.start(run)
        self.assertEqual(self.gls.calls, [])
        self.assertIn("outside the customs area", run.parcel_ids.error)
        return run.parcel_ids.error

    def test_outside_the_eu_the_methods_that_take_it_are_named(self):
        postnl = self.env.ref(
            "amazon_carrier_connector.delivery_carrier_myparcel_postnl"
        )
        postnl.prod_environment = True
        inland = postnl.copy(
            {"name": "Inland", "country_ids": [self.env.ref("base.nl").id]}
        )
        tested = postnl.copy({"name": "Tried", "prod_environment": False})
        # The company of a new database keeps its books in dollars.
        self.env["res.currency.rate"].create(
            {
                "name": "2020-01-01",
                "rate": 0.5,
                "currency_id": self.env.ref("base.EUR").id,
                "company_id": self.company.id,
            }
        )
        # Not declared yet, it is refused by MyParcel's check as well.
        self.assertIn("No delivery method here takes it", self.refuse_swiss())
        self.mug.write(
            {
                "hs_code": "6912.00.23",
                "country_of_origin": self.env.ref("base.cn").id,
                "list_price": 20.0,
            }
        )
        reason = self.refuse_swiss(first=2)
        self.assertIn(f"that take it: {postnl.name}.", reason)
        self.assertNotIn(inland.name, reason)
        self.assertNotIn(tested.name, reason)

    def test_outside_the_eu_no_method_is_named_that_would_refuse_it(self):
        self.env["delivery.carrier"].search(
            [("delivery_type", "=", "myparcel_nl")]
        ).country_ids = self.env.ref("base.nl")
        self.assertIn("No delivery method here takes it", self.refuse_swiss())
