"""Progress helps dealers and betrays none: what one sees depends on the step in which the others lie, and on itself."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import OrderLine, PoolProgress, PriceAgreement, PriceBreak
from orders.policies import progress
from orders.policies.progress import Disclosure
from orders.selectors import pool_progress as seen
from orders.services import order, pool_progress
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.support.examples import examples

pytestmark = pytest.mark.django_db
BY = system("test")
HOUR = timedelta(hours=1)
BREAKS = ((1, "10"), (100, "8"), (1000, "6"))


def tell(cycle, hours=0):
    moment = NOW + hours * HOUR
    with clock.travel(moment):
        return pool_progress.tell_due(by=BY, at=moment)


def sees(market, cycle, dealer, hours=0):
    """Return all that a dealer is shown, acting as itself."""
    who = market.dealer_actor(dealer)
    with clock.travel(NOW + hours * HOUR), acting_as(who):
        return seen.of_cycle(who, cycle, at=NOW + hours * HOUR)


class _Undo(Exception):
    pass


def in_a_world(live):
    """Run something and take it back, as if it had never been."""
    found = []
    try:
        with transaction.atomic():
            found.append(live())
            raise _Undo
    except _Undo:
        return found[0]


def step_of(cycle, product, quantity):
    steps = progress.edges([1, 100, 1000], Disclosure())
    offset = pool_progress._secret(cycle, product.pk) % progress.width(steps)
    return progress.step_of(quantity, steps, offset=offset)


def probe(market, cycle, rivals, probes):
    """The rivals order; dealer 0 orders, looks, cancels and looks again, over as many tellings as it likes."""
    for index, wanted in enumerate(rivals, start=1):
        made.order(market, [wanted], dealer=index)
    notes, mine = [sees(market, cycle, 0)], []
    for hours, (wanted, withdraws) in enumerate(probes):
        tell(cycle, hours)
        notes.append(sees(market, cycle, 0, hours))
        if wanted:
            mine.append(made.order(market, [wanted], dealer=0))
        notes.append(sees(market, cycle, 0, hours))
        if withdraws and mine:
            with clock.travel(NOW + hours * HOUR):
                order.cancel(mine.pop(), by=BY, at=NOW)
        notes.append(sees(market, cycle, 0, hours))
    return notes


PROBES = st.lists(
    st.tuples(st.sampled_from([0, 1, 7, 24, 25, 60, 99, 250]), st.booleans()), min_size=1, max_size=5
)


@settings(max_examples=examples(8), suppress_health_check=list(HealthCheck), deadline=None)
@given(
    rivals=st.lists(st.integers(1, 300), min_size=1, max_size=3),
    change=st.integers(-40, 40).filter(bool),
    probes=PROBES,
)
def test_two_worlds_that_differ_in_a_rival_within_a_step_look_the_same(db, rivals, change, probes):
    def market():
        return made.trade(dealers=4, breaks=BREAKS)

    def both():
        trade = market()
        cycle = made.cycle(trade)
        here, there = rivals, [rivals[0] + change, *rivals[1:]]
        assume(there[0] > 0)
        product = trade.products[0]
        assume(step_of(cycle, product, sum(here)) == step_of(cycle, product, sum(there)))
        return [in_a_world(lambda one=one: probe(trade, cycle, one, probes)) for one in (here, there)]

    with acting_as(BY):
        here, there = in_a_world(both)
    assert here == there


def test_another_step_is_seen():
    market = made.trade(dealers=4, breaks=BREAKS)
    cycle = made.cycle(market)
    few, many = (
        in_a_world(lambda rivals=rivals: probe(market, cycle, rivals, [(5, False), (0, False)]))
        for rivals in ([10, 10, 10], [100, 100, 100])
    )
    assert few != many


def test_nothing_is_told_of_too_few_dealers():
    market = made.trade(dealers=4, breaks=BREAKS)
    cycle = made.cycle(market)
    made.order(market, [40], dealer=1)
    made.order(market, [80], dealer=2)
    tell(cycle)
    assert sees(market, cycle, 0) == []
    assert PoolProgress.objects.filter(at_least__isnull=False).count() == 0
    made.order(market, [5], dealer=0)
    tell(cycle, 1)
    (mine,) = sees(market, cycle, 0, 1)
    assert mine.own_quantity == 5
    assert mine.unit_price in (10, 8)
    assert PoolProgress.objects.filter(at_least__isnull=False).count() == 4


def test_progress_is_told_at_the_declared_moments_and_stands_still_between():
    market = made.trade(dealers=5, breaks=BREAKS)
    cycle = made.cycle(market, policy={"progress": {"every_minutes": 30}})
    for dealer in (1, 2, 3):
        made.order(market, [10], dealer=dealer)
    assert tell(cycle) == [cycle]
    before = sees(market, cycle, 0)
    made.order(market, [900], dealer=4)
    assert tell(cycle, 0.49) == []
    assert sees(market, cycle, 0) == before
    assert tell(cycle, 0.5) == [cycle]
    assert tell(cycle, 0.6) == []
    assert sees(market, cycle, 0) != before
    assert tell(cycle, 24) == [], "after the cut-off nothing is told"


def test_a_missed_moment_is_told_late_and_once():
    market = made.trade(dealers=4)
    cycle = made.cycle(market)
    tell(cycle)
    assert tell(cycle, 5.5) == [cycle]
    assert tell(cycle, 5.9) == []
    assert tell(cycle, 6) == [cycle]


def test_rows_of_a_rival_cannot_be_read_even_by_hand():
    market = made.trade(dealers=4, breaks=BREAKS)
    cycle = made.cycle(market)
    for dealer in range(4):
        made.order(market, [30], dealer=dealer)
    tell(cycle)
    with acting_as(market.dealer_actor(0)):
        rows = list(PoolProgress.objects.values_list("dealer_id", flat=True))
    assert rows == [market.dealers[0].pk]


def test_the_units_to_the_next_price_are_never_too_few():
    market = made.trade(dealers=4, breaks=BREAKS)
    cycle = made.cycle(market)
    for dealer, wanted in enumerate((20, 33, 14)):
        made.order(market, [wanted], dealer=dealer)
    tell(cycle)
    (mine,) = sees(market, cycle, 0)
    assert mine.next_unit_price == 8
    assert mine.units_to_next_break >= 100 - 67
    assert mine.unit_price == 10


def test_a_ceiling_is_told_in_a_word():

    market = made.trade(dealers=4, breaks=BREAKS)
    cycle = made.cycle(market)
    for dealer, wanted in enumerate((20, 80, 90)):
        made.order(market, [wanted], dealer=dealer)
    OrderLine.objects.filter(dealer=market.dealers[0]).update(max_unit_price="8")
    assert sees(market, cycle, 0)[0].ceiling == progress.POSSIBLE
    tell(cycle)
    assert sees(market, cycle, 0)[0].ceiling == progress.REACHED
    OrderLine.objects.filter(dealer=market.dealers[0]).update(max_unit_price="6")
    assert sees(market, cycle, 0)[0].ceiling == progress.NOT_YET
    assert [one.ceiling for one in sees(market, cycle, 1)] == [None]


def test_what_fills_a_pack_is_shown_while_packs_are_filled():
    market = made.trade(dealers=4, multiple=24)
    cycle = made.cycle(market, boxfill_at=NOW + 20 * HOUR)
    for dealer, wanted in enumerate((10, 7, 4)):
        made.order(market, [wanted], dealer=dealer)
    assert [one.fills_pack for one in sees(market, cycle, 0, 19)] == [None]
    assert [one.fills_pack for one in sees(market, cycle, 0, 20)] == [3]
    two = made.cycle(market, hours=30, boxfill_at=NOW + 20 * HOUR)
    assert sees(market, two, 0, 20) == []


def test_the_operator_sees_the_pool_as_it_is():
    market = made.trade(dealers=4, breaks=BREAKS, moq=48, multiple=24)
    cycle = made.cycle(market)
    made.order(market, [30], dealer=0)
    made.order(market, [25], dealer=1)
    (pool,) = seen.of_cycle(market.operator_actor, cycle, at=NOW)
    assert (pool.quantity, pool.dealers, pool.minimum, pool.missing) == (55, 2, 48, 17)
    assert (pool.units_to_next_break, pool.next_unit_price) == (45, 8)


def test_telling_takes_the_same_statements_for_any_number_of_products():
    def statements(products):
        market = made.trade(products=products, dealers=4, breaks=BREAKS)
        cycle = made.cycle(market)
        for dealer in range(4):
            made.order(market, [30] * products, dealer=dealer)
        with CaptureQueriesContext(connection) as asked:
            pool_progress.tell(cycle, by=BY, at=NOW)
        return len(asked)

    assert statements(1) == statements(9)


def test_the_prices_beside_progress_are_the_dealers_own_and_tell_nobody_of_another():
    market = made.trade(dealers=4, breaks=BREAKS)
    cycle = made.cycle(market)
    for dealer in range(4):
        made.order(market, [60], dealer=dealer)
    made.agreement(
        market.maker, market.products[0], ((1, "9"), (50, "7"), (400, "5")), buyer=market.dealers[0]
    )
    tell(cycle)
    [own], [others] = sees(market, cycle, 0), sees(market, cycle, 1)
    assert own.unit_price == 7
    assert (others.unit_price, others.next_unit_price) in ((10, 8), (8, 6))
    with acting_as(BY):
        without = in_a_world(lambda: (_forget(market, 0), tell(cycle, 1), sees(market, cycle, 1, 1))[-1])
    assert (without[0].unit_price, without[0].units_to_next_break) == (
        others.unit_price,
        others.units_to_next_break,
    )


def _forget(market, dealer):
    """Let a dealer have no prices of its own."""
    own = PriceAgreement.objects.filter(buyer=market.dealers[dealer])
    PriceBreak.objects.filter(agreement__in=own).delete()
    own.delete()
