"""History is append-only, whoever asks, and readable by the parties alone."""

import pytest
from django.db import IntegrityError, connections, transaction

from b2b.core import clock
from b2b.core.actor import Actor, acting_as, system
from b2b.core.ids import uuid7
from b2b.db.bulk import execute
from b2b.db.models import StatusChange
from b2b.db.selectors import history

pytestmark = pytest.mark.django_db


@pytest.fixture
def change() -> StatusChange:
    with acting_as(system()):
        return StatusChange.objects.create(
            document_type="orders.order",
            document_id=uuid7(),
            verb="confirm",
            from_status="DRAFT",
            to_status="CONFIRMED",
            actor_name="test",
            actor_kind="system",
            parties=[7, 8],
            at=clock.now(),
        )


@pytest.mark.parametrize(
    "statement", ["UPDATE db_statuschange SET reason = 'x'", "DELETE FROM db_statuschange"]
)
def test_a_row_of_history_stays(change: StatusChange, statement: str) -> None:
    with acting_as(system()), pytest.raises(IntegrityError, match="rows are history"), transaction.atomic():
        execute(statement)


def test_parties_read_the_history_and_others_do_not(change: StatusChange) -> None:
    for organization_id, seen in ((7, 1), (8, 1), (9, 0)):
        reader = Actor(kind="dealer", organization_id=organization_id)
        with acting_as(reader):
            assert StatusChange.objects.count() == seen, "row security"
            assert history(reader, change.document_id).count() == seen, "selector"


@pytest.mark.django_db(databases=["default", "owner"])
def test_even_the_owner_may_not_truncate() -> None:
    with connections["owner"].cursor() as cursor, pytest.raises(IntegrityError, match="rows are history"):
        cursor.execute("TRUNCATE db_statuschange")
