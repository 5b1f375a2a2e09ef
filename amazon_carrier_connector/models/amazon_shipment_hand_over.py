"""The fallback for the push: confirmations that a person uploads in Seller Central."""

import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..amazon.confirmation_file import LONGEST_CELL, write_confirmation_file

# Amazon works off an uploaded file within hours; its reports lag by half an hour.
HAND_OVER_PATIENCE = timedelta(days=1)


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    file_id = fields.Many2one(
        "amazon.confirmation.file",
        string="Confirmation File",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    handed_over_at = fields.Datetime(
        string="Handed Over on", related="file_id.create_date"
    )

    # === ACTION METHODS === #

    def action_hand_over(self):
        """Write a file of the selection and download it."""
        if len(self.shop_id) > 1:
            raise UserError(
                self.env._(
                    "Each shop has a file of its own. Choose the confirmations of one"
                    " shop at a time."
                )
            )
        file = self._hand_over()
        left_out = self.filtered(lambda item: item.file_id != file)
        message = self.env._(
            "%(count)s parcels are in the file. Upload it in Seller Central under"
            " Orders > Upload Order Related Files.",
            count=len(file.confirmation_ids),
        )
        if left_out:
            message += " " + self.env._("%s were left out.", len(left_out))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left_out else "success",
                "message": message,
                "sticky": True,
                "next": file.action_download(),
            },
        }

    def action_take_back(self):
        """Push what was handed over after all: the file was not uploaded."""
        handed_over = self.filtered(lambda item: item.state == "handed_over")
        handed_over._record({**self._prepare_push_values(), "file_id": False})
        handed_over._trigger_push()

    def action_retry(self):
        """What is pushed again is not waited for in a file any more."""
        in_file = self.filtered(lambda item: item.state == "failed" and item.file_id)
        in_file._record({"file_id": False})
        return super().action_retry()

    # === HANDING OVER === #

    @api.model
    def _get_hand_over_domain(self):
        """What Amazon must be told by now, whether the push was tried or not."""
        return (
            Domain("state", "in", ("to_push", "failed"))
            & self._get_moment_domain()
            & Domain("picking_id.state", "!=", "cancel")
            & (
                Domain("parcel_id", "=", False)
                | Domain("parcel_id.state", "=", "labelled")
            )
        )

    def _hand_over(self):
        """Put what can be handed over into one file; the push never sends it again.

        What is being pushed just now stays with the push; what a person must mend
        first fails with the reason.

        :raises UserError: when nothing can be handed over
        """
        mine = self.filtered_domain(self._get_hand_over_domain())
        mine = mine.try_lock_for_update(allow_referencing=True)
        ready = mine._prepare_requests()
        handed_over = self.browse().concat(*(item for item, __ in ready))
        if not handed_over:
            raise UserError(self._describe_nothing_to_hand_over(mine))
        shop = handed_over.shop_id
        now = fields.Datetime.now()
        # Nobody makes by hand what Amazon would be told.
        file = (
            self.env["amazon.confirmation.file"]
            .sudo()
            .create(
                {
                    "shop_id": shop.id,
                    "filename": f"amazon-confirmations-{now:%Y%m%d-%H%M%S}.txt",
                    "file": base64.b64encode(
                        write_confirmation_file(
                            [request for __, request in ready], self.env.tz
                        )
                    ),
                }
            )
        )
        file = file.with_env(self.env)
        handed_over._record(
            {
                "state": "handed_over",
                "file_id": file.id,
                "next_attempt_at": False,
                "error": False,
            }
        )
        self.env["amazon.audit.event"]._log("exported", file)
        shop._message_log(
            body=self.env._(
                "Confirmation file of %(count)s parcels downloaded: %(name)s.",
                count=len(handed_over),
                name=file.filename,
            )
        )
        return file

    def _describe_nothing_to_hand_over(self, tried):
        if reason := tried.filtered("error")[:1].error:
            return reason
        return self.env._(
            "There is nothing to hand over: only what is to be pushed or has failed can"
            " be put into a file, and nothing that is being pushed just now."
        )

    def _freeze(self, mapping):
        problem = super()._freeze(mapping)
        if not problem and len(self.tracking_number) > LONGEST_CELL:
            problem = self.env._(
                "The tracking number is longer than the %s characters that Amazon"
                " takes. Correct it on the delivery.",
                LONGEST_CELL,
            )
        return problem

    def _replace(self, vals):
        """What changed after the hand-over needs a person: the push would make a second
        package of it, so it goes into another file."""
        replaced = super()._replace(vals)
        if replaced and self.file_id:
            self._fail(
                self.env._(
                    "The number or the content of this parcel changed after the"
                    " confirmation file was downloaded. Download and upload another"
                    " file."
                )
            )
        return replaced

    # === AFTER THE HAND-OVER === #

    @api.model
    def _confirm_unlisted(self, shop, order_refs, reported_at, markets=None):
        """Learn from a report of unshipped orders what became of uploaded files.

        What it does not list any more is confirmed; what it still lists long after the
        hand-over becomes the task of a person, once.

        :param set[str] order_refs: all orders that the report lists, readable or not
        :param reported_at: when Amazon made it, naive UTC; without it nothing is learnt
        :param markets: those that the report covers beside those of its orders
        """
        if not reported_at:
            return
        handed_over = self.search(
            [
                ("shop_id", "=", shop.id),
                ("state", "=", "handed_over"),
                ("file_id.create_date", "<", reported_at),
            ]
        )
        listed = handed_over.filtered(lambda item: item.order_id.name in order_refs)
        covered = self._get_covered_markets(shop, order_refs, markets)
        gone = (handed_over - listed).filtered(
            lambda item: item.order_id.market_id in covered
        )
        gone._record({"state": "confirmed", "error": False})
        listed.filtered(
            lambda item: item.handed_over_at < reported_at - HAND_OVER_PATIENCE
        )._note_forgotten_upload()

    def _get_covered_markets(self, shop, order_refs, markets):
        """A report may be of one market only: others say nothing about their orders."""
        if len(shop.market_ids) == 1:
            return shop.market_ids
        listed = self.env["amazon.order"].search(
            [("shop_id", "=", shop.id), ("name", "in", list(order_refs))]
        )
        return listed.market_id | (markets or listed.market_id.browse())

    def _note_forgotten_upload(self):
        """Amazon still waits for what is in a file: the shop's activity says so.

        An order that has more to ship is rightly listed.
        """
        forgotten = self.filtered(
            lambda item: not item.error and not item._has_more_to_ship()
        )
        if forgotten:
            reason = self.env._(
                "Amazon still lists this order as unshipped. Look the upload up in"
                " Seller Central; upload the file again or take this back to push it."
            )
            forgotten._record({"error": reason, "told_at": False})
            self._trigger_push()

    def _has_more_to_ship(self):
        """Whether Amazon must be told more of this order than was handed over."""
        self.ensure_one()
        waiting = self.order_id.picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )
        parcels = self.order_id.confirmation_ids.filtered(
            lambda item: item.state != "cancelled"
        )
        told = parcels.filtered(
            lambda item: item.state in ("handed_over", "confirmed", "pushed")
        )
        return bool(waiting - told.picking_id) or told != parcels
