from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.errors import CarrierError
from .carrier_messages import describe_carrier_error


class ResCompany(models.Model):
    """Whether MyParcel calls when a parcel moves, with each of the keys in use."""

    _inherit = "res.company"

    myparcel_reports = fields.Boolean(
        compute="_compute_myparcel_reports", groups="base.group_system"
    )
    myparcel_silent = fields.Char(
        string="MyParcel Does Not Report With",
        compute="_compute_myparcel_reports",
        groups="base.group_system",
    )

    @api.depends("myparcel_api_key", "myparcel_hook_ref")
    def _compute_myparcel_reports(self):
        for company in self:
            owners = company._find_myparcel_owners()
            silent = [owner for owner in owners if not owner.myparcel_hook_ref]
            company.myparcel_reports = len(silent) < len(owners)
            company.myparcel_silent = ", ".join(o.display_name for o in silent)

    def _find_myparcel_owners(self):
        """
        :return: this company and delivery methods, as far as they have a key
        :rtype: list
        """
        self.ensure_one()
        # Delivery methods of before may still have parcels under way.
        carriers = self.env["delivery.carrier"].with_context(active_test=False)
        own = carriers.search(
            [
                ("delivery_type", "=", "myparcel_nl"),
                ("company_id", "in", (self.id, False)),
            ]
        )
        # Only whether there is one is looked at.
        return [owner for owner in (self, *own) if owner.sudo().myparcel_api_key]

    def _subscribe_to_myparcel(self):
        """Have MyParcel call with all keys in use, whatever becomes of each.

        :return: sentences for those with which it does not
        :raises UserError: when it does not with any
        """
        by_key = defaultdict(list)
        for owner in self._find_myparcel_owners():
            by_key[owner._reveal_secret("myparcel_api_key")].append(owner)
        if not by_key:
            # It says where to enter one.
            self._get_hook_client(self)
        failures = []
        for owners in by_key.values():
            try:
                self._subscribe_together(owners)
            except CarrierError as error:
                reason = describe_carrier_error(self.env, error)
                failures.append(f"{owners[0].display_name}: {reason}")
        if failures and len(failures) == len(by_key):
            raise UserError("\n".join(failures))
        return failures

    def _subscribe_together(self, owners):
        """
        :param list owners: all that have the same key
        """
        if all(owner.myparcel_hook_ref for owner in owners):
            return
        values = owners[0]._subscribe(self)
        for owner in owners:
            # Nobody may read or write the hash.
            owner.sudo().write(values)

    def _unsubscribe_from_myparcel(self):
        """
        :raises UserError: when MyParcel cannot be asked; pressing again goes on
        """
        for owner in self._find_myparcel_owners():
            if owner.myparcel_hook_ref:
                try:
                    owner._unsubscribe(self)
                except CarrierError as error:
                    raise UserError(describe_carrier_error(self.env, error)) from None
