from odoo import fields, models
from odoo.fields import Domain


class AmazonShop(models.Model):
    """What goes on for a shop in the background just now; see the live widgets."""

    _inherit = "amazon.shop"

    progress_message = fields.Char(
        string="In Progress", compute="_compute_progress_message", compute_sudo=True
    )

    def _compute_progress_message(self):
        outbox = self.env["amazon.shipment.confirmation"]
        due = outbox._get_due_domain() & Domain("shop_id", "in", self.ids)
        waiting = dict(outbox._read_group(due, ["shop_id"], ["__count"]))
        for shop in self:
            sentences = [
                *shop._describe_feed_progress(),
                *shop._describe_push_progress(waiting.get(shop, 0)),
            ]
            shop.progress_message = " ".join(sentences)

    def _describe_feed_progress(self):
        feed = self.feed_ids
        # A shop that is being typed has none.
        if not feed or feed.state == "idle" or feed.error:
            return
        count = feed.import_id.order_count or feed.listed_count
        if count:
            yield self.env._("Orders are being imported: %s so far.", count)
        else:
            yield self.env._("Orders are being imported.")

    def _describe_push_progress(self, count):
        if count and self.state == "connected" and not self.push_drain_ids.error:
            yield self.env._("Tracking numbers are being sent: %s to go.", count)
