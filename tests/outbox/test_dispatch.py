"""At-least-once delivery, exactly-once effect, order, back-off."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from b2b.core.actor import acting_as, system
from b2b.db.bulk import execute
from b2b.db.transactions import NoTransaction, unit_of_work
from b2b.outbox import claims, dispatch
from b2b.outbox.publish import publish
from tests.support.outbox import (
    deliveries,
    effects,
    fired,
    make_due,
    sequenced,
    statuses,
    switch_on,
)


def claim_all(limit=500, **options):
    with acting_as(system("test")):
        return claims.claim(limit, **options)


def in_thread(call, *args):
    try:
        return call(*args)
    finally:
        connection.close()


def test_a_fact_is_published_with_what_it_tells_of_or_not_at_all(fire_committed):
    with pytest.raises(NoTransaction):
        publish(fired())
    fire_committed()
    assert deliveries() == []
    fire_committed(*[fired(number) for number in range(3)])
    assert statuses() == {"PENDING": 3}


def test_publishing_is_one_statement_whatever_the_number(fire, django_assert_num_queries):
    fire(fired(0))
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (1, 50):
        with CaptureQueriesContext(connection) as captured:
            fire(*[fired(n) for n in range(number)])
        counts.append(len([query for query in captured if "outbox_delivery" in query["sql"]]))
    assert counts == [1, 1]


def test_each_event_has_its_effect_once_though_sent_often(fire):
    fire(*[fired(number) for number in range(50)])
    ids = [row.id for row in claim_all()]
    assert len(ids) == 50
    assert dispatch.handle(ids) == 50
    assert dispatch.handle(ids) == 0
    assert effects() == list(range(50))


def test_concurrent_workers_with_the_same_messages_have_one_effect(fire_committed):
    fire_committed(*[fired(number) for number in range(200)])
    fire_committed(*[sequenced(number) for number in range(100)])
    ids = [row.id for row in claim_all()]
    parts = [ids, ids[::-1], ids[:150], ids[150:]] * 2
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda part: in_thread(dispatch.handle, part), parts))
    make_due()
    dispatch.drain()
    assert sorted(effects()) == list(range(200))
    assert effects("follow") == list(range(100))


def test_draining_does_not_leave_what_somebody_held_for_a_moment(fire_committed, monkeypatch):
    fire_committed(*[fired(number) for number in range(3)])
    held, looked = threading.Event(), threading.Event()
    original = dispatch.handle

    def hold() -> None:
        with acting_as(system("test")), unit_of_work():
            execute("SELECT FROM outbox_delivery ORDER BY id LIMIT 1 FOR UPDATE")
            held.set()
            looked.wait(20)

    def handle(delivery_ids):
        monkeypatch.setattr(dispatch, "handle", original)
        with ThreadPoolExecutor(1) as pool:
            holding = pool.submit(in_thread, hold)
            assert held.wait(20)
            done = original(delivery_ids)
            looked.set()
            holding.result()
        return done

    monkeypatch.setattr(dispatch, "handle", handle)
    assert dispatch.drain() == 3
    assert statuses() == {"DONE": 3}


def test_a_failure_delays_only_itself(fire):
    fire(*[fired(number, "poison" if number == 3 else "") for number in range(10)])
    assert dispatch.drain() == 9
    assert sorted(effects()) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    (failed,) = [row for row in deliveries() if row[1] != "DONE"]
    assert failed[1:] == ("PENDING", 1, 0, 0, "Poisoned: number 3")


def test_a_statement_that_failed_in_the_database_takes_nothing_with_it(fire):
    fire(fired(1), fired(2, "broken statement"), fired(3))
    assert dispatch.drain() == 2
    assert effects() == [1, 3]
    assert "division by zero" in deliveries()[1][5]


def test_poison_is_parked(fire):
    fire(fired(1, "poison"), fired(2))
    for _ in range(claims.PARKED_AFTER_ATTEMPTS + 2):
        make_due()
        dispatch.drain()
    assert effects() == [2]
    assert deliveries()[0][1:3] == ("PARKED", claims.PARKED_AFTER_ATTEMPTS)


def test_what_kills_its_worker_is_parked_and_the_innocent_go_on(fire, monkeypatch):
    fire(fired(1), fired(2, "kill"), fired(3))
    from tests.support.probe import handlers

    class Killed(BaseException):
        """Stands for the end of the process: nothing of ours runs after it."""

    original = handlers.act

    def act(kind, event):
        if event.behaviour == "kill":
            raise Killed
        original(kind, event)

    monkeypatch.setattr(handlers, "act", act)
    for _ in range(claims.PARKED_AFTER_ATTEMPTS + 3):
        make_due()
        for row in claim_all():  # as if every delivery came to a worker of its own
            try:
                dispatch.handle([row.id])
            except Killed:
                continue
    assert sorted(effects()) == [1, 3]
    assert [row[1] for row in deliveries()] == ["DONE", "PARKED", "DONE"]


def test_a_missing_fact_is_waited_for_without_counting_as_a_failure(fire):
    fire(fired(1, "wait for rain"), fired(2))
    assert dispatch.drain() == 1
    assert deliveries()[0][1:4] == ("PENDING", 0, 2)
    switch_on("rain")
    assert dispatch.drain() == 1
    assert effects() == [2, 1]


def test_order_is_kept_within_and_across_batches(fire):
    for start in range(0, 60, 20):
        fire(*[sequenced(number, lane=lane) for number in range(start, start + 20) for lane in "ab"])
    first = claim_all(30)
    second = claim_all(30)
    assert not {row.lane for row in first} & {row.lane for row in second}, (
        "a lane is with one batch at a time"
    )
    later = [row.id for row in second] or [deliveries()[-1][0]]
    dispatch.handle(later)
    dispatch.handle([row.id for row in first])
    make_due()
    dispatch.drain()
    with acting_as(system("test")), connection.cursor() as cursor:
        cursor.execute("SELECT lane, array_agg(number ORDER BY id) FROM probe_effect GROUP BY lane")
        assert dict(cursor.fetchall()) == {"a": list(range(60)), "b": list(range(60))}


def test_a_failure_holds_back_the_later_ones_of_its_lane_alone(fire):
    fire(*[sequenced(number, "wait for key" if number == 2 else "") for number in range(5)])
    fire(*[sequenced(number, lane="b") for number in range(5)])
    assert dispatch.drain() == 7
    assert effects("follow") == [0, 1, 0, 1, 2, 3, 4]
    switch_on("key")
    assert dispatch.drain() == 3
    assert effects("follow")[7:] == [2, 3, 4]


def test_a_parked_one_blocks_its_lane_and_costs_the_claims_nothing(fire):
    fire(*[sequenced(number, "poison" if number == 0 else "") for number in range(40)])
    for _ in range(claims.PARKED_AFTER_ATTEMPTS + 2):
        make_due()
        dispatch.drain()
    assert statuses() == {"PARKED": 1, "PENDING": 39}
    claim_all()
    assert claim_all() == [], "held back, so that the next claim does not even read them"


def test_a_lease_that_ran_out_is_sent_again(fire):
    fire(*[fired(number) for number in range(5)])
    first = claim_all()
    assert claim_all() == []
    make_due()
    again = claim_all()
    assert [row.id for row in again] == [row.id for row in first]
    assert {row[4] for row in deliveries()} == {1}
    assert dispatch.handle([row.id for row in again]) == 5


def test_two_relays_never_claim_the_same(fire_committed):
    fire_committed(*[fired(number) for number in range(1000)])
    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(lambda _: in_thread(claim_all, 100), range(12)))
    ids = [row.id for part in claimed for row in part]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 900


def test_a_queue_with_enough_in_flight_gets_no_more(fire):
    fire(*[fired(number) for number in range(50)])
    assert len(claim_all(30, in_flight=40)) == 30
    assert len(claim_all(30, in_flight=40)) == 10
    assert claim_all(30, in_flight=40) == []


def test_batches_keep_lanes_together_and_queues_apart():
    rows = [
        claims.Claimed(n, "orders" if n % 2 else "finance", "x" if n % 5 == 0 else "") for n in range(1000)
    ]
    parts = dispatch.batches(rows, 100)
    assert sorted(row.id for part in parts for row in part) == list(range(1000))
    assert all(len({row.queue for row in part}) == 1 for part in parts)
    holding = [part for part in parts if any(row.lane and row.queue == "orders" for row in part)]
    assert len(holding) == 1


def test_handlers_act_in_a_constant_number_of_statements(fire):
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (5, 80):
        fire(*[fired(n) for n in range(number)])
        ids = [row.id for row in claim_all()]
        with CaptureQueriesContext(connection) as captured:
            dispatch.handle(ids)
        counts.append(len(captured) - number)
    assert counts[0] == counts[1]
