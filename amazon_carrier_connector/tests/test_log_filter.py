"""Odoo logs failed statements with their parameters; buyers are not among them."""

import logging

from psycopg2 import Error

from odoo.exceptions import AccessError
from odoo.service.model import call_kw
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


@tagged("post_install", "-at_install")
class TestEveryLog(AmazonCommon):
    """Whoever logs it: other loggers, other forms of the same."""

    def _log(self, name, *args, **options):
        """What a formatter makes of one line of a logger."""
        logger = logging.getLogger(name)
        with self.assertLogs(logger, "DEBUG") as logged:
            logger.debug(*args, **options)
        (record,) = logged.records
        return logging.Formatter("%(message)s").format(record)

    def _raise(self, error):
        raise error

    def _catch(self, work, *args):
        try:
            work(*args)
        except Exception as error:
            return error

    def test_the_row_of_a_database_error_is_in_no_traceback(self):
        def refuse():
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    "INSERT INTO amazon_order (recipient_email) VALUES (%s)", [BUYER]
                )

        with self.assertLogs("odoo.sql_db", "ERROR"):
            error = self._catch(refuse)
        self.assertIn("Zaphod", str(error))
        for options in (
            {"args": ("Job failed",), "exc_info": error},
            {"args": ("%s, maximum number of tries reached!", error)},
            {"args": (error,)},
        ):
            with self.subTest(options["args"][0]):
                args = options.pop("args")
                text = self._log("odoo.anything", *args, **options)
                self.assertNotIn("Zaphod", text)
                self.assertRegex(text, "not-null constraint|Job failed")

    def test_an_error_that_passed_through_the_addon_keeps_its_place_only(self):
        from ..models.order_changes import naive_utc

        error = self._catch(naive_utc, BUYER)
        text = self._log("odoo.addons.base.models.ir_cron", "failed", exc_info=error)
        self.assertIn("order_changes.py", text)
        self.assertIn("TypeError", text)
        again = self._catch(self._raise, ValueError(f"{BUYER} is no moment"))
        again.__context__ = error
        text = self._log("odoo.http", "failed", exc_info=again)
        self.assertNotIn("Zaphod", text)
        self.assertIn("This led to", text)

    def test_errors_of_others_are_logged_as_ever(self):
        namespace = {}
        exec("def fail():\n    raise ValueError('their own')", namespace)
        error = self._catch(namespace["fail"])
        error.__traceback__ = error.__traceback__.tb_next
        self.assertIn("their own", self._log("odoo.http", "x", exc_info=error))
        self.assertIn("their own", self._log("odoo.http", error))

    def test_what_a_user_is_told_is_for_the_user_alone(self):
        shop = self.shop
        shop.name = BUYER
        error = self._catch(shop._get_selling_partner)
        self.assertIn(BUYER, str(error))
        text = self._log("odoo.http", error)
        self.assertIn("UserError from amazon_carrier_connector/models", text)
        self.assertNotIn("Zaphod", text)

    def test_a_record_that_may_not_be_seen_is_not_named(self):
        told = f"Sorry, X doesn't have access to:\n- Contact, {BUYER} (res.partner: 7)"
        text = self._log("odoo.http", AccessError(told))
        self.assertNotIn("Zaphod", text)
        self.assertIn("- Contact (res.partner: 7)", text)

    def test_a_record_of_several_lines_may_not_be_seen_and_is_not_named(self):
        """So contacts are called where their address is shown with them."""
        records = "".join(
            f"\n- Contact, {BUYER}\n{STREET}\n1234 AB City (res.partner: {number})"
            for number in (7, 8)
        )
        error = AccessError(f"X doesn't have access to:{records}\n\nBlame (rule: 9)")
        text = self._log("odoo.http", error)
        for word in ("Zaphod", "Magrathea", "City"):
            self.assertNotIn(word, text)
        self.assertIn("- Contact (res.partner: 7)\n- Contact (res.partner: 8)", text)
        self.assertIn("Blame", text)

    def test_a_contact_of_another_company_is_not_named(self):
        other = self.env["res.company"].create({"name": "Other"})
        name = f"{BUYER} (Mrs)"
        buyer = self.env["res.partner"].create({"name": name, "company_id": other.id})
        pickups = self.env["gls.pickup"]
        error = self._catch(pickups.create, {"delivery_address_id": buyer.id})
        self.assertIn("Zaphod", str(error))
        text = self._log("odoo.http", error)
        self.assertNotIn("Zaphod", text)
        self.assertIn("- (delivery_address_id)", text)

    def test_what_was_searched_for_is_not_in_the_log_of_an_export(self):
        line = "User %d exported %d %r records from %s. Fields: %s. %s: %s"
        told = (2, 7, "stock.picking", "127.0.0.1", "name,partner_id")
        domain = [("partner_id", "ilike", BUYER)]
        name = "odoo.addons.web.controllers.export"
        text = self._log(name, line, *told, "Domain", domain)
        self.assertNotIn("Zaphod", text)
        self.assertIn("exported 7 'stock.picking' records", text)
        self.assertIn("[4, 5]", self._log(name, line, *told, "IDs sample", [4, 5]))

    def test_what_a_method_is_called_with_is_not_logged(self):
        """At DEBUG, Odoo writes down whatever is typed: passwords, names."""
        secret = {"refresh_token_entry": "Zaphod"}
        with self.assertLogs("odoo.service.model", "DEBUG") as logged:
            call_kw(self.shop, "write", [self.shop.ids, secret], {"context": {}})
        self.assertIn(f"call amazon.shop({self.shop.id},).write", logged.output[0])
        self.assertNotIn("Zaphod", logged.output[0])

    def test_neither_codes_nor_tokens_are_in_the_log_of_requests(self):
        for path in (
            "/amazon_carrier_connector/consent?state=Zaphod&spapi_oauth_code=Zaphod",
            "/amazon_carrier_connector/myparcel/1/Zaphod",
            "/web/login?redirect=%2Famazon_carrier_connector%2Flogin%3Fstate%3DZaphod",
            "/web/login?redirect=/amazon_carrier_connector/login%3Fa%3DZaphod%26b",
            "/x?y=%252Famazon_carrier_connector%252Fconsent%253Fstate%253DZaphod",
        ):
            with self.subTest(path):
                line = f'"GET {path} HTTP/1.1" 200 -'
                for args in (("%s - %s", "::1", line), (f"::1 - {line}",)):
                    text = self._log("werkzeug", *args)
                    self.assertNotIn("Zaphod", text)
                    self.assertIn("amazon_carrier_connector", text)
                    self.assertIn("200", text)
        icon = "/amazon_carrier_connector/static/description/icon.png"
        self.assertIn(icon, self._log("werkzeug", "%s", f"GET {icon} HTTP/1.1"))

    def test_the_queries_of_calls_are_not_logged(self):
        url = "/parcel-shops?postalCode=Zaphod&X-Amz-Signature=Zaphod"
        for name, args in (
            ("urllib3.connectionpool", ('%s "%s %s" %s', "h:1", "GET", url, 200)),
            ("urllib3.util.retry", ("Incremented Retry for (url='%s')", url)),
            ("urllib3.poolmanager", ("Redirecting %s -> %s", url, url)),
            ("httpx", ('HTTP Request: GET %s "%s %d"', url, "HTTP/1.1", 200)),
        ):
            with self.subTest(name):
                text = self._log(name, *args)
                self.assertNotIn("Zaphod", text)
                self.assertTrue(text)

    def test_statements_logged_on_purpose_show_no_buyer(self):
        for table, kept in (
            *(("res_partner", False), ("ir_module_module", True)),
            # The name and the address that were looked up; postal codes; titles.
            *(("privacy_lookup_wizard", False), ("gls_parcel_shop_wizard", False)),
            *(("stock_move", False), ("delivery_merge_line", False)),
            *(("myparcel_hook", False), ("bus_bus", False), ("base_import", False)),
        ):
            query = f"UPDATE {table} SET name = 'Zaphod'"
            text = self._log("odoo.sql_db", "[%.3f ms] query: %s", 1.5, query)
            self.assertEqual("Zaphod" in text, kept)
            self.assertIn(f"[1.500 ms] query: UPDATE {table}", text)
