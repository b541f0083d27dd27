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


def rules(**changed: object) -> dict[str, object]:
    """The rules of a cycle as the form sends them."""
    return {
        "fair_share": "proportional", "surplus": "PLATFORM", "given_up": "ask",
        "dealer": "70", "platform": "20", "factory": "10", "withdraw_hours": 48, "second_source_hours": 24,
        "fewest_dealers": 3, "every_minutes": 60, "parts": 4, "least_step": 10, "window_days": 7,
        "boxfill_at": "", "reason": "", **changed,
    }  # fmt: skip


def test_the_operator_reads_and_changes_the_rules_and_dealers_read_them(market: Market) -> None:
    operator, dealer = Desk("operator", "operator"), Desk("dealer", "dealer")
    form = operator.client.get(
        reverse("operator:orders_ordercycle_button", args=[market.cycle.pk, "declare"])
    ).content.decode()
    assert 'value="70"' in form
    page = operator.press(
        "orders_ordercycle", market.cycle.pk, "declare",
        **rules(fair_share="all_or_nothing", dealer="72.5", platform="17.5", surplus="NEXT_CYCLE", window_days="",
                withdraw_hours=12, reason="voted"),
    )  # fmt: skip
    assert "voted; fair_share: proportional -&gt; all_or_nothing" in page
    for desk in (operator, dealer):
        page = shown(desk, market.cycle)
        for words in ("all of an order or nothing", "dealers 72.5 %", "the next cycle", "of all dates"):
            assert words in page, (desk.site, words)
    with acting_as(TEST):
        found = OrderCycle.objects.get(pk=market.cycle.pk)
    assert found.policy["sharing"] == {"dealer": 7250, "platform": 1750, "factory": 1000}
    assert (found.policy["shortage"]["withdraw_hours"], found.window_days) == (12, None)


def test_parts_that_are_no_whole_are_refused_on_the_page(market: Market) -> None:
    operator = Desk("operator", "operator")
    address = reverse("operator:orders_ordercycle_button", args=[market.cycle.pk, "declare"])
    for wrong, words in (
        (rules(dealer="71"), "come to 100 %"),
        (rules(fewest_dealers=1), "two dealers or more"),
        (rules(fair_share="mine"), "Select a valid choice"),
    ):
        page = operator.client.post(address, {"sent": "1", **wrong}, follow=True).content.decode()
        assert words in page
    with acting_as(TEST):
        assert OrderCycle.objects.get(pk=market.cycle.pk).version == market.cycle.version


def test_the_rules_are_sealed_with_the_cut_off(market: Market) -> None:
    operator, dealer = Desk("operator", "operator"), Desk("dealer", "dealer")
    order_list(dealer)
    operator.press("orders_ordercycle", market.cycle.pk, "close")
    declare = reverse("operator:orders_ordercycle_button", args=[market.cycle.pk, "declare"])
    assert declare not in shown(operator, market.cycle)
    assert "Sealed at the freeze" in shown(dealer, market.cycle)


def test_the_first_cycle_of_a_factory_is_planned_on_a_page(market: Market) -> None:
    operator = Desk("operator", "operator")
    address = reverse("operator:new_cycle")
    assert address in operator.page("orders_ordercycle_changelist")
    starts, ends = clock.now() + timedelta(days=9), clock.now() + timedelta(days=12)
    asked = {"warehouse": market.house.code, "opens_at": field(starts), "cutoff_at": field(ends)}
    for wrong, words in (
        ({}, "Name a factory or a category"),
        ({"factory": "NOBODY"}, "There is no NOBODY."),
        ({"category": "Lamps", "cutoff_at": field(starts)}, "cut off, in this order"),
        ({"category": "Lamps", "warehouse": "NOWHERE"}, "There is no NOWHERE."),
    ):
        page = operator.client.post(address, {**asked, **wrong}, follow=True).content.decode()
        assert words in page, wrong
    page = operator.client.post(address, {**asked, "category": "Lamps", "region": "EAST"}, follow=True)
    assert page.redirect_chain
    with acting_as(TEST):
        made = OrderCycle.objects.get(category="Lamps")
    assert (made.status, made.region, made.warehouse_site_id) == ("DRAFT", "EAST", market.house.pk)
