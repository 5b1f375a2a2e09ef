import logging

from odoo import models

_logger = logging.getLogger(__name__)


class AmazonErasedRecord(models.AbstractModel):
    """What is erased in batches by the scheduled action, with ``_erase``."""

    _name = "amazon.erased.record"
    _description = "Record That Is Erased in Time"

    def _erase_isolated(self):
        """Erase; alone what cannot be erased together, so that one stops no others."""
        try:
            self._erase()
            self.env["ir.cron"]._commit_progress()
        except Exception as error:
            self.env.cr.rollback()
            if len(self) == 1:
                # It comes again with the next run.
                _logger.error("%s not erased: %s", self, type(error).__name__)
                return
            for record in self:
                record._erase_isolated()
