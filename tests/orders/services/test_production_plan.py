"""A plan asks each factory once for what buffers lack, and never touches what a factory committed to."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from b2b.contracts.orders import ProductionSignalRaised
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden
from orders.models import (
    AdjustmentFactor,
    BufferSnapshot,
    PlanException,
    PlanRun,
    ProductionSignal,
    ProductionSignalLine,
    SignalPeg,
    SignalReason,
)
from orders.policies import signal_reason
from orders.services import forecast, production_plan, production_signal
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW
from tests.orders.services.steps import told

pytestmark = pytest.mark.django_db
BY = system("test")


def plan(market, key="2026-11-23", at=NOW):
    with clock.travel(at):
        return production_plan.plan(market.maker.pk, period_key=key, by=BY, at=at)


def stock(market, shelf, *free):
    for product, quantity in zip(market.products, free, strict=True):
        shelf.free[product.pk] = quantity


def asked(**where):
    return list(
        ProductionSignalLine.objects.filter(is_order=True, **where)
        .order_by("id")
        .values_list("quantity", flat=True)
    )


@pytest.mark.parametrize(("on_hand", "quantity"), [(340, [110]), (350, [])])
def test_the_worked_example(shelf, on_hand, quantity):
    market = made.trade()
    planning.buffer(market)
    stock(market, shelf, on_hand)
    run = plan(market)
    shot = BufferSnapshot.objects.get(run=run)
    assert (shot.top_of_red, shot.top_of_yellow, shot.top_of_green, shot.net_flow) == (150, 350, 450, on_hand)
    assert asked() == quantity


def test_what_was_asked_for_is_supply_to_the_next_plan(shelf):
    market = made.trade()
    planning.buffer(market)
    stock(market, shelf, 340)
    first = plan(market)
    assert plan(market) == first
    plan(market, "2026-11-24")
    assert asked() == [110]
    assert BufferSnapshot.objects.get(run__period_key="2026-11-24").on_order == 110
    [signal] = ProductionSignal.objects.all()
    assert signal.status == "SENT"
    [event] = told(ProductionSignalRaised)
    assert [line.quantity for line in event.lines] == [110]


def test_a_refused_signal_is_asked_for_anew_and_a_part_commitment_for_the_rest(shelf):
    market = made.trade()
    planning.buffer(market)
    stock(market, shelf, 340)
    plan(market)
    [signal] = ProductionSignal.objects.all()
    production_signal.answer(signal, committed={1: 30}, by=market.factory_actor, at=NOW)
    line = signal.lines.get()
    assert (line.committed_quantity, line.rejected_quantity) == (30, 80)
    plan(market, "2026-11-24")
    # 340 + 30 is above the top of yellow: nothing is due yet.
    assert asked() == [110]
    stock(market, shelf, 300)
    plan(market, "2026-11-25")
    assert asked() == [110, 120]


def test_orders_for_later_count_as_spikes_by_whole_days_and_pools_stay_out(shelf):
    market = made.trade(dealers=3)
    planning.buffer(market)
    stock(market, shelf, 400)
    day = (NOW + timedelta(days=5)).date().isoformat()
    made.order(market, [50], told={"need_by_date": day})
    assert BufferSnapshot.objects.get(run=plan(market, "a")).qualified_demand == 0
    made.order(market, [30], dealer=1, told={"need_by_date": day})
    assert BufferSnapshot.objects.get(run=plan(market, "b")).qualified_demand == 80
    made.order(market, [7], dealer=1)
    assert BufferSnapshot.objects.get(run=plan(market, "c")).qualified_demand == 87
    made.cycle(market)
    made.order(market, [100], dealer=2)
    # What an open pool will buy is pegged to what it will buy: both are left out.
    assert BufferSnapshot.objects.get(run=plan(market, "d")).qualified_demand <= 87


def test_factors_move_usage_lead_time_and_zones_while_they_hold(shelf):
    market = made.trade(products=2)
    for index in range(2):
        planning.buffer(market, index)
    stock(market, shelf, 1000, 1000)
    day = NOW.date()
    for kind, factor in (("DEMAND", "2"), ("LEAD_TIME", "1.5"), ("ZONE", "1.1")):
        AdjustmentFactor.objects.create(
            kind=kind,
            reason="FESTIVAL",
            product=market.products[0],
            factor=Decimal(factor),
            valid_from=day,
            valid_to=day,
        )
    AdjustmentFactor.objects.create(
        kind="DEMAND", reason="SEASON", product=market.products[1], factor=3, valid_from=day - timedelta(days=9),
        valid_to=day - timedelta(days=1),
    )  # fmt: skip
    plan(market)
    first, second = BufferSnapshot.objects.order_by("buffer_id")
    assert (first.daily_usage, first.lead_time_days) == (20, 30)
    assert first.yellow == 660
    assert second.yellow == 200


def test_what_is_asked_can_be_computed_again_byte_for_byte(shelf):
    market = made.trade(products=3)
    for index, usage in enumerate(("10", "3.3333", "0.125")):
        planning.buffer(market, index, usage=usage, order_multiple=6)
    stock(market, shelf, 100, 0, 1)
    made.order(market, [5, 6, 7])
    plan(market)
    reasons = list(SignalReason.objects.select_related("line"))
    assert len(reasons) == 3
    for reason in reasons:
        assert signal_reason.recompute(reason.inputs) == reason.result_hash
        facts = json.loads(reason.inputs)
        assert signal_reason.written(facts) == reason.inputs
        result = signal_reason.result_of(facts)
        shot = BufferSnapshot.objects.get(buffer__product=reason.line.product)
        assert (result["red"], result["yellow"], result["green"]) == (
            shot.top_of_red,
            shot.yellow,
            shot.green,
        )
        assert (result["net_flow"], result["shortfall"]) == (shot.net_flow, shot.shortfall)
        assert result["quantity"] == reason.line.quantity


def test_regions_are_pooled_rounded_once_and_split(shelf):
    market = made.trade()
    product = market.products[0]
    planning.buffer(market, order_multiple=48, usage_is_set=False)
    for region, weekly in (("east", 40), ("north", 20), ("south", 11)):
        planning.sold(product, [weekly] * 30, region=region)
    forecast.run(by=BY, at=NOW)
    stock(market, shelf, 0)
    plan(market)
    line = ProductionSignalLine.objects.get(is_order=True)
    assert line.quantity % 48 == 0
    parts = dict(SignalPeg.objects.filter(line=line).values_list("region", "quantity"))
    assert sum(parts.values()) == line.quantity
    assert parts["east"] > parts["north"] > parts["south"] > 0
    assert BufferSnapshot.objects.get().daily_usage == pytest.approx(Decimal(71) / 7, rel=Decimal("0.05"))


def test_a_full_week_passes_on_what_it_cannot_make_and_says_so(shelf):
    market = made.trade()
    source = made.source_of(market, 0)
    source.weekly_capacity = 100
    source.save()
    planning.buffer(market)
    stock(market, shelf, 200)
    plan(market)
    assert asked() == [100, 100, 50]
    assert PlanException.objects.get().kind == "CAPACITY"
    assert PlanException.objects.get().quantity == 150


def test_the_outlook_is_told_once_calmly_and_supersedes_itself(shelf):
    market = made.trade()
    product = market.products[0]
    planning.sold(product, [70] * 30)
    forecast.run(by=BY, at=NOW)
    plan(market)
    [first] = ProductionSignal.objects.all()
    assert not first.is_order
    steps = list(first.lines.order_by("line_number").values_list("commitment", flat=True))
    assert steps == sorted(steps, key=["FIRM", "MAKE", "BUY_MATERIAL", "FORECAST"].index)
    owed = dict(first.lines.values_list("commitment", "liability_bp"))
    assert owed["FORECAST"] == 0 < owed["BUY_MATERIAL"] < owed["MAKE"]
    plan(market, "again")
    assert ProductionSignal.objects.count() == 1
    # A quarter more in the week after is news.
    later = NOW + timedelta(days=7)
    planning.sold(product, [150], until=later.date())
    with clock.travel(later):
        forecast.run(by=BY, at=later)
    plan(market, "later", later)
    second = ProductionSignal.objects.get(supersedes=first)
    first.refresh_from_db()
    assert (first.status, second.status) == ("SUPERSEDED", "SENT")


def test_what_a_factory_committed_to_is_never_changed_but_a_person_is_told(shelf):
    market = made.trade()
    planning.buffer(market)
    stock(market, shelf, 340)
    plan(market)
    [signal] = ProductionSignal.objects.all()
    production_signal.answer(signal, committed={1: 110}, by=market.factory_actor, at=NOW)
    before = list(signal.lines.values())
    stock(market, shelf, 900)
    plan(market, "too much")
    stock(market, shelf, 20)
    plan(market, "too little")
    assert list(signal.lines.values()) == before
    found = list(PlanException.objects.order_by("id").values_list("kind", "quantity", "line_id"))
    assert found == [("CANCEL", 110, before[0]["id"]), ("EXPEDITE", 110, before[0]["id"])]
    for change in ({"quantity": 1}, {"week_start_date": NOW.date()}, {"commitment": "FORECAST"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ProductionSignalLine.objects.filter(pk=before[0]["id"]).update(**change)


def test_a_factory_reads_its_lines_and_nothing_of_the_reasons(shelf):
    market = made.trade()
    planning.buffer(market)
    stock(market, shelf, 340)
    plan(market)
    with acting_as(market.factory_actor):
        assert ProductionSignalLine.objects.count() == 1
        assert PlanRun.objects.count() == 1
        for model in (SignalPeg, SignalReason, BufferSnapshot, PlanException):
            assert not model.objects.exists()
    with acting_as(market.dealer_actor()):
        assert not ProductionSignal.objects.exists()
        with pytest.raises(Forbidden):
            production_plan.plan(market.maker.pk, period_key="x", by=market.dealer_actor(), at=NOW)


def test_the_number_of_statements_does_not_grow_with_the_buffers(shelf):
    counts = []
    for products in (2, 30):
        market = made.trade(products=products)
        for index in range(products):
            planning.buffer(market, index)
            planning.sold(market.products[index], [30] * 20)
        with clock.travel(NOW), CaptureQueriesContext(connection) as caught:
            production_plan.plan(market.maker.pk, period_key="p", by=BY, at=NOW)
        counts.append(len(caught))
    assert counts[0] == counts[1]
