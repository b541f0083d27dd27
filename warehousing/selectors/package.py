"""Packages, for whom they are."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from warehousing.models import Package, PackageLine, Recall
from warehousing.ports import OwnGoods
from warehousing.selectors import own_goods


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


def stopped(actor: Actor, *, recall: Recall | None = None) -> dict[Package, str]:
    """Return closed packages that must not leave -> why, oldest first; of a recall, those with goods of its lots."""
    lines = PackageLine.objects.filter(package=OuterRef("pk"))
    doubtful = Q(owner__isnull=False) | Q(lot__isnull=False) & ~Q(lot__status="RELEASED")
    lines = lines.filter(doubtful if recall is None else Q(lot__in=recall.lots.all()))
    closed = visible(actor).filter(Exists(lines), status="PACKED").order_by("pk")
    packages = {package.pk: package for package in closed}
    return {packages[key]: why for key, why in blocked(packages).items()}


def blocked(package_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return package -> why it must not leave: it was pulled, or holds lots that are not released or pledged goods.

    One statement, and those that ask for pledges where a party's own goods are in them. The caller decides who may ask.
    """
    lines = PackageLine.objects.filter(package__in=package_ids).order_by("package_id", "line_number")
    found: dict[UUID, str] = {}
    own: list[PackageLine] = []
    stopped = Q(package__status="PULLED") | Q(lot__isnull=False) & ~Q(lot__status="RELEASED")
    for line in lines.filter(stopped | Q(owner__isnull=False)).select_related(
        "package__warehouse", "lot", "product"
    ):
        sscc, lot = line.package.sscc, line.lot
        if line.package.status == "PULLED":
            found.setdefault(line.package_id, f"package {sscc} was pulled")
        elif lot is not None and lot.status != "RELEASED":
            why = lot.status_reason or "not released"
            found.setdefault(line.package_id, f"package {sscc} holds lot {lot.number}: {why}")
        else:
            own.append(line)
    for place in own_goods.unfree([_owned(line) for line in own]):
        line = own[place]
        why = f"package {line.package.sscc} holds {line.product.sku} that its owner pledged"
        found.setdefault(line.package_id, why)
    return found


def pulled(package_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these packages were pulled. The caller decides who may ask."""
    found = Package.objects.filter(pk__in=package_ids, status="PULLED")
    return set(found.values_list("pk", flat=True))


def _owned(line: PackageLine) -> OwnGoods:
    assert line.owner_id is not None
    return OwnGoods(line.owner_id, line.product_id, line.package.warehouse.site_id, line.quantity)
