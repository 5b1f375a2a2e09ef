"""What is done while the carrier is asked: what the last labels bring with them, and
what the next ones need."""

from functools import partial

from odoo import models
from odoo.tools import split_every


def _run_rules(_run, parcels):
    parcels._run_rules()


def _tell_deliveries(run, parcels):
    run._tell_deliveries(parcels)


def _reserve(run, parcels):
    run._do_each(parcels.picking_id, lambda group: group._confirm_and_reserve())


# What is done, with how many parcels together: an answer of a carrier waits meanwhile.
FOLLOW_UPS = {_run_rules: 40, _tell_deliveries: 10}
RESERVED_TOGETHER = 5


class DeliveryLabelRun(models.Model):
    _inherit = "delivery.label.run"

    def _get_follow_ups(self, parcels):
        """Yield functions, each a piece of what the labels of parcels bring with them.

        Those that got no label drop out when it is their turn.
        """
        for work, size in FOLLOW_UPS.items():
            for ids in split_every(size, parcels.ids):
                yield partial(self._do_apart, work, ids)

    def _reserve_ahead(self, tried):
        """Confirm and reserve those that come next, some at each step.

        What fails here fails again, and is told, when its label is due.

        :rtype: collections.abc.Iterator
        """
        parcels = self._get_next_parcels(tried).filtered(
            lambda parcel: parcel.picking_id.state != "assigned"
        )
        return (
            self._do_apart(_reserve, ids)
            for ids in split_every(RESERVED_TOGETHER, parcels.ids)
        )

    def _do_apart(self, work, parcel_ids):
        """In a transaction of its own: the caller's guards what is asked."""
        with self.env.registry.cursor() as cr:
            # What is committed there is no progress of the scheduled action.
            context = {**self.env.context, "ir_cron_progress_id": False}
            run = self.with_env(self.env(cr=cr, context=context))
            work(run, run.env["delivery.parcel"].browse(parcel_ids))

    def _work_off(self, waiting):
        """Yield after each piece of work; what is not done stays in ``waiting``.

        :param waiting: a deque of functions
        """
        while waiting:
            waiting.popleft()()
            yield

    def _do_all(self, pieces):
        for _done in pieces:
            pass
        # What was committed there is in sight of the next transaction only.
        self.env["ir.cron"]._commit_progress()
