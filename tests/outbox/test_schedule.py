"""Periodic work: one run a period whoever ticks, caught up once, pausable."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from b2b.core.actor import acting_as, system
from b2b.core.errors import NotFound
from b2b.db.bulk import execute, fetch
from b2b.outbox import schedule as registry
from b2b.outbox.periods import Every
from b2b.outbox.services import schedule

BY = system("test")


@pytest.fixture
def ran(monkeypatch):
    """Register one schedule alone, and collect what it did."""
    calls = []
    entry = registry.Periodic("count", Every(3600), lambda: calls.append(1), "orders", 1)
    monkeypatch.setattr(schedule, "SCHEDULES", {"count": entry})
    return calls


def make_due(hours=0):
    execute("UPDATE outbox_schedule SET next_due_at = now() - %s * interval '1 hour'", [hours])


def runs():
    return fetch("SELECT period, status, attempts, last_error FROM outbox_schedulerun ORDER BY id")


def test_a_new_schedule_waits_for_its_next_period(ran, db):
    assert schedule.tick() == []
    assert fetch("SELECT name, rule, queue, next_due_at > now() FROM outbox_schedule") == [
        ("count", "every 3600 s", "orders", True)
    ]


def test_a_missed_period_is_caught_up_once(ran, db):
    schedule.tick()
    make_due(hours=50)
    ((run_id, queue),) = schedule.tick()
    assert queue == "orders"
    assert schedule.tick() == []
    assert schedule.run(run_id)
    assert not schedule.run(run_id), "a message that comes twice runs nothing twice"
    assert schedule.tick() == []
    assert ran == [1]
    assert [row[1] for row in runs()] == ["DONE"]


def test_the_same_period_is_never_opened_twice(ran, db):
    schedule.tick()
    for _ in range(3):
        make_due()
        for run_id, _queue in schedule.tick():
            schedule.run(run_id)
    assert ran == [1]


def test_two_beats_give_one_run(ran, committed_db):
    def tick(_):
        try:
            return schedule.tick()
        finally:
            connection.close()

    schedule.tick()
    make_due()
    with ThreadPoolExecutor(4) as pool:
        opened = [run for part in pool.map(tick, range(12)) for run in part]
    assert len(opened) == 1


def test_a_run_whose_worker_died_is_sent_again(ran, db):
    schedule.tick()
    make_due()
    ((run_id, _),) = schedule.tick()
    assert schedule._begin(run_id) is not None  # and then the worker dies
    assert schedule.tick() == []
    execute("UPDATE outbox_schedulerun SET lease_until = now() - interval '1 s'")
    assert [key for key, _ in schedule.tick()] == [run_id]
    assert schedule.run(run_id)
    assert ran == [1]


def test_while_a_run_is_open_no_other_begins(ran, db):
    schedule.tick()
    make_due()
    schedule.tick()
    execute("UPDATE outbox_schedulerun SET period = 'an earlier one'")
    make_due()
    assert schedule.tick() == []


@pytest.mark.parametrize(("attempts", "status"), [(1, "FAILED"), (3, "SENT")])
def test_a_failure_is_kept_and_tried_again_when_it_may(monkeypatch, db, attempts, status):
    def fail():
        raise ValueError("no ink")

    monkeypatch.setattr(
        schedule, "SCHEDULES", {"f": registry.Periodic("f", Every(60), fail, "bulk", attempts)}
    )
    schedule.tick()
    make_due()
    ((run_id, _),) = schedule.tick()
    assert not schedule.run(run_id)
    assert [row[1:] for row in runs()] == [(status, 1, "ValueError: no ink")]


def test_a_paused_schedule_rests_and_can_be_run_by_hand(ran, db):
    schedule.tick()
    schedule.pause("count", by=BY)
    make_due(hours=3)
    assert schedule.tick() == []
    schedule.run_now("count", by=BY)
    ((run_id, _),) = schedule.tick()
    schedule.run(run_id)
    schedule.resume("count", by=BY)
    ((run_id, _),) = schedule.tick()
    schedule.run(run_id)
    assert ran == [1, 1]
    with pytest.raises(NotFound):
        schedule.pause("unknown", by=BY)


def test_registering_one_name_twice_is_refused():
    try:
        registry.every("tests_only", seconds=5)(test_a_missed_period_is_caught_up_once)
        with pytest.raises(ValueError, match="two schedules"):
            registry.daily("tests_only", at="02:30")(make_due)
    finally:
        registry.SCHEDULES.pop("tests_only")


def test_the_scheduled_work_acts_as_the_platform(monkeypatch, db):
    from b2b.core.actor import current

    seen = []
    entry = registry.Periodic("who", Every(60), lambda: seen.append(current()), "bulk", 1)
    monkeypatch.setattr(schedule, "SCHEDULES", {"who": entry})
    with acting_as(BY):
        schedule.tick()
    make_due()
    for run_id, _ in schedule.tick():
        schedule.run(run_id)
    assert [(actor.kind, actor.name) for actor in seen] == [("system", "who")]
