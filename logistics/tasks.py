"""Periodic work of logistics."""

from __future__ import annotations

import logging

from b2b.core import clock
from b2b.core.actor import acting_as, current, system
from b2b.outbox.schedule import daily, every
from logistics.services import arrival, dispatch, pace, plan_worker, privacy, reached, tender_round, watch

log = logging.getLogger(__name__)


@daily("plan_due_trips", at="06:30")
def plan_due_trips() -> None:
    """Plan the day's trips at every warehouse where shipments wait."""
    for warehouse, made in dispatch.plan_due(by=current(), at=clock.now()):
        log.info("%s: %s trips, %s shipments left out", warehouse.code, len(made.trips), len(made.left_out))


@every("end_tender_rounds", seconds=30)
def end_tender_rounds() -> None:
    """End invitations that ran out and ask whoever is next."""
    if expired := tender_round.sweep(by=current(), at=clock.now()):
        log.info("%s offers expired", expired)


@every("route_plans", seconds=5, queue="bulk")
def work_route_plans() -> None:
    """Work the route plans that were asked for, and end those whose worker was lost."""
    with acting_as(system("planner")) as platform:
        worked = plan_worker.work_all(by=platform)
    if worked:
        log.info("%s route plans worked", worked)


@every("arrivals", seconds=60)
def estimate_arrivals() -> None:
    """Note where vehicles were seen to arrive, and tell what changed of when the others will."""
    with acting_as(system("arrivals")) as platform:
        at = clock.now()
        reached.note(by=platform, at=at)
        arrival.estimate(by=platform, at=at)


@every("paces", seconds=900)
def learn_paces() -> None:
    """Count what happened on trips that are done among what estimates are learned from."""
    with acting_as(system("paces")) as platform:
        pace.learn(by=platform, at=clock.now())


@every("watch_the_road", seconds=60)
def watch_the_road() -> None:
    """Raise alerts of trips that something is wrong with, and clear those that are over."""
    raised, cleared = watch.raise_alerts(by=current(), at=clock.now())
    if raised or cleared:
        log.info("%s alerts raised, %s cleared", raised, cleared)


@daily("forget_positions", at="03:40")
def forget_positions() -> None:
    """Remove positions and names of drivers that are older than was promised."""
    done = privacy.forget(by=current(), at=clock.now())
    log.info("forgot %s and %s drivers", ", ".join(done.months) or "no month", done.drivers)
