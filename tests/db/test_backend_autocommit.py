"""The actor is known outside transactions, on real commits."""

from django.db import connection, transaction
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import fetch_value
from b2b.directory.models import Organization, Site

SITES = "SELECT count(*) FROM directory_site"


def test_a_statement_of_its_own_is_stamped_too(committed_db: str) -> None:
    with acting_as(system()):
        dealer = Organization.objects.create(kind="dealer", code="one", name="One")
        Site.objects.create(
            organization=dealer, code="shop", name="Shop", kind="SHOP", latitude=31, longitude=121
        )
    assert connection.get_autocommit()
    with acting_as(Actor(kind="dealer", organization_id=dealer.pk)):
        assert fetch_value(SITES) == 1
    assert fetch_value(SITES) == 0


def test_nothing_of_the_actor_stays_on_the_connection(committed_db: str) -> None:
    with acting_as(system()):
        assert fetch_value("SELECT current_setting('midstream.scope')") == "system"
    raw = connection.connection.execute("SELECT current_setting('midstream.scope', true)").fetchone()
    assert raw in [("",), (None,)], "a pooled connection must not remember whom it served"


def test_begin_travels_with_the_first_statement_and_what_fails_is_undone(committed_db: str) -> None:
    with acting_as(system()):
        with transaction.atomic():
            assert connection.connection.info.transaction_status == TransactionStatus.IDLE
            Organization.objects.create(kind="dealer", code="one", name="One")
            assert connection.connection.info.transaction_status == TransactionStatus.INTRANS
            transaction.set_rollback(True)
        assert not Organization.objects.exists()
        with transaction.atomic(), connection.cursor() as cursor:
            connection.stamp()
            with cursor.copy("COPY directory_organization (kind) FROM STDIN"):
                pass
            assert connection.connection.info.transaction_status == TransactionStatus.INTRANS
    assert connection.connection.info.transaction_status == TransactionStatus.IDLE


def test_a_cursor_of_the_server_outlives_only_a_transaction_that_nobody_opened(committed_db: str) -> None:
    held = "SELECT is_holdable FROM pg_cursors WHERE name LIKE '\\_django%%'"
    with acting_as(system()):
        for code in ("one", "two", "three"):
            Organization.objects.create(kind="dealer", code=code, name=code)
        walk = Organization.objects.order_by("code").iterator(chunk_size=1)
        assert [next(walk).code, fetch_value(held), next(walk).code] == ["one", True, "three"]
        walk.close()
        with transaction.atomic():
            walk = Organization.objects.order_by("code").iterator(chunk_size=1)
            assert [next(walk).code, fetch_value(held), next(walk).code] == ["one", False, "three"]
            walk.close()


def test_the_isolation_that_was_set_for_the_connection_holds(committed_db: str) -> None:
    connection.ensure_connection()
    connection.connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with acting_as(system()), transaction.atomic():
            assert fetch_value("SHOW transaction_isolation") == "repeatable read"
    finally:
        connection.connection.isolation_level = None
