"""The operator declares once what new cycles take over, and a cycle planned on the page does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as
from orders.models import OrderCycle, StandingRules
from tests.admin.test_admin_tenancy import demote
from tests.admin.test_cycles import field, rules
from tests.admin.test_day import Desk
from tests.support.trade_day import TEST, Market, open_market


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


@pytest.fixture
def desk(market: Market) -> Desk:
    return Desk("operator", "operator")


def send(desk: Desk, **given: object) -> str:
    data = {**rules(), "category": "", "every": "", "interval": 1, **given}
    return desk.client.post(reverse("operator:standing_rules"), data, follow=True).content.decode()


def stand() -> list[tuple[str, str]]:
    with acting_as(TEST):
        found = StandingRules.objects.filter(is_active=True).order_by("category")
        return [(one.category, one.policy["fair_share"]) for one in found]


def test_a_new_cycle_takes_over_what_stands(market: Market, desk: Desk) -> None:
    assert "Nothing yet" in desk.page("standing_rules")
    page = send(desk, fair_share="equal", every="week", weekdays=["0"], reason="agreed in March")
    assert "New cycles take these rules over" in page
    assert "agreed in March" in page
    assert stand() == [("", "equal")]
    now = clock.now()
    data = {
        "category": "Lamps", "warehouse": market.house.code, "opens_at": field(now + timedelta(days=1)),
        "cutoff_at": field(now + timedelta(days=5)), "every": "standing", "interval": 1,
    }  # fmt: skip
    desk.client.post(reverse("operator:new_cycle"), data)
    with acting_as(TEST):
        cycle = OrderCycle.objects.get(category="Lamps")
    assert cycle.policy["fair_share"] == "equal"
    assert cycle.recurrence["weekdays"] == [0]


def test_a_category_begins_with_everyones_and_is_withdrawn(market: Market, desk: Desk) -> None:
    category = "tools"
    send(desk, fair_share="usage")
    address = f"{reverse('operator:standing_rules')}?category={category}"
    form = desk.client.get(address).content.decode()
    assert '<option value="usage" selected>' in form
    assert 'name="withdraw"' not in form
    send(desk, category=category, fair_share="priority")
    assert stand() == [("", "usage"), (category, "priority")]
    assert 'name="withdraw"' in desk.client.get(address).content.decode()
    assert "stand no longer" in send(desk, category=category, withdraw="1", reason="over")
    assert stand() == [("", "usage")]


def test_what_is_wrong_is_said_and_who_may_only_look_is_told_so(market: Market, desk: Desk) -> None:
    assert "come to 100 %" in send(desk, dealer="71")
    demote("operator")
    assert "Your role may look, but not act." in send(desk, fair_share="equal")
    assert stand() == []
