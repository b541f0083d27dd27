"""A unit of work is opened once, joined silently, and retried only where that is safe."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, transaction

from b2b.core.actor import acting_as, system
from b2b.core.errors import NotFound
from b2b.db.bulk import execute, fetch_value
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.transactions import Busy, NoTransaction, afterwards, unit_of_work
from b2b.directory.models import Organization


def make(code: str) -> Organization:
    return Organization.objects.create(kind="dealer", code=code, name=code)


def names() -> list[str]:
    return list(Organization.objects.order_by("code").values_list("code", flat=True))


def test_a_failure_inside_a_joined_unit_undoes_all_of_it(committed_db: str) -> None:
    @unit_of_work()
    def inner() -> None:
        make("inner")
        raise RuntimeError("no")

    @unit_of_work()
    def outer() -> None:
        make("outer")
        with pytest.raises(RuntimeError, match="no"):
            inner()

    with pytest.raises(transaction.TransactionManagementError):
        _query_after(outer)
    assert names() == []


def _query_after(outer: object) -> None:
    """A joined failure may not be swallowed: the unit refuses to go on."""
    with unit_of_work():
        outer()  # type: ignore[operator]
        names()


@pytest.mark.django_db
def test_locks_need_a_transaction_and_find_their_row() -> None:
    with unit_of_work(), pytest.raises(NotFound):
        lock_one(Organization.objects.filter(code="nobody"))


def test_a_lock_outside_a_unit_is_refused(committed_db: str) -> None:
    with pytest.raises(NoTransaction):
        lock(Organization.objects.all())


def test_a_deadlock_is_retried_until_both_are_through(committed_db: str) -> None:
    with acting_as(system()):
        first, second = make("a"), make("b")
    meet = threading.Barrier(2, timeout=10)
    tries: list[str] = []

    def rename(one: Organization, other: Organization) -> None:
        attempts = 0

        @unit_of_work()
        def work() -> None:
            nonlocal attempts
            attempts += 1
            tries.append(one.code)
            execute("UPDATE directory_organization SET name = name || '.' WHERE id = %s", [one.pk])
            if attempts == 1:
                meet.wait()
            execute("UPDATE directory_organization SET name = name || '.' WHERE id = %s", [other.pk])

        work()
        connection.close()

    threads = [threading.Thread(target=rename, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(tries) == 3, "one of the two was the victim and came back once"
    assert set(Organization.objects.values_list("name", flat=True)) == {"a..", "b.."}


def test_a_held_row_is_busy_and_not_waited_for_long(committed_db: str) -> None:
    dealer = make("held")
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with unit_of_work():
            lock_one(Organization.objects.filter(pk=dealer.pk))
            holding.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(10)
    try:
        with pytest.raises(Busy), unit_of_work():
            lock_one(Organization.objects.filter(pk=dealer.pk), timeout_ms=50)
    finally:
        done.set()
        thread.join(10)


def test_other_database_errors_are_not_retried(committed_db: str) -> None:
    calls = []

    @unit_of_work()
    def work() -> None:
        calls.append(1)
        execute("SELECT set_config('statement_timeout', '20ms', true)")
        execute("SELECT pg_sleep(5)")

    with pytest.raises(OperationalError, match="statement timeout"):
        work()
    assert calls == [1]


@pytest.mark.django_db
def test_advisory_locks_are_held_by_name() -> None:
    with unit_of_work():
        advisory_lock("cycle")
        assert (
            fetch_value(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            == 1
        )


def test_what_is_told_afterwards_outlives_a_unit_that_failed(committed_db: str) -> None:
    @unit_of_work()
    def inner() -> None:
        make("undone")
        afterwards(lambda: make("told"))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"), unit_of_work():
        inner()
    assert names() == ["told"]


def test_what_is_told_afterwards_comes_after_the_outermost_unit(committed_db: str) -> None:
    seen: list[list[str]] = []
    with unit_of_work():
        with unit_of_work():
            afterwards(lambda: seen.append(names()))
        assert seen == []
        make("kept")
    assert seen == [["kept"]]


def test_a_unit_that_is_tried_again_tells_once(committed_db: str) -> None:
    tries: list[int] = []
    told: list[int] = []

    @unit_of_work()
    def once_more() -> None:
        tries.append(1)
        afterwards(lambda: told.append(len(tries)))
        if len(tries) == 1:
            execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")

    once_more()
    assert (len(tries), told) == (2, [2])


def test_trying_again_comes_to_an_end(committed_db: str) -> None:
    tries: list[int] = []

    @unit_of_work(attempts=3)
    def never() -> None:
        tries.append(1)
        execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$")

    with pytest.raises(OperationalError):
        never()
    assert len(tries) == 3


def test_what_goes_wrong_in_telling_stops_nobody(committed_db: str, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("nobody listens")

    with unit_of_work():
        make("kept")
        afterwards(fail)
        afterwards(lambda: make("told"))
    assert names() == ["kept", "told"]
    assert "nobody listens" in caplog.text


def test_nothing_is_told_after_no_unit(committed_db: str) -> None:
    with pytest.raises(NoTransaction):
        afterwards(lambda: None)
