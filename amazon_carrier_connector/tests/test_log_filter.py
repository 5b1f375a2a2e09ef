"""Odoo logs failed statements with their parameters; buyers are not among them."""

import logging

from psycopg2 import Error

from odoo.tests import tagged

from .common import AmazonCommon, make_report, report_row

BUYER = "Zaphod Uniquename"
STREET = "O'Magrathea \\ Street 42"


@tagged("post_install", "-at_install")
class TestLogFilter(AmazonCommon):
    def _fail(self, statement, parameters=None):
        """Let a statement fail.

        :return: what was logged of it
        """
        with (
            self.assertLogs("odoo.sql_db", "ERROR") as logged,
            self.assertRaises(Error),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(statement, parameters)
        formatter = logging.Formatter("%(message)s")
        return "\n".join(formatter.format(record) for record in logged.records)

    def test_parameters_are_not_logged(self):
        text = self._fail(
            "INSERT INTO res_partner (name, street) VALUES (%s, %s / 0)",
            [BUYER, STREET],
        )
        self.assertNotIn("Zaphod", text)
        self.assertNotIn("Magrathea", text)

    def test_the_table_and_the_reason_are_still_logged(self):
        text = self._fail(
            "INSERT INTO amazon_order (name) VALUES (%(name)s)", {"name": BUYER}
        )
        self.assertIn("INSERT INTO amazon_order", text)
        self.assertIn("not-null constraint", text)
        self.assertNotIn("Zaphod", text)

    def test_the_servers_detail_is_not_logged(self):
        self.import_rows(report_row(1))
        self.env.cr.execute(
            "CREATE UNIQUE INDEX unique_in_test ON amazon_order (recipient_email)"
        )
        text = self._fail(
            "INSERT INTO amazon_order (name, shop_id, company_id, market_id,"
            " recipient_email) SELECT name || 'x', shop_id, company_id, market_id,"
            " recipient_email FROM amazon_order LIMIT 1"
        )
        self.assertIn("unique_in_test", text)
        self.assertNotIn("a1b2c3d4", text)

    def test_a_value_that_the_server_repeats_in_its_message_is_not_logged(self):
        for statement in (
            "UPDATE amazon_order SET ship_by = %s WHERE name = 'x'",
            "SELECT %s::integer",
            "SELECT CAST(%s AS boolean)",
        ):
            with self.subTest(statement):
                text = self._fail(statement, [f"{BUYER}, {STREET}"])
                self.assertNotIn("Zaphod", text)
                self.assertNotIn("Magrathea", text)

    def test_values_of_any_kind_are_not_logged(self):
        for value in (
            'Zaphod "Q"',
            "Zaphod\\'; --",
            "Zaphod\nDETAIL: x",
            "''Zaphod''",
            b"Zaphod",
            ["Zaphod", "Zaphod"],
            "Zaphod \udc00".encode("utf-8", "replace").decode(),
        ):
            with self.subTest(value):
                text = self._fail("SELECT %s FROM no_such_table", [value])
                self.assertNotIn("Zaphod", text)

    def test_an_order_that_cannot_be_saved_is_logged_without_its_buyer(self):
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute(
            "ALTER TABLE res_partner ADD CONSTRAINT refused_in_test"
            " CHECK (name NOT LIKE 'Zaphod%')"
        )
        data = make_report(
            report_row(1, recipient_name=BUYER, ship_address_1=STREET), report_row(2)
        )
        with self.assertLogs(level="INFO") as logged:
            done = self.import_report(data)
        formatter = logging.Formatter("%(message)s")
        text = "\n".join(formatter.format(record) for record in logged.records)
        for value in ("Zaphod", "Magrathea", "a1b2c3d4", "31600000001"):
            self.assertNotIn(value, text)
        self.assertIn("bad query", text)
        self.assertEqual(done.created_count, 1)
        self.assertNotIn("Zaphod", done.problem_ids.reason)

    def test_a_good_import_logs_nothing_of_its_buyers(self):
        row = report_row(1, recipient_name=BUYER, ship_address_1=STREET)
        ours = logging.getLogger("odoo.addons.amazon_carrier_connector")
        with self.assertLogs(ours, level="DEBUG") as logged:
            ours.debug("begin")
            self.import_rows(row)
        self.assertNotIn("Zaphod", "".join(logged.output))
        self.assertNotIn("Magrathea", "".join(logged.output))
