"""MyParcel's two steps: make concepts, then fetch their labels, which buys them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from .errors import CarrierError, LabelMismatch, Refused, Unclear
from .labelling import ANNOUNCE, COLLECT, Label, LookUp, Outcome
from .labels import split_labels
from .myparcel import MyParcel, status_group
from .shipments import ParcelRequest


class MyParcelLabelling:
    """See :class:`~.labelling.Labelling`."""

    steps = (ANNOUNCE, COLLECT)
    # MyParcel's own newest client sends 20 at a time: larger requests time out.
    chunk_size = 20
    is_by_delivery = False
    # One is asked while the answer to another is stored.
    connections = 2

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
        for request in requests:
            living = [
                shipment
                for shipment in self._client.find_shipments(request.reference)
                if status_group(shipment.status) != "void"
            ]
            if living:
                # Only one is ever collected; a second concept costs nothing. One that
                # is registered already goes first: it may be on a parcel.
                living.sort(
                    key=lambda shipment: (not shipment.barcode, shipment.status)
                )
                found[request.reference] = living[0].remote_ref
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
        refused = _by_reference(refusal)
        if not refused and len(requests) > 1:
            return _one_by_one(requests, lambda request: self._create([request]))
        if not refused:
            refused = {requests[0].reference: refusal.problems}
        rest = [request for request in requests if request.reference not in refused]
        return Outcome(refused=refused) | self._create(rest)

    def collect(self, remote_refs: Mapping[str, str]) -> Outcome:
        """Fetch the labels of concepts, which buys them, and read their barcodes.

        Repeating it is free.

        :param remote_refs: MyParcel's id by our reference, in the order of the pages
        """
        try:
            pdf = self._client.fetch_labels(list(remote_refs.values()))
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
        if len(remote_refs) == 1 and isinstance(error, Refused):
            return Outcome(refused=dict.fromkeys(remote_refs, error.problems))
        if len(remote_refs) == 1 or error.reason == "timeout":
            return _unclear(frozenset(remote_refs), error)
        outcome = _one_by_one(
            remote_refs.items(), lambda pair: self.collect(dict([pair]))
        )
        if isinstance(error, Refused) or not outcome.error:
            return outcome
        # Those not reached any more may have been bought together with the others.
        settled = outcome.labels.keys() | outcome.refused.keys()
        return outcome | Outcome(unclear=frozenset(remote_refs) - settled)

    def _read_labels(self, pdf, remote_refs):
        shipments = {
            shipment.remote_ref: shipment
            for shipment in self._client.read_shipments(list(remote_refs.values()))
        }
        missing = [ref for ref in remote_refs.values() if ref not in shipments]
        if missing or not all(item.barcode for item in shipments.values()):
            raise Unclear("incomplete")
        ordered = [shipments[remote_ref] for remote_ref in remote_refs.values()]
        pages = split_labels(pdf, [shipment.barcode for shipment in ordered])
        return {
            reference: Label(
                remote_ref=shipment.remote_ref,
                tracking_number=shipment.barcode,
                tracking_url=shipment.tracking_url,
                price_cents=shipment.price_cents,
                document=page,
            )
            for reference, shipment, page in zip(
                remote_refs, ordered, pages, strict=True
            )
        }


def _by_reference(refusal):
    """The problems of each reference that the carrier named."""
    problems = defaultdict(list)
    for problem in refusal.problems:
        if problem.reference is not None:
            problems[problem.reference].append(problem)
    return dict(problems)


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
