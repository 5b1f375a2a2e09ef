"""A shop is connected by consent, or a person is told why it is not."""

from datetime import timedelta
from urllib.parse import urlsplit

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import new_test_user, tagged

from .common import MANAGER
from .consent_case import CONSENT_PATH, SELLER, ConsentCase

STOREFRONTS = "NL BE DE FR ES IT GB IE SE PL"


@tagged("post_install", "-at_install")
class TestConsent(ConsentCase):
    def test_a_consent_connects_the_shop(self):
        self.shop.name = "Mugs & More"
        answer = self.connect()
        self.assert_at_shop(answer)
        self.assertEqual(self.get_message(), "")
        shop = self.shop
        self.assertEqual(shop.state, "connected")
        self.assertEqual(shop.name, "Mugs & More")
        self.assertEqual(shop.selling_partner_id, SELLER)
        self.assertTrue(
            shop._is_secret("refresh_token", self.standins.seller.refresh_token)
        )
        self.assertIn(shop.consent_days_left, (364, 365))
        self.assertEqual(set(shop.market_ids.mapped("code")), set(STOREFRONTS.split()))
        self.assertEqual(shop.market_id, self.market_nl)
        self.assertIn(SELLER, shop.message_ids[0].body)
        self.assertEqual(self.standins.violations, [])

    def test_the_consent_page_is_the_chosen_markets(self):
        self.env["ir.config_parameter"].set_param(
            "amazon_carrier_connector.seller_central_url", False
        )
        screen = self.open_screen()
        self.assertEqual(screen.market_id, self.market_nl)
        screen.market_id = self.market_de
        url = screen.action_continue()["url"]
        self.assertTrue(
            url.startswith(
                "https://sellercentral-europe.amazon.com/apps/authorize/consent?"
            )
        )
        query = self.get_query(url)
        self.assertEqual(set(query), {"application_id", "state", "redirect_uri"})
        self.assertEqual(query["redirect_uri"], self.base + CONSENT_PATH)

    def test_the_market_of_the_shop_is_proposed(self):
        self.shop.write({"market_ids": self.market_de.ids})
        self.assertEqual(self.open_screen().market_id, self.market_de)
        self.shop.market_id = self.market_nl
        self.assertEqual(self.open_screen().market_id, self.market_nl)

    def test_who_comes_back_to_another_address_is_told_before_leaving(self):
        screen = self.open_screen()
        for base, told in (
            (self.base, False),
            ("https://odoo.example.com", f"/odoo/amazon-shops/{self.shop.id}"),
        ):
            self.env["ir.config_parameter"].set_param("web.base.url", base)
            answer = self.make_jsonrpc_request(
                "/web/dataset/call_kw",
                {
                    "model": screen._name,
                    "method": "read",
                    "args": [screen.ids, ["other_url"]],
                    "kwargs": {},
                },
            )
            self.assertEqual(answer[0]["other_url"], told and base + told)

    def test_an_app_in_draft_is_asked_for_as_such(self):
        self.sellers.is_draft = True
        self.company.amazon_app_is_draft = True
        url = self.leave()
        self.assertEqual(self.get_query(url)["version"], "beta")
        self.come_back(self.consent(url))
        self.assertEqual(self.shop.state, "connected")

    def test_the_state_is_kept_as_a_hash_only_and_never_the_same(self):
        states = [self.get_query(self.leave())["state"] for _ in range(3)]
        self.assertEqual(len(set(states)), 3)
        self.assertTrue(all(len(state) >= 43 for state in states))
        self.env.flush_all()
        self.env.cr.execute("SELECT t::text FROM amazon_consent_wizard t")
        rows = "".join(row for (row,) in self.env.cr.fetchall())
        self.assertFalse([state for state in states if state in rows])

    def test_nobody_reads_or_writes_the_memory_of_a_state(self):
        screen = self.open_screen()
        screen.action_continue()
        for name in ("state_hash", "redirect_uri", "left_at", "is_answered"):
            with self.assertRaises(AccessError):
                screen.read([name])
            with self.assertRaises(AccessError):
                screen.write({name: False})
        other = new_test_user(self.env, "other_boss", MANAGER)
        with self.assertRaises(AccessError):
            screen.with_user(other).read(["shop_id"])

    def test_renewing_begins_another_year_and_keeps_the_choice_of_markets(self):
        self.connect()
        self.shop.write(
            {
                "market_ids": [(6, 0, self.market_de.ids)],
                "consent_expires_at": fields.Datetime.now() + timedelta(days=3),
                "name": "Our European shop",
            }
        )
        self.assert_at_shop(self.connect())
        self.assertIn(self.shop.consent_days_left, (364, 365))
        self.assertEqual(self.shop.market_ids, self.market_de)
        self.assertEqual(self.shop.name, "Our European shop")

    def test_markets_chosen_before_the_first_connection_stay_chosen(self):
        self.shop.market_ids = self.market_nl | self.market_de
        self.connect()
        self.assertEqual(self.shop.market_ids, self.market_nl | self.market_de)
        self.assertEqual(len(self.shop.participating_market_ids), 10)

    def test_a_market_that_the_seller_joins_later_is_switched_on(self):
        seller = self.standins.seller
        before = seller.marketplace_refs
        self.addCleanup(setattr, seller, "marketplace_refs", before)
        seller.marketplace_refs = before[:2]
        self.connect()
        self.assertEqual(self.shop.market_ids.mapped("code"), ["NL", "BE"])
        seller.marketplace_refs = (before[0], before[2], "ATVPDKIKX0DER")
        self.connect()
        self.assertEqual(self.shop.market_ids, self.market_nl | self.market_de)


@tagged("post_install", "-at_install")
class TestAnswersThatAreRefused(ConsentCase):
    def tearDown(self):
        # Whatever was refused was refused before its code was spent.
        self.assertEqual(self.standins.lwa.count("token"), 0)
        super().tearDown()

    def test_a_state_of_nobody(self):
        self.leave()
        answer = self.come_back(
            f"{CONSENT_PATH}?state=x&selling_partner_id={SELLER}&spapi_oauth_code=y"
        )
        self.assert_turned_away(answer, 400, "belongs to no connection")

    def test_a_code_without_a_state(self):
        """Whoever lures a person here would connect their own seller."""
        other = self.get_query(self.consent(self.leave()))
        self.leave()
        answer = self.come_back(
            f"{CONSENT_PATH}?selling_partner_id={SELLER}"
            f"&spapi_oauth_code={other['spapi_oauth_code']}"
        )
        self.assert_refused(answer, "without the consent")

    def test_an_empty_state(self):
        self.leave()
        answer = self.come_back(f"{CONSENT_PATH}?state=&spapi_oauth_code=y")
        self.assert_turned_away(answer, 400, "belongs to no connection")

    def test_the_state_of_another_user(self):
        other = new_test_user(self.env, "other_boss", MANAGER)
        location = self.consent(self.leave(user=other))
        self.assert_turned_away(self.come_back(location), 400, "belongs to no")
        self.assertEqual(self.get_message(user=other), "")

    def test_a_visitor_who_is_not_logged_in(self):
        location = self.consent(self.leave())
        self.authenticate(None, None)
        self.assert_turned_away(self.come_back(location), 403, "no longer logged in")

    def test_a_user_who_may_no_longer_change_shops(self):
        location = self.consent(self.leave())
        self.amazon_manager.group_ids -= self.env.ref(MANAGER)
        self.assert_turned_away(self.come_back(location), 400, "belongs to no")

    def test_a_shop_that_went_to_another_company(self):
        self._create_other_company()
        self.amazon_manager.company_ids |= self.other_company
        location = self.consent(self.leave())
        self.shop.write(
            {
                "company_id": self.other_company.id,
                "carrier_id": False,
                "warehouse_id": self.other_shop.warehouse_id.id,
            }
        )
        self.assert_turned_away(self.come_back(location), 400, "belongs to no")

    def test_a_shop_that_was_removed_meanwhile(self):
        location = self.consent(self.leave())
        self.shop.action_archive()
        self.assert_refused(self.come_back(location), "was archived meanwhile")

    def test_a_portal_user(self):
        self.leave()
        login = new_test_user(self.env, "shopper", "base.group_portal").login
        self.authenticate(login, login)
        for query in ("", "?state=x&spapi_oauth_code=y"):
            answer = self.come_back(CONSENT_PATH + query)
            self.assert_turned_away(answer, 400, "belongs to no connection")

    def test_parameters_of_any_kind(self):
        """None of them breaks anything, comes back as markup or leads elsewhere."""
        evil = "<script>alert(1)</script>"
        for text in (evil, "\0", "\r\nX-Evil: 1", "é\ud7ff", "%s{0}", "x" * 30_000):
            for name in ("state", "selling_partner_id", "spapi_oauth_code", "redirect"):
                with self.subTest(text[:9], name=name):
                    state = self.get_query(self.leave())["state"]
                    query = {"state": state, name: text}
                    answer = self.ask(query)
                    self.assert_kept_secret(answer)
                    self.assertNotIn(evil, answer.text)
                    self.assertNotIn("X-Evil", answer.headers)
                    if name == "state":
                        self.assert_turned_away(answer, 400, "belongs to no")
                    else:
                        self.assert_refused(answer, "without the consent")

    def test_the_same_parameter_twice(self):
        state = self.get_query(self.leave())["state"]
        query = [("state", "x"), ("state", state), ("selling_partner_id", SELLER)]
        self.assert_kept_secret(self.ask(query))
        self.assert_not_connected()

    def test_an_answer_that_is_posted(self):
        answer = self.url_open(CONSENT_PATH, data={"state": "x"})
        self.assertEqual(answer.status_code, 405)

    def ask(self, query):
        return self.url_open(CONSENT_PATH, params=query, allow_redirects=False)

    def test_a_shop_that_was_deleted(self):
        location = self.consent(self.leave())
        self.shop.unlink()
        answer = self.come_back(location)
        self.assertEqual(answer.status_code, 400)

    def test_an_answer_after_more_than_ten_minutes(self):
        screen = self.open_screen()
        location = self.consent(screen.action_continue()["url"])
        screen.sudo().left_at -= timedelta(minutes=10, seconds=1)
        self.assert_refused(self.come_back(location), "more than ten minutes")

    def test_another_sellers_consent(self):
        self.sellers.add("A2SOMEBODYELSE")
        self.addCleanup(self.sellers.sellers.pop, "A2SOMEBODYELSE")
        self.shop.selling_partner_id = SELLER
        answer = self.connect(seller="A2SOMEBODYELSE")
        self.assert_at_shop(answer)
        self.assertIn("A2SOMEBODYELSE", self.get_message())
        self.assertEqual(self.shop.selling_partner_id, SELLER)
        self.assertEqual(self.shop.state, "draft")

    def test_a_seller_who_has_a_shop_already(self):
        for active in (True, False):
            shop = self._create_shop(self.company, SELLER, active=active, name="First")
            self.assert_refused(self.connect(), "First")
            shop.unlink()

    def test_a_consent_that_was_cancelled(self):
        self.leave()
        answer = self.come_back(CONSENT_PATH)
        self.assert_refused(answer, "without the consent")

    def test_nothing_at_all_when_nothing_was_begun(self):
        answer = self.come_back(CONSENT_PATH)
        self.assert_turned_away(answer, 400, "belongs to no connection")

    def test_answers_with_an_error_or_without_a_part(self):
        for parts in (
            {"error": "access_denied"},
            {"selling_partner_id": SELLER},
            {"spapi_oauth_code": "code"},
            {"selling_partner_id": "<b>x</b>", "spapi_oauth_code": "code"},
        ):
            with self.subTest(parts):
                state = self.get_query(self.leave())["state"]
                answer = self.url_open(
                    CONSENT_PATH,
                    params={"state": state, **parts},
                    allow_redirects=False,
                )
                self.assert_refused(answer, "without the consent")

    def test_a_failed_answer_has_spent_its_state(self):
        url = self.leave()
        state = self.get_query(url)["state"]
        self.come_back(f"{CONSENT_PATH}?state={state}&error=access_denied")
        self.assert_refused(self.come_back(self.consent(url)), "without the consent")


@tagged("post_install", "-at_install")
class TestExchange(ConsentCase):
    def test_a_state_is_good_once(self):
        location = self.consent(self.leave())
        self.come_back(location)
        asked = self.standins.lwa.count("token")
        self.shop._store_consent(False)
        self.assert_at_shop(self.come_back(location))
        self.assertEqual(self.standins.lwa.count("token"), asked)
        self.assertEqual(self.shop.state, "draft")

    def test_the_code_is_sent_with_the_redirect_uri_of_the_consent(self):
        url = self.leave()
        # An administrator who logs in elsewhere changes the address of this Odoo.
        self.env["ir.config_parameter"].set_param(
            "web.base.url", "https://odoo.example"
        )
        self.come_back(self.consent(url))
        self.assertEqual(self.shop.state, "connected")

    def test_a_consent_that_was_cancelled_can_be_given_after_all(self):
        url = self.leave()
        self.assert_refused(self.come_back(CONSENT_PATH), "without the consent")
        self.come_back(self.consent(url))
        self.assertEqual(self.shop.state, "connected")
        self.assertEqual(self.get_message(), "")

    def test_a_code_that_is_too_old(self):
        location = self.consent(self.leave())
        self.standins.clock.advance(301)
        self.assert_refused(self.come_back(location), "Connect the shop again")
        self.assertEqual(self.standins.lwa.count("token"), 1)

    def test_a_wrong_client_secret(self):
        self.company.amazon_client_secret_entry = "wrong"
        self.assert_refused(self.connect(), "client secret (invalid_client)")

    def test_a_token_service_that_fails(self):
        for kind, words in (
            ("unavailable", "cannot be reached"),
            ("throttled", "too often"),
            ("cut", "lost or not clear"),
        ):
            with self.subTest(kind):
                self.standins.lwa.faults.add("token", kind)
                self.assert_refused(self.connect(), words)

    def test_after_a_failure_another_consent_connects(self):
        self.standins.lwa.faults.add("token", "unavailable")
        self.assert_refused(self.connect(), "cannot be reached")
        self.assert_at_shop(self.connect())
        self.assertEqual(self.get_message(), "")
        self.assertEqual(self.shop.state, "connected")

    def test_markets_that_cannot_be_read_leave_the_shop_connected(self):
        for kind, details, words in (
            ("refused", {"status": 403, "times": 2}, "lacks a role"),
            ("throttled", {}, "too often"),
            ("unavailable", {}, "cannot be reached"),
        ):
            with self.subTest(kind):
                self.standins.amazon.faults.add(
                    "getMarketplaceParticipations", kind, **details
                )
                self.assert_at_shop(self.connect())
                self.assertEqual(self.shop.state, "connected")
                self.assertFalse(self.shop.market_ids)
                self.assertIn("is connected, but its markets", self.get_message())
                self.assertIn(words, self.get_message())

    def test_a_region_without_a_market_of_the_seller_is_said(self):
        self.shop.region = "fe"
        self.assert_at_shop(self.connect())
        self.assertIn("check the region", self.get_message())

    def test_a_token_entered_by_hand_ends_what_was_said(self):
        self.leave()
        self.come_back(CONSENT_PATH)
        self.assertTrue(self.get_message())
        self.shop.with_user(self.amazon_manager).refresh_token_entry = "Atzr|x"
        self.assertEqual(self.get_message(), "")

    def test_neither_code_nor_state_is_logged(self):
        location = self.consent(self.leave())
        query = self.get_query(location)
        with self.assertLogs(level="DEBUG") as logged:
            self.come_back(location)
        text = "\n".join(logged.output)
        self.assertIn(f"GET {CONSENT_PATH}", text)
        self.assertNotIn(query["spapi_oauth_code"], text)
        self.assertNotIn(query["state"], text)
        self.assertNotIn(self.standins.seller.refresh_token, text)


@tagged("post_install", "-at_install")
class TestLeaving(ConsentCase):
    def test_without_keys_of_the_app_nobody_leaves(self):
        for name in (
            "amazon_application_id",
            "amazon_client_id",
            "amazon_client_secret",
        ):
            label = name.removeprefix("amazon_").split("_")[-1].replace("id", "ID")
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.company.sudo()[name] = False
                with self.assertRaisesRegex(UserError, label):
                    self.shop.with_user(self.amazon_manager).action_connect()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_an_administrator_is_led_to_the_settings(self):
        self.company.amazon_application_id = False
        self.admin.group_ids |= self.env.ref(MANAGER)
        with self.assertRaises(RedirectWarning):
            self.shop.with_user(self.admin).action_connect()

    def test_from_an_odoo_without_https_nobody_leaves(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "http://odoo.example")
        with self.assertRaisesRegex(UserError, "https addresses only"):
            self.shop.with_user(self.amazon_manager).action_connect()

    def test_from_a_copy_of_the_database_nobody_leaves(self):
        screen = self.open_screen()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "1")
        with self.assertRaisesRegex(UserError, "neutralized copy"):
            screen.action_continue()
        with self.assertRaisesRegex(UserError, "neutralized copy"):
            self.shop.with_user(self.amazon_manager).action_connect()

    def test_a_seller_central_that_is_not_https_is_refused(self):
        self.env["ir.config_parameter"].set_param(
            "amazon_carrier_connector.seller_central_url", "http://amazon.example"
        )
        with self.assertRaisesRegex(UserError, "not https"):
            self.leave()

    def test_warehouse_staff_cannot_begin(self):
        with self.assertRaises(AccessError):
            self.shop.with_user(self.amazon_user).action_connect()
        with self.assertRaises(AccessError):
            self.shop.with_user(self.amazon_user).action_test_connection()


@tagged("post_install", "-at_install")
class TestConsentBegunAtAmazon(ConsentCase):
    def begin(self, seller=SELLER):
        """The person presses the button at Amazon, and lands in Odoo."""
        location = self._get_location(
            f"{self.standins.lwa.url}/apps/authorize/begin/{seller}"
        )
        return self.come_back(location)

    def get_screen(self, answer):
        self.assertEqual(answer.status_code, 303)
        self.assert_kept_secret(answer)
        path = urlsplit(answer.headers["Location"]).path
        self.assertTrue(path.startswith("/odoo/amazon-connect/"))
        wizard = self.env["amazon.consent.wizard"].with_user(self.amazon_manager)
        return wizard.browse(int(path.rpartition("/")[2]))

    def finish(self, screen):
        return self.come_back(self._get_location(screen.action_continue()["url"]))

    def test_it_connects_the_shop_that_the_person_confirms(self):
        for is_draft in (False, True):
            self.sellers.is_draft = self.company.amazon_app_is_draft = is_draft
            screen = self.get_screen(self.begin())
            self.assertEqual(screen.shop_id, self.shop)
            self.assertEqual(screen.selling_partner_id, SELLER)
            self.assert_at_shop(self.finish(screen))
            self.assertEqual(self.shop.state, "connected")

    def test_the_shop_of_that_seller_is_proposed(self):
        mine = self._create_shop(self.company, SELLER)
        self.assertEqual(self.get_screen(self.begin()).shop_id, mine)

    def test_without_a_shop_that_fits_the_person_chooses(self):
        self.shop.selling_partner_id = "A9OTHERSELLER"
        self.assertFalse(self.get_screen(self.begin()).shop_id)

    def test_the_shop_of_another_seller_is_refused(self):
        screen = self.get_screen(self.begin())
        screen.shop_id = self._create_shop(self.company, "A9OTHERSELLER", name="Other")
        self.assert_at_shop(self.finish(screen), screen.shop_id)
        self.assertIn("A9OTHERSELLER", self.get_message(screen.shop_id))
        self.assertEqual(screen.shop_id.state, "draft")

    def test_other_peoples_pages_never_get_a_state(self):
        good = {"amazon_state": "a", "selling_partner_id": SELLER}
        for page in (
            "https://evil.example/apps/authorize/confirm/x",
            "https://amazon.nl.evil.example/apps/authorize/confirm/x",
            "https://evilamazon.nl/apps/authorize/confirm/x",
            "https://evil.example\\.amazon.nl/apps/authorize/confirm/x",
            "https://sellercentral.amazon.nl@evil.example/apps/authorize/confirm/x",
            "https://sellercentral.amazon.nl:8443/apps/authorize/confirm/x",
            "http://sellercentral.amazon.nl/apps/authorize/confirm/x",
            "https://sellercentral.amazon.nl/redirect?to=evil",
            "https://sellercentral.amazon.nl/apps/authorize/../../redirect?to=evil",
            "https://sellercentral.amazon.nl/apps/authorize/%2e%2E/%2e./redirect",
            "https://sellercentral.amazon.nl/apps/authorize/..\\..\\redirect",
            "https://sellercentral.amazon.nl/apps/authorize/x#",
            "https://sellercentral.amazon.nl/apps/authorize/x\0",
            "https://sellercentral.amazon.nl/apps/authorize/x\r\nX-Evil: 1",
            "https://sellercentral.amazon.nl/apps/authorize/" + "x" * 30_000,
            "javascript:alert(1)",
            "//evil.example/apps/authorize/",
            "",
        ):
            with self.subTest(page):
                self.assert_not_begun({**good, "amazon_callback_uri": page})
        page = "https://sellercentral.amazon.nl/apps/authorize/confirm/x"
        self.assert_not_begun({"amazon_state": "a", "amazon_callback_uri": page})
        for state in ("", "\0", "x" * 30_000, "<b> </b>"):
            told = {**good, "amazon_callback_uri": page, "amazon_state": state}
            self.assert_not_begun(told)
        for seller in ("\0", "<b>x</b>", "X" * 65):
            told = {**good, "amazon_callback_uri": page, "selling_partner_id": seller}
            self.assert_not_begun(told)

    def assert_not_begun(self, told):
        wizards = self.env["amazon.consent.wizard"]
        before = wizards.search_count([])
        answer = self.url_open(
            "/amazon_carrier_connector/login", params=told, allow_redirects=False
        )
        self.assert_turned_away(answer, 403, "begins the connection")
        self.assertEqual(wizards.search_count([]), before)

    def test_amazons_own_pages_get_one(self):
        wizards = self.env["amazon.consent.wizard"]
        for page in (
            "https://amazon.com/apps/authorize/confirm/amzn1.sp.solution.x",
            "https://sellercentral.amazon.nl/apps/authorize/confirm/x",
            "https://sellercentral-europe.amazon.com/apps/authorize/confirm/x",
            "https://sellercentral.amazon.nl/apps/authorize/confirm/x?a=b&c=%20",
        ):
            self.assertTrue(wizards._is_page_of_amazon(page), page)

    def test_warehouse_staff_are_turned_away(self):
        self.authenticate("amazon_user", "amazon_user")
        self.assertEqual(self.begin().status_code, 403)

    def test_a_visitor_logs_in_first(self):
        self.authenticate(None, None)
        answer = self.begin()
        self.assertIn("/web/login", answer.headers["Location"])
