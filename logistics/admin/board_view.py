"""The dispatch board as its page's script reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from logistics.policies import verifier
from logistics.policies.figures import COST_UNITS, RouteFigures, measure
from logistics.policies.problem import Route, Van
from logistics.policies.screening import REASONS
from logistics.services.board import Board


def finding_texts() -> dict[str, str]:
    """Return what the verifier finds, in words; a kind that is missing is shown as it is called."""
    return {
        verifier.OVERWEIGHT: _("too heavy for the vehicle"),
        verifier.OVERSIZE: _("more than the vehicle holds"),
        verifier.OVERFULL: _("more pallets than the vehicle has places for"),
        verifier.SKILL_MISSING: _("the vehicle lacks a skill the goods need"),
        verifier.FROZEN_MOVED: _("a locked stop was moved"),
        verifier.TOO_LATE: _("arrives after the place has closed"),
        verifier.AFTER_SHIFT: _("back after the end of the shift"),
        verifier.BEFORE_SHIFT: _("leaves before the shift begins"),
        verifier.REST_MISSING: _("no time for the driver's break"),
        verifier.JOB_TWICE: _("is on two rounds"),
    }


def as_json(board: Board) -> dict[str, Any]:
    """Return all that the page draws: places, rounds with times and chances, what waits, what is wrong."""
    draft, problem = board.draft, board.draft.problem
    figures = measure(problem, board.plan)
    by_van = {one.van: one for one in figures.routes}
    routes = {route.van: route for route in board.plan.routes}
    return {
        "stamp": board.stamp,
        "day": draft.day.isoformat(),
        "warehouse": {
            "name": draft.warehouse.name,
            "lat": float(draft.warehouse.latitude),
            "lon": float(draft.warehouse.longitude),
        },
        "jobs": {key: _job(board, key) for key in draft.shipments},
        "rounds": [_round(board, van, routes.get(van.key), by_van.get(van.key)) for van in problem.vans],
        "unplanned": [
            {"job": entry.job, "reason": str(REASONS[entry.reason])} for entry in board.plan.left_out
        ],
        "findings": [_finding(board, one) for one in board.findings],
        "figures": {
            "cost": f"{figures.cost / COST_UNITS:,.2f}",
            "km": round(figures.distance_m / 1000, 1),
            "empty_km": round(figures.empty_m / 1000, 1),
            "stops": figures.stops,
            "late_percent": board.simulated.late_percent,
        },
        "under_way": [
            {
                "number": trip.number,
                "vehicle": trip.vehicle,
                "lat": trip.latitude,
                "lon": trip.longitude,
                "stops": [
                    {"lat": float(stop.latitude), "lon": float(stop.longitude), "done": bool(stop.left_at)}
                    for stop in trip.stops
                ],
            }
            for trip in board.under_way
        ],
    }


def _job(board: Board, key: str) -> dict[str, Any]:
    shipment = board.draft.shipments[key]
    return {
        "number": shipment.number,
        "name": shipment.ship_to_name,
        "lat": float(shipment.latitude),
        "lon": float(shipment.longitude),
        "opens": f"{shipment.opens:%H:%M}",
        "closes": f"{shipment.closes:%H:%M}",
        "kg": round(shipment.weight_g / 1000, 1),
        "pallets": shipment.pallets,
    }


def _round(board: Board, van: Van, route: Route | None, figures: RouteFigures | None) -> dict[str, Any]:
    vehicle = board.draft.vehicles[van.key]
    shown: dict[str, Any] = {
        "van": van.key,
        "code": vehicle.code,
        "locked": len(van.frozen),
        "starts": _clock(board, van.starts_s),
        "ends": _clock(board, van.ends_s),
        "calls": [],
    }
    if route is None or figures is None:
        return shown
    shown |= {
        "departs": _clock(board, route.departs_s),
        "returns": _clock(board, route.returns_s),
        "departs_s": route.departs_s,
        "returns_s": route.returns_s,
        "km": round(route.distance_m / 1000, 1),
        "load_percent": _fullest(figures, van),
    }
    for call in route.calls:
        outlook = board.simulated.outlooks[call.job]
        shown["calls"].append(
            {
                "job": call.job,
                "arrives": _clock(board, call.arrives_s),
                "arrives_s": call.arrives_s,
                "leaves_s": call.leaves_s,
                "p50": _clock(board, outlook.p50_s),
                "p80": _clock(board, outlook.p80_s),
                "late_percent": round(100 * outlook.late_share),
            }
        )
    return shown


def _fullest(figures: RouteFigures, van: Van) -> int:
    return max(100 * load // room for load, room in zip(figures.peak, van.capacity, strict=True) if room)


def _finding(board: Board, one: verifier.Violation) -> dict[str, str]:
    vehicle, shipment = board.draft.vehicles.get(one.subject), board.draft.shipments.get(one.subject)
    name = vehicle.code if vehicle else shipment.number if shipment else one.subject
    return {"subject": one.subject, "text": f"{name}: {finding_texts().get(one.kind, one.kind)}"}


def _clock(board: Board, seconds: float) -> str:
    at: datetime = board.draft.origin + timedelta(seconds=seconds)
    return f"{at.astimezone(ZoneInfo(board.draft.warehouse.time_zone)):%H:%M}"
