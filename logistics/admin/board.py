"""The dispatch board: rounds on a map, laid by hand or by a planner, checked as they are laid, played before driven."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from b2b.admin.actions import ROLES_THAT_ACT
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.core import clock
from b2b.core.errors import DomainError, Forbidden, Invalid, NotFound
from b2b.core.errors import Problem as Fault
from logistics.admin.board_texts import texts
from logistics.admin.board_view import as_json
from logistics.policies.problem import Plan
from logistics.selectors import dispatching
from logistics.selectors import route_plan as route_plans
from logistics.services import board, route_plan
from logistics.services.board import Layout

SECONDS = 10


@operator_site.page(
    "logistics/board/", name="dispatch_board", nav=Nav("carry", 4, "map", gettext_lazy("Dispatch board"))
)
@require_GET
def dispatch_board(request: HttpRequest) -> HttpResponse:
    """Show the rounds of a warehouse and a day on a map."""
    actor = actor_of(request)
    warehouses = dispatching.warehouses_with_work(actor)
    chosen = next((one for one in warehouses if one.code == request.GET.get("warehouse")), None)
    chosen = chosen or next(iter(warehouses), None)
    fault, shown = "", None
    if chosen is not None:
        try:
            day = _day(request.GET.get("day", ""))
            shown = as_json(board.read(chosen.pk, by=actor, at=clock.now(), day=day))
        except DomainError as error:
            fault = str(error)
    context = operator_site.page_context(
        request,
        _("Dispatch board"),
        warehouses=warehouses,
        chosen=chosen,
        fault=fault,
        board=shown,
        texts=texts(),
        told={
            "warehouse": chosen.pk if chosen else None,
            "tiles": settings.DISPATCH_TILE_URL,
            "may_act": bool(actor.roles & ROLES_THAT_ACT),
            "lay": reverse("operator:lay_board"),
            "save": reverse("operator:save_board"),
            "plan": reverse("operator:plan_board"),
        },
    )
    return TemplateResponse(request, "logistics/dispatch_board.html", context)


def _answer(act: Callable[[HttpRequest, dict[str, Any]], dict[str, Any]]) -> Callable[..., HttpResponse]:
    """Let `act` answer a script's question in JSON, and a refusal in words with its problems."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            if not actor_of(request).roles & ROLES_THAT_ACT:
                raise Forbidden(_("Your role may look, but not act."))
            return JsonResponse(act(request, _body(request)))
        except DomainError as error:
            told = {
                "fault": str(error),
                "problems": [f"{one.message} {one.remedy}".strip() for one in error.problems],
            }
            return JsonResponse(told, status=error.status)

    return require_POST(view)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        told = json.loads(request.body)
        return {
            "warehouse": int(told["warehouse"]),
            "day": date.fromisoformat(told["day"]),
            "stamp": str(told.get("stamp", "")),
            "layout": Layout(
                {str(van): [str(job) for job in jobs] for van, jobs in told["rounds"].items()},
                {str(van): int(count) for van, count in told.get("locked", {}).items()},
            ),
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(
            _("the board sent something that cannot be read"),
            problems=[Fault("unreadable", str(error), remedy=_("load the page again"))],
        ) from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(_("%(day)s is no day") % {"day": text}) from error


def _lay(request: HttpRequest, told: dict[str, Any]) -> dict[str, Any]:
    laid = board.lay(told["warehouse"], told["layout"], by=actor_of(request), at=clock.now(), day=told["day"])
    return as_json(laid)


def _save(request: HttpRequest, told: dict[str, Any]) -> dict[str, Any]:
    by, at = actor_of(request), clock.now()
    made = board.save(told["warehouse"], told["layout"], stamp=told["stamp"], by=by, at=at, day=told["day"])
    saved = _("%(trips)d trips are planned.") % {"trips": len(made.trips)}
    return {**as_json(board.read(told["warehouse"], by=by, at=at, day=told["day"])), "saved": saved}


def _plan(request: HttpRequest, told: dict[str, Any]) -> dict[str, Any]:
    by, at = actor_of(request), clock.now()
    wish = board.wish(told["warehouse"], told["layout"], by=by, at=at, day=told["day"], seconds=SECONDS)
    asked = route_plan.ask(wish, by=by, at=at)
    return {"number": asked.number, "url": reverse("operator:board_plan", args=[asked.pk])}


operator_site.page("logistics/board/lay/", name="lay_board")(_answer(_lay))
operator_site.page("logistics/board/save/", name="save_board")(_answer(_save))
operator_site.page("logistics/board/plan/", name="plan_board")(_answer(_plan))


@operator_site.page("logistics/board/plan/<uuid:plan_id>/", name="board_plan")
@require_GET
def board_plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Tell the script how far a plan is, and its rounds once it is found."""
    made = route_plans.visible(actor_of(request)).filter(pk=plan_id).first()
    if made is None:
        return JsonResponse({"fault": str(NotFound())}, status=404)
    told: dict[str, Any] = {"status": made.status, "percent": made.percent, "fault": made.fault}
    if made.plan is not None:
        found = msgspec.convert(made.plan, Plan)
        told["rounds"] = {route.van: [call.job for call in route.calls] for route in found.routes}
        told["changes"] = {
            name: value if isinstance(value, int) else len(value) for name, value in made.changes.items()
        }
        told["cost"] = f"{made.costs[-1]['cost']:,.2f}" if made.curve else ""
    return JsonResponse(told)
