"""A probe app's handlers and effects, in the session's database or in one of its own."""

from collections.abc import Callable

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.support.probe import handlers


@pytest.fixture(scope="session")
def probe_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Make the probe's tables in the session's database."""
    with django_db_blocker.unblock():
        handlers.create_tables()


@pytest.fixture
def probe(probe_tables: None, db: None) -> None:
    """Let the test use the probe; it is rolled back."""


@pytest.fixture
def committed_probe(committed_db: str) -> str:
    """Give the test a database of its own with the probe's tables; yield its name."""
    handlers.create_tables()
    return committed_db


def _fire(*events: object) -> None:
    from b2b.core.actor import acting_as, system
    from b2b.db.transactions import unit_of_work
    from b2b.outbox.publish import publish

    with acting_as(system("test")), unit_of_work():
        publish(*events)


@pytest.fixture
def fire(probe: None) -> Callable[..., None]:
    """Publish events in a unit of work; the test is rolled back."""
    return _fire


@pytest.fixture
def fire_committed(committed_probe: str) -> Callable[..., None]:
    """Publish events in a transaction of their own, in a database of the test's own."""
    return _fire
