"""The control tower shows what waits in every app, by age and owner, and leads to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import PurchaseOrder
from orders.services import order_cycle
from tests.admin.conftest import Person
from tests.factories import orders as ordering
from tests.support.order_ports import answered

pytestmark = pytest.mark.django_db

PAGE = "/operator/tower/"


def unanswered(days: int) -> PurchaseOrder:
    """A factory let the time for its answer pass so many days ago."""
    market, now = ordering.trade(), clock.now()
    with answered(), acting_as(system("test")) as platform:
        cycle = ordering.cycle(market, at=now)
        ordering.order(market, [10], at=now)
        [placed] = order_cycle.close(cycle, early=True, by=platform, at=now)
        PurchaseOrder.objects.filter(pk=placed.pk).update(respond_by_at=now - timedelta(days=days))
    return placed


def test_what_waits_is_shown_with_its_age_and_owner(operator: Person) -> None:
    late = unanswered(5)
    text = operator.client.get(PAGE).content.decode()
    assert late.number in text
    assert late.factory.name in text
    assert "3 to 7 days" in text
    narrowed = operator.client.get(PAGE, {"age": "under a day"}).content.decode()
    assert late.number not in narrowed
    file = operator.client.get(PAGE, {"csv": "1"}).content.decode()
    assert late.number in file
    assert "Orders confirmed" not in file


def test_an_empty_tower_says_so(operator: Person) -> None:
    assert "Nothing waits for anybody" in operator.client.get(PAGE).content.decode()


def test_queries_do_not_grow_with_what_waits(operator: Person) -> None:
    def of() -> int:
        with CaptureQueriesContext(connection) as seen:
            operator.client.get(PAGE)
        return len(seen)

    unanswered(2)
    of()
    first = of()
    for _ in range(3):
        unanswered(3)
    assert of() == first
