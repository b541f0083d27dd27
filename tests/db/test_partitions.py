"""Months ahead and behind, with rows that no month had when they came."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections

from b2b.core.actor import acting_as, system
from b2b.db import partitions
from b2b.db.bulk import execute, fetch, fetch_value

EVENTS = partitions.Partitioned("outbox_outboxevent", "recorded_at")


def insert(moment):
    execute(
        """INSERT INTO outbox_outboxevent
               (id, topic, aggregate_id, payload, parties, actor_name, occurred_at, recorded_at)
           VALUES (gen_random_uuid(), 't', 'a', '{}', '{}', '', %s, %s)""",
        [moment, moment],
    )


def children():
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'outbox_outboxevent'::regclass"
        )
        return {name for (name,) in cursor.fetchall()}


def test_months_are_counted_over_the_turn_of_the_year():
    assert partitions.add_months(date(2026, 11, 1), 3) == date(2027, 2, 1)
    assert partitions.add_months(date(2026, 1, 1), -1) == date(2025, 12, 1)


def test_months_are_made_ahead_once(committed_db):
    assert EVENTS in partitions.tables()
    call_command("partitions", ahead=6, verbosity=0)
    before = children()
    month = partitions.add_months(datetime.now(UTC).date().replace(day=1), 6)
    assert EVENTS.child(month) in before
    call_command("partitions", ahead=6, verbosity=0)
    assert children() == before


def test_what_the_default_partition_collected_moves_to_its_month(committed_db):
    old = [datetime(2020, 3, day, 23, 59, tzinfo=UTC) for day in (1, 15, 31)]
    with acting_as(system("test")):
        for moment in [*old, datetime(2031, 7, 1, tzinfo=UTC), datetime.now(UTC)]:
            insert(moment)
    created = partitions.prepare(EVENTS, ahead=1)
    assert {"outbox_outboxevent_202003", "outbox_outboxevent_203107"} <= set(created)
    with acting_as(system("test")):
        assert fetch_value("SELECT count(*) FROM outbox_outboxevent") == 5
        assert {place for (place,) in fetch("SELECT tableoid::regclass::text FROM outbox_outboxevent")} >= {
            "outbox_outboxevent_202003",
            "outbox_outboxevent_203107",
        }
        insert(datetime(1999, 1, 1, tzinfo=UTC))
        for statement in ("DELETE FROM outbox_outboxevent", "UPDATE outbox_outboxevent SET topic = 'x'"):
            with pytest.raises(DatabaseError, match="refused"):
                execute(statement)
        with pytest.raises(DatabaseError, match="permission denied"):
            fetch("SELECT * FROM outbox_outboxevent_202003")


def test_old_months_are_detached_and_kept(committed_db):
    with acting_as(system("test")):
        insert(datetime(2020, 3, 1, tzinfo=UTC))
        insert(datetime.now(UTC))
    partitions.prepare(EVENTS, ahead=1)
    assert partitions.detach_older(EVENTS, months=12) == ["outbox_outboxevent_202003"]
    with acting_as(system("test")):
        assert fetch_value("SELECT count(*) FROM outbox_outboxevent") == 1
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox_outboxevent_202003")
        assert cursor.fetchone() == (1,)


def test_a_month_with_undone_deliveries_stays(committed_db):
    with acting_as(system("test")):
        insert(datetime(2020, 3, 1, tzinfo=UTC))
        execute(
            """INSERT INTO outbox_delivery (event_id, topic, aggregate_id, handler, queue, ordered, status, attempts,
                   waits, resent, last_error, created_at)
               SELECT id, topic, aggregate_id, 'h', 'q', false, 'PARKED', 0, 0, 0, '', recorded_at
               FROM outbox_outboxevent"""
        )
    partitions.prepare(EVENTS, ahead=1)
    with pytest.raises(partitions.StillNeeded):
        partitions.detach_older(EVENTS, months=12)
