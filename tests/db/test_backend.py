"""Every statement carries the actor: row security holds for hand-written SQL too."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from b2b.core.actor import Actor, acting_as, system
from b2b.core.clock import travel
from b2b.db.bulk import execute, fetch_value
from b2b.directory.models import Organization, Site

pytestmark = pytest.mark.django_db

SITES = "SELECT count(*) FROM directory_site"


@pytest.fixture
def rivals() -> tuple[Actor, Actor]:
    with acting_as(system()):
        dealers = [
            Organization.objects.create(kind="dealer", code=code, name=code) for code in ("one", "two")
        ]
        for dealer in dealers:
            Site.objects.create(
                organization=dealer,
                code=f"shop-{dealer.code}",
                name="Shop",
                kind="SHOP",
                latitude=31,
                longitude=121,
            )
    one, two = (Actor(kind="dealer", organization_id=dealer.pk) for dealer in dealers)
    return one, two


def test_each_party_counts_its_own(rivals: tuple[Actor, Actor]) -> None:
    for rival in rivals:
        with acting_as(rival):
            assert fetch_value(SITES) == 1
    with acting_as(system()):
        assert fetch_value(SITES) == 2
    assert fetch_value(SITES) == 0, "nobody sees nothing"


def test_a_rival_row_can_neither_be_taken_nor_given(rivals: tuple[Actor, Actor]) -> None:
    one, two = rivals
    with acting_as(one):
        assert execute("UPDATE directory_site SET name = 'mine' WHERE code = 'shop-two'") == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            execute(
                "UPDATE directory_site SET organization_id = %s WHERE code = 'shop-one'",
                [two.organization_id],
            )


def test_the_stamp_survives_a_rolled_back_savepoint(rivals: tuple[Actor, Actor]) -> None:
    one, _ = rivals
    with transaction.atomic(), acting_as(one):
        savepoint = transaction.savepoint()
        assert fetch_value(SITES) == 1
        transaction.savepoint_rollback(savepoint)
        assert fetch_value(SITES) == 1


def test_the_database_clock_follows_a_journey_in_time() -> None:
    moment = datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)
    with travel(moment):
        assert fetch_value("SELECT midstream_now()") == moment
    assert abs((fetch_value("SELECT midstream_now()") - datetime.now(UTC)).total_seconds()) < 60


def test_the_application_is_neither_superuser_nor_owner() -> None:
    role = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert fetch_value(role) is False
    assert fetch_value("SELECT count(*) FROM pg_tables WHERE tableowner = current_user") == 0


def test_partitions_are_reached_through_their_parent_only() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        fetch_value("SELECT count(*) FROM outbox_outboxevent_default")


def test_a_statement_that_never_left_leaves_no_stamp(rivals: tuple[Actor, Actor]) -> None:
    one, _ = rivals
    with transaction.atomic():
        with acting_as(one), pytest.raises(ProgrammingError):
            execute("SELECT %s, %s", ["only one"])
        with acting_as(one):
            assert fetch_value(SITES) == 1
        with acting_as(system()):
            assert fetch_value(SITES) == 2


def test_what_failed_as_somebody_else_is_rolled_back_to_the_savepoint(rivals: tuple[Actor, Actor]) -> None:
    one, two = rivals
    with acting_as(one):
        assert fetch_value(SITES) == 1
        with pytest.raises(DataError), transaction.atomic(), acting_as(two):
            execute("SELECT 1 / 0")
        assert fetch_value("SELECT code FROM directory_site") == "shop-one"


def test_rows_and_counts_are_those_of_the_statement_and_not_of_the_stamp(rivals: tuple[Actor, Actor]) -> None:
    one, two = rivals
    for rival in (one, two):
        with acting_as(rival), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE directory_site SET name = name WHERE organization_id = %s", [one.organization_id]
            )
            assert cursor.rowcount == (rival == one)
        with acting_as(rival), connection.cursor() as cursor:
            cursor.execute("SELECT code, 'a %' FROM directory_site")
            assert len(cursor.fetchall()) == 1
            assert [column.name for column in cursor.description] == ["code", "?column?"]


def test_many_values_and_cursors_of_the_server_are_stamped_too(rivals: tuple[Actor, Actor]) -> None:
    one, two = rivals
    with acting_as(two), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE directory_site SET name = %s WHERE code = 'shop-one'", [["mine"], ["mine"]]
        )
        assert cursor.rowcount == 0
    with acting_as(one), connection.chunked_cursor() as cursor:
        cursor.execute("SELECT code FROM directory_site")
        assert cursor.fetchall() == [("shop-one",)]
    with acting_as(two):
        assert [site.code for site in Site.objects.iterator(chunk_size=1)] == ["shop-two"]


def test_no_kind_of_actor_can_be_sql() -> None:
    with acting_as(Actor(kind="dealer', true); --")), pytest.raises(ValueError, match="no kind of actor"):
        fetch_value(SITES)
