"""Real threads: funders and trucks go for the same goods."""

from __future__ import annotations

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import DomainError
from b2b.core.ids import uuid7
from b2b.db import invariants
from finance.models import StockPledge
from finance.services import pledge
from finance.services.goods_book import Goods
from tests.factories.directory import dealer
from tests.factories.finance import NOON, PLATFORM, operator
from tests.finance.financing.stock import ask, draw, house_of, lend
from tests.finance.financing.test_financing import FINANCE
from tests.finance.ledger.book import at_once


@pytest.mark.usefixtures("committed_db")
def test_of_overlapping_pledges_and_departures_those_that_fit_win() -> None:
    house = house_of(dealer(), operator())
    requests = [ask(lend(), house, 60) for _ in range(4)]
    goods = Goods(house.dealer.pk, house.product.pk, house.warehouse.site_id, 60)

    def go(number: int) -> str:
        try:
            if number < len(requests):
                draw(requests[number])
                return "drawn"
            pledge.take([goods], document_id=uuid7(), at=NOON)
        except DomainError as error:
            return error.code
        return "left"

    said = at_once(go, 5)
    with acting_as(PLATFORM):
        held = StockPledge.objects.count()
    assert said.count("drawn") == held
    # Whoever came first got sixty of a hundred; a truck that was first has not left yet as far as the warehouse knows.
    assert held == 1
    assert said.count("left") <= 1
    assert set(said) <= {"drawn", "left", "asset_changed", "stock_pledged"}
    assert invariants.check(FINANCE) == []
