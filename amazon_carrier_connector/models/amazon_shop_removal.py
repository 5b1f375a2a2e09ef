"""A shop is removed: deleted, or kept for its orders without access to Amazon."""

from odoo import api, models
from odoo.exceptions import UserError


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    # === CRUD METHODS === #

    def write(self, vals):
        if not vals.get("active", True):
            self.filtered(lambda shop: shop.state == "connected").action_disconnect()
        return super().write(vals)

    def unlink(self):
        # The database would delete these alone, and leave their files with the
        # buyers' addresses behind.
        self.import_ids.unlink()
        # Nobody may delete what was handed over while it counts for an order.
        self.env["amazon.confirmation.file"].sudo().search(
            [("shop_id", "in", self.ids)]
        ).unlink()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_orders(self):
        if kept := self.filtered("order_count"):
            raise UserError(
                self.env._(
                    "Shop %(shop)s has orders and cannot be deleted. Choose Remove on"
                    " the shop: it is archived, and its access to Amazon is forgotten.",
                    shop=kept[0].name,
                )
            )

    # === ACTION METHODS === #

    def action_remove(self):
        """Delete what has no orders; archive the others, their tokens forgotten."""
        kept = self.filtered("order_count")
        sentences = [
            *(shop._describe_deletion() for shop in self - kept),
            *(shop._describe_archiving() for shop in kept),
        ]
        (self - kept).unlink()
        kept.action_archive()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": "\n".join(sentences),
                "sticky": bool(kept),
                "next": dict(
                    self.env["ir.actions.act_window"]._for_xml_id(
                        "amazon_carrier_connector.amazon_shop_action"
                    ),
                    target="main",
                ),
            },
        }

    def _describe_deletion(self):
        return self.env._("Shop %(shop)s is deleted.", shop=self.name)

    def _describe_archiving(self):
        sentence = self.env._(
            "Shop %(shop)s has %(count)s orders and is archived. Its access to Amazon"
            " is forgotten: nothing is imported or sent any more.",
            shop=self.name,
            count=self.order_count,
        )
        if not self.confirmation_to_push_count:
            return sentence
        return "{} {}".format(
            sentence,
            self.env._(
                "Amazon does not know %(count)s tracking numbers yet: download their"
                " confirmation file on the archived shop.",
                count=self.confirmation_to_push_count,
            ),
        )
