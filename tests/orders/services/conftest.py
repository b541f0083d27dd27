"""Service tests act as the platform and end with every invariant of orders kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from b2b.core.actor import acting_as, system


@pytest.fixture(autouse=True)
def as_platform(request: pytest.FixtureRequest, holds: Callable[[], None]) -> Iterator[None]:
    """Act as the platform, and check all invariants when the test is through."""
    with acting_as(system("test")):
        yield
        if "django_db" in request.keywords:
            holds()
