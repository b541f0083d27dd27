"""Plans of routes as jobs: asked for, watched, called off, accepted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from b2b.core.actor import CARRIER, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.directory.models import Site
from b2b.directory.selectors import site as sites
from b2b.http.views import CommandView, DetailView, ListView
from logistics.policies.screening import REASONS
from logistics.rest import shapes
from logistics.rest.filters import RoutePlanFilter
from logistics.rest.route_plan_shapes import RoutePlanInput, RoutePlanShape
from logistics.selectors import route_plan as route_plans
from logistics.selectors import trip as trips
from logistics.services import dispatch, route_plan

SEEN_BY = (CARRIER, OPERATOR)  # a carrier learns nothing of a plan, not even that there is one


class RoutePlans(ListView, CommandView):
    """List the plans of routes; POST asks for one, which a worker plans: look at it until it is FOUND."""

    scope, kinds = "logistics", (OPERATOR,)
    selector = route_plans.visible
    serializer = RoutePlanShape
    filterset = RoutePlanFilter
    input, output, status = RoutePlanInput, RoutePlanShape, HTTPStatus.ACCEPTED

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Ask for it."""
        warehouse = sites.visible(by).filter(code=data["warehouse"], kind=Site.Kind.WAREHOUSE).first()
        codes = set(data.get("without", ()))
        dropped = trips.vehicles(by).filter(code__in=codes)
        problems = []
        if warehouse is None:
            problems.append(Problem("unknown_warehouse", "there is no such warehouse", "/warehouse"))
        if unknown := codes - {vehicle.code for vehicle in dropped}:
            problems.append(
                Problem("unknown_vehicle", f"there is no vehicle {', '.join(sorted(unknown))}", "/without")
            )
        if warehouse is None or problems:
            raise Invalid("the plan cannot be made", problems=problems)
        wish = route_plan.Wish(
            warehouse.pk,
            data.get("day"),
            seconds=data["seconds"],
            anew=data["anew"],
            without=frozenset(vehicle.pk for vehicle in dropped),
            **({"seed": data["seed"]} if "seed" in data else {}),
        )
        return route_plan.ask(wish, by=by, at=at)


class OneRoutePlan(DetailView):
    """Show how far a plan is, its best cost over time, and what it changes."""

    scope, kinds = "logistics", SEEN_BY
    selector = route_plans.visible
    serializer = RoutePlanShape


class AcceptRoutePlan(CommandView):
    """Make trips and stops of the plan that was found, in one transaction; 409 when it is outdated."""

    scope, kinds = "logistics", SEEN_BY
    selector = route_plans.visible
    output = shapes.DispatchShape

    def call(self, data: Any, *, by: Actor, at: Any, plan_id: UUID) -> Any:
        """Accept it."""
        return told(route_plan.accept(plan_id, by=by, at=at))


class CancelRoutePlan(CommandView):
    """Call a plan off, at work or not."""

    scope, kinds = "logistics", SEEN_BY
    selector = route_plans.visible
    output = RoutePlanShape

    def call(self, data: Any, *, by: Actor, at: Any, plan_id: UUID) -> Any:
        """Call it off."""
        return route_plan.cancel(plan_id, by=by, at=at)


class RepeatRoutePlan(CommandView):
    """Ask for the same plan once more, for what waits now."""

    scope, kinds = "logistics", SEEN_BY
    selector = route_plans.visible
    output, status = RoutePlanShape, HTTPStatus.ACCEPTED

    def call(self, data: Any, *, by: Actor, at: Any, plan_id: UUID) -> Any:
        """Ask again."""
        return route_plan.again(plan_id, by=by, at=at)


def told(made: dispatch.Dispatch) -> dict[str, Any]:
    """Return trips, and what was left out with the reason in words."""
    left_out = [
        {"shipment_id": left.pk, "number": left.number, "reason": reason, "explanation": REASONS[reason]}
        for left, reason in made.left_out
    ]
    return {"trips": made.trips, "left_out": left_out}
