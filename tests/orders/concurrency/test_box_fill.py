"""Many dealers at once at the moment a cycle begins to fill packs, and at its cut-off."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db import invariants
from orders.models import OrderCycle, OrderLine
from orders.services import cycle_calendar, cycle_plan, order_cycle
from orders.services.box_fill import DoesNotFillPack
from orders.services.cycle_plan import CutoffPassed
from tests.factories import orders as made
from tests.factories.orders import NOW

FILL = NOW + timedelta(hours=20)
CUTOFF = NOW + timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)
BY = system("test")


@pytest.fixture
def pool(committed_db):
    """A pool of 21 in packs of 24, and eight dealers who want to help."""
    with acting_as(BY):
        market = made.trade(dealers=8, multiple=24)
        cycle = made.cycle(market, boxfill_at=FILL)
        for dealer, wanted in enumerate((10, 7, 4)):
            made.order(market, [wanted], dealer=dealer)
        yield market, cycle


def at_once(*calls):
    """Run each (moment, call) in a thread of its own, all let go together; return answers and refusals."""
    ready = Barrier(len(calls))

    def run(given):
        moment, call = given
        try:
            with acting_as(BY), clock.travel(moment):
                connection.ensure_connection()
                ready.wait(30)
                return call()
        except (DoesNotFillPack, CutoffPassed) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def wants(market, dealer, quantity, moment):
    return moment, lambda: made.order(market, [quantity], dealer=dealer, at=moment)


def taken(cycle):
    return sum(OrderLine.objects.filter(cycle=cycle).values_list("quantity", flat=True))


def test_of_many_who_fill_the_last_units_one_is_taken(pool):
    market, cycle = pool
    answers = at_once(*(wants(market, dealer, 3, FILL) for dealer in range(8)))
    assert sum(isinstance(answer, DoesNotFillPack) for answer in answers) == 7
    assert taken(cycle) == 24
    assert not invariants.check()


def test_single_units_are_taken_as_long_as_any_is_missing(pool):
    market, cycle = pool
    answers = at_once(*(wants(market, dealer, 1, FILL) for dealer in range(8)))
    assert sum(isinstance(answer, DoesNotFillPack) for answer in answers) == 5
    assert taken(cycle) == 24


def test_a_millisecond_before_everything_is_taken_and_what_follows_is_judged_on_it(pool):
    market, cycle = pool
    early = [wants(market, dealer, 24, FILL - MILLISECOND) for dealer in range(4)]
    late = [wants(market, dealer, 24, FILL) for dealer in range(4, 8)]
    answers = at_once(*early, *late)
    assert not any(isinstance(answer, DoesNotFillPack) for answer in answers[:4])
    assert all(isinstance(answer, DoesNotFillPack) for answer in answers[4:])
    assert taken(cycle) == 21 + 4 * 24


def test_at_the_cutoff_whoever_is_in_is_bought_and_whoever_is_not_waits(pool):
    market, cycle = pool
    fills = [wants(market, dealer, 1, CUTOFF - MILLISECOND) for dealer in range(3)]
    late = [wants(market, dealer, 1, CUTOFF) for dealer in range(3, 6)]
    closing = (CUTOFF, lambda: order_cycle.close(cycle, by=BY, at=CUTOFF))
    answers = at_once(*fills, *late, closing, closing)
    placed = [answer for answer in answers if isinstance(answer, list)]
    assert placed[0] == placed[1]
    [bought] = placed[0]
    joined = OrderLine.objects.filter(cycle=cycle)
    assert bought.lines.get().quantity == 24
    assert all(line.unpooled == 0 for line in joined)
    assert all(
        line.unpooled == 1 and line.cycle_id is None for line in OrderLine.objects.exclude(pk__in=joined)
    )
    assert not invariants.check()


def test_jobs_that_run_twice_at_once_plan_and_move_once(committed_db):
    with acting_as(BY):
        market = made.trade()
        cycle = made.cycle(market, recurrence={"every": "days", "interval": 1}, boxfill_at=FILL)
        jobs = [(FILL, lambda job=job: job(by=BY, at=FILL)) for job in 3 * [cycle_calendar.ensure_open]]
        jobs += [(FILL, lambda job=job: job(by=BY, at=FILL)) for job in 3 * [cycle_calendar.fill_packs]]
        at_once(*jobs)
        assert OrderCycle.objects.filter(follows=cycle).count() == 1
        assert OrderCycle.objects.get(pk=cycle.pk).version == 3


def test_an_extension_and_a_closing_at_the_cutoff_do_not_both_win(pool):
    _, cycle = pool
    until = CUTOFF + timedelta(hours=1)
    extended, closed = at_once(
        (
            CUTOFF - MILLISECOND,
            lambda: cycle_plan.extend(cycle, cutoff_at=until, reason="", by=BY, at=CUTOFF),
        ),
        (CUTOFF, lambda: _close(cycle)),
    )
    assert isinstance(extended, CutoffPassed) != isinstance(closed, order_cycle.BeforeCutoff)


def _close(cycle):
    try:
        return order_cycle.close(cycle, by=BY, at=CUTOFF)
    except order_cycle.BeforeCutoff as refused:
        return refused
