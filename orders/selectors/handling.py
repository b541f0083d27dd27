"""How long goods take from the door of a warehouse to the dealer's."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from b2b.core.actor import Actor, acting_as, system
from b2b.directory.models import Site
from b2b.directory.selectors import site
from orders.models import HandlingTerm

# For a warehouse that nobody has said anything about.
DEFAULT_DAYS: Final = 2


def days_of(site_id: int) -> int:
    """Return in how many days goods are received, picked and carried from a warehouse; one query."""
    with acting_as(system("orders")):
        told = HandlingTerm.objects.filter(site_id=site_id).values_list("handling_days", flat=True).first()
    return DEFAULT_DAYS if told is None else told


def warehouses(actor: Actor) -> QuerySet[Site]:
    """Return the active warehouses an operator sees, each with its `handling_days` and whether they were `told`."""
    told = HandlingTerm.objects.filter(site=OuterRef("pk"))
    return (
        site.visible(actor)
        .filter(kind=Site.Kind.WAREHOUSE, is_active=True)
        .annotate(
            told=Exists(told),
            handling_days=Coalesce(
                Subquery(told.values("handling_days"), output_field=IntegerField()), DEFAULT_DAYS
            ),
        )
    )


def known() -> dict[int, int]:
    """Return the days of every warehouse that has some of its own, by the key of its site."""
    with acting_as(system("orders")):
        return dict(HandlingTerm.objects.values_list("site_id", "handling_days"))
