"""What is printed of deliveries: labels, packing slips, and the pick list."""

from collections import defaultdict

from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def action_print_labels(self):
        """Print the labels that there are again, in the order of the selection."""
        parcels = self.parcel_ids
        labelled = parcels._get_printable()
        self.env["amazon.audit.event"]._log("printed", labelled)
        without = (self - labelled.picking_id).mapped("name")
        return self.env["delivery.label.print"]._open(parcels, without)

    def action_print_new_labels(self):
        """Print all labels that were never printed, whatever is selected."""
        return self.env["delivery.parcel"].action_print_new_labels()

    def _get_packing_slip_lines(self):
        """What the buyer finds in this delivery, in the words of the order.

        :return: dicts of *sku*, *title* and *quantity*
        :rtype: list[dict]
        """
        self.ensure_one()
        everything = self.env["stock.package"]
        # No filtered recordsets here and below: they would read delivery by delivery.
        lines = [
            {
                "sku": item.sku,
                "title": item.title or item.product_id.name,
                "quantity": item._get_shipped_quantity(self, everything),
            }
            for item in self.move_ids.amazon_item_id
        ]
        lines += [
            {
                "sku": move.product_id.default_code,
                "title": move.product_id.name,
                "quantity": move._get_leaving_quantity(),
            }
            for move in self.move_ids
            if not move.amazon_item_id
        ]
        return [line for line in lines if line["quantity"]]

    def _get_pick_list(self):
        """What to fetch for these deliveries, place by place.

        The place of what is not reserved is empty and comes last.

        :return: each location with its rows; a row is a dict of *sku*, *title*, *lot*,
            *uom*, *quantity* and *orders*: number in the list, name, quantity
        :rtype: list[tuple[stock.location, list[dict]]]
        """
        rows = {}
        for number, picking in enumerate(self.with_prefetch(), start=1):
            name = picking.origin or picking.name
            for move in picking.move_ids:
                for (location, lot), quantity in move._get_pick_places().items():
                    sku, title = move._get_pick_name()
                    row = rows.setdefault(
                        (location, move.product_id, sku, title, lot),
                        {
                            "sku": sku,
                            "title": title,
                            "lot": lot.name,
                            "uom": move.product_id.uom_id,
                            "quantity": 0,
                            "orders": defaultdict(float),
                        },
                    )
                    row["quantity"] += quantity
                    row["orders"][number, name] += quantity
        return _by_location(rows)


def _by_location(rows):
    places = defaultdict(list)
    for (location, *__), row in rows.items():
        orders = [(*order, quantity) for order, quantity in row["orders"].items()]
        places[location].append({**row, "orders": orders})
    return [
        (location, sorted(places[location], key=lambda row: row["sku"] or row["title"]))
        for location in sorted(
            places, key=lambda place: (not place, place.complete_name or "")
        )
    ]
