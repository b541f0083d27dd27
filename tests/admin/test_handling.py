"""The operator says how long goods of each warehouse take, and reads who said so before."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as
from orders.models import HandlingTerm
from orders.services import handling
from tests.admin.test_admin_tenancy import demote
from tests.admin.test_day import Desk
from tests.factories import directory
from tests.support.trade_day import TEST, Market, open_market


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


@pytest.fixture
def desk(market: Market) -> Desk:
    return Desk("operator", "operator")


def say(desk: Desk, market: Market, days: int) -> str:
    data = {"warehouse": market.house.code, "days": days, "reason": "a new belt"}
    return desk.client.post(reverse("operator:handling"), data, follow=True).content.decode()


def told() -> list[int]:
    with acting_as(TEST):
        return list(HandlingTerm.objects.values_list("handling_days", flat=True))


def test_what_was_said_is_read_with_who_and_why(market: Market, desk: Desk) -> None:
    say(desk, market, 5)
    page = say(desk, market, 3)
    assert told() == [3]
    assert page.count("a new belt") == 2
    assert "handling_days 5" in page


def test_who_may_only_look_is_told_so(market: Market, desk: Desk) -> None:
    demote("operator")
    assert "Your role may look, but not act." in say(desk, market, 3)
    assert told() == []


def test_the_statements_do_not_depend_on_the_warehouses(market: Market, desk: Desk) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.page("handling")
        return len(asked)

    say(desk, market, 3)
    few = statements()
    with acting_as(TEST):
        for _ in range(3):
            handling.put(directory.warehouse(), days=4, by=TEST, at=clock.now())
    assert statements() == few
