"""Who connected, imported, exported and printed is written down, and stays so."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tests import tagged

from .common import AmazonCommon, report_row

# What is printed of these shows goods, places and people of the merchant's own.
REPORTS_WITHOUT_BUYERS = {
    *("account.bank.statement", "account.move", "account.payment", "ir.model"),
    *("ir.module.module", "product.product", "product.template", "product.uom"),
    *("res.company", "stock.location", "stock.lot"),
    *("stock.picking.type", "stock.quant"),
}


@tagged("post_install", "-at_install")
class TestAuditEvent(AmazonCommon):
    def find(self, event, **values):
        domain = [("event", "=", event), *((k, "=", v) for k, v in values.items())]
        return self.env["amazon.audit.event"].search(domain)

    def assert_event(self, event, records, user):
        found = self.find(event, res_model=records._name)
        self.assertEqual(found.res_ids, records.ids)
        self.assertEqual(found.record_count, len(records))
        self.assertEqual(found.user_id, user)
        self.assertEqual(found.company_id, self.company)
        return found

    def test_connecting_and_disconnecting(self):
        shop = self.shop.with_user(self.amazon_manager)
        shop.refresh_token_entry = "typed-by-hand"
        self.assert_event("connected", self.shop, self.amazon_manager)
        shop.action_disconnect()
        self.assert_event("disconnected", self.shop, self.amazon_manager)
        told = str(self.find("connected").read() + self.find("disconnected").read())
        self.assertNotIn("typed-by-hand", told)

    def test_importing(self):
        done = self.import_rows(report_row(1))
        event = self.assert_event("imported", done, self.amazon_user)
        action = event.with_user(self.amazon_manager).action_open_records()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), done)

    def test_exporting_lists_that_show_buyers(self):
        order = self.import_rows(report_row(1)).order_ids
        self.amazon_user.group_ids |= self.env.ref("base.group_allow_export")
        order.with_user(self.amazon_user).export_data(["name", "recipient_name"])
        self.assert_event("exported", order, self.amazon_user)
        other = self.env["stock.picking"].create(
            {"picking_type_id": self.warehouse.out_type_id.id}
        )
        pickings = order.picking_ids | other
        pickings.with_user(self.amazon_user).export_data(["name", "partner_id/street"])
        event = self.assert_event("exported", order.picking_ids, self.amazon_user)
        self.assertNotIn("Voorbeeldstraat", str(event.read()))

    def test_printing_what_shows_the_address(self):
        picking = self.import_rows(report_row(1)).order_ids.picking_ids
        report = self.env.ref("stock.action_report_delivery")
        report = report.with_user(self.amazon_user)
        report._render_qweb_pdf(report.report_name, picking.ids)
        self.assert_event("printed", picking, self.amazon_user)

    def test_exporting_other_lists_that_lead_to_a_buyer(self):
        done = self.import_rows(report_row(1), report_row(2, sku=""))
        order = done.order_ids
        order.picking_ids.action_confirm()
        order.picking_ids.action_assign()
        (parcel,) = order.picking_ids._create_parcels(self.env["delivery.label.run"])
        lists = (
            (order.item_ids, ["order_id/recipient_phone"], order),
            (order.item_ids, ["sku", "order_id"], order),
            (order.picking_ids.move_ids, ["origin"], order.picking_ids),
            (order.picking_ids.move_line_ids, ["picking_id/partner_id/street"], None),
            (order.partner_id, ["street"], order),
            (order.partner_id.country_id, ["name"], self.env["amazon.order"]),
            (done.problem_ids, ["reason"], done),
            (parcel.run_id, ["name"], parcel.run_id),
        )
        for records, names, told in lists:
            with self.subTest(records=records, names=names):
                before = self.find("exported")
                records.with_user(self.admin).export_data(names)
                events = self.find("exported") - before
                if told is None:
                    self.assertEqual(
                        {event.res_model: event.res_ids for event in events},
                        {
                            "amazon.order": order.ids,
                            "stock.picking": order.picking_ids.ids,
                        },
                    )
                else:
                    self.assertEqual(
                        events.mapped("res_model"), [told._name] * bool(told)
                    )
                    self.assertEqual(events.mapped("res_ids"), [told.ids] * bool(told))

    def test_a_list_of_goods_is_nothing_to_write_down(self):
        order = self.import_rows(report_row(1)).order_ids
        order.item_ids.with_user(self.admin).export_data(["sku", "quantity_ordered"])
        self.assertFalse(self.find("exported"))

    def test_what_nobody_may_export_is_not_told_as_exported(self):
        order = self.import_rows(report_row(1)).order_ids
        self.amazon_user.group_ids -= self.env.ref("base.group_allow_export")
        with self.assertRaises(UserError):
            order.with_user(self.amazon_user).export_data(["name"])
        self.assertFalse(self.find("exported"))

    def test_each_report_that_shows_the_address_once_in_each_format(self):
        picking = self.import_rows(report_row(1)).order_ids.picking_ids
        report = self.env.ref("stock.action_report_delivery")
        report = report.with_user(self.amazon_user)
        for render in ("_render_qweb_pdf", "_render_qweb_html", "_render_qweb_text"):
            # Nobody says that he logs it himself.
            for context in ({}, {"amazon_document": True}):
                with self.subTest(render=render, context=context):
                    before = self.find("printed")
                    asked = report.with_context(**context)
                    getattr(asked, render)(report.report_name, picking.ids)
                    event = self.find("printed") - before
                    self.assertEqual(event.mapped("res_ids"), [picking.ids])

    def test_every_report_has_a_decision(self):
        """One that could show buyers and that nobody thought of is found here."""
        core = self.registry["base"]._get_audited
        silent = {
            model
            for model in self.env["ir.actions.report"].search([]).mapped("model")
            if model in self.env and self.registry[model]._get_audited is core
            if "picking_ids" not in self.env[model]._fields
        }
        self.assertEqual(silent - REPORTS_WITHOUT_BUYERS, set())

    def test_printing_what_receipts_are_for(self):
        """Core's two reports; their buttons name moves or receipts, no delivery."""
        picking = self.import_rows(report_row(1)).order_ids.picking_ids
        product = picking.move_ids.product_id
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "move_ids": [
                    Command.create({"product_id": product.id, "product_uom_qty": 1})
                ],
            }
        )
        receipt.action_confirm()
        report = self.env["report.stock.report_reception"]
        find = type(report)._get_report_values

        def find_source(self, docids, data=None):
            # Which delivery a receipt is for, core decides.
            values = find(self, docids, data)
            goods = {"display_name": product.display_name}
            line = {"is_assigned": True, "product": goods, "quantity": 1, "uom": ""}
            return values | {
                "sources_to_lines": {(picking,): [line]},
                "sources_to_formatted_scheduled_date": {(picking,): ""},
            }

        self.patch(type(report), "_get_report_values", find_source)
        reports = self.env["ir.actions.report"].with_user(self.stock_user)
        label = {"docids": picking.move_ids.ids, "quantity": "1"}
        for name, ids, data in (
            ("stock.report_reception_report_label", None, label),
            ("stock.report_reception", receipt.ids, {}),
        ):
            for render in ("_render_qweb_pdf", "_render_qweb_html"):
                with self.subTest(name=name, render=render):
                    before = self.find("printed")
                    page, __ = getattr(reports, render)(name, ids, dict(data))
                    self.assertIn(b"Recipient Example", page, (name, render))
                    event = self.find("printed") - before
                    self.assertEqual(event.mapped("res_ids"), [picking.ids])

    def test_a_card_of_a_contact(self):
        contact = self.import_rows(report_row(1)).order_ids.partner_id
        contact.with_user(self.amazon_user)._get_vcard_file()
        order = self.find_order(1)
        self.assert_event("exported", order, self.amazon_user)

    def test_a_card_of_a_contact_that_people_gave_to_a_delivery(self):
        order = self.import_rows(report_row(1)).order_ids
        contact = self.env["res.partner"].create({"name": "The Buyer's Neighbour"})
        order.picking_ids.partner_id = contact
        contact.with_user(self.amazon_user)._get_vcard_file()
        self.assert_event("exported", order, self.amazon_user)

    def test_printing_what_belongs_to_deliveries(self):
        picking = self.import_rows(report_row(1)).order_ids.picking_ids
        picking.action_confirm()
        picking.action_assign()
        package = self.env["stock.package"].create({})
        picking.move_line_ids.result_package_id = package
        report = self.env.ref("stock.action_report_package_barcode_small")
        report = report.with_user(self.stock_user)
        report._render_qweb_html(report.report_name, package.ids)
        self.assert_event("printed", picking, self.stock_user)

    def test_printing_a_day_list(self):
        picking = self.import_rows(report_row(1)).order_ids.picking_ids
        (parcel,) = picking._create_parcels(self.env["delivery.label.run"])
        day_list = self.env["delivery.day.list"].with_user(self.stock_user)
        # Which parcels are on it is tested elsewhere.
        self.patch(
            type(day_list), "_get_domain", lambda self: Domain("id", "=", parcel.id)
        )
        day_list = day_list.create({})
        report = self.env.ref("amazon_carrier_connector.action_report_day_list")
        report = report.with_user(self.stock_user)
        report._render_qweb_html(report.report_name, day_list.ids)
        self.assert_event("printed", parcel, self.stock_user)

    def test_nobody_changes_deletes_or_invents_a_line(self):
        self.shop._store_consent(False)
        event = self.find("disconnected").with_user(self.amazon_manager)
        self.assertTrue(event.read(["event", "res_ids", "note"]))
        for user in (self.amazon_manager, self.admin):
            for work in (
                lambda event: event.write({"user_id": self.stock_user.id}),
                lambda event: event.unlink(),
                lambda event: event.copy(),
            ):
                with self.assertRaises(AccessError):
                    work(event.with_user(user))
        with self.assertRaises(AccessError):
            event.with_user(self.amazon_user).read(["event"])
