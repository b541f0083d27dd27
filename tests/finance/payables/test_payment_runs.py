"""What is due is paid once, by two people, and is open again when the bank refuses it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections
from lxml import etree

from b2b.contracts.returns import ClaimSettled
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.market.bank import Movement
from finance import handlers
from finance.models import Case, PayeeAccount, StatementLine, SupplierInvoice
from finance.policies import chart
from finance.services import payee_account, payment_run
from finance.services.payment_run import NothingDue
from finance.services.second_person import SamePerson
from tests.factories.directory import actor, factory_organization
from tests.factories.finance import NOON, PLATFORM, our_bank_account
from tests.finance.payables.paying import (
    ACCOUNT,
    ANNA,
    BEN,
    SOON,
    approved,
    booked,
    broken,
    orders,
    owed_factory,
    propose,
)
from tests.finance.payables.test_matching import balance


def test_a_run_pays_each_factory_once_and_the_bank_books_it(db):
    first, second = owed_factory("100", "50"), owed_factory("10")
    run = approved()
    assert [(one.factory_id, one.amount) for one in orders(run)] == [
        (first.pk, Decimal("169.500")),
        (second.pk, Decimal("11.300")),
    ]
    assert (balance(chart.PAYABLES), balance(chart.IN_TRANSIT)) == (0, -18_080)
    with acting_as(PLATFORM):
        assert set(SupplierInvoice.objects.values_list("status", "open_amount")) == {("PAID", Decimal(0))}
    assert broken() == []
    booked(*(Movement(SOON, -one.amount, "out", end_to_end_id=one.number) for one in orders(run)))
    assert {one.status for one in orders(run)} == {"SETTLED"}
    assert balance(chart.IN_TRANSIT) == 0
    with acting_as(PLATFORM):
        assert set(StatementLine.objects.values_list("status", flat=True)) == {"MATCHED"}
        assert not Case.objects.exists()
    assert broken() == []


def test_a_bank_may_book_a_run_in_one_sum(db):
    owed_factory("100")
    owed_factory("10")
    run = approved()
    booked(Movement(SOON, -Decimal(run.total_amount), f"BATCH {run.number} OUT"))
    assert {one.status for one in orders(run)} == {"SETTLED"}
    assert balance(chart.IN_TRANSIT) == 0


def test_a_debit_over_another_amount_settles_nothing_and_is_a_case(db):
    owed_factory("100")
    run = approved()
    [order] = orders(run)
    booked(Movement(SOON, -order.amount - 1, "out", end_to_end_id=order.number))
    assert orders(run)[0].status == "APPROVED"
    with acting_as(PLATFORM):
        assert Case.objects.filter(kind="UNEXPLAINED_DEBIT").count() == 1


def test_who_proposes_cannot_approve_and_only_operators_do_either(db):
    factory = owed_factory("100")
    run = propose()
    with acting_as(ANNA), pytest.raises(SamePerson):
        payment_run.approve(run.pk, by=ANNA, at=NOON)
    with acting_as(BEN), pytest.raises(IllegalTransition):
        payment_run.hand_over(run.pk, by=BEN, at=NOON)
    by = actor(factory)
    with acting_as(by), pytest.raises(Forbidden):
        payment_run.approve(run.pk, by=by, at=NOON)


def test_a_bill_is_in_one_live_run_and_free_again_when_it_is_dropped(db):
    owed_factory("100")
    run = propose()
    with pytest.raises(NothingDue):
        propose()
    with acting_as(BEN):
        payment_run.drop(run.pk, reason="too early", by=BEN, at=NOON)
    assert propose().total_amount == Decimal(113)


def test_a_factory_without_a_confirmed_account_is_not_paid(db):
    owed_factory("100", confirmed=False)
    with pytest.raises(NothingDue, match="1 factories have no confirmed account"):
        propose()


def test_what_a_factory_bears_of_claims_is_taken_off(db):
    factory = owed_factory("100")
    with acting_as(PLATFORM):
        for amount in ("20", "500"):
            handlers.credit_claim(
                ClaimSettled(
                    claim_id=uuid7(), number="CL-1", factory_id=factory.pk, purchase_order_id=uuid7(),
                    currency="CNY", amount=Decimal(amount), lines=(), passed_on=(), occurred_at=NOON,
                )
            )  # fmt: skip
    run = approved()
    assert run.total_amount == Decimal(93)  # the credit over 500 is more than is owed and waits
    assert broken() == []


def test_two_runs_proposed_at_once_share_no_bill(committed_db):
    for _ in range(3):
        owed_factory("100")
    our_bank_account(ACCOUNT)

    def run(_: int) -> int:
        try:
            return propose().order_count
        except NothingDue:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(run, range(4))) == [0, 0, 0, 3]


def test_the_message_is_the_same_each_time_and_names_every_payment(db):
    owed_factory("100", account="DE02 1203 0000 0000 2020 51")
    owed_factory("10")
    run = approved()
    with acting_as(BEN):
        files = {payment_run.hand_over(run.pk, by=BEN, at=NOON) for _ in range(3)}
    [file] = files
    root = etree.fromstring(file)
    found = root.xpath("//*[local-name()='EndToEndId']/text()")
    assert found == [one.number for one in orders(run)]
    assert (
        root.xpath("string(//*[local-name()='CdtrAcct']//*[local-name()='IBAN'])") == "DE02120300000000202051"
    )
    assert root.xpath("string(//*[local-name()='GrpHdr']/*[local-name()='CtrlSum'])") == "124.30"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"identifier": "DE02120300000000202052"}, "identifier"),
        ({"bic": "XX"}, "bic"),
        ({"holder": " "}, "holder"),
    ],
)
def test_an_account_that_is_none_is_refused(db, change, field):
    factory = factory_organization()
    given = {"holder": "F", "identifier": "6222-1", "bic": "", **change}
    with acting_as(ANNA), pytest.raises(Invalid) as refused:
        payee_account.propose(factory_id=factory.pk, currency="CNY", **given, by=ANNA, at=NOON)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_an_account_is_confirmed_by_somebody_else(db):
    factory = owed_factory(confirmed=False)
    with acting_as(ANNA):
        [account] = PayeeAccount.objects.filter(factory=factory)
        with pytest.raises(SamePerson):
            payee_account.confirm(account.pk, by=ANNA, at=NOON)
