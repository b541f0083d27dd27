"""What stands on accounts that should come to nothing is told by age and cause (anchor's test 24)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden
from finance.models import Case, StatementLine
from finance.selectors import clearing_items
from finance.services import case, resolution
from tests.factories.directory import actor, organization
from tests.factories.finance import NOON, PLATFORM, our_bank_account
from tests.finance.services.test_matching_cases import TODAY, match, receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_platform(db):
    with acting_as(PLATFORM):
        our_bank_account()
        yield


def test_24_what_is_not_cleared_is_told_by_age_and_cause():
    receive(("-3", "fee"), ("40", "who knows"))
    match()
    for line in StatementLine.objects.all():
        resolution.set_aside(line.pk, note=f"odd {line.amount:.0f}", by=PLATFORM, at=NOON)
    on = TODAY + timedelta(days=45)
    found = clearing_items.items(PLATFORM, on)
    assert {(one.amount, one.age_days, one.band, one.cause) for one in found} == {
        (Decimal(3), 45, "31-60", "bank item odd -3"),
        (Decimal(-40), 45, "31-60", "bank item odd 40"),
    }
    [total] = clearing_items.by_age(found)
    assert (total.code, total.band, total.count, total.amount) == ("1900", "31-60", 2, Decimal(-37))
    assert clearing_items.items(PLATFORM, TODAY - timedelta(days=1)) == []
    assert clearing_items.items(actor(organization()), on) == []


def test_23_a_case_has_an_owner_and_an_age():
    receive(("40", "who knows"))
    match()
    opened = Case.objects.get()
    assert (opened.owner_id, opened.age_days >= 0) == (None, True)
    with pytest.raises(Forbidden):
        case.take(opened.pk, by=PLATFORM, at=NOON)
