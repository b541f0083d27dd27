"""Picking and packing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.core.actor import OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.http.views import CommandView, DetailView, ListView
from warehousing.rest.filters import WaveFilter
from warehousing.rest.shapes import PackedShape, PickInput, WaveDetail, WaveInput, WaveShape
from warehousing.selectors import package, work
from warehousing.services import packing, picking, wave


class Waves(ListView, CommandView):
    """List waves; POST sends pickers for everything reserved in a warehouse."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.waves
    serializer = WaveShape
    filterset = WaveFilter
    input, output, status = WaveInput, WaveDetail, 201

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        house = work.warehouse(by, data["warehouse"])
        return work.wave(
            by, wave.release(house.pk, until=data["until"], plan=_plan(data, by), by=by, at=at).pk
        )


def _plan(data: Any, by: Actor) -> wave.Plan:
    """Find the sites and the carrier that are named."""
    return wave.Plan(
        method=data["method"],
        zones=tuple(data["zones"]),
        regions=tuple(data["regions"]),
        site_ids=work.site_ids(by, data["ship_to"]),
        route=data["route"],
        carrier_id=work.carrier_id(by, data["carrier"]),
        cut_off_at=data["cut_off_at"],
        list_size=data["list_size"],
        orders_per_list=data["orders_per_list"],
    )


class OneWave(DetailView):
    """Show a wave with its tasks."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.waves_with_tasks
    serializer = WaveDetail


class Pick(CommandView):
    """Confirm what was picked; what was not found is set aside and taken from elsewhere."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.waves
    input, output = PickInput, WaveDetail

    def call(self, data: Any, *, by: Actor, at: datetime, wave_id: UUID) -> Any:
        """Call the service."""
        picking.confirm(wave_id, picked=self._picked(data), by=by, at=at)
        return work.wave(by, wave_id)

    def _picked(self, data: Any) -> dict[int, int] | None:
        if "tasks" not in data:
            return None
        picked = {task["task_number"]: task["picked_quantity"] for task in data["tasks"]}
        if len(picked) < len(data["tasks"]):
            raise Invalid(
                "The picks have faults.", problems=[Problem("named_twice", "a task is named twice", "/tasks")]
            )
        return picked


class Pack(CommandView):
    """Pack a picked wave and return its labelled packages."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.waves
    output = PackedShape

    def call(self, data: Any, *, by: Actor, at: datetime, wave_id: UUID) -> Any:
        """Call the service."""
        packing.pack(wave_id, by=by, at=at)
        return {"packages": package.visible(by).filter(wave_id=wave_id).order_by("pk")}
