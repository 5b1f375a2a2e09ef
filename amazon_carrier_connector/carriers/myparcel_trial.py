"""Labels without buying: MyParcel has no test environment.

A concept, which costs nothing, is made and deleted again, so that MyParcel has checked
the parcel; the label is drawn here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .errors import CarrierError
from .labelling import Label, LookUp, Outcome
from .myparcel import MyParcel
from .myparcel_labelling import MyParcelLabelling
from .myparcel_services import CARRIER_NAMES
from .shipments import ParcelRequest
from .specimen import draw_specimen


class MyParcelTrial:
    """See :class:`~.labelling.Labelling`: in one step, which can be repeated."""

    steps = MyParcelLabelling.steps
    chunk_size = MyParcelLabelling.chunk_size
    is_by_delivery = MyParcelLabelling.is_by_delivery
    connections = 1

    def __init__(self, client: MyParcel):
        self._client = client
        self._labelling = MyParcelLabelling(client)

    def announce(
        self, requests: Sequence[ParcelRequest], look_up: LookUp | None = None
    ) -> Outcome:
        """Make concepts, delete them, and draw what would have been their labels."""
        # Each is drawn a label, whichever go together.
        requests = [replace(request, shipment="") for request in requests]
        outcome = self._labelling.announce(requests, look_up)
        labels = {
            request.reference: _specimen(request, outcome.created[request.reference])
            for request in requests
            if request.reference in outcome.created
        }
        return self._delete(outcome.created, replace(outcome, created={}), labels)

    def collect(self, remote_refs: Mapping[str, str]) -> Outcome:
        """Concepts that were made before the test environment was switched on."""
        labels = {
            reference: _draw(remote_ref, reference=reference)
            for reference, remote_ref in remote_refs.items()
        }
        return self._delete(remote_refs, Outcome(), labels)

    def find_unbought(self, remote_refs: Mapping[str, str]) -> frozenset[str]:
        """What of these is a concept still."""
        return self._labelling.find_unbought(remote_refs)

    def _delete(self, concepts, outcome, labels):
        if not concepts:
            return outcome
        try:
            self._client.delete_shipments(list(concepts.values()))
        except CarrierError as error:
            # The next look-up finds the concepts and deletes them.
            return outcome | Outcome(unclear=frozenset(concepts), error=error)
        return outcome | Outcome(labels=labels)


def _specimen(request, remote_ref):
    recipient = request.recipient
    street = " ".join(
        filter(None, (recipient.street, recipient.number, recipient.number_suffix))
    )
    lines = (
        *(recipient.company, recipient.name, street, recipient.street_additional),
        f"{recipient.postal_code} {recipient.city}".strip(),
        *(recipient.region, recipient.country_code),
    )
    return _draw(
        remote_ref,
        reference=request.reference,
        carrier=CARRIER_NAMES.get(request.carrier_id, ""),
        address=[line for line in lines if line],
        text=request.label_description,
    )


def _draw(remote_ref, *, reference, carrier="", address=(), text=""):
    number = f"TEST{remote_ref}"
    return Label(
        # There is nothing at MyParcel any more.
        remote_ref="",
        tracking_number=number,
        tracking_url="",
        price_cents=None,
        document=draw_specimen(
            carrier=carrier,
            number=number,
            address=address,
            reference=reference,
            text=text,
        ),
    )
