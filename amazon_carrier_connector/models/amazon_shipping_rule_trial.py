from odoo import models


class AmazonShippingRule(models.Model):
    """What a rule would do to the deliveries that are open now."""

    _inherit = "amazon.shipping.rule"

    def action_try(self):
        """Open the deliveries that fit; the title tells which rule would decide."""
        self.ensure_one()
        pickings = self._find_open_deliveries()
        orders = self.env["amazon.order"].concat(
            *(picking.amazon_order_ids for picking in pickings)
        )
        all_facts = orders._get_all_facts(pickings)
        active = self.search([("company_id", "=", self.company_id.id)])
        rules = (active | self).sorted(lambda rule: (rule.sequence, rule.id))
        fitting = [bool(match.rule) for match in self._find_for_all(all_facts)]
        deciding = [match.rule == self for match in rules._find_for_all(all_facts)]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_delivery_action"
        )
        ids = [
            picking.id for picking, fits in zip(pickings, fitting, strict=True) if fits
        ]
        return dict(
            action,
            display_name=self._describe_trial(sum(fitting), sum(deciding)),
            domain=[("id", "in", ids)],
            context={},
        )

    def _find_open_deliveries(self):
        """Those that "Apply Rules" would look at."""
        return (
            self.env["stock.picking"]
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("amazon_shop_id", "!=", False),
                    ("state", "not in", ("done", "cancel")),
                ]
            )
            .filtered(lambda picking: picking._follows_rules())
        )

    def _describe_trial(self, fitting, deciding):
        if not fitting:
            return self.env._("No open delivery fits %s", self.name)
        if fitting == deciding:
            return self.env._("Fit %(rule)s: %(count)s", rule=self.name, count=fitting)
        return self.env._(
            "Fit %(rule)s: %(count)s, of which %(others)s follow an earlier rule",
            rule=self.name,
            count=fitting,
            others=fitting - deciding,
        )
