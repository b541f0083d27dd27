"""The operator's programs ask for balances of any day over the API."""

from __future__ import annotations

import pytest

from b2b.core.actor import acting_as
from finance.services import chain
from tests.factories.finance import NOON, PLATFORM, operator
from tests.finance.ledger.book import accounts, entry, post

pytestmark = pytest.mark.django_db
DAY = "effective_date=2026-03-02"


@pytest.fixture
def api(db, api_as):
    with acting_as(PLATFORM):
        keys = accounts()
        post(entry(keys, 250))
        chain.seal_all(at=NOON)
        post(entry(keys, 7))
    return api_as(operator())


def test_the_trial_balance_of_a_day_sums_to_zero(api):
    answer = api.get(f"/api/v1/ledger/trial-balance/?{DAY}").json()
    assert answer["book"] == "MAIN"
    assert [(row["account"], row["debit"], row["credit"], row["balance"]) for row in answer["accounts"]] == [
        ("1100", 257, 0, 257),
        ("4000", 0, 257, -257),
    ]
    assert api.get("/api/v1/ledger/trial-balance/?effective_date=2026-03-01").json()["accounts"] == []


def test_a_balance_is_asked_for_by_account_and_both_dates(api):
    address = f"/api/v1/ledger/balance/?account=1100&unit=CNY&{DAY}"
    assert api.get(address).json() == {"debit": 257, "credit": 0, "balance": 257}
    assert api.get(f"{address}&booked_at=2026-03-02T11:59:59Z").json()["balance"] == 0
    assert api.get(f"{address}&booked_at=2026-03-02T12:00:00Z").json()["balance"] == 257


def test_what_is_not_there_or_not_said_is_told(api):
    assert api.get(f"/api/v1/ledger/balance/?account=9999&unit=CNY&{DAY}").status_code == 404
    assert api.get("/api/v1/ledger/balance/?account=1100&unit=CNY").status_code in {400, 422}
