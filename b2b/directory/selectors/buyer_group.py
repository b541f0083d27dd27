"""Buyer groups, as far as an actor may know of them."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.directory.models import BuyerGroup, BuyerGroupMembership


def visible(actor: Actor) -> QuerySet[BuyerGroup]:
    """Return the groups an actor may name: an operator all, a dealer those it is or was in, others none."""
    if actor.sees_all:
        return BuyerGroup.objects.all()
    own = BuyerGroupMembership.objects.visible_to(actor).values("group_id")
    return BuyerGroup.objects.filter(pk__in=own)
