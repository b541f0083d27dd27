"""Let handlers act, each effect and its mark in one transaction: delivered at least once, effective exactly once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, connection

from b2b.core.actor import acting_as, system
from b2b.db.bulk import execute, fetch
from b2b.db.transactions import unit_of_work
from b2b.outbox import claims
from b2b.outbox.registry import EVENTS, HANDLERS

# A transaction that has worked this long is committed and the rest of its batch goes into the next.
TRANSACTION_SECONDS = 2.0
BATCH_MIN, BATCH_MAX = 100, 500  # deliveries in one message


class Taken(NamedTuple):
    """A locked delivery; `previous` is the undone one before it in its lane."""

    id: int
    handler: str
    aggregate_id: str
    ordered: bool
    stumbled: bool
    previous: int | None
    topic: str
    payload: str

    def act(self) -> None:
        """Call the handler with the event; raises LookupError when the code knows it no more."""
        HANDLERS[self.handler].call(EVENTS[self.topic].from_json(self.payload))


@unit_of_work()
def _announce(delivery_ids: Sequence[int]) -> tuple[int, set[int]]:
    """Note that we begin with these; return the key of the note, and those that others began with and never ended.

    Losing the note in a crash of the database does no harm, so its commit does not wait for the disk.
    """
    ((key, _, left),) = fetch(
        """
        WITH note AS (INSERT INTO outbox_batchstart (delivery_ids) VALUES (%(ids)s) RETURNING id)
        SELECT id, set_config('synchronous_commit', 'off', true), ARRAY(
            SELECT unnest(delivery_ids) FROM outbox_batchstart WHERE delivery_ids && %(ids)s::bigint[])
        FROM note
        """,
        {"ids": list(delivery_ids)},
    )
    return key, set(left)


@unit_of_work()
def _forget(key: int) -> None:
    execute("DELETE FROM outbox_batchstart WHERE id = %s", [key])


def _take(delivery_ids: Sequence[int]) -> list[Taken]:
    """Lock what is undone and free, in id order, with its events; what another worker holds is left to it."""
    rows = fetch(
        f"""
        SELECT delivery.id, delivery.handler, delivery.aggregate_id, delivery.ordered,
            delivery.attempts + delivery.waits > 0,
            (SELECT previous.id FROM ({claims.PREVIOUS.format(row="delivery")}) previous
            WHERE delivery.ordered), delivery.topic, event.payload::text
        FROM outbox_delivery delivery
        JOIN outbox_outboxevent event ON event.id = delivery.event_id AND event.recorded_at = delivery.created_at
        WHERE delivery.id = ANY(%s) AND delivery.status IN ('PENDING', 'SENT')
        ORDER BY delivery.id FOR UPDATE OF delivery SKIP LOCKED
        """,
        [list(delivery_ids)],
    )
    return [Taken(*row) for row in rows]


def _mark_done(delivery_ids: Sequence[int]) -> None:
    execute(
        """
        UPDATE outbox_delivery SET status = 'DONE', done_at = statement_timestamp(), lease_until = NULL, last_error = ''
        WHERE id = ANY(%s)
        """,
        [list(delivery_ids)],
    )


def _handle_together(
    delivery_ids: Sequence[int], note: int, suspects: set[int]
) -> tuple[int, list[int], list[Taken]]:
    """Do what can be done in one transaction; return how many, what time did not allow, and what must go alone."""
    done: set[int] = set()
    lanes: dict[tuple[str, str], int] = {}
    left: list[int] = []
    alone: list[Taken] = []
    held: list[int] = []
    until = time.monotonic() + TRANSACTION_SECONDS
    with unit_of_work():
        taken = _take(delivery_ids)
        apart = {row.id for row in taken if row.stumbled or row.id in suspects}
        for row in taken:
            if row.id in apart or row.previous in apart:
                apart.add(row.id)
                alone.append(row)
            elif row.previous is not None and row.previous not in done:
                (left if row.previous in left else held).append(row.id)
            elif done and time.monotonic() > until:
                left.append(row.id)
            else:
                row.act()
                done.add(row.id)
                if row.ordered:
                    lanes[row.handler, row.aggregate_id] = row.id
        if done:
            _mark_done(sorted(done))
        if lanes:
            claims.call_next(list(lanes.values()))
        if held:
            claims.hold(held)
        _forget(note)
    return len(done), left, alone


@unit_of_work()
def _handle_one(delivery_id: int) -> int:
    for row in _take([delivery_id]):
        if row.previous is not None:
            claims.hold([row.id])
            return 0
        row.act()
        _mark_done([row.id])
        if row.ordered:
            claims.call_next([row.id])
        return 1
    return 0


def _handle_alone(delivery_id: int, *, suspect: bool) -> int:
    """Do one delivery in a transaction of its own; a failure puts it off."""
    if suspect and not claims.begin(delivery_id):
        return 0
    try:
        return _handle_one(delivery_id)
    except Exception as error:
        if _is_cut_off(error):
            raise
        claims.postpone(delivery_id, error, counted=suspect)
        return 0


def _is_cut_off(error: Exception) -> bool:
    """Tell whether the database, and not the handler, failed."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    return connection.connection is None or connection.connection.closed


def handle(delivery_ids: Sequence[int]) -> int:
    """Let the handlers of these deliveries act and return how many succeeded; a failure delays its lane alone.

    A batch is done in one transaction; when anything in it raises, all of it is rolled back and done one by one. What
    failed before goes alone from the start, and so does what a worker began with and never ended; its start is counted.

    :raises OperationalError: when the database went away; the leases run out and the relay sends again.
    """
    total = 0
    with acting_as(system("outbox")):
        waiting = sorted(set(delivery_ids))
        while waiting:
            note, suspects = _announce(waiting)
            try:
                done, left, alone = _handle_together(waiting, note, suspects)
            except Exception as error:
                if _is_cut_off(error):
                    raise
                _forget(note)  # and whoever failed is found by doing them one by one
                return total + sum(_handle_alone(key, suspect=key in suspects) for key in waiting)
            total += done + sum(_handle_alone(row.id, suspect=row.id in suspects) for row in alone)
            waiting = left
    return total


def drain(limit: int = 10_000) -> int:
    """Work off everything in this process, as the market and tests do, and return how many had their effect.

    What waits for a missing fact is tried again as long as anything else succeeds; what failed waits out its back-off.
    """
    total = 0
    with acting_as(system("outbox")):
        while True:
            _hurry()
            before, passed = total, []
            while claimed := claims.claim(limit, in_flight=2 * limit):
                total += sum(handle([row.id for row in part]) for part in batches(claimed))
                passed += [row.id for row in claimed]
            # What somebody held just then was passed over; nobody but us would look at it before its lease ends. Not
            # given back before all is claimed: what a switch holds back would be claimed again and again.
            claims.release(passed)
            if total == before:
                return total


@unit_of_work()
def _hurry() -> None:
    execute(
        """
        UPDATE outbox_delivery SET due_at = statement_timestamp()
        WHERE status = 'PENDING' AND queue = ANY(%s) AND due_at > statement_timestamp() AND attempts = 0
        """,
        [claims.queues()],
    )


def batches(claimed: Sequence[claims.Claimed], size: int | None = None) -> list[list[claims.Claimed]]:
    """Split claimed deliveries into batches of one queue and about `size`, a lane never across two.

    By default a queue's share is halved, within BATCH_MIN and BATCH_MAX: a message costs as much as twenty deliveries,
    and yet a second worker should find something to do.
    """
    waiting = Counter(row.queue for row in claimed)
    sizes = {
        queue: size or min(max(-(-count // 2), BATCH_MIN), BATCH_MAX) for queue, count in waiting.items()
    }
    open_batch: dict[str, list[claims.Claimed]] = {}
    of_lane: dict[tuple[str, str], list[claims.Claimed]] = {}
    result: list[list[claims.Claimed]] = []
    for row in claimed:
        batch = of_lane.get((row.queue, row.lane)) if row.lane else None
        if batch is None:
            batch = open_batch.get(row.queue)
            if batch is None or len(batch) >= sizes[row.queue]:
                batch = open_batch[row.queue] = []
                result.append(batch)
            if row.lane:
                of_lane[row.queue, row.lane] = batch
        batch.append(row)
    return result
