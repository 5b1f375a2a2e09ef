from odoo import api, fields, models

from ..carriers.label_options import OPTIONS, carrier_options


class StockPicking(models.Model):
    """What the labels of a delivery are asked for, and who says so."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "delivery.label.options"]

    myparcel_carrier = fields.Selection(related="carrier_id.myparcel_carrier")
    label_options_text = fields.Text(
        string="Label Options", compute="_compute_label_options_text"
    )

    @api.depends(
        lambda self: (
            "carrier_id",
            "amazon_choice",
            *(f"label_{known.name}" for known in OPTIONS),
            *(f"carrier_id.label_{known.name}" for known in OPTIONS),
        )
    )
    def _compute_label_options_text(self):
        for picking in self:
            picking.label_options_text = "\n".join(picking._describe_label_options())

    @api.model
    def _get_label_option_attributes(self, known):
        return {
            "placeholder": self.env._("As inherited"),
            "readonly": "state in ('done', 'cancel') or carrier_tracking_ref",
        }

    def _describe_label_options(self):
        """One line per option: name, value and who says so.

        :rtype: list[str]
        """
        origins = {
            "carrier": self.carrier_id.name,
            "rule": (self.amazon_choice or {}).get("rule"),
            "delivery": self.env._("this delivery"),
        }
        asked = {known.name for known in OPTIONS if self.delivery_type in known.keys}
        lines = []
        for name, (value, source) in self._inherit_options().items():
            if name in asked:
                label, words = self._describe_label_option(name, value)
                lines.append(
                    self.env._(
                        "%(option)s: %(value)s (%(origin)s)",
                        option=label,
                        value=words,
                        origin=origins[source],
                    )
                )
        return lines

    def _get_label_options(self):
        """What the carrier is asked for, by the carrier's own names.

        :return: flags as booleans, amounts in cents, all else as the carrier writes it
        :rtype: dict[str, object]
        """
        chosen = {name: value for name, (value, __) in self._inherit_options().items()}
        return carrier_options(self.delivery_type, chosen)

    def _inherit_options(self):
        """
        :return: the text of each option that is chosen somewhere, with who chose it
        :rtype: dict[str, tuple[str, str]]
        """
        self.ensure_one()
        inherited = {}
        # The nearest comes last.
        for source, options in (
            ("carrier", self.carrier_id._get_own_label_options()),
            ("rule", self._get_rule_label_options()),
            ("delivery", self._get_own_label_options()),
        ):
            inherited |= {name: (value, source) for name, value in options.items()}
        return inherited

    def _prepare_next_shipping(self):
        """What the next step is shipped by, besides the delivery method.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "parcel_type_id": self.parcel_type_id.id,
            "amazon_rule_id": self.amazon_rule_id.id,
            "amazon_choice": self.amazon_choice,
            **self._prepare_parcel_shop_values(),
            **{f"label_{known.name}": self[f"label_{known.name}"] for known in OPTIONS},
        }
