from odoo import api, fields, models
from odoo.exceptions import ValidationError

# MyParcel's numbers of parcel types (reference, section 5.2).
PACKAGE_CODES = ("1", "2", "3", "4", "5", "6", "7")


class StockPackageType(models.Model):
    _inherit = "stock.package.type"

    package_carrier_type = fields.Selection(
        selection_add=[
            ("myparcel_nl", "MyParcel (myparcel.nl)"),
            ("gls_nl", "GLS Netherlands"),
        ],
        ondelete={"myparcel_nl": "set default", "gls_nl": "set default"},
    )

    @api.constrains("package_carrier_type", "shipper_package_code")
    def _check_myparcel_code(self):
        for package_type in self:
            code = package_type.shipper_package_code or ""
            if package_type.package_carrier_type == "myparcel_nl" and code not in (
                PACKAGE_CODES
            ):
                raise ValidationError(
                    self.env._(
                        "Parcel type %(name)s: MyParcel knows the carrier codes"
                        " %(codes)s.",
                        name=package_type.name,
                        codes=", ".join(PACKAGE_CODES),
                    )
                )
