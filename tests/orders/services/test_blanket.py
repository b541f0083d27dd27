"""Blanket orders: agreed once, called off by and by, never beyond what was agreed on."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from b2b.contracts.agreements import BlanketOrderAgreed, BlanketOrderEnded, BlanketOrderReleased
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.core.machine import IllegalTransition
from orders.models import BlanketOrder, Order
from orders.policies.pricing import Break
from orders.policies.tranche import Part
from orders.selectors import blanket as selectors
from orders.selectors import terms
from orders.services import blanket_order, blanket_release, order, purchase_order
from orders.services.blanket_order import InvalidBlanket, Wanted
from tests.factories import agreements as agreed
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return made.trade(products=2, dealers=2, breaks=((1, "10"), (100, "8")))


def release(market, blanket, quantities, *, dealer=0, **values):
    who = market.dealer_actor(dealer)
    with acting_as(who):
        return blanket_release.release(blanket, quantities=quantities, by=who, at=NOW, **values)


def left(blanket):
    return [line.standing.left for line in selectors.statement([blanket.pk])[blanket.pk]]


def test_a_release_is_an_order_at_the_agreed_price_ranking_from_the_agreement(market):
    blanket = agreed.blanket(market, [100, 50], tolerance_bp=1000)
    assert told(BlanketOrderAgreed)[0].lines[0].unit_price == 7
    made_release = release(market, blanket, {1: 30}, external_reference="R-1")
    placed = made_release.order
    assert (placed.status, placed.total_net, placed.external_reference) == ("CONFIRMED", 210, "R-1")
    assert placed.priority_at == datetime.combine(blanket.valid_from, time(), tzinfo=UTC)
    assert placed.lines.get().unit_price == 7
    assert left(blanket) == [80, 55]
    [fact] = told(BlanketOrderReleased)
    assert [(line.quantity, line.left_quantity) for line in fact.lines] == [(30, 80)]


def test_nothing_is_called_off_beyond_the_tolerance(market):
    blanket = agreed.blanket(market, [100], tolerance_bp=1000)
    release(market, blanket, {1: 100})
    with pytest.raises(blanket_release.BeyondBlanket):
        release(market, blanket, {1: 11})
    release(market, blanket, {1: 10})
    with pytest.raises(blanket_release.BeyondBlanket):
        release(market, blanket, {1: 1})
    with pytest.raises(blanket_release.BeyondBlanket):
        release(market, blanket, {3: 1})
    with pytest.raises(blanket_release.BeyondBlanket):
        release(market, blanket, {1: 0})
    assert Order.objects.count() == 2


def test_a_cancelled_order_gives_its_quantity_back(market):
    blanket = agreed.blanket(market, [100])
    placed = release(market, blanket, {1: 100}).order
    assert left(blanket) == [0]
    order.cancel(placed, by=system("test"), at=NOW)
    assert left(blanket) == [100]
    release(market, blanket, {1: 100})


def test_a_declined_release_gives_its_quantity_back(market):
    agreed.approval_rule(market.dealers[0])
    blanket = agreed.blanket(market, [100])
    placed = release(market, blanket, {1: 60}).order
    assert (placed.status, left(blanket)) == ("AWAITING_APPROVAL", [40])
    order.decline(placed, reason="no", by=system("test"), at=NOW)
    assert left(blanket) == [100]


@pytest.mark.parametrize("days", [(1, 30), (-30, -1)])
def test_it_holds_between_its_days_by_the_database_clock(market, days):
    blanket = agreed.blanket(market, [100], days=days)
    with pytest.raises(blanket_release.NotInForce):
        release(market, blanket, {1: 1})


def test_it_expires_after_its_last_day_and_only_once(market):
    blanket = agreed.blanket(market, [100], days=(-10, 0))
    assert blanket_order.expire_due(by=system("test"), at=NOW) == []
    tomorrow = NOW + timedelta(days=1)
    with clock.travel(tomorrow):
        assert blanket_order.expire_due(by=system("test"), at=tomorrow) == [blanket]
        assert blanket_order.expire_due(by=system("test"), at=tomorrow) == []
    assert told(BlanketOrderEnded)[0].status == "EXPIRED"
    with pytest.raises(IllegalTransition):
        blanket_order.cancel(blanket, reason="late", by=system("test"), at=tomorrow)


def test_a_cancelled_one_takes_no_release(market):
    blanket = agreed.blanket(market, [100])
    blanket_order.cancel(blanket, reason="the line is discontinued", by=system("test"), at=NOW)
    with pytest.raises(blanket_release.NotInForce):
        release(market, blanket, {1: 1})


def test_only_its_dealer_and_the_operator_release(market):
    blanket = agreed.blanket(market, [100])
    with pytest.raises(Forbidden):
        release(market, blanket, {1: 1}, dealer=1)
    upstream = agreed.blanket(market, [100], dealer=None)
    with pytest.raises((Forbidden, NotFound)):
        release(market, upstream, {1: 1})
    with pytest.raises(Forbidden), acting_as(market.dealer_actor()):
        blanket_order.cancel(blanket, reason="x", by=market.dealer_actor(), at=NOW)
    assert BlanketOrder.objects.count() == 2


def test_what_cannot_be_agreed_on_is_named_by_row(market):
    sku = market.products[0].sku
    lines = [Wanted("nothing", 1, Decimal(1)), Wanted(sku, 0, Decimal(1)), Wanted(sku, 5, Decimal(-1))]
    with pytest.raises(InvalidBlanket) as refused:
        blanket_order.agree(
            market.dealers[0], lines=lines, valid_from=NOW.date(), valid_to=NOW.date() - timedelta(days=1),
            by=system("test"), at=NOW,
        )  # fmt: skip
    assert [(one.code, one.row) for one in refused.value.problems] == [
        ("invalid_dates", None),
        ("unknown_product", 1),
        ("invalid_quantity", 2),
        ("invalid_price", 3),
    ]


def supply(market):
    pair = (market.maker.pk, market.products[0].pk)
    found = terms.of_supply([pair], currency="CNY", day=NOW.date())
    return found[pair]


def test_what_is_left_of_factory_agreements_stands_beside_the_table(market):
    agreed.blanket(market, [150], dealer=None, price="9")
    agreed.blanket(market, [20], dealer=None, price="6")
    found = supply(market)
    assert found.breaks == (Break(1, Decimal(10)), Break(100, Decimal(8)))
    assert found.agreed == (Part(20, Decimal(6)), Part(150, Decimal(9)))


def test_a_pool_calls_off_the_factory_agreement_until_it_is_used_up(market):
    blanket = agreed.blanket(market, [30], dealer=None, price="6")
    cycle = made.cycle(market)
    made.order(market, [20])
    placed = close(cycle)
    if placed.lines.get().unit_price != 6:
        pytest.fail("the pool does not buy at the blanket's price")
    assert left(blanket) == [10]
    assert told(BlanketOrderReleased)[0].document_id == placed.pk
    purchase_order.respond(placed, answers=[purchase_order.Answer(1, 0)], by=market.factory_actor, at=LATER)
    assert left(blanket) == [30]


def edit(market, placed, quantity):
    from orders.services import order_change

    who = market.dealer_actor()
    with acting_as(who):
        return order_change.change(
            placed, edits=[order_change.LineEdit(1, quantity=quantity)], by=who, at=NOW
        ).order


def test_a_changed_release_keeps_its_price_and_gives_back_what_it_drops(market):
    blanket = agreed.blanket(market, [100])
    placed = release(market, blanket, {1: 60}).order
    changed = edit(market, placed, 40)
    assert (changed.total_net, left(blanket)) == (280, [60])
    with pytest.raises(Invalid):
        edit(market, placed, 41)


def test_a_release_ranks_from_the_start_of_its_agreement(market):
    cycle = made.cycle(market, policy={"fair_share": "first_come"})
    blanket = agreed.blanket(market, [100])
    made.order(market, [50], dealer=1)
    later = release(market, blanket, {1: 40}).order
    placed = close(cycle)
    purchase_order.respond(placed, answers=[purchase_order.Answer(1, 50)], by=market.factory_actor, at=LATER)
    assert later.lines.get().allocated == 40
