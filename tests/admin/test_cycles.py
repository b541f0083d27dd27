"""Cycles on both desks: the operator runs them, a dealer reads what it joined and nothing of its rivals."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from b2b.core import clock
from b2b.core.actor import acting_as
from orders.models import OrderCycle
from orders.services import pool_progress
from tests.admin.test_day import Desk, order_list
from tests.support.trade_day import TEST, Market, open_market


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


def field(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def cycle_of(market):
    with acting_as(TEST):
        return OrderCycle.objects.get(pk=market.cycle.pk)


def shown(desk, cycle):
    site = "operator" if desk.site == "operator" else "dealer"
    return desk.client.get(reverse(f"{site}:orders_ordercycle_change", args=[cycle.pk])).content.decode()


def test_the_operator_extends_plans_and_calls_off(market: Market) -> None:
    desk = Desk("operator", "operator")
    order_list(Desk("dealer", "dealer"))
    until = market.cycle.cutoff_at + timedelta(hours=5)
    desk.press("orders_ordercycle", market.cycle.pk, "extend", cutoff_at=field(until), reason="snow")
    assert abs(cycle_of(market).cutoff_at - until) < timedelta(minutes=1)
    page = shown(desk, market.cycle)
    for words in ("snow", "Time left", "Dealers who joined", "Missing", "BOLT-8"):
        assert words in page

    desk.press(
        "orders_ordercycle", market.cycle.pk, "plan_another", opens_at=field(until),
        boxfill_at=field(until + timedelta(days=6)), cutoff_at=field(until + timedelta(days=7)),
        every="week", weekdays=["0", "3"], skip="2027-01-01",
    )  # fmt: skip
    with acting_as(TEST):
        planned = OrderCycle.objects.exclude(pk=market.cycle.pk).get()
    assert (planned.status, planned.recurrence["weekdays"], planned.recurrence["skip"]) == (
        "DRAFT",
        [0, 3],
        ["2027-01-01"],
    )

    desk.press("orders_ordercycle", market.cycle.pk, "call_off", reason="strike")
    assert cycle_of(market).status == "CLOSED"
    desk.press("orders_ordercycle", planned.pk, "stop_repeating")
    with acting_as(TEST):
        assert OrderCycle.objects.get(pk=planned.pk).recurrence is None


def test_a_frozen_cycle_cannot_be_extended_or_called_off(market: Market) -> None:
    desk = Desk("operator", "operator")
    order_list(Desk("dealer", "dealer"))
    desk.press("orders_ordercycle", market.cycle.pk, "close")
    page = shown(desk, market.cycle)
    for button in ("extend", "call_off"):
        assert reverse("operator:orders_ordercycle_button", args=[market.cycle.pk, button]) not in page
        address = reverse("operator:orders_ordercycle_button", args=[market.cycle.pk, button])
        answer = desk.client.post(
            address, {"reason": "late", "cutoff_at": field(clock.now() + timedelta(days=9))}, follow=True
        )
        assert "not possible (any more)" in answer.content.decode()
    assert cycle_of(market).status == "SENT"


def test_a_dealer_reads_its_pools_and_nothing_of_a_rival(market: Market) -> None:
    dealer, rival = Desk("dealer", "dealer"), Desk("rival", "dealer")
    order_list(dealer)
    order_list(rival, "BOLT-8,4824\n")
    with acting_as(TEST):
        pool_progress.tell(market.cycle, by=TEST, at=clock.now())
    page = shown(dealer, market.cycle)
    assert "BOLT-8" in page
    assert "Your pools" in page
    for secret in ("4,824", "4824", "Jade", "JADE", "Dealers who joined"):
        assert secret not in page
    stranger = shown(rival, market.cycle)
    assert "SCREW-4" not in stranger
