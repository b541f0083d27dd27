"""A probe app's handlers and effects, in the session's database or in one of its own."""

from collections.abc import Callable

import pytest

from tests.support.probe import handlers


@pytest.fixture
def probe(committed_db: str) -> str:
    """Give the test a database of its own with the probe's tables; yield its name."""
    handlers.create_tables()
    return committed_db


@pytest.fixture
def fire(probe: str) -> Callable[..., None]:
    """Publish events in a transaction of their own."""
    from b2b.core.actor import acting_as, system
    from b2b.db.transactions import unit_of_work
    from b2b.outbox.publish import publish

    def fire(*events: object) -> None:
        with acting_as(system("test")), unit_of_work():
            publish(*events)

    return fire
