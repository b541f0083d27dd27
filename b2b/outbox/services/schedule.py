"""Turn registered periodic work into runs, one a period, whoever ticks and however often."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import NotFound
from b2b.db.bulk import execute, fetch, fetch_value, transpose, unnest
from b2b.db.transactions import unit_of_work
from b2b.outbox.schedule import SCHEDULES, Periodic

log = logging.getLogger(__name__)

SENT_LEASE_SECONDS = 60
RUN_LEASE_SECONDS = 30
RETRY_AFTER_SECONDS = 120


@unit_of_work()
def tick() -> list[tuple[int, str]]:
    """Note what is registered, open a run for each schedule that is due, and return the (run id, queue) to send.

    A missed period is caught up once, by the latest; a schedule whose last run is still open waits for it; runs whose
    lease ran out are sent again.
    """
    _note_registered()
    now = fetch_value("SELECT statement_timestamp()")
    due = fetch(
        """
        SELECT name FROM outbox_schedule schedule
        WHERE NOT is_paused AND name = ANY(%s) AND next_due_at <= %s AND NOT EXISTS (
            SELECT FROM outbox_schedulerun run WHERE run.schedule_id = schedule.name AND status IN ('SENT', 'RUNNING'))
        ORDER BY name FOR UPDATE SKIP LOCKED
        """,
        [list(SCHEDULES), now],
    )
    rows = [
        (name, SCHEDULES[name].rule.latest(now)[0], SCHEDULES[name].rule.following(now)) for (name,) in due
    ]
    columns = {"name": "text", "period": "text", "following": "timestamptz"}
    opened = fetch(
        f"""
        WITH given AS (SELECT * FROM {unnest(columns)}), planned AS (
            UPDATE outbox_schedule schedule SET next_due_at = following, last_run_at = %(now)s
            FROM given WHERE schedule.name = given.name)
        INSERT INTO outbox_schedulerun (schedule_id, period, status, attempts, sent_at, lease_until, last_error)
        SELECT name, period, 'SENT', 0, %(now)s, %(now)s + %(lease)s * interval '1 second', '' FROM given
        ON CONFLICT (schedule_id, period) DO NOTHING RETURNING id, schedule_id
        """,
        {**transpose(list(columns), rows), "now": now, "lease": SENT_LEASE_SECONDS},
    )
    lost = fetch(
        """
        UPDATE outbox_schedulerun SET status = 'SENT', sent_at = %(now)s,
            lease_until = %(now)s + %(lease)s * interval '1 second'
        WHERE id IN (SELECT id FROM outbox_schedulerun WHERE status IN ('SENT', 'RUNNING') AND lease_until < %(now)s
            AND schedule_id = ANY(%(names)s) FOR UPDATE SKIP LOCKED)
        RETURNING id, schedule_id
        """,
        {"now": now, "lease": SENT_LEASE_SECONDS, "names": list(SCHEDULES)},
    )
    return [(run_id, SCHEDULES[name].queue) for run_id, name in [*opened, *lost]]


def _note_registered() -> None:
    now = fetch_value("SELECT statement_timestamp()")
    columns = {"name": "text", "rule": "text", "queue": "text", "first_due_at": "timestamptz"}
    rows = [
        (entry.name, str(entry.rule), entry.queue, entry.rule.following(now)) for entry in SCHEDULES.values()
    ]
    execute(
        f"""
        INSERT INTO outbox_schedule AS known (name, rule, queue, is_paused, next_due_at)
        SELECT name, rule, queue, false, first_due_at FROM {unnest(columns)}
        WHERE (name, rule, queue) NOT IN (SELECT name, rule, queue FROM outbox_schedule) ORDER BY name
        ON CONFLICT (name) DO UPDATE
        SET rule = excluded.rule, queue = excluded.queue, next_due_at = excluded.next_due_at
        """,
        transpose(list(columns), rows),
    )


def run(run_id: int) -> bool:
    """Run what a run stands for unless somebody has or does; say whether it succeeded here.

    A failure is kept on the run and logged, and tried again later as often as the schedule allows.
    """
    with acting_as(system("schedule")):
        begun = _begin(run_id)
        if begun is None:
            return False
        entry, attempt = begun
        try:
            with _kept_alive(run_id), acting_as(system(entry.name)):
                entry.call()
        except Exception as error:
            log.exception("schedule %s failed", entry.name)
            _finish(run_id, f"{type(error).__name__}: {error}"[:2000], again=attempt < entry.attempts)
            return False
        _finish(run_id, "", again=False)
        return True


@unit_of_work()
def _begin(run_id: int) -> tuple[Periodic, int] | None:
    rows = fetch(
        """
        UPDATE outbox_schedulerun SET status = 'RUNNING', attempts = attempts + 1, started_at = statement_timestamp(),
            lease_until = statement_timestamp() + %s * interval '1 second'
        WHERE id = %s AND (status = 'SENT' OR status = 'RUNNING' AND lease_until < statement_timestamp())
        RETURNING schedule_id, attempts
        """,
        [RUN_LEASE_SECONDS, run_id],
    )
    return (SCHEDULES[rows[0][0]], rows[0][1]) if rows and rows[0][0] in SCHEDULES else None


@unit_of_work()
def _finish(run_id: int, error: str, *, again: bool) -> None:
    execute(
        """
        UPDATE outbox_schedulerun SET status = %s, last_error = %s, finished_at = statement_timestamp(),
            lease_until = CASE WHEN %s THEN statement_timestamp() + attempts * %s * interval '1 second' END
        WHERE id = %s
        """,
        ["SENT" if again else "FAILED" if error else "DONE", error, again, RETRY_AFTER_SECONDS, run_id],
    )


@contextmanager
def _kept_alive(run_id: int) -> Iterator[None]:
    """Move the lease of a run while the block works, from a thread with a connection of its own."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(RUN_LEASE_SECONDS / 3):
            try:
                _renew(run_id)
            except (DatabaseError, InterfaceError):
                log.warning("the lease of run %s could not be renewed", run_id)
            finally:
                connection.close()

    thread = threading.Thread(target=renew, name=f"lease-{run_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@unit_of_work()
def _renew(run_id: int) -> None:
    execute(
        "UPDATE outbox_schedulerun SET lease_until = statement_timestamp() + %s * interval '1 second' WHERE id = %s",
        [RUN_LEASE_SECONDS, run_id],
    )


@unit_of_work()
def pause(name: str, *, by: Actor) -> None:
    """Let a schedule rest until it is resumed; a run that has begun goes on.

    :raises NotFound: when there is no such schedule.
    """
    _set_paused(name, True, by=by)


@unit_of_work()
def resume(name: str, *, by: Actor) -> None:
    """Let a paused schedule go on; what it missed is caught up once.

    :raises NotFound: when there is no such schedule.
    """
    _set_paused(name, False, by=by)


def _set_paused(name: str, is_paused: bool, *, by: Actor) -> None:
    if not execute("UPDATE outbox_schedule SET is_paused = %s WHERE name = %s", [is_paused, name]):
        raise NotFound(f"there is no schedule {name}")
    log.info("schedule %s %s by %s", name, "paused" if is_paused else "resumed", by)


@unit_of_work()
def run_now(name: str, *, by: Actor) -> None:
    """Let the next tick run a schedule once more, beside its periods and even when it is paused.

    :raises NotFound: when there is no such schedule.
    """
    opened = execute(
        """
        INSERT INTO outbox_schedulerun (schedule_id, period, status, attempts, sent_at, lease_until, last_error)
        SELECT name, 'by hand ' || statement_timestamp(), 'SENT', 0, statement_timestamp(), statement_timestamp(), ''
        FROM outbox_schedule WHERE name = %s
        """,
        [name],
    )
    if not opened:
        raise NotFound(f"there is no schedule {name}")
    log.info("schedule %s is run by hand by %s", name, by)
