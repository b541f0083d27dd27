"""What the bank had booked comes back: owed again at once, in the bank once a statement says so, a case either way."""

from __future__ import annotations

from decimal import Decimal

from b2b.core.actor import acting_as
from b2b.market.bank import Movement
from finance.models import Case, StatementLine, SupplierInvoice
from finance.policies import chart
from tests.factories.finance import NOON, PLATFORM, our_bank_account
from tests.finance.payables.paying import ACCOUNT, approved, booked, broken, orders, owed_factory, propose
from tests.finance.payables.test_matching import balance
from tests.finance.payables.test_payment_answers import answer, single

DAY = NOON.date()


def settled():
    """Return a payment that left the account, and the run it is of."""
    owed_factory("100")
    run = approved()
    [order] = orders(run)
    booked(Movement(DAY, -order.amount, "", "F", "6222-9", end_to_end_id=order.number))
    assert orders(run)[0].status == "SETTLED"
    return run, order


def come_back(order, amount: Decimal | None = None) -> StatementLine:
    """Book the payment again, the other way round."""
    booked(
        Movement(DAY, amount or order.amount, "AC04", "F", "6222-9", end_to_end_id=order.number),
        statement_id="S-2",
        opening=-order.amount,
    )
    with acting_as(PLATFORM):
        return StatementLine.objects.get(amount__gt=0)


def state(order):
    """Return the bill's status and open amount, and what the three accounts hold."""
    with acting_as(PLATFORM):
        [bill] = SupplierInvoice.objects.filter(paid_by__order=order)
        bank = our_bank_account(ACCOUNT).account.code
    accounts = tuple(balance(code) for code in (chart.PAYABLES, chart.IN_TRANSIT, bank))
    return bill.status, bill.open_amount == order.amount, accounts


def cases() -> list[tuple[str, str]]:
    with acting_as(PLATFORM):
        return list(Case.objects.filter(status="OPEN").values_list("kind", "reference").order_by("pk"))


def test_19_a_payment_that_the_bank_returns_is_owed_again_and_can_be_paid_anew(db):
    run, order = settled()
    assert state(order) == ("PAID", False, (0, 0, -11_300))
    line = come_back(order)
    assert line.status == "MATCHED"
    [now] = orders(run)
    assert (now.status, now.return_line_id) == ("RETURNED", line.pk)
    assert state(order) == ("APPROVED", True, (-11_300, 0, 0))
    assert cases() == [("PAYMENT_RETURNED", order.number)]
    assert broken() == []
    assert propose().total_amount == order.amount


def test_a_refusal_after_the_booking_is_owed_at_once_and_its_money_expected(db):
    run, order = settled()
    for _ in range(2):  # told twice
        answer(run, single=single(order.number, "RJCT", "AC04"))
    assert [one.status for one in orders(run)] == ["COMING_BACK"]
    assert state(order) == ("APPROVED", True, (-11_300, 11_300, -11_300))
    assert cases() == [("PAYMENT_REFUSED", order.number)]
    assert broken() == []
    assert come_back(order).status == "MATCHED"
    answer(run, single=single(order.number, "RJCT", "AC04"))
    assert [one.status for one in orders(run)] == ["RETURNED"]
    assert state(order) == ("APPROVED", True, (-11_300, 0, 0))
    assert broken() == []


def test_a_part_of_a_payment_that_comes_in_is_a_case_and_takes_nothing_back(db):
    run, order = settled()
    assert come_back(order, order.amount - 1).status == "IN_CASE"
    assert [one.status for one in orders(run)] == ["SETTLED"]
    assert broken() == []


def test_what_came_back_does_not_come_back_twice(db):
    run, order = settled()
    come_back(order)
    booked(
        Movement(DAY, order.amount, "again", "F", "6222-9", end_to_end_id=order.number),
        statement_id="S-3",
        opening=Decimal(0),
    )
    assert [one.status for one in orders(run)] == ["RETURNED"]
    assert balance(chart.PAYABLES) == -11_300
    assert broken() == []
