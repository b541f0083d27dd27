"""A platform of real processes for tests that kill them."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.support.platform import Platform, dump, running
from tests.support.probe import handlers


@pytest.fixture(scope="session")
def schema(database_server: object, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> str:
    """Return the schema of the tests as SQL; much faster than migrating again."""
    with django_db_blocker.unblock(), database_server.connect(database_server.template()) as connection:
        return dump(connection)


@pytest.fixture
def platform(schema: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Platform]:
    """Yield a platform with the probe's tables, which Django means while the test runs."""
    with (
        running(schema, PROBE_LEASE_SECONDS="4") as platform,
        django_db_blocker.unblock(),
        platform.as_database(),
    ):
        handlers.create_tables()
        yield platform
