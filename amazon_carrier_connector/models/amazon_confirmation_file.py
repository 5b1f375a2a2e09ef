from odoo import api, fields, models


class AmazonConfirmationFile(models.Model):
    """Confirmations that a person uploads in Seller Central, instead of the push.

    For sellers without access to Amazon's API, and for a long outage. It holds order
    ids, tracking numbers and quantities, nothing of the buyers.
    """

    _name = "amazon.confirmation.file"
    _description = "Amazon Confirmation File"
    _order = "id desc"
    _rec_name = "filename"
    _check_company_auto = True

    shop_id = fields.Many2one(
        "amazon.shop", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    file = fields.Binary(required=True, readonly=True, attachment=True)
    filename = fields.Char(required=True, readonly=True)
    confirmation_ids = fields.One2many(
        "amazon.shipment.confirmation", "file_id", readonly=True
    )
    confirmation_count = fields.Integer(
        string="Parcels", compute="_compute_confirmation_counts"
    )
    open_count = fields.Integer(
        string="Not Confirmed Yet", compute="_compute_confirmation_counts"
    )

    # === COMPUTE METHODS === #

    @api.depends("confirmation_ids.state")
    def _compute_confirmation_counts(self):
        counts = {
            (file, state): count
            for file, state, count in self.env[
                "amazon.shipment.confirmation"
            ]._read_group(
                [("file_id", "in", self.ids)], ["file_id", "state"], ["__count"]
            )
        }
        for file in self:
            states = {state: n for (of, state), n in counts.items() if of == file}
            file.confirmation_count = sum(states.values())
            file.open_count = states.get("handed_over", 0)

    # === ACTION METHODS === #

    def action_download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.filename}"
            "?download=true",
            # Not "download": what was open before would not be read again.
            "target": "new",
        }

    def action_view_confirmations(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_shipment_confirmation_action"
        )
        return dict(action, domain=[("file_id", "=", self.id)], context={})

    def action_take_back(self):
        """Push what is not confirmed yet after all: the file was not uploaded."""
        self.confirmation_ids.action_take_back()
