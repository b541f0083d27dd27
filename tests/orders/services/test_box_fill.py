"""From its moment to the cut-off a cycle takes only what lowers the units that a started pack lacks."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import system
from orders.models import Order, OrderLine, PriceAgreement
from orders.services import bulk_order, order
from orders.services.box_fill import DoesNotFillPack
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
FILL = NOW + timedelta(hours=20)
MILLISECOND = timedelta(milliseconds=1)


def pool_of(*quantities, products=1, **values):
    """Return a market of packs of 24 with a cycle in which dealer after dealer wants a quantity of each product."""
    market = made.trade(dealers=max(4, len(quantities)), products=products, multiple=24, **values)
    cycle = made.cycle(market, boxfill_at=FILL)
    orders = [
        made.order(market, [wanted] * products, dealer=index) for index, wanted in enumerate(quantities)
    ]
    return market, cycle, orders


def order_at(moment, market, quantities, dealer=3):
    with clock.travel(moment):
        return made.order(market, quantities, dealer=dealer, at=moment)


def cancel_at(moment, placed):
    with clock.travel(moment):
        return order.cancel(placed, by=system("test"), at=moment)


def draft(market, wanted):
    who, dealer = market.dealer_actor(3), market.dealers[3]
    rows = bulk_order.rows_of([{"sku": market.products[0].sku, "quantity": wanted}])
    judged = bulk_order.preview(rows, dealer=dealer, ship_to=market.shops[3], by=who, at=NOW)
    return order.place(
        dealer, rows=judged.good, currency="CNY", ship_to_site_id=market.shops[3].pk, confirmed=False, by=who, at=NOW
    )  # fmt: skip


def test_what_fills_the_pack_is_taken_and_nothing_else():
    market, cycle, _ = pool_of(10, 7, 4)
    for refused in (4, 24, 28):
        with pytest.raises(DoesNotFillPack):
            order_at(FILL, market, [refused])
    assert order_at(FILL, market, [2]).lines.get().cycle_id == cycle.pk
    assert order_at(FILL, market, [1]).lines.get().cycle_id == cycle.pk
    with pytest.raises(DoesNotFillPack, match="no pack of"):
        order_at(FILL, market, [1])


def test_a_minimum_is_filled_like_a_pack():
    market, _, _ = pool_of(10, 7, 4, moq=48)
    order_at(FILL, market, [27])
    with pytest.raises(DoesNotFillPack):
        order_at(FILL, market, [24])


def test_the_refusal_says_how_many_units_of_which_product_would_help():
    market, _, _ = pool_of(10, 7, 4, products=2)
    second = market.products[1]
    with pytest.raises(DoesNotFillPack) as refused:
        order_at(FILL, market, [2, 5])
    problem = refused.value.problems[0]
    assert len(refused.value.problems) == 1
    assert problem.field == second.sku
    assert f"3 more of {second.sku} fill one" in problem.message
    assert f"Add 3 of {second.sku}" in problem.remedy
    assert not OrderLine.objects.filter(dealer=market.dealers[3]).exists(), "all or nothing"


def test_a_pool_of_few_dealers_does_not_say_how_much_it_lacks():
    """With one rival the missing units would be its quantity."""
    market, _, _ = pool_of(10)
    with pytest.raises(DoesNotFillPack) as refused:
        order_at(FILL, market, [24])
    said = f"{refused.value} {[problem.as_dict() for problem in refused.value.problems]}"
    assert not re.search(r"\b14\b", said)
    assert "Too few dealers" in said


def test_who_is_alone_is_told():
    market, _, _ = pool_of(10)
    with pytest.raises(DoesNotFillPack, match="14 more"):
        order_at(FILL, market, [24], dealer=0)


def test_the_phase_begins_and_ends_to_the_millisecond():
    market, cycle, _ = pool_of(10, 7, 4)
    assert order_at(FILL - MILLISECOND, market, [24]).lines.get().cycle_id == cycle.pk
    for moment in (FILL, cycle.cutoff_at - MILLISECOND):
        with pytest.raises(DoesNotFillPack):
            order_at(moment, market, [24])
    assert order_at(cycle.cutoff_at, market, [24]).lines.get().cycle_id is None


def test_withdrawing_is_held_to_the_same_rule():
    _, _, orders = pool_of(10, 13, 2)  # 25: one over a full pack, 23 missing
    cancel_at(FILL, orders[1])  # 12 are left and 12 are missing, fewer than before
    with pytest.raises(DoesNotFillPack):
        cancel_at(FILL, orders[0])
    orders[0].refresh_from_db()
    assert orders[0].status == "CONFIRMED"
    assert Order.objects.get(pk=orders[1].pk).status == "CANCELLED"


def test_a_draft_is_confirmed_by_the_same_rule():
    market, _, _ = pool_of(10, 7, 4)
    drafts = [draft(market, wanted) for wanted in (5, 3)]
    with clock.travel(FILL):
        with pytest.raises(DoesNotFillPack):
            order.confirm(drafts[0], by=system("test"), at=FILL)
        order.confirm(drafts[1], by=system("test"), at=FILL)


def test_the_number_of_statements_does_not_depend_on_the_lines():
    market, _, _ = pool_of(10, 7, 4, products=12)
    with CaptureQueriesContext(connection) as few:
        order_at(FILL, market, {0: 3})
    with CaptureQueriesContext(connection) as many:
        order_at(FILL, market, dict.fromkeys(range(1, 12), 3), dealer=2)
    assert len(many) <= len(few)


def test_packs_are_filled_of_goods_that_only_this_dealer_has_a_price_for():
    """The pack is the factory's, whoever has agreed on a price."""
    market = made.trade(dealers=4, products=1, multiple=24, breaks=((1, "10"),))
    PriceAgreement.objects.update(buyer=market.dealers[3])
    made.cycle(market, boxfill_at=FILL)
    made.order(market, [20], dealer=3)
    with pytest.raises(DoesNotFillPack):
        order_at(FILL, market, [5])
    assert order_at(FILL, market, [4]).status == "CONFIRMED"
