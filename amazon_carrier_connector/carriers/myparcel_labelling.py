"""MyParcel's two steps: make concepts, then fetch their labels, which buys them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from .errors import CarrierError, LabelMismatch, Refused, Unclear
from .labelling import ANNOUNCE, COLLECT, Label, LookUp, Outcome
from .labels import split_labels
from .myparcel import CONNECTIONS, MAX_SHIPMENTS, MyParcel, status_group
from .myparcel_colli import by_shipment, colli_by_reference, parcels_of
from .myparcel_services import DIGITAL_STAMP, LETTER
from .shipments import ParcelRequest, Shipment, shipment_of

# Printed, and followed by nobody: letter, digital stamp and untracked (reference, 3.2).
UNTRACKED = (12, 14, 18)


class MyParcelLabelling:
    """See :class:`~.labelling.Labelling`."""

    steps = (ANNOUNCE, COLLECT)
    # MyParcel's own newest client sends 20 at a time: larger requests time out.
    chunk_size = 20
    is_by_delivery = False
    # While a document is cut, another question is at hand: no call waits for it.
    connections = CONNECTIONS + 1

    def __init__(self, client: MyParcel):
        self._client = client

    def announce(
        self, requests: Sequence[ParcelRequest], look_up: LookUp | None = None
    ) -> Outcome:
        """Make concepts.

        With a look-up it first searches for what an earlier attempt may have made;
        while the search fails nothing is made.
        """
        try:
            found = self._find(requests) if look_up else {}
        except CarrierError as error:
            return Outcome(error=error)
        missing = [item for item in requests if item.reference not in found]
        return Outcome(created=found) | self._create(missing)

    def _find(self, requests):
        found = {}
        for reference, together in by_shipment(requests).items():
            living = [
                shipment
                for shipment in self._client.find_shipments(reference)
                if status_group(shipment.status) != "void"
            ]
            if living:
                # Only one is ever collected; a second concept costs nothing. One that
                # is registered already goes first: it may be on a parcel. The first
                # parcel of a shipment has the lowest number.
                living.sort(
                    key=lambda shipment: (
                        not shipment.barcode,
                        shipment.status,
                        int(shipment.remote_ref),
                    )
                )
                found |= dict.fromkeys(
                    (request.reference for request in together), living[0].remote_ref
                )
        return found

    def _create(self, requests):
        """MyParcel refuses a whole request for one faulty shipment."""
        if not requests:
            return Outcome()
        try:
            return Outcome(created=self._client.create_shipments(requests))
        except Refused as refusal:
            return self._create_others(requests, refusal)
        except Unclear as error:
            references = frozenset(request.reference for request in requests)
            return _unclear(references, error)
        except CarrierError as error:
            return Outcome(error=error)

    def _create_others(self, requests, refusal):
        """Send those again that were not refused: each alone when none was named."""
        refused = _refused(requests, refusal)
        shipments = by_shipment(requests).values()
        if not refused and len(shipments) > 1:
            return _one_by_one(shipments, self._create)
        if not refused:
            refused = dict.fromkeys((r.reference for r in requests), refusal.problems)
        rest = [request for request in requests if request.reference not in refused]
        return Outcome(refused=refused) | self._create(rest)

    def collect(self, remote_refs: Mapping[str, str]) -> Outcome:
        """Fetch the labels of concepts, which buys them, and read their barcodes.

        Repeating it is free.

        :param remote_refs: MyParcel's id by our reference, in the order of the pages;
            the parcels of one shipment have the same until they are bought
        """
        try:
            pdf = self._client.fetch_labels(_distinct(remote_refs))
        except (Refused, Unclear) as error:
            return self._collect_apart(remote_refs, error)
        except CarrierError as error:
            return Outcome(error=error)
        try:
            return Outcome(labels=self._read_labels(pdf, remote_refs))
        except (LabelMismatch, Unclear) as error:
            return self._collect_apart(remote_refs, error)
        except CarrierError as error:
            # Bought they are, whatever keeps them from being read.
            return Outcome(unclear=frozenset(remote_refs), error=error)

    def _collect_apart(self, remote_refs, error):
        """One label can spoil the answer for all of them: ask for each alone."""
        shipments = [
            {ref: its_id for ref, its_id in remote_refs.items() if its_id == remote_ref}
            for remote_ref in _distinct(remote_refs)
        ]
        if len(shipments) == 1 and isinstance(error, Refused):
            return Outcome(refused=dict.fromkeys(remote_refs, error.problems))
        if len(shipments) == 1 or error.reason == "timeout":
            return _unclear(frozenset(remote_refs), error)
        outcome = _one_by_one(shipments, self.collect)
        if isinstance(error, Refused) or not outcome.error:
            return outcome
        # Those not reached any more may have been bought together with the others.
        settled = outcome.labels.keys() | outcome.refused.keys()
        return outcome | Outcome(unclear=frozenset(remote_refs) - settled)

    def find_unbought(self, remote_refs: Mapping[str, str]) -> frozenset[str]:
        """The references of those that are concepts still."""
        try:
            shipments = self._client.read_shipments(_distinct(remote_refs))
        except Refused:
            # One that it does not know, say: asking for each label tells which.
            return frozenset()
        concepts = {s.remote_ref for s in shipments if _is_concept(s)}
        return frozenset(ref for ref in remote_refs if remote_refs[ref] in concepts)

    def _read_labels(self, pdf, remote_refs):
        wanted = _distinct(remote_refs)
        shipments = {s.remote_ref: s for s in self._client.read_shipments(wanted)}
        if len(shipments) < len(wanted):
            raise Unclear("incomplete")
        # All parcels of a shipment are in its document, whichever of them are wanted.
        parcels = [p for ref in wanted for p in parcels_of(shipments[ref])]
        if not all(p.barcode or _is_untracked(p) for p in parcels):
            raise Unclear("incomplete")
        pages = split_labels(
            pdf,
            [parcel.barcode for parcel in parcels],
            numbered=not any(map(_is_untracked, parcels)),
        )
        page_of = dict(zip((p.remote_ref for p in parcels), pages, strict=True))
        owned = colli_by_reference(remote_refs, shipments)
        return {
            reference: _label(owned[reference], page_of[owned[reference].remote_ref])
            for reference in remote_refs
        }


def delete_concepts(client: MyParcel, remote_refs: Sequence[str]) -> None:
    """Delete what is still a concept; what was registered or is not there stays so.

    Raises the errors of the client, except a refusal of one of them: it is not to be
    deleted then, and holds up no other.
    """
    for start in range(0, len(remote_refs), MAX_SHIPMENTS):
        _delete_together(client, remote_refs[start : start + MAX_SHIPMENTS])


def _delete_together(client, remote_refs):
    try:
        concepts = [
            shipment.remote_ref
            for shipment in client.read_shipments(remote_refs)
            if _is_concept(shipment)
        ]
        if concepts:
            client.delete_shipments(concepts)
    except Refused:
        if len(remote_refs) > 1:
            for remote_ref in remote_refs:
                _delete_together(client, [remote_ref])


def _is_concept(shipment: Shipment) -> bool:
    return status_group(shipment.status) == "concept"


def _is_untracked(parcel: Shipment) -> bool:
    """Whether it may be registered without a number, and none is on its label."""
    if status_group(parcel.status) != "registered":
        return False
    return parcel.status in UNTRACKED or parcel.package_type in (LETTER, DIGITAL_STAMP)


def _label(parcel: Shipment, page: bytes) -> Label:
    return Label(
        remote_ref=parcel.remote_ref,
        # What nobody follows is known by MyParcel's own number alone.
        tracking_number=parcel.barcode or parcel.remote_ref,
        tracking_url=parcel.tracking_url,
        price_cents=parcel.price_cents,
        document=page,
    )


def _distinct(remote_refs: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(remote_refs.values()))


def _refused(requests, refusal):
    """The problems of each parcel whose shipment the carrier named."""
    shipment = {request.reference: shipment_of(request) for request in requests}
    problems = defaultdict(list)
    for problem in refusal.problems:
        if problem.reference in shipment:
            problems[shipment[problem.reference]].append(problem)
    return {
        reference: problems[its]
        for reference, its in shipment.items()
        if its in problems
    }


def _unclear(references, error):
    """Who does not answer at all is not asked further; other faults may be of one."""
    silent = error.reason == "timeout"
    return Outcome(unclear=references, error=error if silent else None)


def _one_by_one(items: Iterable, ask: Callable[[object], Outcome]) -> Outcome:
    outcome = Outcome()
    for item in items:
        outcome |= ask(item)
        if outcome.error:
            break
    return outcome
