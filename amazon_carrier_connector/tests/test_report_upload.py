from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import AmazonCommon, make_report, report_row, upload

WIZARD = "amazon.order.import.wizard"


@tagged("post_install", "-at_install")
class TestReportUpload(AmazonCommon):
    def _upload(self, hours_ago):
        """A report that the dialog stored some hours ago."""
        report = upload(self.env, make_report(report_row(1)))
        report.res_model = WIZARD
        self.env.flush_all()
        moment = fields.Datetime.now() - timedelta(hours=hours_ago)
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = %s WHERE id = %s",
            [moment, report.id],
        )
        self.env.invalidate_all()
        return report

    def test_reports_that_were_never_checked_are_erased_after_a_day(self):
        forgotten, fresh = self._upload(hours_ago=25), self._upload(hours_ago=23)
        self.env[WIZARD]._gc_unchecked_reports()
        self.assertFalse(forgotten.exists())
        self.assertTrue(fresh.exists())

    def test_reports_that_were_checked_are_kept(self):
        report = self._upload(hours_ago=25)
        wizard = self.env[WIZARD].create({"attachment_ids": report.ids})
        wizard.action_check()
        self.env[WIZARD]._gc_unchecked_reports()
        self.assertTrue(report.exists())
