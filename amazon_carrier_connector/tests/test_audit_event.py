"""Who connected, imported, exported and printed is written down, and stays so."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AmazonCommon, report_row


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

    def test_a_parcels_label(self):
        picking = self.import_rows(report_row(1)).order_ids.picking_ids
        (parcel,) = picking._create_parcels(self.env["delivery.label.run"])
        parcel.with_user(self.stock_user).action_open_label()
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
