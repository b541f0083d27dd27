"""Several reconciliations at once share the work: no bank line and no invoice is matched twice (anchor's test 22)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

from b2b.core.actor import acting_as
from b2b.db import invariants
from finance.models import Allocation, Invoice, Payment, StatementLine
from finance.services import reconciliation
from tests.factories.finance import NOON, PLATFORM, dealer_with_credit, our_bank_account
from tests.finance.services.test_matching_cases import invoice, receive

LINES, RUNS = 20, 4


def test_22_runs_at_once_never_match_one_item_twice(committed_db):
    with acting_as(PLATFORM):
        our_bank_account()
        dealer = dealer_with_credit(100_000, name="Dealer of Trust Ltd")
        owed = [invoice(dealer, f"{n}.07") for n in range(10, 10 + LINES)]
        receive(*((f"{n}.07", one.number) for n, one in enumerate(owed, 10)))
        start = Barrier(RUNS)
        with ThreadPoolExecutor(RUNS) as pool:
            list(pool.map(_run, [start] * RUNS))
        assert set(Invoice.objects.values_list("open_amount", flat=True)) == {0}
        assert set(StatementLine.objects.values_list("status", flat=True)) == {"MATCHED"}
        assert (Payment.objects.count(), Allocation.objects.count()) == (LINES, LINES)
        assert not invariants.check([name for name in invariants.INVARIANTS if name.startswith("finance.")])


def _run(start: Barrier) -> None:
    try:
        with acting_as(PLATFORM):
            start.wait()
            reconciliation.match(by=PLATFORM, at=NOON, batch=3)
    finally:
        connections.close_all()
