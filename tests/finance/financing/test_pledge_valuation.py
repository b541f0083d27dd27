"""Goods are valued for all pledges at once, and none secures two of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.ids import uuid7
from b2b.db import invariants
from finance.models import FinancingRequest, PledgeValuation, StockPledge
from finance.services import financing_request, pledge, pledge_valuation
from finance.services.goods_book import Goods
from finance.services.pledge import ReleaseRefused
from tests.factories.directory import actor, dealer, funder
from tests.factories.finance import NOON, PLATFORM, operator
from tests.factories.warehousing import World
from tests.finance.financing.stock import ask, draw, house_of, lend
from tests.finance.financing.test_financing import FINANCE
from tests.finance.financing.test_pledge import lose
from tests.finance.financing.world import ask as ask_on_bill
from tests.finance.financing.world import bill, open_programme

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)
OPENING_CASES = 12  # a case is written, recorded and told; nothing of it per pledge


def houses(count: int) -> list[World]:
    seller = operator()
    return [house_of(dealer(), seller) for _ in range(count)]


def cost(call) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def test_goods_of_one_product_secure_the_older_pledge_first() -> None:
    bank = funder()
    house = house_of(dealer(), operator())
    older, younger = draw(ask(lend(bank), house, 60)), draw(ask(lend(bank), house, 40))
    with acting_as(PLATFORM):
        lose(house, 50)

    assert (
        pledge_valuation.revalue(by=PLATFORM, at=NOON + DAY) == 1
    )  # 300.00 on 500.00 is secured, 200.00 on nothing is not

    with acting_as(PLATFORM):
        assert [row.pledge.financing_id for row in PledgeValuation.objects.filter(is_call=True)] == [
            younger.pk
        ]
        said = dict(PledgeValuation.objects.values_list("pledge__financing", "quantity"))
        held = StockPledge.objects.get(financing=younger)
    assert said == {older.pk: 50, younger.pk: 0}
    with pytest.raises(ReleaseRefused, match=r"0\.00 CNY, would secure it"):
        pledge.release(held.pk, quantity=1, by=actor(bank), at=NOON + DAY)
    assert invariants.check(FINANCE) == []


def test_many_pledges_are_valued_in_as_many_statements_as_few() -> None:
    few, more = houses(1), houses(3)
    for house in few:
        draw(ask(lend(), house, 100))
    first = cost(lambda: pledge_valuation.revalue(by=PLATFORM, at=NOON + DAY))
    for house in more:
        draw(ask(lend(), house, 50))
        draw(ask(lend(), house, 50))
    with acting_as(PLATFORM):
        lose(more[0], 90)

    assert cost(lambda: pledge_valuation.revalue(by=PLATFORM, at=NOON + 2 * DAY)) <= first + OPENING_CASES
    with acting_as(PLATFORM):
        assert PledgeValuation.objects.filter(day=(NOON + 2 * DAY).date()).count() == 7


def test_many_goods_leave_in_as_many_statements_as_few() -> None:
    owner, seller = dealer(), operator()
    goods = []
    for _ in range(7):
        house = house_of(owner, seller)
        goods.append(Goods(owner.pk, house.product.pk, house.warehouse.site_id, 10))

    def take(some: list[Goods]) -> int:
        return cost(lambda: pledge.take(some, document_id=uuid7(), at=NOON))

    take(goods[:1])  # opens the book
    assert take(goods[1:2]) == take(goods[2:])


def test_many_offers_lapse_in_as_many_statements_as_few() -> None:
    programme = open_programme()
    later = NOON + 4 * DAY

    def lapse(count: int) -> int:
        for _ in range(count):
            ask_on_bill(programme, bill())
        return cost(lambda: financing_request.lapse(by=PLATFORM, at=later))

    assert lapse(4) == lapse(1)
    with acting_as(PLATFORM):
        assert set(FinancingRequest.objects.values_list("status", flat=True)) == {"LAPSED"}
    assert invariants.check(FINANCE) == []
