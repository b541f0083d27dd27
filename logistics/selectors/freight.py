"""What carriers asked and what their trips were to cost, as the two sides may see it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from b2b.core.actor import Actor
from b2b.db.querysets import ScopedQuerySet
from logistics import states
from logistics.models import FreightInvoice, FreightInvoiceLine, FreightTolerance, Trip
from logistics.policies.freight_match import Driven, Tolerance


def invoices(actor: Actor) -> ScopedQuerySet[FreightInvoice]:
    """Return a carrier's own invoices, or all for an operator."""
    return FreightInvoice.objects.visible_to(actor).select_related("carrier")


def detailed(actor: Actor) -> ScopedQuerySet[FreightInvoice]:
    """Return the same with their lines."""
    return invoices(actor).prefetch_related("lines")


def driven(trips: Sequence[Trip]) -> dict[str, Driven]:
    """Return trips by number as an invoice is held against them."""
    billed = set(
        FreightInvoiceLine.objects.filter(trip__in=trips)
        .exclude(invoice__status=states.REJECTED)
        .values_list("trip_id", flat=True)
    )
    return {
        trip.number: Driven(trip.cost, trip.currency, trip.status == states.COMPLETED, trip.pk in billed)
        for trip in trips
    }


def tolerance(carrier_id: int) -> Tolerance:
    """Return by how much a carrier may differ: its own tolerance, else that of all, else nothing."""
    found = FreightTolerance.objects.filter(Q(carrier_id=carrier_id) | Q(carrier=None))
    kept = sorted(found, key=lambda one: one.carrier_id is None)
    return Tolerance(kept[0].percent, kept[0].amount) if kept else Tolerance()
