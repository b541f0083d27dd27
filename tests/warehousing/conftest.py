from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from b2b.core.actor import acting_as, system
from tests.factories import warehousing as factory


@pytest.fixture
def world(db: None) -> Iterator[factory.World]:
    with acting_as(system("test")):
        yield factory.World.build()


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 3, 2, 8, tzinfo=UTC)
