"""Bank lines pay invoices, free credit, and leave nothing unexplained."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from b2b.contracts.finance import CaseOpened, PaymentReceived
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from b2b.market.bank import Movement, statement
from b2b.outbox.models import OutboxEvent
from finance import facade, handlers
from finance.models import Case, CounterpartyAccount, Invoice, JournalLine, Match, Payment, StatementLine
from finance.policies.numbering import value_of
from finance.services import case, reconciliation, resolution
from finance.services import statement as statements
from finance.services.settlement import OverAllocated
from tests.factories import catalog
from tests.factories.directory import actor, carrier, organization
from tests.factories.finance import NOON, PLATFORM, confirmed, dealer_with_credit, delivered, our_bank_account

pytestmark = pytest.mark.django_db
serial = iter(range(1, 10**6))


@pytest.fixture(autouse=True)
def _as_platform(db):
    with acting_as(PLATFORM):
        our_bank_account()
        yield


def invoice(dealer, price: str) -> Invoice:
    """Issue an invoice of `price` without tax."""
    line = 1000 + next(serial)
    order = confirmed(dealer.pk, (line, 1, price, "0"), products={line: catalog.product().pk})
    handlers.keep_terms(order)
    handlers.invoice(delivered(order, carrier().pk, {line: 1}))
    return Invoice.objects.get(lines__order_line_id=line)


def known(dealer, account: str = "CN-1111") -> None:
    """Let an account be known as the dealer's."""
    CounterpartyAccount.objects.create(identifier=account, organization=dealer, learnt_at=NOON)


def receive(*movements: tuple[str, str], account: str = "CN-1111") -> list[StatementLine]:
    source = statement(
        [Movement(date(2026, 3, 2), Decimal(amount), text, "Payer", account) for amount, text in movements],
        account="CN-6222-0001",
        currency="CNY",
        opening=Decimal(0),
        statement_id=f"S-{next(serial)}",
        created_at=NOON,
    )
    statements.import_file(source, by=PLATFORM, at=NOON)
    return list(StatementLine.objects.order_by("pk"))


def match():
    return reconciliation.match(by=PLATFORM, at=NOON)


def used(dealer) -> Decimal:
    return facade.position(dealer_id=dealer.pk, currency="CNY").used.amount


def broken() -> list[object]:
    return invariants.check([name for name in invariants.INVARIANTS if name.startswith("finance.")])


@pytest.fixture
def dealer():
    return dealer_with_credit(10_000)


def test_a_referenced_payment_settles_the_invoice_and_frees_the_credit(dealer):
    owed = invoice(dealer, "250")
    assert used(dealer) == 250
    receive(("250", f"thanks for {owed.number.lower().replace('-', ' ')}"))
    run = match()
    assert (run.examined, run.matched, run.proposed, run.cases) == (1, 1, 0, 0)
    owed.refresh_from_db()
    assert (owed.status, owed.open_amount) == ("PAID", 0)
    assert used(dealer) == 0
    payment = Payment.objects.get()
    assert (payment.status, payment.amount, payment.dealer_id) == ("ALLOCATED", 250, dealer.pk)
    bank = JournalLine.objects.get(account__code__startswith="1000", entry__kind="payment")
    assert bank.amount == 25_000
    told = OutboxEvent.objects.get(topic=PaymentReceived.topic).payload
    assert told["invoices"][0]["is_fully_paid"] is True
    assert not broken()


def test_a_second_run_finds_nothing_to_do(dealer):
    owed = invoice(dealer, "250")
    receive(("250", owed.number), ("7", "who knows"))
    match()
    again = match()
    assert (again.matched, again.cases) == (0, 0)
    assert (Payment.objects.count(), Case.objects.count()) == (1, 1)


def test_part_payments_and_an_overpayment(dealer):
    known(dealer)
    owed = invoice(dealer, "100")
    receive(("40", owed.number), ("70", owed.number))
    match()
    owed.refresh_from_db()
    assert owed.open_amount == 0
    assert sorted(Payment.objects.values_list("amount", "open_amount", "status")) == [
        (Decimal(40), Decimal(0), "ALLOCATED"),
        (Decimal(70), Decimal(10), "RECEIVED"),
    ]
    assert [found.kind for found in Case.objects.all()] == ["OVERPAYMENT"]
    assert not broken()


def test_an_ambiguous_amount_stays_a_proposal_until_a_person_decides(dealer):
    first, second = invoice(dealer, "100"), invoice(dealer, "100")
    [line] = receive(("100", "no reference"))
    run = match()
    assert (run.matched, run.proposed) == (0, 1)
    proposals = Match.objects.order_by("pk")
    assert [one.alternatives for one in proposals] == [1, 1]
    assert not Payment.objects.exists()
    resolution.resolve(line.pk, allocations={second.pk: Decimal(100)}, by=PLATFORM, at=NOON)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("ISSUED", "PAID")
    assert sorted(proposals.values_list("rule", "status")) == [
        ("amount", "REJECTED"),
        ("amount", "REJECTED"),
        ("person", "ACCEPTED"),
    ]
    with pytest.raises(IllegalTransition):
        resolution.resolve(line.pk, allocations={first.pk: Decimal(100)}, by=PLATFORM, at=NOON)
    assert not broken()


def test_a_payer_once_resolved_is_known_by_its_account(dealer):
    first = invoice(dealer, "100")
    lines = receive(("100", "first time"), account="CN-9999")
    match()
    resolution.resolve(lines[0].pk, allocations={first.pk: Decimal(100)}, by=PLATFORM, at=NOON)
    second = invoice(dealer, "321")
    invoice(dealer_with_credit(10_000), "321")
    receive(("321", "second time"), account="CN-9999")
    assert match().matched == 1
    second.refresh_from_db()
    assert second.status == "PAID"


def test_an_unmatched_receipt_opens_a_case_that_a_later_invoice_closes(dealer):
    lines = receive(("55", f"INV-MID-{value_of(dealer.pk, 1)}"))
    assert match().cases == 1
    opened = Case.objects.get()
    assert (opened.kind, opened.status, opened.amount) == ("UNMATCHED_RECEIPT", "OPEN", 55)
    assert OutboxEvent.objects.filter(topic=CaseOpened.topic).count() == 1
    invoice(dealer, "55")
    assert match().matched == 1
    opened.refresh_from_db()
    assert opened.status == "RESOLVED"
    lines[0].refresh_from_db()
    assert lines[0].status == "MATCHED"


def test_money_out_is_a_case_until_it_is_set_aside(dealer):
    [line] = receive(("-3", "bank fee"))
    match()
    assert Case.objects.get().kind == "UNEXPLAINED_DEBIT"
    resolution.set_aside(line.pk, note="bank fee of March", by=PLATFORM, at=NOON)
    assert Case.objects.get().status == "RESOLVED"
    assert not broken()


def test_a_person_cannot_give_more_than_there_is(dealer):
    owed = invoice(dealer, "100")
    [line] = receive(("50", "?"))
    match()
    for amount in ("51", "100", "0"):
        with pytest.raises(OverAllocated):
            resolution.resolve(line.pk, allocations={owed.pk: Decimal(amount)}, by=PLATFORM, at=NOON)
    assert not Payment.objects.exists()


def test_only_the_operator_reconciles_and_resolves(dealer):
    stranger = actor(organization())
    [line] = receive(("50", "?"))
    match()
    with pytest.raises(Forbidden):
        reconciliation.match(by=stranger, at=NOON)
    with pytest.raises(Forbidden):
        resolution.resolve(line.pk, allocations={}, by=stranger, at=NOON)
    with pytest.raises(Forbidden):
        case.resolve(Case.objects.get().pk, resolution="mine", by=stranger, at=NOON)
    with pytest.raises(Invalid):
        case.resolve(Case.objects.get().pk, resolution=" ", by=PLATFORM, at=NOON)


def test_a_dealer_sees_its_own_payments_and_nothing_of_the_bank(dealer):
    owed = invoice(dealer, "250")
    receive(("250", owed.number), ("1", "?"))
    match()
    with acting_as(actor(dealer)):
        assert Payment.objects.count() == 1
        assert not StatementLine.objects.exists()
        assert not Case.objects.exists()
    with acting_as(actor(organization())):
        assert not Payment.objects.exists()


def test_queries_do_not_grow_with_the_lines(dealer, django_assert_max_num_queries):
    for size in (2, 25):
        owed = [invoice(dealer, "10") for _ in range(size)]
        receive(*(("10", one.number) for one in owed), ("5", f"{size} nothing"))
        with django_assert_max_num_queries(80) as counted:
            assert match().matched == size
    assert len(counted) <= 80
    assert not broken()
