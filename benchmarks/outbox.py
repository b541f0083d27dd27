"""The outbox: what publishing costs, how fast facts reach their effect, what claiming costs at 10^5 waiting."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psycopg

from b2b.db.bulk import execute, fetch_value
from b2b.db.transactions import unit_of_work
from b2b.outbox import claims
from b2b.outbox.publish import publish
from benchmarks.report import Report, measuring, p95
from tests.support.outbox import fired, sequenced
from tests.support.probe.handlers import create_tables

ROOT = Path(__file__).resolve().parent.parent
BATCH = 100
EVENTS = 20_000
WORKERS = 2


def run(report: Report) -> None:
    """Measure publishing, the way to the effect, and claiming."""
    create_tables()
    _publishing(report)
    _end_to_end(report)
    _claiming(report)


def _median_ms(times: int, work: Callable[[], None]) -> float:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    return median(spent)


def _publishing(report: Report) -> None:
    def plain() -> None:
        with unit_of_work():
            execute("INSERT INTO probe_effect (kind, lane, number, at) VALUES ('x', 'x', 1, now())")

    def telling(count: int) -> Callable[[], None]:
        def work() -> None:
            with unit_of_work():
                execute("INSERT INTO probe_effect (kind, lane, number, at) VALUES ('x', 'x', 1, now())")
                publish(*[fired(number) for number in range(count)])

        return work

    plain()
    bare = _median_ms(200, plain)
    for count in (1, 100):
        telling(count)()
        whole = _median_ms(100, telling(count))
        report.duration("transaction of one row and publish()", count, whole, limit_ms=bare)
    for size in (1_000, 10_000):
        events = [fired(number) for number in range(size)]
        with measuring() as found, unit_of_work():
            publish(*events)
        report.rate("publish() of a set", size, found)
    execute("UPDATE outbox_delivery SET status = 'DONE' WHERE status <> 'DONE'")
    execute("DELETE FROM probe_effect")


@contextmanager
def _processes() -> Iterator[None]:
    """Run a relay and a worker as they run in production."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "MIDSTREAM_POOL": "2"}
    commands = (
        ["manage.py", "relay_outbox"],
        ["-m", "celery", "--quiet", "-A", "b2b.celery", "worker", "--loglevel", "ERROR", "--concurrency",
         str(WORKERS), "--without-gossip", "--without-mingle", "--queues", "default"],
    )  # fmt: skip
    with (ROOT / "var" / "bench" / "processes.log").open("wb") as log:
        processes = [
            subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log)
            for command in commands
        ]
        try:
            yield
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(60)


def _wait_until_done() -> None:
    while fetch_value("SELECT EXISTS (SELECT FROM outbox_delivery WHERE status IN ('PENDING', 'SENT'))"):
        time.sleep(0.1)  # looking is not free: at fifty looks a second it was a tenth of the machine


def _fire(count: int, *, ordered: bool = False, lanes: int = 1000) -> None:
    make = (lambda n: sequenced(n, lane=f"lane{n % lanes}")) if ordered else fired
    for start in range(0, count, 1000):
        with unit_of_work():
            publish(*[make(number) for number in range(start, min(start + 1000, count))])


def _end_to_end(report: Report) -> None:
    limit = _bare_skip_locked(EVENTS)
    with _processes():
        _fire(400)
        _wait_until_done()  # everything has started
        for ordered in (False, True):
            start = time.perf_counter()
            _fire(EVENTS, ordered=ordered)
            published = time.perf_counter() - start
            _wait_until_done()
            seconds = time.perf_counter() - start
            kind = "ordered" if ordered else "unordered"
            report.rate(
                f"{kind} events, publish to effect, {WORKERS} workers", EVENTS, seconds,
                limit_seconds=limit, at_least=None if ordered else 3000,
            )  # fmt: skip
            report.note(f"of {seconds:.1f} s publishing in thousands took {published:.1f} s")
        report.duration("commit to effect, idle, p95", 100, p95(_latencies(100)), at_most_ms=250)


def _latencies(times: int) -> list[float]:
    found = []
    for number in range(times):
        time.sleep(0.05 if number % 2 else 1.3)  # half of them find the relay asleep
        with unit_of_work():
            publish(fired(10**6 + number))
        committed = time.perf_counter()
        while not fetch_value("SELECT EXISTS (SELECT FROM probe_effect WHERE number = %s)", [10**6 + number]):
            time.sleep(0.001)
        found.append((time.perf_counter() - committed) * 1000)
    return found


def _bare_skip_locked(count: int) -> float:
    """Return the seconds that writing as many rows and working them off takes without outbox, broker and Django.

    The same durable work: a row per event, claimed in hundreds, an INSERT for each effect, done marks, commits.
    """
    from django.db import connections

    settings = connections.settings["owner"]
    target = (
        f"host={settings['HOST']} port={settings['PORT']} user={settings['USER']} dbname={settings['NAME']}"
    )
    payload = fired(1).to_json()
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE bare_queue (id bigserial PRIMARY KEY, payload jsonb, is_done boolean DEFAULT false);"
            "CREATE INDEX ON bare_queue (id) WHERE NOT is_done;"
            "CREATE TABLE bare_effect (LIKE probe_effect INCLUDING ALL)"
        )
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        pool.map(_work_bare, [target] * WORKERS)
        start = time.perf_counter()
        with psycopg.connect(target, autocommit=True) as connection:
            for _ in range(0, count, 1000):
                connection.execute(
                    "INSERT INTO bare_queue (payload) SELECT payload::jsonb FROM unnest(%s::text[]) AS given(payload)",
                    [[payload] * 1000],
                )
        worked = sum(pool.map(_work_bare, [target] * WORKERS))
        seconds = time.perf_counter() - start
    if worked != count:
        raise RuntimeError(f"{worked} of {count}")
    return seconds


def _work_bare(target: str) -> int:
    done = 0
    with psycopg.connect(target) as connection:
        while True:
            rows = connection.execute(
                "SELECT id, payload FROM bare_queue WHERE NOT is_done ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
                [BATCH],
            ).fetchall()
            if not rows:
                return done
            for key, event in rows:
                connection.execute(
                    "INSERT INTO bare_effect (kind, lane, number, at) VALUES ('bare', %s, %s, clock_timestamp())",
                    [event["lane"], key % 1_000_000],
                )
            connection.execute(
                "UPDATE bare_queue SET is_done = true WHERE id = ANY(%s)", [[key for key, _ in rows]]
            )
            connection.commit()
            done += len(rows)


def _claiming(report: Report) -> None:
    for size in (1_000, 10_000, 100_000):
        execute("DELETE FROM outbox_delivery")
        for ordered in (False, True):
            _fire(size // 2, ordered=ordered, lanes=max(size // 100, 1))
        _vacuum()
        claims.claim(100)
        took = _median_ms(5, lambda: claims.claim(100))
        report.duration("claim 100 of so many waiting, half in lanes", size, took, at_most_ms=50)
    execute("DELETE FROM outbox_delivery")
    _fire(100_000, ordered=True, lanes=1)
    execute("UPDATE outbox_delivery SET status = 'PARKED' WHERE id = (SELECT min(id) FROM outbox_delivery)")
    _vacuum()
    took = _median_ms(5, lambda: claims.claim(100))
    report.duration("claim 100 behind one that is parked", 100_000, took, at_most_ms=50)


def _vacuum() -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE outbox_delivery")
