"""Sites an actor may name in an order or a plan."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from b2b.core.actor import Actor
from b2b.directory.models import Site


def visible(actor: Actor) -> QuerySet[Site]:
    """Return the actor's own sites and the warehouses of the platform, which everybody may know."""
    if actor.is_anonymous:
        return Site.objects.none()
    if actor.sees_all:
        return Site.objects.all()
    return Site.objects.filter(Q(organization_id=actor.organization_id) | Q(kind=Site.Kind.WAREHOUSE))


def own(actor: Actor) -> QuerySet[Site]:
    """Return the active sites of the actor's own organisation (of all of them for an operator)."""
    return Site.objects.visible_to(actor).filter(is_active=True)


def by_id(site_ids: Iterable[int]) -> dict[int, Site]:
    """Return sites for a service that snapshots their address; the caller has checked that it may."""
    return {
        site.pk: site for site in Site.objects.filter(pk__in=set(site_ids)).select_related("organization")
    }
