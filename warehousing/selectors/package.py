"""Packages, for whom they are."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from warehousing.models import Package, PackageLine


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


def blocked(package_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return package -> why it must not leave: it holds lots that are not released; one statement.

    The caller decides who may ask.
    """
    found: dict[UUID, str] = {}
    lines = PackageLine.objects.filter(package__in=package_ids, lot__isnull=False)
    for key, sscc, number, reason in (
        lines.exclude(lot__status="RELEASED")
        .order_by("package_id", "line_number")
        .values_list("package_id", "package__sscc", "lot__number", "lot__status_reason")
    ):
        found.setdefault(key, f"package {sscc} holds lot {number}: {reason or 'not released'}")
    return found
