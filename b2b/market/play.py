"""Live a market day by day through the real services: the demo, the soak and the back-test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from b2b.core.actor import acting_as, system
from b2b.db import invariants
from b2b.market import terms, world
from b2b.market.actors import (
    aftercare,
    agreements,
    billing,
    borrowers,
    carriers,
    changes,
    dealers,
    desk,
    factories,
    funders,
    payers,
)
from b2b.market.stage import Stage, insist
from b2b.market.world import World
from b2b.tower.policies.value import Value
from b2b.tower.selectors import supply_value, value, value_detail
from b2b.tower.selectors.supply_value import SupplyValue
from b2b.tower.selectors.value_detail import Pace

SPAN = timedelta(days=1)

# A working day in order; after each step every fact told so far has its effect.
DAY: tuple[Callable[[Stage], None], ...] = (
    funders.night,
    agreements.agree,
    funders.open_programmes,
    desk.receive,
    aftercare.take_back,
    desk.pick_and_pack,
    aftercare.share_freight,
    desk.plan_trips,
    carriers.depart,
    dealers.order,
    agreements.call_off,
    factories.despatch,
    billing.bill,
    desk.close_cycles,
    changes.change_minds,
    factories.answer,
    changes.answer,
    carriers.deliver,
    aftercare.give_back,
    aftercare.claim_defects,
    borrowers.borrow,
    funders.collect,
    payers.pay,
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a played market came to: how often things happened, the value figures, and what is wrong."""

    seed: int
    days: int
    dealers: int
    counts: dict[str, int]
    value: Value
    bought: SupplyValue
    pace: Pace
    broken: tuple[str, ...]
    open_cases: int


def market(
    *,
    days: int,
    dealers: int,
    seed: int,
    first_day: date,
    through_workers: bool = False,
    is_pooling: bool = True,
    report: Callable[[Stage], None] | None = None,
) -> Result:
    """Make the market if need be and play it; `report` is called after each day.

    Facts are worked off in this process unless `through_workers`; then a relay and workers must be running.
    Unless `is_pooling` every order is bought at its factories alone, for what it is worth to compare with.
    A market whose process was killed goes on where it was: days that are over are not lived again.
    """
    stage = Stage(_made(dealers, seed, first_day), seed, first_day, days, through_workers, is_pooling)
    stage.insist(lambda: desk.prepare(stage, bank_identifier=payers.BANK_ACCOUNT))
    for stage.day in range(days):
        if not stage.insist(lambda: payers.is_over(stage)):
            for step in DAY:
                stage.live(step)
        if report:
            report(stage)
    return stage.insist(lambda: _result(stage))


def _made(dealers: int, seed: int, first_day: date) -> World:
    def make() -> World:
        with acting_as(system("market")):
            made = world.make(dealers=dealers, seed=seed)
            terms.agree(made, today=first_day)
            return made

    return insist(make)


def _result(stage: Stage) -> Result:
    return result(stage, since=stage.moment(0) - stage.days * SPAN, until=stage.moment(0) + SPAN)


def result(stage: Stage, *, since: datetime, until: datetime) -> Result:
    """Add up what happened between two moments, and check every invariant."""
    by = system("market")
    span = value.of_moments(since, until, "CNY")
    with acting_as(by):
        return Result(
            seed=stage.seed,
            days=stage.days,
            dealers=len(stage.world.dealers),
            counts=dict(sorted(stage.counts.items())),
            value=value.total(by, span),
            bought=supply_value.all_of(by, span),
            pace=value_detail.pace(by, span),
            broken=tuple(found.invariant.name for found in invariants.check()),
            open_cases=payers.open_cases(by),
        )
