"""Rows as a party may see them: the first wall of tenancy (row-level security is the second)."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

from b2b.core.actor import Actor

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that knows which of its columns make a row a party's own.

    The model declares `tenancy`, a mapping from the actor's kind to lookups that hold its organisation's key, e.g.
    `{"dealer": "dealer_id", "factory": "factory_id"}`; a kind that is not named sees nothing.
    """

    def visible_to(self, actor: Actor) -> ScopedQuerySet[M]:
        """Return the rows `actor` may see; operators and the platform see all, strangers none."""
        if actor.sees_all:
            return self
        tenancy: dict[str, Any] = getattr(self.model, "tenancy", {})
        lookups = tenancy.get(actor.kind, ())
        if not lookups or actor.organization_id is None:
            return self.none()
        own = Q()
        for lookup in (lookups,) if isinstance(lookups, str) else lookups:
            own |= Q(**{lookup: actor.organization_id})
        return self.filter(own)
