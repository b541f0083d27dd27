"""What is told after a period was closed is booked all the same: on the first day that is open."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from b2b.market.bank import Movement
from finance.models import JournalEntry, StatementLine, StockValueEntry
from finance.policies import chart
from finance.services import period
from tests.factories.directory import factory_organization
from tests.factories.finance import NOON, PLATFORM
from tests.finance.payables.bills import Purchase
from tests.finance.payables.paying import approved, booked, orders, owed_factory
from tests.finance.payables.test_matching import balance

pytestmark = pytest.mark.django_db
LAST = NOON.date() + timedelta(days=40)
OPEN = LAST + timedelta(days=1)


def close(first_date: date = date(2026, 1, 1)) -> None:
    with acting_as(PLATFORM):
        period.close(book=chart.MAIN, first_date=first_date, last_date=LAST, by=PLATFORM, at=NOON)


def days(kind: str) -> set[date]:
    with acting_as(PLATFORM):
        return set(JournalEntry.objects.filter(kind=kind).values_list("effective_date", flat=True))


def test_goods_that_are_told_late_are_valued_and_approve_the_bill_that_waits_for_them():
    purchase = Purchase(factory_organization(), (10, "2.50"))
    purchase.receive(4)
    bill = purchase.invoice((10, "2.50"))
    assert bill.verdict == "GOODS_AWAITED"
    close()
    purchase.receive(6)
    with acting_as(PLATFORM):
        bill.refresh_from_db()
    assert (bill.status, days("supplier_invoice")) == ("APPROVED", {OPEN})
    assert days("goods_received") == {NOON.date(), OPEN}
    with acting_as(PLATFORM):
        assert set(StockValueEntry.objects.values_list("effective_date", flat=True)) == {NOON.date(), OPEN}
    assert (balance(chart.GOODS_RECEIVED), balance(chart.PAYABLES)) == (0, -2_825)


def test_a_bank_line_of_a_closed_day_stops_no_run_of_matching():
    owed_factory("100")
    run = approved()
    close()
    [order] = orders(run)
    booked(
        Movement(NOON.date(), -order.amount, "out", end_to_end_id=order.number),
        Movement(NOON.date(), Decimal(7), "who is this?"),
    )
    with acting_as(PLATFORM):
        assert set(StatementLine.objects.values_list("status", flat=True)) == {"MATCHED", "IN_CASE"}
    assert days("payment_booked") == {OPEN}
