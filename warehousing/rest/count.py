"""Rounds of counting, for handhelds and for whoever approves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.core.actor import OPERATOR, Actor
from b2b.http.views import CommandView, DetailView, ListView
from warehousing.rest.count_shapes import (
    CountDecisionInput,
    CountDetail,
    CountLineShape,
    CountShape,
    FoundInput,
    OpenCountInput,
)
from warehousing.rest.filters import CountFilter
from warehousing.selectors import counts, work
from warehousing.services import cycle_count


class CycleCounts(ListView, CommandView):
    """List rounds of counting; POST opens one."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = counts.rounds
    serializer = CountShape
    filterset = CountFilter
    input, output, status = OpenCountInput, CountDetail, 201

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        house = work.warehouse(by, data["warehouse"])
        places = counts.places(by, house.pk, data["locations"]) if "locations" in data else None
        return counts.one(by, cycle_count.open_round(house.pk, location_ids=places, by=by, at=at).pk)


class OneCycleCount(DetailView):
    """Show a round with its lines."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = counts.rounds_with_lines
    serializer = CountDetail


class TellCount(CommandView):
    """Take down what was found at a place; the answer says whether it is to be counted again."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = counts.rounds
    input, output = FoundInput, CountLineShape

    def find(self) -> Any:
        """Return the round the URL names."""
        return counts.head(self.actor, self.kwargs["count_id"])

    def call(self, data: Any, *, by: Actor, at: datetime, count_id: UUID) -> Any:
        """Call the service."""
        where = {
            name: data[name] for name in ("location", "goods", "lot_number", "sscc", "owner", "stock_status")
        }
        key = counts.key_scanned(by, count_id, **where)
        found = cycle_count.Found(counted=data["counted"], counted_at=data["counted_at"], **key)
        return cycle_count.tell(count_id, found, by=by, at=at)


class ApproveCount(TellCount):
    """Believe a variance above the limit and book it."""

    input, output = CountDecisionInput, CountLineShape

    def call(self, data: Any, *, by: Actor, at: datetime, count_id: UUID, line_number: int) -> Any:  # type: ignore[override]
        """Call the service."""
        return cycle_count.approve(count_id, line_number, reason=data["reason"], by=by, at=at)


class RejectCount(TellCount):
    """Have a variance above the limit counted again."""

    input, output = CountDecisionInput, CountLineShape

    def call(self, data: Any, *, by: Actor, at: datetime, count_id: UUID, line_number: int) -> Any:  # type: ignore[override]
        """Call the service."""
        return cycle_count.reject(count_id, line_number, reason=data["reason"], by=by)


class CancelCount(CommandView):
    """Give up what is not settled of a round."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = counts.rounds
    output = CountDetail

    def call(self, data: Any, *, by: Actor, at: datetime, count_id: UUID) -> Any:
        """Call the service."""
        cycle_count.cancel(count_id, by=by, at=at)
        return counts.one(by, count_id)
