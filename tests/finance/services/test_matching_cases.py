"""One labelled payment of each kind ends as it should, in the ledger too (anchor's tests 19 and 20)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.db import invariants, reconcilers
from b2b.market.bank import Movement, statement
from finance import facade, handlers
from finance.models import (
    Allocation,
    Case,
    DiscountTerms,
    Invoice,
    JournalLine,
    Match,
    Payment,
    StatementLine,
)
from finance.services import reconciliation
from finance.services import statement as statements
from tests.factories import catalog
from tests.factories.directory import carrier
from tests.factories.finance import NOON, PLATFORM, confirmed, dealer_with_credit, delivered, our_bank_account

pytestmark = pytest.mark.django_db
serial = iter(range(1, 10**6))
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _as_platform(db):
    with acting_as(PLATFORM):
        our_bank_account()
        yield


@pytest.fixture
def dealer(_as_platform):
    return dealer_with_credit(100_000, name="Dealer of Trust Ltd")


def invoice(dealer, price: str, currency: str = "CNY") -> Invoice:
    """Issue an invoice of `price` without tax."""
    line = 70_000 + next(serial)
    order = confirmed(
        dealer.pk, (line, 1, price, "0"), products={line: catalog.product().pk}, currency=currency
    )
    handlers.keep_terms(order)
    handlers.invoice(delivered(order, carrier().pk, {line: 1}, currency=currency))
    return Invoice.objects.get(lines__order_line_id=line)


def receive(
    *movements: tuple[str, str], name: str = "Dealer of Trust Ltd", tell=None, **told: str
) -> list[StatementLine]:
    """Import a statement over (amount, text) movements of a payer; `tell` changes the file."""
    start = 1_000 * next(serial)
    source = statement(
        [
            Movement(TODAY, Decimal(amount), text, name, bank_reference=f"B{start}/{n}", **told)
            for n, (amount, text) in enumerate(movements)
        ],
        account="CN-6222-0001", currency="CNY", opening=Decimal(start), statement_id=f"S-{start}", created_at=NOON,
    )  # fmt: skip
    statements.import_file(tell(source) if tell else source, by=PLATFORM, at=NOON)
    return list(StatementLine.objects.order_by("pk"))


def told(xml: str):
    """Put something into the details of each entry."""
    return lambda source: source.replace(b"<RltdPties>", xml.encode() + b"<RltdPties>")


def match():
    return reconciliation.match(by=PLATFORM, at=NOON)


def rules() -> list[str]:
    return list(Match.objects.filter(status="ACCEPTED").order_by("pk").values_list("rule", flat=True))


def left(*owed: Invoice) -> list[Decimal]:
    return [Invoice.objects.get(pk=one.pk).open_amount for one in owed]


def balance(code: str, unit: str = "CNY") -> int:
    lines = JournalLine.objects.filter(account__code__startswith=code, account__unit=unit)
    return sum(lines.values_list("amount", flat=True))


def all_is_well() -> None:
    names = [name for name in invariants.INVARIANTS if name.startswith("finance.")]
    assert not invariants.check(names)
    assert not reconcilers.RECONCILERS["bank"]().differences


def test_19_one_payment_of_one_invoice(dealer):
    owed = invoice(dealer, "250")
    receive(("250", owed.number))
    match()
    assert (left(owed), rules()) == ([0], ["reference"])
    all_is_well()


def test_19_one_payment_of_several_invoices(dealer):
    owed = [invoice(dealer, price) for price in ("100", "45.50", "7")]
    receive(("152.50", " ".join(one.number for one in owed)))
    match()
    assert left(*owed) == [0, 0, 0]
    all_is_well()


def test_19_several_payments_of_one_invoice(dealer):
    owed = invoice(dealer, "100.10")
    invoice(dealer, "77.77")
    receive(("60.05", "first half"), ("40.05", "second half"))
    match()
    assert (left(owed), set(rules())) == ([0], {"together"})
    assert Match.objects.get().members.count() == 4
    all_is_well()


def test_19_several_payments_of_several_invoices(dealer):
    owed = [invoice(dealer, price) for price in ("100.10", "50.20", "25.30", "12.90", "6.60")]
    receive(("120", "part one"), ("75.10", "part two"))
    match()
    assert left(*owed) == [0, 0, 0, 0, 0]
    all_is_well()


def test_19_a_subset_that_is_the_only_one(dealer):
    owed = [invoice(dealer, price) for price in ("100.10", "50.20", "25.31", "12.99")]
    receive(("63.19", ""))
    match()
    assert (left(*owed), rules()) == ([Decimal("100.10"), 0, Decimal("25.31"), 0], ["subset"])
    all_is_well()


def test_19_a_part_payment(dealer):
    owed = invoice(dealer, "100")
    receive(("40", owed.number))
    match()
    assert (left(owed), rules()) == ([60], ["partial"])
    all_is_well()


def test_19_an_over_payment_is_kept_as_an_advance(dealer):
    owed = invoice(dealer, "100")
    receive(("130", owed.number))
    match()
    assert (left(owed), rules(), balance("2300")) == ([0], ["over_payment"], -3000)
    assert Case.objects.get().kind == "OVERPAYMENT"
    all_is_well()


def test_19_a_fee_that_the_bank_kept(dealer):
    owed = invoice(dealer, "100")
    fee = "<Chrgs><TtlChrgsAndTaxAmt Ccy='CNY'>10</TtlChrgsAndTaxAmt></Chrgs>"
    receive(("90", owed.number), tell=told(fee))
    match()
    assert (left(owed), rules(), balance("6200")) == ([0], ["fee"], 1000)
    assert Allocation.objects.get().fee_amount == 10
    all_is_well()


def test_19_a_payment_in_another_currency(dealer):
    owed = invoice(dealer, "100", currency="EUR")
    ordered = "<AmtDtls><InstdAmt><Amt Ccy='EUR'>100</Amt></InstdAmt></AmtDtls>"
    receive(("785.20", owed.number), tell=told(ordered))
    match()
    assert (left(owed), rules()) == ([0], ["exchange"])
    assert (balance("1950", "CNY"), balance("1950", "EUR")) == (-78_520, 10_000)
    all_is_well()


def test_19_what_was_lost_in_exchange(dealer):
    owed = invoice(dealer, "1000")
    ordered = "<AmtDtls><InstdAmt><Amt Ccy='EUR'>127</Amt></InstdAmt></AmtDtls>"
    receive(("998.70", owed.number), tell=told(ordered))
    match()
    assert (left(owed), rules(), balance("6300")) == ([0], ["exchange"], 130)
    all_is_well()


def test_19_a_discount_for_paying_early(dealer):
    DiscountTerms.objects.create(dealer=dealer, rate="0.02", days=10)
    owed = invoice(dealer, "100")
    receive(("98", owed.number))
    match()
    assert (left(owed), rules(), balance("6100")) == ([0], ["discount"], 200)
    all_is_well()


@pytest.mark.parametrize(("paid", "lost"), [("99.98", 2), ("100.01", -1)])
def test_19_a_trifle_is_written_off(dealer, paid, lost):
    owed = invoice(dealer, "100")
    receive((paid, owed.number))
    match()
    assert (left(owed), rules(), balance("6110")) == ([0], ["write_off"], lost)
    assert not Case.objects.exists()
    all_is_well()


def returned(source: bytes) -> bytes:
    return source.replace(b"</Sts>", b"</Sts><RvslInd>true</RvslInd>")


def test_19_a_payment_that_the_bank_returns(dealer):
    owed = invoice(dealer, "100")
    receive(("100", owed.number), end_to_end_id="E2E-5")
    match()
    receive(("-100", "returned"), end_to_end_id="E2E-5", tell=returned)
    match()
    assert (left(owed), Payment.objects.get().status, balance("1000")) == ([100], "RETURNED", 0)
    assert set(StatementLine.objects.values_list("status", flat=True)) == {"MATCHED"}
    assert facade.position(dealer_id=dealer.pk, currency="CNY").used.amount == 100
    all_is_well()


def test_returns_take_as_many_statements_whatever_their_number(dealer):
    """Of 1, 1 and 8 returned payments; the first finds the accounts."""
    counts = []
    for turn, many in enumerate((1, 1, 8)):
        for number in range(many):
            receive(("100", invoice(dealer, "100").number), end_to_end_id=f"E2E-{turn}-{number}")
        match()
        for number in range(many):
            receive(("-100", "returned"), end_to_end_id=f"E2E-{turn}-{number}", tell=returned)
        with CaptureQueriesContext(connection) as captured:
            match()
        counts.append(len(captured))
    assert counts[1] == counts[2]
    assert Payment.objects.filter(status="RETURNED").count() == 10
    assert balance("1000") == 0
    all_is_well()


def test_19_money_that_comes_and_goes_before_anybody_looked(dealer):
    receive(("55", "by mistake"), end_to_end_id="E2E-6")
    receive(("-55", "returned"), end_to_end_id="E2E-6", tell=returned)
    run = match()
    assert (rules(), Payment.objects.count()) == (["return"], 0)
    assert not Case.objects.filter(status="OPEN").exists()
    assert run.finished_at is not None
    all_is_well()


def test_20_two_sets_of_equal_worth_stay_proposals(dealer):
    owed = [invoice(dealer, price) for price in ("100", "200", "300")]
    receive(("300", ""))
    match()
    assert left(*owed) == [100, 200, 300]
    assert [(one.status, one.alternatives) for one in Match.objects.all()] == [("PROPOSED", 1)] * 2
    all_is_well()
