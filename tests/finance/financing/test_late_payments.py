"""A payment entered late, or a day that nobody accrued on, ends in the same books."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch
from finance.models import Financing
from finance.services import repayment
from tests.factories.finance import NOON, PLATFORM
from tests.finance.financing.world import ask, bill, draw, open_programme, repay, reread
from tests.support.examples import examples

pytestmark = pytest.mark.django_db
BY_DAY = """
    SELECT split_part(account.code, '.', 1), entry.effective_date, sum(line.amount)
    FROM finance_journalentry entry JOIN finance_journalline line ON line.entry_id = entry.id
    JOIN finance_account account ON account.id = line.account_id
    WHERE entry.source_type = 'financing' AND entry.source_id = %s AND account.code > '8000'
        AND account.code < '8200'
    GROUP BY 1, 2 HAVING sum(line.amount) <> 0 ORDER BY 1, 2
"""


def books(one: Financing) -> list[tuple[object, ...]]:
    """Return what was moved on each account on each effective day."""
    with acting_as(PLATFORM):
        return fetch(BY_DAY, [str(one.pk)])


def drawn(kind: str) -> Financing:
    """Draw on a bill."""
    terms = {"penalty_rate": Decimal("0.12"), "fee_rate": Decimal("0.01"), "grace_days": 3}
    return draw(ask(open_programme(kind, **terms), bill()))


@pytest.mark.parametrize("case", range(examples(4)))
def test_late_or_in_time_the_books_are_the_same(case: int) -> None:
    luck = random.Random(case)
    kind = luck.choice(["LOAN_RECEIVABLES", "FACTORING", "PAYABLES_FINANCE"])
    payments = sorted((luck.randint(0, 45), luck.randint(1, 45_000)) for _ in range(luck.randint(1, 4)))
    in_time, late = drawn(kind), drawn(kind)
    for day, amount in payments:
        repay(in_time, amount, day, reference=uuid7().hex)
    luck.shuffle(payments)
    for place, (day, amount) in enumerate(payments):
        repay(late, amount, day, entered=50 + place, reference=uuid7().hex)
    last = NOON + timedelta(days=60)
    with acting_as(PLATFORM):
        # In the one case days were booked as they came, in the other all at once.
        for _ in range(3):
            repayment.accrue(at=last, by=PLATFORM)
    one, other = reread(in_time), reread(late)
    said = [
        (each.status, each.principal_owed, each.interest_owed, each.fee_owed, each.penalty_owed)
        for each in (one, other)
    ]
    assert said[0] == said[1]
    if one.booked_until == other.booked_until:
        assert _by_code(books(one)) == _by_code(books(other))
    for day, _ in payments:
        until = (NOON + timedelta(days=day)).date()
        assert _as_of(one, until) == _as_of(other, until)


def _as_of(one: Financing, until: object) -> dict[object, int]:
    return _by_code([row for row in books(one) if row[1] <= until])  # type: ignore[operator]


def _by_code(rows: list[tuple[object, ...]]) -> dict[object, int]:
    sums: dict[object, int] = {}
    for code, _, amount in rows:
        sums[code] = sums.get(code, 0) + int(amount)  # type: ignore[call-overload]
    return {code: amount for code, amount in sums.items() if amount}
