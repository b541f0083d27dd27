"""What is told after a period was closed is booked on the first open day, and no fact waits for ever."""

from __future__ import annotations

from datetime import date

import pytest

from b2b.core.actor import acting_as
from finance.models import JournalEntry
from finance.services import period
from tests.factories.directory import dealer as make_dealer
from tests.factories.directory import factory_organization
from tests.factories.finance import NOON, PLATFORM, operator
from tests.finance.payables.bills import Purchase
from tests.finance.rest_world import give_credit, issue_invoice, pay

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))
MAY_DAY = date(2026, 5, 1)


@pytest.fixture
def closed(db):
    """Close March and April, one after the other."""

    def close() -> None:
        with acting_as(PLATFORM):
            for first, last in (MARCH, APRIL):
                period.close(book="MAIN", first_date=first, last_date=last, by=PLATFORM, at=NOON)

    operator()
    return close


def effective(kind: str) -> set[date]:
    with acting_as(PLATFORM):
        return set(JournalEntry.objects.filter(kind=kind).values_list("effective_date", flat=True))


def test_a_factorys_bill_of_a_closed_month_is_owed_from_the_first_open_day(closed):
    purchase = Purchase(factory_organization(), (10, "2.50"))
    purchase.receive(10)
    closed()
    invoice = purchase.invoice((10, "2.50"))
    assert (invoice.status, invoice.issue_date) == ("APPROVED", NOON.date())
    assert effective("supplier_invoice") == {MAY_DAY}


def test_goods_that_are_told_late_are_valued_on_the_first_open_day(closed):
    purchase = Purchase(factory_organization(), (10, "2.50"))
    purchase.receive(1)
    closed()
    purchase.receive(9)
    bill = purchase.invoice((10, "2.50"))
    assert bill.status == "APPROVED"
    assert max(effective("supplier_invoice")) == MAY_DAY


def test_a_dealers_payment_of_a_closed_month_is_matched(closed):
    dealer = make_dealer()
    give_credit(dealer)
    issued = issue_invoice(dealer)
    closed()
    pay(("113", issued.number))
    with acting_as(PLATFORM):
        issued.refresh_from_db()
    assert issued.status == "PAID"
    assert effective("payment") == {MAY_DAY}


def test_an_invoice_of_a_delivery_told_late_is_issued(closed):
    dealer = make_dealer()
    give_credit(dealer)
    issue_invoice(dealer)
    closed()
    issued = issue_invoice(dealer)
    assert issued.issue_date == NOON.date()
    assert effective("invoice") == {NOON.date(), MAY_DAY}
