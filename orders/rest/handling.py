"""How long each warehouse needs from its door to a dealer's: operators read and say it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from b2b.core.actor import OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import CommandView, DetailView, ListView
from orders.models.handling_term import LONGEST_DAYS
from orders.rest.shapes import fields
from orders.rest.shapes.prices import TermsChangeShape
from orders.selectors import handling as selectors
from orders.selectors import price_list
from orders.services import handling


class HandlingShape(serializers.Serializer[Any]):
    """A warehouse and its handling days; until somebody said so (`told`) they are the usual ones."""

    id = serializers.IntegerField()
    warehouse = serializers.CharField(source="code")
    name = serializers.CharField()
    handling_days = serializers.IntegerField()
    told = serializers.BooleanField()


class HandlingInput(serializers.Serializer[Any]):
    """How many days, and why."""

    days = serializers.IntegerField(min_value=0, max_value=LONGEST_DAYS)
    reason = fields.text(500, help_text="kept in the history")


class HandlingTimes(ListView):
    """List the warehouses with their handling days."""

    scope, kinds = "orders", {OPERATOR}
    selector = selectors.warehouses
    serializer = HandlingShape


class OneHandlingTime(DetailView, CommandView):
    """Show how long a warehouse needs; POST says it anew, and the next cycle that closes reckons with it."""

    scope, kinds = "orders", {OPERATOR}
    selector = selectors.warehouses
    serializer = output = HandlingShape
    input = HandlingInput

    def call(self, data: Any, *, by: Actor, at: Any, site_id: int) -> Any:
        """Say the days."""
        handling.put(self.find(), **data, by=by, at=at)
        return self.find()


class HandlingChanges(ListView):
    """List who said how long a warehouse needs, when and why, latest first."""

    scope, kinds = "orders", {OPERATOR}
    serializer = TermsChangeShape

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the changes of the warehouse in the URL.

        :raises NotFound: when the actor knows no such warehouse.
        """
        site_id = self.kwargs.get("site_id", 0)
        if self.kwargs and not selectors.warehouses(actor).filter(pk=site_id).exists():
            raise NotFound
        return price_list.changes(actor, handling.HANDLING, site_id)
