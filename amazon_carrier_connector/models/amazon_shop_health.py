"""Whether a shop works, seen from what its import and its push last met."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime, format_time
from odoo.tools.misc import babel_locale_parse, get_lang

from .amazon_shipment_alert import FRESH, PATIENCE

# The worst first: a shop shows one.
HEALTH = [
    ("token_refused", "Authorisation Refused"),
    ("role_missing", "Role Missing"),
    ("other", "Stopped"),
    ("disconnected", "Connection Missing"),
    ("late", "Import Overdue"),
    ("left_out", "Orders Left Out"),
    ("unavailable", "Amazon Unavailable"),
    ("throttled", "Throttled"),
    ("push_paused", "Push Paused"),
    ("expiring", "Expires Soon"),
    ("market_refused", "Market Refused"),
    ("connected", "Connected"),
    ("draft", "Not Connected"),
]
RANKS = {health: rank for rank, (health, _label) in enumerate(HEALTH)}
LEVELS = {
    **dict.fromkeys(RANKS, "warning"),
    **dict.fromkeys(
        ("token_refused", "role_missing", "other", "disconnected", "late"), "danger"
    ),
    "connected": "success",
    "draft": "muted",
}
# So long before its end a consent or secret is renewed by a person.
NOTICE = timedelta(days=30)
# Scheduled actions come late by themselves.
OVERDUE = timedelta(hours=2)
OVERDUE_INTERVALS = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say of a shop; ``is_stop`` when a person must do something."""

    health: str
    sentence: str
    is_stop: bool = False


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    # Superuser: whoever may see a shop may see whether it works.
    health = fields.Selection(
        selection=HEALTH, compute="_compute_health", compute_sudo=True
    )
    health_level = fields.Selection(
        selection=[
            ("danger", "Stopped"),
            ("warning", "Warning"),
            ("success", "Works"),
            ("muted", "Not in Use"),
        ],
        compute="_compute_health",
        compute_sudo=True,
    )
    health_message = fields.Text(
        string="Status", compute="_compute_health", compute_sudo=True
    )
    is_stopped = fields.Boolean(compute="_compute_health", compute_sudo=True)

    # === COMPUTE METHODS === #

    def _compute_health(self):
        waiting, left_out = self._count_waiting(), self._count_left_out()
        for shop in self:
            worst = min(
                shop._find_health(waiting.get(shop, 0), left_out[shop]),
                key=lambda finding: (not finding.is_stop, RANKS[finding.health]),
            )
            shop.health = worst.health
            shop.health_level = LEVELS[worst.health]
            shop.health_message = worst.sentence
            shop.is_stopped = worst.is_stop

    def _count_waiting(self):
        """How many numbers Amazon should know, and not only since a moment ago."""
        outbox = self.env["amazon.shipment.confirmation"]
        since = fields.Datetime.now() - FRESH
        domain = (
            Domain("shop_id", "in", self.ids)
            & Domain("create_date", "<=", since)
            & outbox._get_waiting_domain()
        )
        return dict(outbox._read_group(domain, ["shop_id"], ["__count"]))

    def _count_left_out(self):
        """How many orders of each shop could not be imported."""
        problems = self.env["amazon.order.import.problem"]._find_left_out(self)
        return Counter(
            shop
            for shop, __ in {
                (problem.import_id.shop_id, problem.order_ref or problem.id)
                for problem in problems
            }
        )

    def _find_health(self, waiting_count, left_out_count):
        if self.state != "connected" or not self.active:
            return [self._describe_unconnected(waiting_count)]
        feed, drain = self.feed_ids, self.push_drain_ids
        return [
            *self._find_unreadable(),
            *self._find_errors(feed, self.env._("No orders are imported until %s.")),
            *self._find_errors(
                drain, self.env._("No tracking numbers are sent until %s.")
            ),
            *self._find_pauses(feed, drain),
            *self._find_deadlines(),
            *self._find_overdue(feed),
            *self._find_left_out(left_out_count),
            *self._find_refused_markets(feed),
            Finding("connected", self._describe_work(feed)),
        ]

    def _resume(self):
        """What kept the shop from Amazon is mended: nothing waits for its time."""
        # Nobody writes these rows by hand.
        for part in (self.feed_ids.sudo(), self.push_drain_ids.sudo()):
            part.write(
                {
                    "paused_until": False,
                    "failure_count": 0,
                    "error": False,
                    "error_kind": False,
                }
            )
        outbox = self.env["amazon.shipment.confirmation"].sudo()
        waiting = outbox._get_waiting_domain() & Domain("shop_id", "in", self.ids)
        outbox.search(waiting & Domain("error", "!=", False)).write(
            {"next_attempt_at": False, "error": False}
        )
        outbox._trigger_push()

    # === WHAT MAY BE WRONG === #

    def _describe_unconnected(self, waiting_count):
        if self.active and waiting_count:
            return Finding(
                "disconnected",
                self.env._(
                    "%(count)s tracking numbers wait, and the shop is not connected to"
                    " Amazon. Connect it, download the confirmation file, or switch"
                    " off the update of tracking.",
                    count=waiting_count,
                ),
                is_stop=True,
            )
        if self.active and self.import_automatically:
            return Finding(
                "disconnected",
                self.env._(
                    "Orders are to be imported automatically, and the shop is not"
                    " connected to Amazon. Connect it, or switch off the automatic"
                    " import."
                ),
                is_stop=True,
            )
        return Finding(
            "draft",
            self.env._(
                "Files can be uploaded and labels created. Connect the shop to import"
                " orders and to send tracking numbers without files."
            ),
        )

    def _find_unreadable(self):
        """The server was moved or restored without its keys."""
        for owner in (self, self.company_id):
            for sentence in owner._find_unreadable_secrets():
                yield Finding("disconnected", sentence, is_stop=True)

    def _find_errors(self, part, sentence):
        """
        :param part: the shop's feed or drain
        :param sentence: what does not go on, until a time
        """
        if not part.error or part.error_kind == "throttled":
            return
        reason = part.error
        if self._is_ahead(part.paused_until):
            reason = f"{sentence % self._tell_time(part.paused_until)} {reason}"
        # What Amazon must mend is nobody's task until it lasts.
        is_stop = part.error_kind != "unavailable" or part.failure_count >= PATIENCE
        yield Finding(part.error_kind or "other", reason, is_stop)

    def _find_pauses(self, feed, drain):
        if self._is_ahead(feed.paused_until) and feed.error_kind == "throttled":
            yield Finding(
                "throttled",
                self.env._(
                    "Amazon has allowed all that it allows for now. The import goes on"
                    " by itself at %s.",
                    self._tell_time(feed.paused_until),
                ),
            )
        if self._is_ahead(drain.paused_until) and not drain.error:
            yield Finding(
                "push_paused",
                self.env._(
                    "Amazon could not take more for now. Tracking numbers are sent"
                    " again by themselves at %s.",
                    self._tell_time(drain.paused_until),
                ),
            )

    def _find_deadlines(self):
        yield from self._find_deadline(
            self.consent_expires_at,
            self.env._("Connect the shop again: the consent given at Amazon"),
        )
        yield from self._find_deadline(
            self.secret_expires_at,
            self.env._(
                "Make a new client secret in Seller Central and enter it in the"
                " settings: that of your Amazon app"
            ),
        )

    def _find_deadline(self, end, advice):
        now = fields.Datetime.now()
        if not end or end > now + NOTICE:
            return
        day = format_date(self.env, end)
        if end <= now:
            sentence = self.env._(
                "%(advice)s ended on %(day)s.", advice=advice, day=day
            )
        else:
            sentence = self.env._("%(advice)s ends on %(day)s.", advice=advice, day=day)
        yield Finding("token_refused" if end <= now else "expiring", sentence, True)

    def _find_overdue(self, feed):
        if not self.import_automatically or feed.error:
            return
        interval = timedelta(minutes=self.import_interval * OVERDUE_INTERVALS)
        # A long import writes its progress; a change of the settings is a beginning.
        latest = max(feed.write_date, self.write_date)
        if latest < fields.Datetime.now() - max(interval, OVERDUE):
            yield Finding(
                "late",
                self.env._(
                    "%s No import has begun since. Have an administrator look at"
                    " Odoo's scheduled actions.",
                    self._describe_last_import(feed),
                ),
                is_stop=True,
            )

    def _find_left_out(self, count):
        if count:
            yield Finding(
                "left_out",
                self.env._(
                    "%(count)s orders could not be imported. Their reasons are in the"
                    " problems of the imports from Amazon. Ship them from Seller"
                    " Central, or have them corrected there.",
                    count=count,
                ),
                is_stop=True,
            )

    def _find_refused_markets(self, feed):
        if refused := feed.forbidden_market_ids & self.market_ids:
            yield Finding(
                "market_refused",
                self.env._(
                    "Amazon refuses the orders of %(markets)s, and those of the other"
                    " markets are imported. Switch off the markets where the seller is"
                    " not active, or start an import when they work again.",
                    markets=", ".join(refused.mapped("name")),
                ),
                is_stop=True,
            )

    # === WORDS === #

    def _describe_work(self, feed):
        if feed.state == "idle":
            return self._describe_last_import(feed)
        if self._is_ahead(feed.paused_until):
            return self.env._(
                "Orders are being imported, at the pace that Amazon allows: the next"
                " ones at %s.",
                self._tell_time(feed.paused_until),
            )
        return self.env._("Orders are being imported.")

    def _describe_last_import(self, feed):
        if not feed.last_import_at:
            return self.env._("Amazon was not asked for orders yet.")
        return self.env._(
            "Last import %(ago)s, %(count)s new.",
            ago=self._tell_ago(feed.last_import_at),
            count=feed.last_new_count,
        )

    def _tell_ago(self, moment):
        locale = babel_locale_parse(get_lang(self.env).code)
        # By the minute: what is seconds ago is a minute ago.
        past = max(fields.Datetime.now() - moment, timedelta(minutes=1))
        return format_timedelta(
            -past, granularity="minute", add_direction=True, locale=locale
        )

    def _tell_time(self, moment):
        """The time, with its day unless that is today."""
        local = fields.Datetime.context_timestamp(self, moment).date()
        if local == fields.Date.context_today(self):
            return format_time(self.env, moment, time_format="short")
        return format_datetime(self.env, moment, dt_format="short")

    @api.model
    def _is_ahead(self, moment):
        return bool(moment) and moment > fields.Datetime.now()
