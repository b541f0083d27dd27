"""Inspections, and carrying goods to their places."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.core.actor import FACTORY, OPERATOR, Actor
from b2b.http.views import CommandView, DetailView, ListView
from warehousing.rest.filters import InspectionFilter, PutawayTaskFilter
from warehousing.rest.receiving_shapes import (
    ClaimTasksInput,
    ConfirmInput,
    DecideInput,
    InspectionShape,
    JudgeInput,
    PutawayTaskShape,
    TasksShape,
)
from warehousing.selectors import receiving, work
from warehousing.services import inspection, putaway_task
from warehousing.services.putaway_task import Carried


class Inspections(ListView):
    """List inspections: an operator all, a factory those of its own goods."""

    scope, kinds = "warehousing", {FACTORY, OPERATOR}
    selector = receiving.inspections
    serializer = InspectionShape
    filterset = InspectionFilter


class OneInspection(DetailView):
    """Show an inspection."""

    scope, kinds = "warehousing", {FACTORY, OPERATOR}
    selector = receiving.inspections
    serializer = InspectionShape


class Judge(CommandView):
    """Note how many of the sample were bad: the lot is accepted, or has failed."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = receiving.inspections
    input, output = JudgeInput, InspectionShape

    def call(self, data: Any, *, by: Actor, at: datetime, inspection_id: UUID) -> Any:
        """Call the service."""
        inspection.judge(inspection_id, **data, by=by, at=at)
        return self.find()


class Decide(CommandView):
    """Have a failed lot reworked, rejected or sorted."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = receiving.inspections
    input, output = DecideInput, InspectionShape

    def call(self, data: Any, *, by: Actor, at: datetime, inspection_id: UUID) -> Any:
        """Call the service."""
        reason = data["reason"]
        if data["verdict"] == "sort":
            inspection.sort(inspection_id, accepted=data["accepted"], reason=reason, by=by, at=at)
        elif data["verdict"] == "rework":
            inspection.rework(inspection_id, reason=reason, by=by, at=at)
        else:
            inspection.reject(inspection_id, reason=reason, by=by, at=at)
        return self.find()


class PutawayTasks(ListView):
    """List what is to be carried, and what was."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = receiving.putaway_tasks
    serializer = PutawayTaskShape
    filterset = PutawayTaskFilter


class ClaimTasks(CommandView):
    """Claim the next open tasks of a warehouse; nobody else gets them."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output = ClaimTasksInput, TasksShape

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        house = work.warehouse(by, data["warehouse"])
        tasks = putaway_task.claim(house.pk, count=data["count"], kind=data["kind"], by=by, at=at)
        return {"tasks": tasks}


class ConfirmTasks(CommandView):
    """Confirm that claimed goods are where they belong, or at another place that fits; all or none."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output = ConfirmInput, TasksShape

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        done = putaway_task.confirm([Carried(**one) for one in data["tasks"]], by=by, at=at)
        return {"tasks": receiving.putaway_tasks(by).filter(pk__in=[task.pk for task in done]).order_by("pk")}
