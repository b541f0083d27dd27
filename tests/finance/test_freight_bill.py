"""A carrier's invoice in the ledger: what was accrued is cleared, what is owed is owed, once."""

from decimal import Decimal

import pytest

from b2b.contracts.freight import FreightInvoiceAccepted, FreightInvoiceDisputed, FreightInvoiceRejected
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db.bulk import fetch
from finance.models import Case
from finance.services import freight, freight_bill
from tests.factories import directory

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    directory.operator()
    with acting_as(system("test")) as platform:
        yield platform


def balances():
    return {
        code: int(minor)
        for code, minor in fetch(
            """
            SELECT account.code, sum(line.amount) FROM finance_journalline line
            JOIN finance_account account ON account.id = line.account_id GROUP BY 1
            """
        )
        if minor
    }


def facts(carrier, **values):
    now = clock.now()
    return {"occurred_at": now, "invoice_id": uuid7(), "number": "INV-1", "carrier_id": carrier.pk, **values}


def test_accrued_freight_is_cleared_and_the_rest_is_freight(desk):
    carrier, now = directory.carrier(), clock.now()
    freight.accrue(shipment_id=uuid7(), carrier_id=carrier.pk, amount=Money.of(100, "CNY"), by=desk, at=now)
    event = FreightInvoiceAccepted(
        **facts(carrier), currency="CNY", issue_date=now.date(), net_amount=Decimal(104),
        tax_amount=Decimal("9.36"), expected_amount=Decimal(100), trips=(),
    )  # fmt: skip
    for _ in range(2):
        freight_bill.owe(event, by=desk, at=now)
    assert balances() == {"5100": 10_400, "1500": 936, "2010": -11_336}


def test_a_dispute_is_a_case_until_it_is_decided(desk):
    carrier, now = directory.carrier(), clock.now()
    told = facts(carrier)
    event = FreightInvoiceDisputed(
        **told, currency="CNY", difference=Decimal(40), reason="TR-1: more than agreed"
    )
    for _ in range(2):
        freight_bill.dispute(event, by=desk, at=now)
    case = Case.objects.get()
    assert (case.kind, case.status, case.amount, case.reference) == (
        "freight_invoice",
        "OPEN",
        Decimal(40),
        "INV-1",
    )
    freight_bill.drop(FreightInvoiceRejected(**told, reason="wrong"), by=desk, at=now)
    case.refresh_from_db()
    assert case.status == "RESOLVED"
