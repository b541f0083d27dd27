"""A dealer changes its mind before and after the cut-off; nothing goes stale."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.orders import OrderCancelled, OrderChanged
from b2b.core import clock
from b2b.core.actor import system
from b2b.core.errors import Forbidden
from b2b.core.machine import IllegalTransition
from orders.models import (
    Order,
    OrderChange,
    PurchaseOrderChange,
    SupplySource,
)
from orders.policies.order_change import LineEdit
from orders.services import bulk_order, order_change, purchase_order, purchase_order_change
from orders.services.order import CreditRefused
from orders.services.order_change import InvalidChange, VersionChanged
from tests.factories import directory
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, edit, lines_of, told

pytestmark = pytest.mark.django_db


def rows(market, *quantities):
    return bulk_order.rows_of(
        {"sku": market.products[index].sku, "quantity": quantity}
        for index, quantity in enumerate(quantities)
        if quantity
    )


def test_before_the_cutoff_a_line_is_changed_priced_anew_and_its_credit_follows(credit_book):
    market = made.trade(products=2, breaks=((1, "10"), (100, "8")))
    made.cycle(market)
    placed = made.order(market, [90, 5])
    edit(market, placed, LineEdit(1, 100))
    first, _ = lines_of(placed)
    assert (first.quantity, first.requested, first.unit_price, first.net_amount) == (100, 100, 8, 800)
    assert (placed.total_net, placed.version) == (850, 3)
    assert credit_book.held[placed.pk].amount == placed.total_gross
    edit(market, placed, LineEdit(1, 20), LineEdit(2, 0))
    first, second = lines_of(placed)
    assert (first.quantity, first.unit_price, second.cancelled, second.net_amount) == (20, 10, 5, 0)
    assert placed.total_net == 200
    assert [line.quantity for line in told(OrderChanged)[-1].lines] == [20, 0]
    assert [(one.from_version, one.to_version) for one in placed.changes.order_by("pk")] == [(2, 3), (3, 4)]


def test_a_line_is_added_and_joins_the_open_cycle():
    market = made.trade(products=2)
    cycle = made.cycle(market)
    placed = made.order(market, [10])
    result = edit(market, placed, additions=rows(market, 0, 7))
    assert [one.line_number for one in result.lines] == [2]
    added = lines_of(placed)[1]
    assert (added.quantity, added.requested, added.cycle, added.net_amount) == (7, 7, cycle, 70)
    assert placed.total_net == 170


def test_a_date_and_a_site_follow_and_a_rival_site_is_unknown():
    market = made.trade()
    made.cycle(market)
    placed = made.order(market, [10])
    other = directory.site(market.dealers[0])
    day = NOW.date() + timedelta(days=30)
    edit(market, placed, LineEdit(1, need_by_date=day, ship_to=other.code))
    [line] = lines_of(placed)
    assert (line.need_by_date, line.ship_to_site) == (day, other)
    with pytest.raises(InvalidChange) as refused:
        edit(market, placed, LineEdit(1, ship_to=market.shops[1].code))
    assert refused.value.problems[0].pointer == "/lines/0"


def test_every_fault_is_named_and_nothing_is_written():
    market = made.trade(products=2)
    made.rule(market.maker, market.products[0], min_quantity=10, order_multiple=5)
    made.cycle(market)
    placed = made.order(market, [10, 5])
    with pytest.raises(InvalidChange) as refused:
        edit(market, placed, LineEdit(1, 7), LineEdit(2, 6))
    assert {problem.code for problem in refused.value.problems} == {"below_minimum", "not_a_multiple"}
    with pytest.raises(InvalidChange) as refused:
        edit(market, placed, LineEdit(9, 7), LineEdit(2, 6), LineEdit(2, 7))
    assert [problem.pointer for problem in refused.value.problems] == ["/lines/0", "/lines/2"]
    assert not OrderChange.objects.exists()
    assert placed.version == 2


def test_credit_is_asked_for_more(credit_book):
    market = made.trade(breaks=((1, "10"),))
    made.cycle(market)
    placed = made.order(market, [10])
    credit_book.refuses = True
    with pytest.raises(CreditRefused):
        edit(market, placed, LineEdit(1, 11))
    assert lines_of(placed)[0].quantity == 10


def test_all_lines_cancelled_cancel_the_order(credit_book):
    market = made.trade(products=2)
    made.cycle(market)
    placed = made.order(market, [10, 5])
    edit(market, placed, LineEdit(1, 0), LineEdit(2, 0), reason="shop closed")
    assert (placed.status, placed.total_gross) == ("CANCELLED", 0)
    assert placed.pk in credit_book.released
    assert told(OrderCancelled)[0].reason == "shop closed"
    with pytest.raises(IllegalTransition):
        edit(market, placed, LineEdit(1, 1))


def test_a_preview_changes_nothing():
    market = made.trade(breaks=((1, "10"), (100, "8")))
    made.cycle(market)
    placed = made.order(market, [90])
    with clock.travel(NOW):
        shown = order_change.preview(placed, edits=[LineEdit(1, 100)], by=market.dealer_actor(), at=NOW)
    assert (shown.order.total_net, shown.lines[0].unit_price) == (800, 8)
    placed.refresh_from_db()
    assert (placed.total_net, placed.version, OrderChange.objects.count()) == (900, 2, 0)


def test_a_stale_version_and_a_rival_are_refused():
    market = made.trade()
    placed = made.order(market, [10])
    with pytest.raises(VersionChanged):
        edit(market, placed, LineEdit(1, 11), version=1)
    with pytest.raises(Forbidden):
        edit(market, placed, LineEdit(1, 11), dealer=1)


def test_one_edit_of_a_long_order_is_at_most_fifteen_statements():
    market = made.trade(products=50)
    made.cycle(market)
    rows_of_order = bulk_order.rows_of(
        {"sku": market.products[index % 50].sku, "quantity": 3} for index in range(1000)
    )
    who = market.dealer_actor()
    placed = bulk_order.submit(
        rows_of_order, dealer=market.dealers[0], ship_to=market.shops[0], by=who, at=NOW
    ).order
    placed = Order.objects.select_related("dealer").get(pk=placed.pk)
    for quantity in (9, 2):
        with CaptureQueriesContext(connection) as queries:
            order_change.change(placed, edits=[LineEdit(7, quantity)], by=who, at=NOW)
        assert len(queries) <= 15, "\n".join(one["sql"][:90] for one in queries)


def test_statements_do_not_grow_with_lines():
    counts = []
    for size in (20, 60):
        market = made.trade(products=size, dealers=2)
        SupplySource.objects.update(moq=1)
        cycle = made.cycle(market)
        orders = [made.order(market, [10] * size, dealer=index) for index in range(2)]
        free = made.order(market, [10] * size)
        with CaptureQueriesContext(connection) as before:
            edit(market, free, *(LineEdit(n, 5) for n in range(1, size + 1)))
        placed = close(cycle)
        purchase_order.respond(placed, by=market.factory_actor, at=LATER)
        with CaptureQueriesContext(connection) as after:
            edit(market, orders[0], *(LineEdit(n, 5) for n in range(1, size + 1)), at=LATER)
        change = PurchaseOrderChange.objects.latest("pk")
        with CaptureQueriesContext(connection) as agreed:
            purchase_order_change.answer(change, is_accepted=True, by=system("test"), at=LATER)
        counts.append((len(before), len(after), len(agreed)))
    assert counts[0] == counts[1]
