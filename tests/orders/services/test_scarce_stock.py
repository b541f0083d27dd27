"""Goods on hand that do not suffice are shared by the policy of the cycle they belong to."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders import facade
from orders.models import OrderLine, PriorityTier
from orders.services import order_cycle
from tests.factories import orders as made
from tests.factories.orders import NOW, Trade
from tests.orders.services.steps import LATER, close, lines_of

pytestmark = pytest.mark.django_db


class Asked(NamedTuple):
    order_line_id: int
    dealer_id: int
    requested: int
    rank: int


def shared(quantity: int, lines: list[OrderLine]) -> list[int]:
    """Share so much over all that the lines want, in the order they came."""
    claims = [Asked(line.pk, line.dealer_id, line.quantity, rank) for rank, line in enumerate(lines)]
    with acting_as(system("test")), clock.travel(LATER):
        return facade.sharing_of([line.pk for line in lines])(quantity, claims)


def bought(market: Trade, policy: str, wanted: tuple[int, ...] = (30, 10)) -> list[OrderLine]:
    """Lines of a cycle with a policy of its own, which its purchase order has pegs for."""
    cycle = made.cycle(market, policy={"fair_share": policy})
    orders = [made.order(market, [quantity], dealer=index) for index, quantity in enumerate(wanted)]
    close(cycle)
    return lines_of(*orders)


@pytest.mark.parametrize(
    ("policy", "parts"), [("proportional", [15, 5]), ("equal", [10, 10]), ("first_come", [20, 0])]
)
def test_the_cycle_a_line_was_bought_in_says_how(policy: str, parts: list[int]) -> None:
    assert shared(20, bought(made.trade(dealers=2, breaks=((1, "10"),)), policy)) == parts


def test_tiers_are_those_that_were_declared_before_the_cutoff() -> None:
    market = made.trade(dealers=2, breaks=((1, "10"),))
    with acting_as(system("test")):
        for tier, dealer in ((1, market.dealers[1]), (2, market.dealers[0])):
            PriorityTier.objects.create(dealer=dealer, tier=tier, created_at=NOW)
        PriorityTier.objects.create(dealer=market.dealers[1], tier=9, created_at=NOW + timedelta(days=9))
    assert shared(20, bought(market, "priority")) == [10, 10]


def test_what_was_never_bought_follows_the_last_cycle_of_its_factory() -> None:
    market = made.trade(dealers=2, breaks=((1, "10"),))
    orders = [made.order(market, [quantity], dealer=index) for index, quantity in enumerate((30, 10))]
    assert shared(20, lines_of(*orders)) == [15, 5], "no cycle at all: the default"
    made.cycle(market, policy={"fair_share": "equal"})
    assert shared(20, lines_of(*orders)) == [10, 10]


def test_a_category_says_how_its_goods_are_shared() -> None:
    market = made.trade(dealers=2, breaks=((1, "10"),))
    with acting_as(system("test")):
        product = market.products[0]
        product.category = "tyres"
        product.save()
        order_cycle.open(
            None, category="tyres", warehouse=market.warehouse, opens_at=NOW,
            cutoff_at=NOW + timedelta(hours=24), policy={"fair_share": "equal"}, by=system("test"), at=NOW,
        )  # fmt: skip
    orders = [made.order(market, [quantity], dealer=index) for index, quantity in enumerate((30, 10))]
    assert shared(20, lines_of(*orders)) == [10, 10]


def test_lines_nobody_knows_are_shared_by_the_default() -> None:
    claims = [Asked(10**9, 1, 30, 0), Asked(10**9 + 1, 2, 10, 1)]
    assert facade.sharing_of([claim.order_line_id for claim in claims])(20, claims) == [15, 5]


def test_however_many_lines_and_questions_three_statements_answer() -> None:
    lines = bought(made.trade(dealers=5, breaks=((1, "10"),)), "usage", (30, 10, 7, 9, 4))
    with (
        acting_as(system("test")),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        share = facade.sharing_of([line.pk for line in lines])
        for quantity in range(20):
            claims = [Asked(line.pk, line.dealer_id, line.quantity, rank) for rank, line in enumerate(lines)]
            assert sum(share(quantity, claims)) == quantity
    assert len(queries) <= 3
