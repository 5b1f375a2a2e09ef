"""GLS's one step: what is asked for is bought, once, and its label comes with it."""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytz

from . import pdf
from .errors import CarrierError, Problem, Refused, Unclear
from .gls import Gls
from .gls_answers import tracking_url
from .gls_payload import clean_reference, unit_reference
from .gls_shipments import GlsLabel, GlsShipment, TrackedParcel
from .gls_tracking import GlsTracking
from .labelling import ANNOUNCE, Found, Label, LookUp, Outcome, ReturnLabel

_logger = logging.getLogger(__name__)

# What the order's reference alone finds must be of the moment at which was asked.
_CLOCKS_DIFFER = timedelta(minutes=5)
_ANSWERS_TAKE = timedelta(minutes=15)
# Without an offset GLS's times are taken for its own country's.
_LOCAL = pytz.timezone("Europe/Amsterdam")
_MOMENT = re.compile(
    r"([0-9-]{10})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_OFFSETS = {None: "", "Z": "+00:00"}


class GlsLabelling:
    """See :class:`~.labelling.Labelling`; each request has one parcel.

    The parcels of one delivery are one shipment, as GLS's own plugins make them, which
    go to 25; GLS names no limit. That the recipient then gets one mail is likely, and
    nowhere written.
    ``tracking`` is None where GLS has not switched it on: nothing is found then.
    """

    steps = (ANNOUNCE,)
    chunk_size = 25
    is_by_delivery = True

    def __init__(
        self, client: Gls, tracking: GlsTracking | None = None, connections: int = 4
    ):
        self._client = client
        self._tracking = tracking
        self.connections = connections

    def announce(
        self, requests: Sequence[GlsShipment], look_up: LookUp | None = None
    ) -> Outcome:
        """Buy the labels; with a look-up only search for what was bought."""
        outcome = Outcome()
        if look_up:
            for request in requests:
                outcome |= self._search(request, look_up, outcome)
            return outcome
        for shipment in _shipments(requests):
            outcome |= self._buy(shipment)
            if outcome.error:
                break
        return outcome

    def _buy(self, shipment: GlsShipment) -> Outcome:
        references = frozenset(unit.reference for unit in shipment.units)
        try:
            parcels = self._client.create_label(shipment)
        except Refused as refusal:
            return Outcome(
                refused={name: _problems_of(name, refusal) for name in references}
            )
        except Unclear as error:
            # Who does not answer at all is not asked further.
            silent = error.reason == "timeout"
            return Outcome(unclear=references, error=error if silent else None)
        except CarrierError as error:
            return Outcome(error=error)
        told = {parcel.reference for parcel in parcels}
        outcome = Outcome(unclear=references - told)
        for parcel in parcels:
            outcome |= _bought(parcel, shipment)
        return outcome

    def _search(
        self, request: GlsShipment, look_up: LookUp, others: Outcome
    ) -> Outcome:
        taken = {found.tracking_number for found in others.found.values()}
        asked_at = look_up.asked_at[request.reference]
        try:
            parcels = [
                parcel
                for parcel in self._find(request, asked_at)
                if parcel.unit_no not in taken and not look_up.is_held(parcel.unit_no)
            ]
        except CarrierError:
            parcels = []
        if len(parcels) != 1:
            return Outcome(unclear=frozenset((request.reference,)))
        found = Found(parcels[0].unit_no, parcels[0].tracking_url)
        return Outcome(found={request.reference: found})

    def _find(
        self, request: GlsShipment, asked_at: datetime
    ) -> Sequence[TrackedParcel]:
        """By the attempt's own reference; else by the order's and the moment."""
        if not self._tracking:
            return ()
        since = (asked_at - timedelta(days=1)).date()
        own = unit_reference(request.units[0])
        order_ref = clean_reference(request.order_ref)
        # How exactly GLS compares is not known.
        parcels = [
            parcel
            for parcel in self._tracking.find_parcels(own, since)
            if parcel.reference in (own, order_ref)
        ]
        if parcels or not order_ref:
            return parcels
        return [
            parcel
            for parcel in self._tracking.find_parcels(order_ref, since)
            if parcel.reference == order_ref and _is_of(parcel.handed_in, asked_at)
        ]


def _shipments(requests: Sequence[GlsShipment]) -> list[GlsShipment]:
    """One of all that differ in nothing but their units."""
    shipments: list[GlsShipment] = []
    for request in requests:
        last = shipments[-1] if shipments else None
        if last and last == replace(request, units=last.units):
            shipments[-1] = replace(last, units=last.units + request.units)
        else:
            shipments.append(request)
    return shipments


def _problems_of(reference: str, refusal: Refused) -> Sequence[Problem]:
    """All or none were refused, for what may be wrong with one of them only."""
    own = [item for item in refusal.problems if item.reference in (None, reference)]
    return own or [Problem(reference, "", "with_others")]


def _bought(parcel: GlsLabel, request: GlsShipment) -> Outcome:
    document, back = _printed(parcel), _way_back(parcel, request)
    wants_return = request.options.get("shopReturnService")
    if not document or (wants_return and not parcel.return_label):
        found = Found(parcel.unit_no, parcel.tracking_url, back)
        return Outcome(found={parcel.reference: found})
    label = Label(
        remote_ref=parcel.unique_no,
        tracking_number=parcel.unit_no,
        tracking_url=parcel.tracking_url,
        price_cents=None,
        document=document,
        label_format=parcel.label_format,
        return_label=back,
    )
    return Outcome(labels={parcel.reference: label})


def _way_back(parcel: GlsLabel, request: GlsShipment) -> ReturnLabel | None:
    if not parcel.return_unit_no:
        return None
    # It goes to who sends: unless told here, the account knows where that is.
    postal_code = request.sender.postal_code if request.sender else ""
    return ReturnLabel(
        tracking_number=parcel.return_unit_no,
        tracking_url=tracking_url(parcel.return_unit_no, postal_code),
        document=parcel.return_label,
        label_format=parcel.return_format,
    )


def _printed(parcel: GlsLabel) -> bytes:
    """The label with that for the way back, which lies in the parcel; b"" if broken."""
    if not parcel.label or not parcel.return_label:
        return parcel.label
    if parcel.label_format == "zpl":
        return parcel.label + parcel.return_label
    try:
        return pdf.join([parcel.label, parcel.return_label])
    except Exception as error:  # the library raises whatever a broken file makes it
        # As in labels.py: no more of the error than this.
        _logger.info("A label is unreadable: %s", type(error).__name__)
        return b""


def _is_of(handed_in: str, asked_at: datetime) -> bool:
    """Whether GLS heard of a parcel when it was asked; an unreadable moment is not."""
    match = _MOMENT.fullmatch(handed_in)
    if not match:
        return False
    day, time, offset = match.groups()
    if time in (None, "00:00", "00:00:00"):
        return day == asked_at.astimezone(_LOCAL).date().isoformat()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{_OFFSETS.get(offset, offset)}")
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = _LOCAL.localize(moment)
    return asked_at - _CLOCKS_DIFFER <= moment <= asked_at + _ANSWERS_TAKE
