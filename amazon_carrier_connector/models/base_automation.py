"""Automation rules on parcels, which wait until the labels are safely stored."""

import logging

from odoo import api, models

from odoo.addons.base_automation.models.base_automation import WRITE_TRIGGERS

_logger = logging.getLogger(__name__)

# Key of the context in which no rule runs.
RULES_LATER = "amazon_rules_later"
# The one of what takes the records that are pushed together, after the last of them.
PUSH_LATER = "amazon_push_later"
# Key of the context in which the caller's own transaction may hold the deliveries, and
# waits for this one: the database would not see that they wait for each other.
WITHIN_VALIDATION = "amazon_within_validation"
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
        # Core writes on no transfer once a delivery: a search each time.
        if not records and triggers == WRITE_TRIGGERS:
            return self.browse()
        return super()._get_actions(records, triggers)

    def _process(self, records, domain_post=None):
        # Odoo runs an action once a record; the outbox takes many as cheaply as one.
        if len(records) < 2:
            return super()._process(records, domain_post=domain_post)
        waiting = []
        rule = self.with_context(**{PUSH_LATER: waiting.append})
        res = super(BaseAutomation, rule)._process(records, domain_post=domain_post)
        self.env["amazon.shipment.confirmation"]._push_together(waiting)
        return res

    @api.model
    def _run_on_labelled(self, parcels, raising=()):
        """Run the rules on parcels that were labelled without them.

        Conditions on what a parcel was before its label are not looked at.

        :param raising: the exceptions that are raised; others are logged
        """
        if not parcels:
            return
        if self.env.context.get(WITHIN_VALIDATION):
            # Until the next commit: a rule that writes the delivery fails, and after
            # some tries is logged, instead of waiting for who waits for it.
            self.env.cr.execute("SET LOCAL lock_timeout = '1s'")
        rules = self._get_actions(parcels, WRITE_TRIGGERS).with_context(
            old_values=dict.fromkeys(parcels.ids, BEFORE_THE_LABEL)
        )
        for rule in rules:
            rule._run_safely(rule._filter_post(parcels), raising)

    def _run_safely(self, parcels, raising):
        """One that fails is logged, and does not keep the others."""
        try:
            with self.env.cr.savepoint():
                self._process(parcels)
        except raising:
            raise
        except Exception:
            if len(parcels) == 1:
                _logger.exception("Rule %s failed for parcel %s", self.id, parcels.id)
                return
            for parcel in parcels:
                self._run_safely(parcel, raising)
