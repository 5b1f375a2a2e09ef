"""What can go wrong at a carrier, told apart by what it means for the money.

* nothing was done, and the same request will fail again: :class:`Refused`,
  :class:`Unauthorized`, :class:`PaymentRequired`;
* nothing was done, later it may work: :class:`Throttled`, :class:`Unavailable`;
* nobody knows whether it was done: :class:`Unclear`. Never repeat such a request
  blindly: look the reference up first.

No error shows a key or a person's data in its text; carriers quote the value they
refuse, so the sentence of a carrier is kept in :attr:`Problem.message` only.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request.

    ``reference`` is the caller's own reference, or None when the carrier named none.
    ``field`` is a name of :class:`~.shipments.ParcelRequest` such as
    ``recipient.postal_code`` ("" when unknown). ``code`` is the carrier's code, or one
    of ours: ``required``, ``too_long``, ``too_small``, ``too_heavy``, ``invalid``,
    ``not_allowed``, ``bad_character``, ``uncertain``, ``outside_eu``,
    ``no_parcel_shop``, ``with_others``; of options also ``unavailable``,
    ``not_offered``, ``forced``, ``excluded``. ``message`` is the carrier's own
    sentence and may quote a person's data. ``limit`` belongs to
    ``too_…``, in characters, grams, pieces or euros; ``proposal`` is a text that would
    fit. ``subject`` is the product, or the currency, that a field of customs is about.
    """

    reference: str | None
    field: str
    code: str
    message: str = field(default="", repr=False)
    limit: int | None = None
    proposal: str = field(default="", repr=False)
    subject: str = ""


class CarrierError(Exception):
    """Base of all errors of a carrier; ``reason`` is a stable slug."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(CarrierError):
    """The carrier, or our own check before asking it, says no: nothing was done.

    A problem without reference concerns the request as a whole.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("refused")
        self.problems = problems

    def __str__(self) -> str:
        return "refused: " + ", ".join(
            f"{problem.reference or 'all'} {problem.field} ({problem.code})"
            for problem in self.problems
        )

    @property
    def references(self) -> frozenset[str]:
        """The references that the carrier named; the others may be asked again."""
        named = (problem.reference for problem in self.problems)
        return frozenset(reference for reference in named if reference is not None)


class Unauthorized(CarrierError):
    """The key is wrong (``key``) or may not do this (``permission``)."""


class PaymentRequired(CarrierError):
    """The account is prepaid and must pay at ``url`` first ("" when not told)."""

    def __init__(self, url: str = "") -> None:
        super().__init__("payment_required")
        self.url = url


class Throttled(CarrierError):
    """Too many requests; ``retry_after`` is in seconds, None when not told."""

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__("throttled")
        self.retry_after = retry_after


class Unavailable(CarrierError):
    """The request never left: ``connect``, ``certificate`` or ``url``."""


class Unclear(CarrierError):
    """The request was sent, and what became of it is not known.

    Reasons: ``timeout``, ``cut``, ``server_error``, ``unreadable``, ``too_large``,
    ``redirect``, ``incomplete``, ``failed_dependency``, and those of
    :class:`LabelMismatch`.
    """


class LabelMismatch(CarrierError):
    """A PDF is not what was asked for, so that no page may go on any parcel.

    Reasons: ``not_pdf``, ``truncated_pdf``, ``unreadable_pdf``; ``pages`` (their number
    differs from that of the barcodes); ``barcode`` (a page shows none or several of
    them, or two pages the same). ``page`` counts from 1.
    """

    def __init__(self, reason: str, page: int | None = None) -> None:
        super().__init__(reason)
        self.page = page
