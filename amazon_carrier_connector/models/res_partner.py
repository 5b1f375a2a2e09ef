from odoo import models
from odoo.tools import SQL

# Not documents of other people's work: they name a contact, and that is all.
IGNORED_PREFIXES = ("bus.", "discuss.", "gls.pickup", "mail.", "privacy.")
# Where the contact of an order belongs, and the field that tells whose row it is.
OWN_ROWS = {
    "amazon.order": "id",
    "stock.picking": "id",
    "stock.move": "picking_id",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _find_used_beside(self, orders, pickings):
        """The contacts among these that anything but these orders needs.

        One query, whatever the number of contacts.
        """
        if not self:
            return self
        own_ids = {
            "amazon.order": orders.ids,
            "stock.picking": pickings.ids,
            "stock.move": pickings.ids,
        }
        self.env.flush_all()
        queries = [
            SQL(
                "SELECT %(column)s FROM %(table)s"
                " WHERE %(column)s IN %(ids)s%(others)s",
                column=SQL.identifier(column),
                table=SQL.identifier(table),
                ids=tuple(self.ids),
                others=self._exclude_own(model_name, own_ids.get(model_name)),
            )
            for model_name, table, column in self._get_uses()
        ]
        rows = self.env.execute_query(SQL(" UNION ").join(queries))
        return self.browse(partner_id for (partner_id,) in rows)

    def _exclude_own(self, model_name, ids):
        if model_name == self._name:
            # Each contact is its own commercial one.
            return SQL(" AND id NOT IN %s", tuple(self.ids))
        if not ids:
            return SQL("")
        return SQL(
            " AND COALESCE(%s, 0) NOT IN %s",
            SQL.identifier(OWN_ROWS[model_name]),
            tuple(ids),
        )

    def _get_uses(self):
        """Every column that names a contact.

        :return: triples of model, table and column
        :rtype: set[tuple[str, str, str]]
        """
        return {
            (model._name, *place)
            for model in self.env.registry.values()
            if not (model._abstract or model._transient) and model._auto
            if not model._name.startswith(IGNORED_PREFIXES)
            for field in model._fields.values()
            if field.comodel_name == self._name and field.store
            if not field.company_dependent
            for place in _get_place(model, field)
        }


def _get_place(model, field):
    if field.type == "many2one":
        yield model._table, field.name
    elif field.type == "many2many":
        yield field.relation, field.column2
