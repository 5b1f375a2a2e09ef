from odoo import models

from ..log_filter import leave_out_names


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        """In debug mode core names what may not be seen: a buyer to any employee, of
        any company, and with the address where the call asks for that.
        """
        error = super()._make_access_error(operation, records)
        if records._name == "res.partner":
            error.args = (leave_out_names(str(error)), *error.args[1:])
        return error
