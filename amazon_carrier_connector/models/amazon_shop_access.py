"""What a shop's consent opens: its markets, and a test of all that it needs."""

from odoo import fields, models
from odoo.fields import Command

from ..amazon.errors import AmazonError, MissingRole, Throttled
from .amazon_shop_feed import PARTICIPATION_PACE, SEARCH_PACE
from .consent_messages import describe_consent_error


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    participating_market_ids = fields.Many2many(
        "amazon.market",
        "amazon_shop_participating_market_rel",
        string="Markets at Amazon",
        readonly=True,
        copy=False,
        help="Where the seller may sell, as Amazon tells.",
    )
    store_names = fields.Char(
        string="Store at Amazon",
        readonly=True,
        copy=False,
        help="What buyers read there. Amazon does not tell the seller ID of a refresh"
        " token that was entered by hand: by this name you see whose it is.",
    )

    # === ACTION METHODS === #

    def action_test_connection(self):
        """Ask Amazon for what the shop's work needs, and tell what is missing."""
        self.ensure_one()
        self.check_access("write")
        problems, remarks = self._test_connection()
        if not problems:
            self.tested_at = fields.Datetime.now()
        if not problems and self.is_stopped:
            self._resume()
        good = self.env._("The connection works.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if problems else "success",
                "title": self.name,
                "message": " ".join(problems or [good, *remarks]),
                "sticky": bool(problems or remarks),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _test_connection(self):
        """Read a little of all that is needed.

        :return: what keeps the shop from working, and what could not be tested; both
            lists of sentences
        """
        problems, former = [*self._find_same_token()], self.store_names
        try:
            try:
                if not self._read_participations():
                    problems.append(self._get_region_message())
            except MissingRole:
                problems.append(
                    self.env._(
                        "The app lacks the role Selling Partner Insights: choose the"
                        " markets by hand, or add the role at Amazon and connect again."
                    )
                )
            shown = self._shows_recipients()
        except MissingRole:
            shown = False
        except AmazonError as error:
            return [*problems, describe_consent_error(self.env, error)], []
        if shown is False:
            problems.append(
                self.env._(
                    "The app lacks the role Direct-to-Consumer Delivery: Amazon does"
                    " not tell it where orders go. Add the role at Amazon and connect"
                    " again."
                )
            )
        return problems, [*self._remark_store(former), *self._remark_orders(shown)]

    def _find_same_token(self):
        """Each consent is of one seller and region, and so of one shop."""
        # Nobody may read tokens, and the other shop may be of another company.
        shops = self.sudo().search(
            [("id", "!=", self.id), ("refresh_token", "!=", False)]
        )
        token = self._reveal_secret("refresh_token")
        double = shops.filtered(lambda shop: shop._is_secret("refresh_token", token))
        double = double[:1]
        if double and double.sudo(False).has_access("read"):
            yield self.env._(
                "The refresh token is that of shop %s as well: enter the one of this"
                " shop's seller.",
                double.name,
            )
        elif double:
            yield self.env._(
                "The refresh token is that of a shop of another company as well: enter"
                " the one of this shop's seller."
            )

    def _remark_store(self, former):
        """Another store may be another seller's."""
        if former and self.store_names != former:
            yield self.env._(
                "Amazon now names the store %(store)s, and named it %(former)s before:"
                " check that the consent is of the right seller.",
                store=self.store_names,
                former=former,
            )

    def _remark_orders(self, shown):
        if not shown:
            yield self.env._(
                "Whether it may read addresses shows with the first order that is open."
            )

    # === BUSINESS METHODS === #

    def _read_participations(self):
        """Take over from Amazon where the seller may sell.

        A market that a person has switched off stays off.

        :return: the markets of the shop's region, none if Amazon names none
        :raises AmazonError: also when it was asked too often
        """
        self._claim_call("participation_full_at", PARTICIPATION_PACE)
        with self._get_selling_partner() as amazon:
            names = {
                participation.marketplace_ref: participation.store_name
                for participation in amazon.read_participations()
                if participation.is_participating
            }
        known = self.participating_market_ids
        told = self.env["amazon.market"].search(
            [("marketplace_ref", "in", list(names)), ("region", "=", self.region)]
        )
        chosen = self.market_ids & told
        fresh = told - known if known or not chosen else known
        if told:
            self.write(
                {
                    "participating_market_ids": [Command.set(told.ids)],
                    "market_ids": [Command.set((chosen | fresh).ids)],
                    "store_names": self._join_names(told, names),
                }
            )
        if told and self.market_id not in self.market_ids:
            self.market_id = self.market_ids.sorted()[:1]
        return told

    def _join_names(self, markets, names):
        stores = {names[market.marketplace_ref] for market in markets}
        return ", ".join(sorted(filter(None, stores)))

    def _shows_recipients(self):
        """Whether Amazon tells where orders go; None when there are no orders."""
        market = self.market_id or self.market_ids[:1]
        if not market:
            return None
        # The import lives on the same calls.
        self._claim_call("search_full_at", SEARCH_PACE)
        with self._get_selling_partner() as amazon:
            return amazon.shows_recipients(market.marketplace_ref)

    def _claim_call(self, field, pace):
        """Take a token of one of the feed's buckets; commits.

        :raises Throttled: when there is none
        """
        # Nobody writes the token buckets by hand.
        wait = self.feed_ids.sudo()._claim_call(field, pace)
        if wait:
            raise Throttled(wait)

    def _get_region_message(self):
        return self.env._(
            "Amazon names no market of this shop's region: check the region."
        )
