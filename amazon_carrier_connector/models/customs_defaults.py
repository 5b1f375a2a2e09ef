from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..carriers.customs import hs_digits


class CustomsDefaults(models.AbstractModel):
    """What customs are told of products that do not say it themselves."""

    _name = "customs.defaults"
    _description = "Customs Defaults"

    customs_hs_code = fields.Char(
        string="HS Code",
        help="For products without one of their own: 6, 8 or 10 digits.",
    )
    customs_origin_id = fields.Many2one(
        "res.country",
        string="Origin of Goods",
        help="Where products were made that do not say it themselves.",
    )

    @api.constrains("customs_hs_code")
    def _check_customs_hs_code(self):
        for record in self.filtered("customs_hs_code"):
            if not hs_digits(record.customs_hs_code):
                raise ValidationError(
                    self.env._(
                        "%(name)s: an HS code has 6, 8 or 10 digits, and %(code)s has"
                        " not.",
                        name=record.display_name,
                        code=record.customs_hs_code,
                    )
                )
