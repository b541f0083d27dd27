"""Trips: planned, sent off, called off; and the vehicles that drive them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from rest_framework.request import Request

from b2b.core import clock
from b2b.core.actor import CARRIER, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.directory.models import Site
from b2b.directory.selectors import site as sites
from b2b.http.views import CommandView, DetailView, ListView
from logistics.rest import inputs, shapes
from logistics.rest.filters import TripFilter, VehicleFilter
from logistics.rest.route_plan import told
from logistics.selectors import trip as trips
from logistics.services import dispatch, trip

HAULIERS = (CARRIER, OPERATOR)


class Trips(ListView, CommandView):
    """List the trips the caller drives or oversees; POST plans what waits at a warehouse."""

    scope, kinds, write_kinds = "logistics", HAULIERS, (OPERATOR,)
    selector = trips.visible
    serializer = shapes.TripShape
    filterset = TripFilter
    input, output, status = inputs.PlanInput, shapes.DispatchShape, HTTPStatus.CREATED

    def command(self, request: Request) -> HttpResponseBase:
        """Plan first, because a planner must not hold a transaction open; the rest is as ever."""
        data = self.parse(request)
        warehouse = sites.visible(self.actor).filter(code=data["warehouse"], kind=Site.Kind.WAREHOUSE).first()
        if warehouse is None:
            raise Invalid(
                "the plan cannot be made",
                problems=[Problem("unknown_warehouse", "there is no such warehouse", "/warehouse")],
            )
        self.proposal = dispatch.plan(
            warehouse.pk, by=self.actor, at=clock.now(), day=data.get("day"), seconds=data["seconds"]
        )
        return super().command(request)

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Publish the plan."""
        return told(dispatch.publish_plan(self.proposal, by=by, at=at))


class OneTrip(DetailView):
    """Show a trip with its stops in order."""

    scope, kinds = "logistics", HAULIERS
    selector = trips.detailed
    serializer = shapes.TripDetail


class Depart(CommandView):
    """Send a trip off."""

    scope, kinds = "logistics", HAULIERS
    selector = trips.visible
    input, output = inputs.DepartInput, shapes.TripShape

    def call(self, data: Any, *, by: Actor, at: Any, trip_id: UUID) -> Any:
        """Let it leave."""
        driver_id = trips.driver(by, data["driver"]).pk if "driver" in data else None
        return trip.depart(trip_id, by=by, at=at, driver_id=driver_id)


class Cancel(CommandView):
    """Call off a trip that has not left, so that its shipments wait for the next plan; the operator's decision."""

    scope, kinds = "logistics", HAULIERS
    selector = trips.visible
    input, output = inputs.ReasonInput, shapes.TripShape

    def call(self, data: Any, *, by: Actor, at: Any, trip_id: UUID) -> Any:
        """Call it off."""
        return trip.cancel(trip_id, by=by, at=at, **data)


class Vehicles(ListView):
    """List the caller's vehicles (an operator: all)."""

    scope, kinds = "logistics", HAULIERS
    selector = trips.vehicles
    serializer = shapes.VehicleShape
    filterset = VehicleFilter
