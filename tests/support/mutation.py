"""Take a guard out of the database and force the race it guards against: what tests must then find."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from django.db import connections

from tests.support.eventually import eventually

MIGRATIONS = Path(__file__).parents[2] / "warehousing" / "migrations"
KEY = 4711
# A mutated statement stops here, between looking and acting, until every writer has looked.
GATE = "test_gate()"

_BUILD = f"""
CREATE OR REPLACE FUNCTION {GATE} RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('lock_timeout', '60s', true);
    PERFORM pg_advisory_xact_lock_shared({KEY});
    RETURN true;
END $$
"""
_WAITING = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {KEY} AND NOT granted"


def changed(source: str, *changes: tuple[str, str]) -> str:
    """Return a text with every one of the changes made; one that does not apply is a mistake of the test."""
    for before, after in changes:
        assert before in source, f"the guard is not written so any more: {before}"
        source = source.replace(before, after)
    return source


def mutate(name: str, *changes: tuple[str, str]) -> None:
    """Put a changed copy of a function of the database in its place; in this test's own database only."""
    source = (MIGRATIONS / name).read_text().replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    with connections["owner"].cursor() as cursor:
        cursor.execute(_BUILD)
        cursor.execute(changed(source, *changes).replace("%", "%%"), [])


@contextmanager
def gate(writers: int) -> Iterator[None]:
    """Hold up mutated statements until so many writers stand before the gate, then open it for good."""
    shut = Event()

    def keep() -> None:
        try:
            with connections["owner"].cursor() as cursor:
                cursor.execute(_BUILD)
                cursor.execute(f"SELECT pg_advisory_lock({KEY})")
                shut.set()

                def all_wait() -> bool:
                    cursor.execute(_WAITING)
                    return bool(cursor.fetchone()[0] >= writers)

                try:
                    eventually(all_wait, seconds=30)
                finally:
                    cursor.execute(f"SELECT pg_advisory_unlock({KEY})")
        finally:
            shut.set()
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        kept = pool.submit(keep)
        shut.wait(60)
        yield
        kept.result()
