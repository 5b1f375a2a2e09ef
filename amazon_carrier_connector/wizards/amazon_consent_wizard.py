"""The way to Amazon's consent page and back, of one person for one shop."""

import re
import secrets
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.orm.models import NO_ACCESS
from odoo.service.model import retrying
from odoo.tools import consteq

from ..amazon.addresses import checked_address
from ..amazon.errors import AmazonError, InsecureAddress
from ..amazon.login import exchange_code
from ..models.amazon_messages import describe_amazon_error
from ..models.amazon_shop_connection import CONSENT_LIFETIME
from ..models.consent_messages import describe_consent_error

LIFETIME = timedelta(minutes=10)
STATE_BYTES = 32
CONSENT_PAGE = "/apps/authorize/consent"

_SELLER = re.compile(r"[0-9A-Z]{1,64}")
# Amazon's pages for consents that begin there are all below /apps/authorize/. What a
# browser reads as a way out of there, or as the end of the address, is in none.
_CALLBACK = re.compile(
    r"[a-z]+://[^/]+/apps/authorize(/(?!\.\.?(/|\?|$))[\w.~-]+)+/?(\?[\w.~%&=+-]*)?",
    re.ASCII,
)
_AMAZON_STATE = re.compile(r"[!-~]{1,2000}")
LONGEST_ADDRESS = 2000


class AmazonConsentWizard(models.TransientModel):
    """What a person reads before leaving, and what is remembered until they are back.

    The state that goes to Amazon and returns is only here as a hash, over the user,
    the shop and its company as well.
    """

    _name = "amazon.consent.wizard"
    _description = "Connection to Amazon"
    _rec_name = "shop_id"

    shop_id = fields.Many2one("amazon.shop", ondelete="cascade")
    region = fields.Selection(related="shop_id.region")
    market_id = fields.Many2one(
        "amazon.market",
        string="Seller Central",
        compute="_compute_market_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('region', '=', region)]",
        help="Where you log in. One consent is good for all markets of the region.",
    )
    selling_partner_id = fields.Char(
        string="Seller ID", readonly=True, help="Who began the consent at Amazon."
    )
    amazon_callback_uri = fields.Char(readonly=True)
    amazon_state = fields.Char(readonly=True)
    other_url = fields.Char(
        compute="_compute_other_url",
        help="Where Amazon sends people back to, if that is not where they are.",
    )
    message = fields.Text(readonly=True)
    state_hash = fields.Char(groups=NO_ACCESS)
    redirect_uri = fields.Char(groups=NO_ACCESS)
    left_at = fields.Datetime(groups=NO_ACCESS)
    is_answered = fields.Boolean(groups=NO_ACCESS)

    # === COMPUTE METHODS === #

    @api.depends("shop_id")
    def _compute_market_id(self):
        for consent in self:
            shop = consent.shop_id
            consent.market_id = (
                shop.market_id
                or shop.market_ids[:1]
                or self.env["amazon.market"].search(
                    [("region", "=", shop.region)], limit=1
                )
            )

    @api.depends("shop_id")
    def _compute_other_url(self):
        for consent in self:
            home = consent.shop_id.company_id.get_base_url()
            is_here = not request or request.httprequest.host == urlsplit(home).netloc
            path = consent.shop_id.id and f"/odoo/amazon-shops/{consent.shop_id.id}"
            consent.other_url = False if is_here else f"{home}{path or '/odoo'}"

    # === ACTION METHODS === #

    def action_continue(self):
        """Leave for Amazon's consent page with a state of which only we know."""
        self.ensure_one()
        self.shop_id.check_access("write")
        self.shop_id._check_app_keys()
        state = secrets.token_urlsafe(STATE_BYTES)
        # The memory of the state is for nobody to read or write.
        consent = self.sudo()
        consent.write(
            {
                "state_hash": consent._hash(state),
                "redirect_uri": consent.shop_id.company_id._get_amazon_redirect_uri(),
                "left_at": fields.Datetime.now(),
                "is_answered": False,
                "message": False,
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": consent._get_consent_url(state),
            "target": "self",
        }

    def _get_consent_url(self, state):
        company = self.shop_id.company_id
        arguments = {"state": state, "redirect_uri": self.redirect_uri}
        if company.amazon_app_is_draft:
            arguments["version"] = "beta"
        if self.amazon_callback_uri:
            page = self.amazon_callback_uri
            arguments["amazon_state"] = self.amazon_state
        else:
            page = self._get_seller_central() + CONSENT_PAGE
            arguments["application_id"] = company.amazon_application_id
        return f"{page}{'&' if '?' in page else '?'}{urlencode(arguments)}"

    def _get_seller_central(self):
        host = f"https://{self.market_id.seller_central_host}"
        try:
            return checked_address(self._get_seller_central_url() or host)
        except InsecureAddress as error:
            raise UserError(describe_amazon_error(self.env, error)) from None

    def _hash(self, state):
        """What of a state is kept: good for one user, one shop, one company."""
        shop = self.shop_id
        bound = f"{state}:{self.create_uid.id}:{shop.id}:{shop.company_id.id}"
        return sha256(bound.encode()).hexdigest()

    # === CONSENTS BEGUN AT AMAZON === #

    @api.model
    def _begin_from_amazon(self, told):
        """Have the user choose the shop for a consent that was begun at Amazon.

        :param dict told: the arguments of the login URI
        :raises UserError: when they are not Amazon's
        """
        self.env["amazon.shop"].check_access("write")
        page = told.get("amazon_callback_uri", "")
        seller = told.get("selling_partner_id", "")
        is_known = self._is_page_of_amazon(page) and _SELLER.fullmatch(seller)
        if not is_known or not _AMAZON_STATE.fullmatch(told.get("amazon_state", "")):
            raise UserError(
                self.env._(
                    "This address is for Amazon: it begins the connection of a shop"
                    " from there. Here it begins on the shop: Connect to Amazon."
                )
            )
        shops = self.env["amazon.shop"]
        return self.create(
            {
                "shop_id": shops.search(
                    [("selling_partner_id", "in", [seller, False])],
                    order="selling_partner_id, id",
                    limit=1,
                ).id,
                "selling_partner_id": seller,
                "amazon_callback_uri": page,
                "amazon_state": told["amazon_state"],
            }
        )

    @api.model
    def _is_page_of_amazon(self, page):
        """Whether it is Amazon's: a state is not for other people's pages."""
        if len(page) > LONGEST_ADDRESS or not _CALLBACK.fullmatch(page):
            return False
        try:
            parts = urlsplit(checked_address(page))
        except InsecureAddress:
            return False
        labels = parts.hostname.split(".")
        names = [".".join(labels[start:]) for start in range(len(labels))]
        markets = self.env["amazon.market"].search([("domain", "in", names)], limit=1)
        is_host = parts.port is None and bool(markets)
        is_standin = parts.netloc == urlsplit(self._get_seller_central_url()).netloc
        return is_host or is_standin

    @api.model
    def _get_seller_central_url(self):
        """The address that takes the place of every market's Seller Central, or ""."""
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param("amazon_carrier_connector.seller_central_url", "")

    # === AMAZON'S ANSWER === #

    @api.model
    def _receive(self, answer):
        """Connect the shop of the consent that Amazon answers, or say on it why not.

        Every step ends with a commit of its own: a state is spent before its code is
        exchanged, and the token is kept whatever happens afterwards.

        :param dict answer: the arguments of the redirect URI
        :return: the shop to go back to; none when the answer belongs to nothing
        """
        with self._apart() as consents:
            consent = consents._find(answer.get("state"))
            ids, shop_id = consent.ids, consent.shop_id.id
        with self._apart() as consents:
            # First of all, so that of two answers at once one sees the other.
            consent = consents.browse(ids).try_lock_for_update()
            exchange = consent and consent._claim(answer)
        if exchange:
            token, message = self._exchange(exchange)
            with self._apart() as consents:
                finish = partial(consents.browse(ids)._finish, answer, token, message)
                retrying(finish, consents.env)
        if exchange and token:
            with self._apart() as consents:
                consents.browse(ids)._read_markets()
        return self.env["amazon.shop"].browse(shop_id)

    @contextmanager
    def _apart(self):
        """All consents, in a transaction that ends with the block."""
        with self.env.registry.cursor() as cr:
            # Nobody may read or write the memory of a state; the answer comes from
            # outside, and is only taken for the user who began.
            yield self.with_env(self.env(cr=cr, su=True))

    def _find(self, state):
        """The user's consent with this state; without one, that which was broken off.

        Amazon's page leads back without a state when somebody leaves it.
        """
        mine = self.search(
            [("create_uid", "=", self.env.uid), ("left_at", "!=", False)],
            order="left_at desc, id desc",
        ).filtered(lambda consent: consent._is_allowed())
        if state is None:
            return mine.filtered(lambda c: not c.is_answered and not c._is_late())[:1]
        return mine.filtered(lambda c: consteq(c.state_hash, c._hash(state)))

    def _is_allowed(self):
        """Whether its user may still connect its shop."""
        shop = self.shop_id.sudo(False).with_context(
            allowed_company_ids=self.env.user.company_ids.ids
        )
        return shop.has_access("write")

    def _is_late(self):
        return fields.Datetime.now() - self.left_at > LIFETIME

    def _claim(self, answer):
        """Spend the state, or say why the answer is not taken.

        :return: ``exchange_code`` with all it needs, or None
        """
        if self.is_answered:
            return None
        self.is_answered = "state" in answer
        self.message = self._get_refusal(answer)
        if self.message:
            return None
        self.shop_id._check_outside_allowed()
        company = self.shop_id.company_id
        return partial(
            exchange_code,
            answer["spapi_oauth_code"],
            self.redirect_uri,
            client_id=company.amazon_client_id,
            client_secret=company._reveal_secret("amazon_client_secret"),
            token_url=self.env["ir.config_parameter"].get_param(
                "amazon_carrier_connector.lwa_url"
            ),
        )

    def _get_refusal(self, answer):
        """Why no shop is connected by this answer, "" if it is."""
        seller = answer.get("selling_partner_id", "")
        if self._is_late():
            return self.env._(
                "Amazon's answer came more than ten minutes after you had left. Connect"
                " the shop again."
            )
        if not self.shop_id.active:
            return self.env._("The shop was archived meanwhile. It is not connected.")
        # Without the state, a code may be of anybody's consent.
        is_whole = "state" in answer and answer.get("spapi_oauth_code")
        if not is_whole or not _SELLER.fullmatch(seller):
            return self.env._(
                "You came back from Amazon without the consent. Nothing was changed."
            )
        expected = self.shop_id.selling_partner_id or self.selling_partner_id
        if expected and seller != expected:
            return self.env._(
                "The consent is of seller %(given)s, but this shop is of seller"
                " %(expected)s. Log in at Amazon with the account of this shop, or add"
                " another shop.",
                given=seller,
                expected=expected,
            )
        return self._get_double(seller)

    def _get_double(self, seller):
        """Why this seller cannot have this shop too, "" if it can."""
        others = self.env["amazon.shop"].with_context(active_test=False)
        double = others.search(
            [
                ("selling_partner_id", "=", seller),
                ("region", "=", self.shop_id.region),
                ("id", "!=", self.shop_id.id),
            ],
            limit=1,
        )
        if not double:
            return ""
        return self.env._(
            "Seller %(seller)s has a shop already: %(shop)s. Connect that one.",
            seller=seller,
            shop=double.name,
        )

    def _exchange(self, exchange):
        """The seller's refresh token, or why there is none."""
        try:
            return exchange(), ""
        except AmazonError as error:
            return None, describe_consent_error(self.env, error)

    def _finish(self, answer, token, message):
        """Keep the consent, or what went wrong."""
        self.message = message
        if not token:
            return
        shop = self.shop_id
        shop.selling_partner_id = answer["selling_partner_id"]
        shop._store_consent(token, CONSENT_LIFETIME)
        shop._message_log(
            body=self.env._(
                "Connected to Amazon as seller %s.", shop.selling_partner_id
            )
        )

    def _read_markets(self):
        """The shop is connected: its markets may fail, and be read another time."""
        shop = self.shop_id
        try:
            missing = "" if shop._read_participations() else shop._get_region_message()
        except AmazonError as error:
            missing = describe_consent_error(self.env, error)
        self.message = missing and self.env._(
            "The shop is connected, but its markets could not be read: %s Test the"
            " connection later, or choose the markets by hand.",
            missing,
        )
