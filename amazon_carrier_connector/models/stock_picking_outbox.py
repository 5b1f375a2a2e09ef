"""What a delivery says of its parcels to Amazon's outbox."""

from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if not vals.get("carrier_tracking_ref", True):
            # Whoever may edit deliveries; the outbox is for Amazon's people.
            self.sudo().amazon_confirmation_ids._withdraw()
        return result

    # === ACTION METHODS === #

    def action_cancel(self):
        result = super().action_cancel()
        # As in `write`.
        self.sudo().amazon_confirmation_ids._withdraw()
        return result

    # === BUSINESS METHODS === #

    def _get_tracking_numbers(self):
        """The tracking reference holds several numbers with commas between them."""
        self.ensure_one()
        numbers = (self.carrier_tracking_ref or "").split(",")
        return [number.strip() for number in numbers if number.strip()]

    def _get_typed_parcels(self):
        """Pairs of package and number, for deliveries that are not labelled here.

        As many numbers as packages are theirs, in their order: so core's carriers write
        them. Otherwise nobody knows what travels under which number: the first one
        stands for all that is in the delivery, the package is then empty.
        """
        self.ensure_one()
        numbers = self._get_tracking_numbers()
        packages = self.move_line_ids.result_package_id
        if len(packages) == len(numbers) > 1 and not self._has_loose_products():
            return list(zip(packages, numbers, strict=True))
        return [(packages.browse(), number) for number in numbers[:1]]

    def _get_amazon_orders(self, package):
        """The orders of which something is in a package, or in the delivery."""
        self.ensure_one()
        if not package:
            return self.amazon_order_ids
        lines = self.move_line_ids.filtered(
            lambda line: line.result_package_id == package
        )
        return lines.move_id.amazon_item_id.order_id

    def _log_unsent_numbers(self):
        """Name the numbers that Amazon is not told."""
        for picking in self:
            told = [number for __, number in picking._get_typed_parcels()]
            unsent = picking._get_tracking_numbers()[len(told) :]
            if unsent:
                picking._message_log(
                    body=self.env._(
                        "Amazon is told %(told)s for all products. Which of them travel"
                        " under %(unsent)s is not known: put them in as many packages"
                        " as there are numbers, and push the tracking again.",
                        told=", ".join(told),
                        unsent=", ".join(unsent),
                    )
                )
