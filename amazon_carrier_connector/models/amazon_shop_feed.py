"""The orders of a shop are read from Amazon: what is known of that, between runs."""

from odoo import api, fields, models
from odoo.fields import Command

IMPORT_SOURCES = [("api", "Orders API"), ("report", "Unshipped Orders Report")]
CRON = "amazon_carrier_connector.cron_read_orders"


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    import_automatically = fields.Boolean(
        string="Automatic Import", help="Orders are read from Amazon by themselves."
    )
    import_interval = fields.Integer(
        string="Import Every", default=60, help="In minutes, at least 5."
    )
    import_source = fields.Selection(
        selection=IMPORT_SOURCES, string="Import from", required=True, default="api"
    )
    feed_ids = fields.One2many("amazon.shop.feed", "shop_id")

    _import_interval_least = models.Constraint(
        "CHECK (import_interval >= 5)",
        "Orders can be imported every 5 minutes, not more often.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        shops = super().create(vals_list)
        # Beforehand, because two workers would both create what is missing; nobody
        # may create it by hand.
        shops.env["amazon.shop.feed"].sudo().create(
            [{"shop_id": shop.id} for shop in shops]
        )
        return shops

    def action_start_import(self):
        """Have the scheduled action read the orders of these shops now."""
        self.env["amazon.order.import"].check_access("create")
        self.check_access("read")
        # Nobody writes these rows by hand.
        self.feed_ids.sudo()._queue()


class AmazonShopFeed(models.Model):
    """What was read of one shop's orders, and what keeps it from being read.

    Apart from the shop, which people edit. Nobody edits it.
    """

    _name = "amazon.shop.feed"
    _description = "Orders of a Shop at Amazon"
    _rec_name = "shop_id"
    _check_company_auto = True

    shop_id = fields.Many2one("amazon.shop", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    state = fields.Selection(
        selection=[("idle", "Idle"), ("queued", "Queued"), ("running", "Running")],
        required=True,
        default="idle",
    )
    source = fields.Selection(
        selection=IMPORT_SOURCES, help="How the orders of the present run are read."
    )
    import_id = fields.Many2one(
        "amazon.order.import", ondelete="set null", help="The one of the present run."
    )
    watermark = fields.Datetime(help="All that changed at Amazon before was read.")
    search_since = fields.Datetime(help="Where the present search begins.")
    search_until = fields.Datetime(help="Where the present search ends.")
    pagination_token = fields.Char(help="Of the next page of the present search.")
    search_full_at = fields.Float(
        help="When searchOrders' token bucket is full, in seconds since 1970."
    )
    order_full_at = fields.Float(help="The same of getOrder.")
    paused_until = fields.Datetime()
    failure_count = fields.Integer(help="Failures since orders were last read.")
    error = fields.Text(help="What keeps the orders from being read.")
    error_kind = fields.Selection(
        selection=[
            ("token_refused", "Authorisation Refused"),
            ("role_missing", "Role Missing"),
            ("throttled", "Throttled"),
            ("unavailable", "Amazon Unavailable"),
            ("other", "Other"),
        ]
    )
    last_import_at = fields.Datetime(help="When the last run ended.")
    last_new_count = fields.Integer(help="New orders of the last run.")
    forbidden_market_ids = fields.Many2many(
        "amazon.market", help="Amazon refuses to show their orders."
    )

    _shop_uniq = models.UniqueIndex("(shop_id)", "A shop has one feed.")

    def _queue(self):
        """A person wants them now: nothing that kept them is remembered."""
        self.write({"paused_until": False, "forbidden_market_ids": [Command.clear()]})
        self.filtered(lambda feed: feed.state == "idle").state = "queued"
        self.env.ref(CRON)._trigger()

    @api.model
    def _run_all(self):
        """Scheduled action: read the orders of the shops that are due."""
        for feed in self.search([("state", "!=", "idle")]):
            feed._run()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _run(self):
        """Go on reading the orders of one shop, the way its run was begun."""
        source = self.source or self._choose_source()
        self.write({"state": "running", "source": source})
        return self._run_report() if source == "report" else self._run_search()

    def _run_search(self):
        """Read what changed through searchOrders."""
        self.state = "idle"
