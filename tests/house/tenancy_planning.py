"""Who may see buffers, forecasts and exceptions, and who moves a signal on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from b2b.core import clock
from b2b.core.actor import FACTORY, OPERATOR, acting_as, system
from orders.models import ProductionSignal, Rehearsal, SignalTerms
from orders.services import forecast, production_plan, production_signal
from tests.factories import catalog, planning
from tests.factories import orders as ordering
from tests.house.tenancy_line import Case, Line, World
from tests.support.order_ports import Shelf, answered


def _planned(world: World, *, automatic: bool = True, on_hand: int = 20) -> Any:
    """Let the factory be asked for what a buffer lacks."""
    market, now = ordering.trade(maker=world["factory"], buyers=[world["dealer"]]), clock.now()
    planning.sold(market.products[0], [30] * 20, until=now.date())
    planning.buffer(market)
    shelf = Shelf({market.products[0].pk: on_hand})
    with answered(None, shelf), acting_as(system("test")) as platform:
        if not automatic:
            SignalTerms.objects.create(factory=world["factory"], is_automatic=False)
        forecast.run(by=platform, at=now)
        production_plan.plan(market.maker.pk, period_key="first", by=platform, at=now)
    return market


def _listed(world: World) -> Case:
    return Case(marker=_planned(world).products[0].sku)


def _scored(world: World) -> Case:
    _planned(world)
    return Case(marker="response_hours")


def _excepted(world: World) -> Case:
    market, now = _planned(world, on_hand=340), clock.now()
    shelf = Shelf({market.products[0].pk: 0})
    with answered(None, shelf), acting_as(system("test")) as platform:
        signal = ProductionSignal.objects.get(factory=market.maker, is_order=True)
        production_signal.answer(signal, committed={1: 110}, by=platform, at=now)
        production_plan.plan(market.maker.pk, period_key="second", by=platform, at=now)
    return Case(marker=market.products[0].sku)


def _committed(world: World) -> Case:
    market = _planned(world)
    with acting_as(system("test")) as platform:
        signal = ProductionSignal.objects.get(factory=market.maker, is_order=True)
        production_signal.answer(signal, committed={1: 1}, by=platform, at=clock.now())
    return Case({"signal_id": signal.pk}, marker=signal.number)


def _proposed(world: World) -> Case:
    market = _planned(world, automatic=False)
    with acting_as(system("test")):
        signal = ProductionSignal.objects.get(factory=market.maker, is_order=True)
    return Case({"signal_id": signal.pk}, marker=signal.number)


def _explained(world: World) -> Case:
    return Case(_committed(world).values, marker="shortfall")


def _rehearsed(world: World) -> Case:
    with acting_as(system("test")):
        kept = Rehearsal.objects.create(
            kind="PAST", factory=world["factory"], days=70, settings="{}", outcomes="{}", facts_hash="abc",
            created_at=clock.now(),
        )  # fmt: skip
    return Case(marker=str(kept.factory.code))


def _promise(world: World) -> Any:
    return {"sku": catalog.product().sku, "quantity": 1, "need_by_date": clock.now().date().isoformat()}


def _consumed(world: World) -> Case:
    market, now = _planned(world), clock.now()
    day = (now + timedelta(weeks=5)).date().isoformat()
    with answered(None, Shelf()), acting_as(system("test")) as platform:
        order = ordering.order(market, [5], told={"need_by_date": day})
        production_plan.plan(market.maker.pk, period_key="second", by=platform, at=now)
    return Case(marker=order.number)


_DESK = frozenset({"owner", "rival"})

LINES: Mapping[str, Line] = {
    "buffers/": Line(_listed, owner=OPERATOR, sees=_DESK),
    "forecast-consumption/": Line(_consumed, owner=OPERATOR, sees=_DESK),
    "forecasts/": Line(_listed, owner=OPERATOR, sees=_DESK),
    "plan-exceptions/": Line(_excepted, owner=OPERATOR, sees=_DESK),
    "production-signals/weeks/": Line(_listed, owner=FACTORY, sees=frozenset({"owner"})),
    # A scorecard is the caller's own, and names nobody: each factory reads its own figures.
    "production-signals/scorecard/": Line(_scored, owner=FACTORY, sees=frozenset({"owner", "rival"})),
    "production-signals/<uuid:signal_id>/progress/": Line(
        _committed,
        owner=FACTORY,
        sees=frozenset(),
        changes=frozenset({"owner", OPERATOR}),
        body=lambda world: {"verb": "produce"},
    ),
    "production-signals/<uuid:signal_id>/approve/": Line(
        _proposed, owner=OPERATOR, sees=frozenset(), changes=_DESK
    ),
    "production-signals/edifact/": Line(
        lambda world: Case(), owner=FACTORY, sees=frozenset(), changes=frozenset({"owner", "rival", OPERATOR})
    ),
    "production-signals/ubl/": Line(
        lambda world: Case(), owner=FACTORY, sees=frozenset(), changes=frozenset({"owner", "rival", OPERATOR})
    ),
    "production-signals/<uuid:signal_id>/delfor/": Line(_committed, owner=FACTORY),
    "production-signals/<uuid:signal_id>/forecast.xml": Line(_committed, owner=FACTORY),
    "production-signals/<uuid:signal_id>/reasons/": Line(_explained, owner=OPERATOR, sees=_DESK),
    "rehearsals/": Line(
        _rehearsed,
        owner=OPERATOR,
        sees=_DESK,
        changes=_DESK,
        body=lambda world: {"factory": world["factory"].code, "days": 70},
    ),
    "promises/": Line(
        lambda world: Case(), sees=frozenset(), changes=frozenset({"owner", "rival", OPERATOR}), body=_promise
    ),
}
