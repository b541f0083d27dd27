"""Packages, for whom they are."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from warehousing.models import Package


def visible(actor: Actor) -> QuerySet[Package]:
    """Return packages with their lines, newest first: operators see all, a dealer its own."""
    return (
        Package.objects.visible_to(actor)
        .select_related("warehouse__site", "dealer", "ship_to_site")
        .prefetch_related("lines__product", "lines__lot", "lines__demand")
        .order_by("-pk")
    )


def by_sscc(actor: Actor, sscc: str) -> Package:
    """Return the package with an SSCC.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    found = visible(actor).filter(sscc=sscc).first()
    if found is None:
        raise NotFound(f"there is no package {sscc}")
    return found
