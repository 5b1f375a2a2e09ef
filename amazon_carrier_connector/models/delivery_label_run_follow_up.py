"""What labels bring with them, done while the carrier is asked for the next ones."""

from functools import partial

from odoo import models
from odoo.tools import split_every


def _run_rules(_run, parcels):
    parcels._run_rules()


def _tell_deliveries(run, parcels):
    run._tell_deliveries(parcels)


# What is done, with how many parcels together: an answer of a carrier waits meanwhile.
FOLLOW_UPS = {_run_rules: 40, _tell_deliveries: 10}


class DeliveryLabelRun(models.Model):
    _inherit = "delivery.label.run"

    def _get_follow_ups(self, parcels):
        """Yield functions, each a piece of what the labels of parcels bring with them.

        Those that got no label drop out when it is their turn.
        """
        for work, size in FOLLOW_UPS.items():
            for ids in split_every(size, parcels.ids):
                yield partial(self._do_apart, work, ids)

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

    def _work_off_all(self, waiting):
        for _done in self._work_off(waiting):
            pass
        # What was committed there is in sight of the next transaction only.
        self.env["ir.cron"]._commit_progress()
