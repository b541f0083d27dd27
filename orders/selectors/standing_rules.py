"""The rules that new cycles take over: those of their category, those of everyone, or what the platform declares."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.catalog.selectors import product
from b2b.core.actor import Actor, acting_as, system
from orders.models import StandingRules


def visible(actor: Actor) -> QuerySet[StandingRules]:
    """Return the rules that stand, everyone's first; operators see them."""
    return known(actor).filter(is_active=True).order_by("category")


def known(actor: Actor) -> QuerySet[StandingRules]:
    """Return the rules that stand and those that were withdrawn."""
    return StandingRules.objects.visible_to(actor)


def in_force(category: str) -> StandingRules:
    """Return what a new cycle of a category takes over, empty for a factory's cycle; one query.

    Where nobody has declared anything they are the defaults, and not saved.
    """
    with acting_as(system("orders")):
        nearest = StandingRules.objects.filter(is_active=True, category__in={"", category})
        return nearest.order_by("-category").first() or StandingRules(category=category)


def categories(actor: Actor) -> list[str]:
    """Return the categories of products on sale, by name."""
    found = product.active(actor).exclude(category="").values_list("category", flat=True)
    return list(found.order_by("category").distinct())
