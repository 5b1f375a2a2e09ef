"""What the label engine asks of a carrier, and what it is answered.

The engine claims parcels, marks and commits those that it is about to ask for, asks,
and stores each answer in a transaction of its own. What was marked when its asker died
is never asked for again blindly: it is asked for with a :class:`LookUp`.

A carrier has one of two shapes:

* *two steps* (MyParcel): ``announce`` makes parcels known and spends nothing;
  ``collect`` buys their labels and reads them. Both can be repeated. A parcel with a
  carrier's reference is only ever collected, never announced again.
* *one step* (GLS): ``announce`` buys and answers with ``labels``. Nothing can be
  repeated and no label is given twice: with a look-up it creates nothing. What the
  carrier surely has is ``found``, everything else ``unclear``, for not being found
  proves nothing; then a person decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .errors import CarrierError, Problem

# What a carrier is asked, in this order; some need the first only.
ANNOUNCE, COLLECT = "announce", "collect"


@dataclass(frozen=True, slots=True)
class ReturnLabel:
    """What lies in the parcel for its way back: a parcel of its own at the carrier.

    :param document: as the carrier gives it, b"" when it gave none
    """

    tracking_number: str
    tracking_url: str
    document: bytes = field(repr=False)
    label_format: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label that was paid for.

    :param remote_ref: the carrier's own id beside the number, "" when it has none
    :param price_cents: what the carrier charges, in euro cents; None when unknown
    :param document: the label as the carrier gives it, one parcel only
    :param label_format: "pdf", or "zpl" where a label printer's own language was chosen
    :param return_label: the one that ``document`` holds as well; None without it
    """

    remote_ref: str
    tracking_number: str
    tracking_url: str
    price_cents: int | None
    document: bytes
    label_format: str = "pdf"
    return_label: ReturnLabel | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A parcel that was paid for, and whose label the carrier does not give again."""

    tracking_number: str
    tracking_url: str
    return_label: ReturnLabel | None = None


@dataclass(frozen=True, slots=True)
class LookUp:
    """What is known of the attempt that is looked for.

    :param asked_at: when it was asked, in UTC and aware, by our reference
    :param is_held: whether another parcel of ours has this tracking number; it may
        only be called by the thread that calls ``announce``
    """

    asked_at: Mapping[str, datetime]
    is_held: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each reference that was asked for.

    :param created: the carrier's own reference; nothing was spent yet
    :param labels: bought and read
    :param found: bought by an earlier attempt; there is no label any more
    :param refused: the carrier said no, with its reasons
    :param unclear: asked, and nobody knows whether the carrier acted
    :param error: why the carrier was not asked further; what stands nowhere here
        waits, and the carrier has done nothing for it
    """

    created: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)
    found: Mapping[str, Found] = field(default_factory=dict)
    refused: Mapping[str, Sequence[Problem]] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()
    error: CarrierError | None = None

    def __or__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            created={**self.created, **other.created},
            labels={**self.labels, **other.labels},
            found={**self.found, **other.found},
            refused={**self.refused, **other.refused},
            unclear=self.unclear | other.unclear,
            error=self.error or other.error,
        )


class Labelling(Protocol):
    """A carrier's account, as the engine uses it.

    Errors of the carrier are not raised: they are in the outcome. Without a look-up
    both methods are called by several threads at once.

    :param steps: what it has to be asked; without *collect* it has no such method
    :param chunk_size: parcels of one call, which are stored and committed together
    :param is_by_delivery: whether they must be of one delivery
    :param connections: questions at the same moment
    """

    steps: Sequence[str]
    chunk_size: int
    is_by_delivery: bool
    connections: int

    def announce(self, requests: Sequence, look_up: LookUp | None = None) -> Outcome:
        """Make parcels known, or, in one step, buy their labels.

        :param requests: the carrier's own dataclasses; each has a ``reference``
        :param look_up: an earlier attempt may have acted. In two steps: search first,
            and while the search fails make nothing. In one step: only search, answer
            ``found`` or ``unclear``, and never an error
        """
        ...

    def collect(self, remote_refs: Mapping[str, str]) -> Outcome:
        """Buy and read the labels of what was announced.

        :param remote_refs: the carrier's id by our reference
        """
        ...

    def find_unbought(self, remote_refs: Mapping[str, str]) -> frozenset[str]:
        """The references of what was announced and is surely not bought.

        Like *collect*, only a carrier of two steps has it.

        :raises CarrierError: when the carrier does not tell
        """
        ...
