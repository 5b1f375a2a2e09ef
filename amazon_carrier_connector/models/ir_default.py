from odoo import api, models


class IrDefault(models.Model):
    _inherit = "ir.default"

    @api.model
    def _get_model_defaults(self, model_name, condition=False):
        """Without those of fields that only programs fill in.

        Anybody may set defaults, and what programs create for him would hold them.
        """
        defaults = super()._get_model_defaults(model_name, condition)
        is_for_people = getattr(self.env[model_name], "_is_for_people", None)
        if not (defaults and is_for_people):
            return defaults
        return {n: value for n, value in defaults.items() if is_for_people(n)}
