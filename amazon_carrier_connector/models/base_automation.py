"""Automation rules on parcels, which wait until the labels are safely stored."""

import logging

from odoo import api, models

from odoo.addons.base_automation.models.base_automation import WRITE_TRIGGERS

_logger = logging.getLogger(__name__)

# Key of the context in which no rule runs.
RULES_LATER = "amazon_rules_later"
BEFORE_THE_LABEL = {
    "state": "requested",
    "tracking_number": False,
    "tracking_url": False,
    "labelled_at": False,
}


class BaseAutomation(models.Model):
    _inherit = "base.automation"

    def _get_actions(self, records, triggers):
        # A rule that fails would undo the record of a label that was paid for, and
        # while it runs a connection to the carrier stands still.
        if self.env.context.get(RULES_LATER):
            return self.browse()
        return super()._get_actions(records, triggers)

    @api.model
    def _run_on_labelled(self, parcels):
        """Run the rules on parcels that were labelled without them.

        Conditions on what a parcel was before its label are not looked at.
        """
        if not parcels:
            return
        rules = self._get_actions(parcels, WRITE_TRIGGERS).with_context(
            old_values=dict.fromkeys(parcels.ids, BEFORE_THE_LABEL)
        )
        for rule in rules:
            rule._run_safely(rule._filter_post(parcels))

    def _run_safely(self, parcels):
        """One that fails is logged, and does not keep the others."""
        try:
            with self.env.cr.savepoint():
                if self._is_push_rule():
                    self._run_at_once(parcels)
                else:
                    self._process(parcels)
        except Exception:
            if len(parcels) == 1:
                _logger.exception("Rule %s failed for parcel %s", self.id, parcels.id)
                return
            for parcel in parcels:
                self._run_safely(parcel)

    def _is_push_rule(self):
        rule = self.env.ref(
            "amazon_carrier_connector.automation_parcel_labelled", False
        )
        return self == rule

    def _run_at_once(self, parcels):
        """The outbox takes many parcels as cheaply as one; Odoo runs each apart."""
        # As Odoo does: a rule acts for whoever triggered it.
        self.sudo().action_server_ids.with_context(
            active_model=parcels._name,
            active_ids=parcels.ids,
            active_id=parcels[:1].id,
        ).run()
