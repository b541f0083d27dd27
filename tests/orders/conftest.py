"""The tests of orders have fake ports, live at NOW, and can ask whether all invariants hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from b2b.core import clock
from b2b.db import invariants
from tests.factories.orders import NOW
from tests.support.order_ports import CreditBook, Shelf, answered


@pytest.fixture
def credit_book() -> CreditBook:
    return CreditBook()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(autouse=True)
def at_now(credit_book: CreditBook, shelf: Shelf) -> Iterator[None]:
    """Bind the ports to the fakes and travel to NOW."""
    with answered(credit_book, shelf), clock.travel(NOW):
        yield


@pytest.fixture
def holds() -> Callable[[], None]:
    """Return a check that every invariant of orders holds."""

    def check() -> None:
        names = [name for name in invariants.INVARIANTS if name.startswith("orders.")]
        assert names
        assert not invariants.check(names)

    return check
