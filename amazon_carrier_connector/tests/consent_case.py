"""What the tests of the consent share: a shop that is not connected, and Amazon's page.

Odoo's own HTTP server receives what the stand-in's consent page redirects to.
"""

from urllib.parse import parse_qsl, urlsplit

import requests

from odoo.tests import HttpCase

from .common import AmazonStandinsCommon

CONSENT_PATH = "/amazon_carrier_connector/consent"
LOGIN_PATH = "/amazon_carrier_connector/login"
SELLER = "A1STANDINSELLER"


class ConsentCase(AmazonStandinsCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop._store_consent(False)
        cls.shop.write(
            {
                "selling_partner_id": False,
                "market_ids": [(5,)],
                "market_id": False,
            }
        )
        cls.base = cls.env["ir.config_parameter"].get_param("web.base.url")

    def setUp(self):
        super().setUp()
        self.sellers = self.standins.lwa.sellers
        self.sellers.redirect_uris = (self.base + CONSENT_PATH,)
        self.sellers.login_uri = self.base + LOGIN_PATH
        self.addCleanup(setattr, self.sellers, "is_draft", False)
        self.addCleanup(setattr, self.standins.seller, "connected", True)
        self.authenticate("amazon_manager", "amazon_manager")

    def open_screen(self, user=None, shop=None):
        """What "Connect to Amazon" opens."""
        shop = (shop or self.shop).with_user(user or self.amazon_manager)
        action = shop.action_connect()
        wizard = self.env[action["res_model"]].with_user(shop.env.user)
        return wizard.with_context(**action["context"]).create({})

    def leave(self, **options):
        """The address that a person goes to from there."""
        return self.open_screen(**options).action_continue()["url"]

    def consent(self, url, seller=SELLER):
        """The person consents at Amazon: the address that Amazon sends them to."""
        return self._get_location(f"{url}&seller={seller}")

    def _get_location(self, url):
        answer = requests.get(url, allow_redirects=False, timeout=10)
        self.assertEqual(answer.status_code, 302, answer.text)
        return answer.headers["Location"]

    def come_back(self, location):
        """The browser follows Amazon's redirect to Odoo."""
        return self.url_open(location, allow_redirects=False)

    def connect(self, seller=SELLER, **options):
        return self.come_back(self.consent(self.leave(**options), seller))

    def get_query(self, url):
        return dict(parse_qsl(urlsplit(url).query))

    # === OUTCOMES === #

    def assert_at_shop(self, answer, shop=None):
        self.assertEqual(answer.status_code, 303)
        self.assertURLEqual(
            answer.headers["Location"], f"/odoo/amazon-shops/{(shop or self.shop).id}"
        )
        self.assert_kept_secret(answer)

    def assert_kept_secret(self, answer):
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def get_message(self, shop=None, user=None):
        shop = (shop or self.shop).with_user(user or self.amazon_manager)
        shop.invalidate_recordset(["consent_message"])
        return shop.consent_message or ""

    def assert_refused(self, answer, words):
        """Back at the shop, with a sentence, and as before."""
        self.assert_at_shop(answer)
        self.assertIn(words, self.get_message())
        self.assert_not_connected()

    def assert_turned_away(self, answer, status, words):
        """On a page of its own, and no shop was touched."""
        self.assertEqual(answer.status_code, status)
        self.assertIn(words, answer.text)
        self.assert_kept_secret(answer)
        self.assert_not_connected()

    def assert_not_connected(self):
        shop = self.shop.sudo()
        self.assertFalse(shop.refresh_token or shop.selling_partner_id)
        self.assertFalse(shop.connected_at or shop.consent_expires_at)
