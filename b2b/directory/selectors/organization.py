"""Organisations, as far as an actor may know of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.directory.models import Organization


def visible(actor: Actor) -> QuerySet[Organization]:
    """Return the organisations an actor may list: an operator all, everybody else their own."""
    if actor.sees_all:
        return Organization.objects.all()
    return Organization.objects.filter(pk=actor.organization_id)


def by_id(organization_ids: Iterable[int]) -> dict[int, Organization]:
    """Return organisations for a service that snapshots their names; the caller has checked that it may."""
    return Organization.objects.in_bulk(set(organization_ids))


def carriers(actor: Actor) -> QuerySet[Organization]:
    """Return the active carriers an actor may list, by name."""
    return visible(actor).filter(kind=Organization.Kind.CARRIER, is_active=True).order_by("name")
