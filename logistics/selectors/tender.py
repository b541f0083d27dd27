"""Tenders and offers as the operator and the carriers that were asked may see them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.db.querysets import ScopedQuerySet
from logistics.models import Offer, Shipment, Tender, TenderedShipment
from logistics.states import LIVE


def visible(actor: Actor) -> ScopedQuerySet[Tender]:
    """Return all tenders for an operator; a carrier reads those it was asked for through its offers."""
    return Tender.objects.visible_to(actor).select_related("warehouse_site", "trip")


def offers(actor: Actor) -> ScopedQuerySet[Offer]:
    """Return a carrier's own offers, or all for an operator, with what they are for."""
    return Offer.objects.visible_to(actor).select_related(
        "tender__warehouse_site", "tender__trip", "carrier", "vehicle"
    )


def live(tender_ids: Iterable[UUID]) -> QuerySet[Offer]:
    """Return the offers of tenders that may still win."""
    return Offer.objects.filter(tender__in=list(tender_ids), status__in=LIVE)


def shipment_ids(tender_ids: Iterable[UUID]) -> QuerySet[TenderedShipment, UUID]:
    """Return the keys of the shipments in tenders, which never change once they are open."""
    return TenderedShipment.objects.filter(tender__in=list(tender_ids)).values_list("shipment_id", flat=True)


def shipments(actor: Actor, tender: Tender) -> QuerySet[Shipment]:
    """Return what is in a tender; a carrier sees what it has won."""
    return Shipment.objects.visible_to(actor).filter(pk__in=shipment_ids([tender.pk])).order_by("pk")
