"""A factory's bill is owed when it agrees with order and receipt, and waits with a reason when it does not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.core.machine import IllegalTransition
from b2b.db.bulk import fetch_value
from b2b.db.invariants import INVARIANTS
from finance.models import Case, MatchLine, SupplierInvoice
from finance.policies import chart
from finance.policies.tax import Amount
from finance.services import match_tolerance, three_way_match
from tests.factories.directory import actor, factory_organization
from tests.factories.finance import NOON, PLATFORM
from tests.finance.payables.bills import STANDARD, Purchase

pytestmark = pytest.mark.usefixtures("db")


def balance(code: str, factory=None) -> int:
    """Return the balance of an account over all currencies, in minor units."""
    with acting_as(PLATFORM):
        return fetch_value(
            "SELECT coalesce(sum(line.amount), 0)::bigint FROM finance_journalline line"
            " JOIN finance_account account ON account.id = line.account_id"
            " WHERE account.code = %s AND (%s::bigint IS NULL OR account.party_id = %s)",
            [code, factory and factory.pk, factory and factory.pk],
        )


def read(invoice) -> SupplierInvoice:
    with acting_as(PLATFORM):
        return SupplierInvoice.objects.get(pk=invoice.pk)


def broken() -> list[str]:
    names = (
        "supplier_invoices_add_up",
        "billed_goods_are_cleared",
        "payables_are_open_bills",
        "entries_balance",
    )
    with acting_as(PLATFORM):
        return [
            name
            for name in names
            if fetch_value(f"SELECT count(*) FROM ({INVARIANTS[f'finance.{name}'].breaking_rows}) rows")
        ]


@pytest.fixture
def factory(db):
    return factory_organization()


def test_a_bill_that_agrees_is_owed_and_clears_what_was_accrued(factory):
    purchase = Purchase(factory, (10, "2.50"), (4, "3.333333"))
    purchase.receive(10, 4)
    assert balance(chart.GOODS_RECEIVED, factory) == -3_833
    invoice = read(purchase.invoice((10, "2.50"), (4, "3.333333")))
    assert (invoice.status, invoice.verdict) == ("APPROVED", "MATCHED")
    assert invoice.open_amount == invoice.gross_amount == Decimal("43.31")
    assert balance(chart.GOODS_RECEIVED, factory) == 0
    assert balance(chart.PAYABLES, factory) == -4_331
    assert balance(chart.INPUT_TAX) == 498
    assert balance(chart.PRICE_VARIANCE) == 0
    assert broken() == []


def test_a_bill_before_the_goods_waits_and_is_owed_when_they_come(factory):
    purchase = Purchase(factory, (10, "2.50"))
    invoice = purchase.invoice((10, "2.50"))
    assert (invoice.status, invoice.verdict) == ("HELD", "GOODS_AWAITED")
    with acting_as(PLATFORM):
        assert not Case.objects.exists()  # nobody has to do anything but wait
    purchase.receive(6)
    assert read(invoice).status == "HELD"
    assert balance(chart.PAYABLES, factory) == 0
    purchase.receive(4)
    assert read(invoice).status == "APPROVED"
    assert balance(chart.GOODS_RECEIVED, factory) == 0
    assert broken() == []


def test_bills_in_parts_are_matched_on_the_sum_of_them(factory):
    purchase = Purchase(factory, (10, "0.333333"))
    purchase.receive(10)
    parts = [purchase.invoice((3, "0.333333")) for _ in range(3)]
    assert {one.status for one in parts} == {"APPROVED"}
    assert purchase.invoice((2, "0.333333")).verdict == "OVER_ORDERED"
    assert purchase.invoice((1, "0.333333")).status == "APPROVED"
    assert balance(chart.GOODS_RECEIVED, factory) == 0
    assert broken() == []


def test_two_lines_of_one_bill_share_the_goods_of_their_purchase_line(factory):
    purchase = Purchase(factory, (10, "2"))
    purchase.receive(10)
    bill = purchase.bill((6, "2"))
    [line] = bill.lines
    doubled = purchase.bill((6, "2"), lines=(line, line), totals=purchase.bill((12, "2")).totals)
    assert purchase.send(doubled).verdict == "OVER_ORDERED"


def test_too_dear_a_bill_waits_for_a_person_and_is_released_with_its_variance(factory):
    purchase = Purchase(factory, (10, "2.50"))
    purchase.receive(10)
    invoice = purchase.invoice((10, "2.60"))
    assert (invoice.status, invoice.verdict) == ("HELD", "PRICE_ABOVE")
    with acting_as(PLATFORM):
        [waiting] = Case.objects.filter(kind=three_way_match.CASE_KIND)
        assert "26.00 CNY billed, 25.00 CNY agreed" in waiting.reason
        with pytest.raises(Invalid):
            three_way_match.release(invoice.pk, reason=" ", by=PLATFORM, at=NOON)
        three_way_match.release(invoice.pk, reason="agreed by phone", by=PLATFORM, at=NOON)
        waiting.refresh_from_db()
    assert (read(invoice).status, waiting.status) == ("APPROVED", "RESOLVED")
    assert balance(chart.PRICE_VARIANCE) == 100
    assert balance(chart.GOODS_RECEIVED, factory) == 0
    assert broken() == []


def test_goods_that_have_not_come_are_never_released(factory):
    invoice = Purchase(factory, (10, "2.50")).invoice((10, "2.50"))
    with acting_as(PLATFORM), pytest.raises(Invalid, match="goods awaited"):
        three_way_match.release(invoice.pk, reason="they are on the way", by=PLATFORM, at=NOON)
    assert read(invoice).status == "HELD"
    assert balance(chart.PAYABLES, factory) == 0


def test_a_rejected_bill_owes_nothing_and_is_never_matched_again(factory):
    purchase = Purchase(factory, (10, "2.50"))
    invoice = purchase.invoice((10, "2.50"))
    with acting_as(PLATFORM):
        three_way_match.reject(invoice.pk, reason="ordered elsewhere", by=PLATFORM, at=NOON)
    purchase.receive(10)
    assert read(invoice).status == "REJECTED"
    with acting_as(PLATFORM), pytest.raises(IllegalTransition):
        three_way_match.release(invoice.pk, reason="after all", by=PLATFORM, at=NOON)
    assert purchase.invoice((10, "2.50")).status == "APPROVED"


def test_only_the_operator_decides(factory):
    invoice = Purchase(factory, (10, "2.50")).invoice((10, "2.50"))
    by = actor(factory)
    with acting_as(by):
        with pytest.raises(Forbidden):
            three_way_match.release(invoice.pk, reason="please", by=by, at=NOON)
        with pytest.raises(Forbidden):
            three_way_match.reject(invoice.pk, reason="please", by=by, at=NOON)


def test_the_latest_tolerance_of_a_factory_counts_before_that_of_all(factory):
    purchase = Purchase(factory, (10, "2.50"), (10, "2.50"), (10, "2.50"))
    purchase.receive(10, 10, 10)
    none, wide = Decimal(0), Decimal(10)
    with acting_as(PLATFORM):
        for whose, percent in ((None, wide), (factory.pk, none)):
            match_tolerance.set_tolerance(
                factory_id=whose, price_percent=percent, price_amount=none, total_amount=none,
                reason="test", by=PLATFORM, at=NOON,
            )  # fmt: skip
    assert purchase.invoice((10, "2.60")).verdict == "PRICE_ABOVE"
    with acting_as(PLATFORM):
        match_tolerance.set_tolerance(
            factory_id=factory.pk, price_percent=wide, price_amount=none, total_amount=none,
            reason="test", by=PLATFORM, at=NOON,
        )  # fmt: skip
    assert purchase.invoice((0, ""), (10, "2.60")).status == "APPROVED"


def test_charges_nobody_agreed_to_wait_for_a_person(factory):
    purchase = Purchase(factory, (10, "2.50"))
    purchase.receive(10)
    invoice = purchase.invoice((10, "2.50"), charges=(Amount(STANDARD, Decimal(8)),))
    assert (invoice.status, invoice.verdict) == ("HELD", "CHARGES_ABOVE")
    with acting_as(PLATFORM):
        three_way_match.release(invoice.pk, reason="express freight, agreed", by=PLATFORM, at=NOON)
    assert balance(chart.PRICE_VARIANCE) == 800
    assert broken() == []


def test_many_bills_are_matched_in_as_many_statements_as_one(factory):
    def held(bills: int) -> list:
        purchases = [Purchase(factory, (5, "2"), (5, "3")) for _ in range(bills)]
        waiting = [one.invoice((5, "2"), (5, "3")) for one in purchases]
        for one in purchases:
            with acting_as(PLATFORM):
                one.receive(4, 4)
        return waiting

    counted = []
    for bills in (1, 6):
        waiting = held(bills)
        with (
            acting_as(PLATFORM),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            three_way_match.match([one.pk for one in waiting], by=PLATFORM, at=NOON)
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_what_was_sent_and_said_is_never_written_over(factory):
    purchase = Purchase(factory, (10, "2.50"))
    purchase.receive(10)
    invoice = purchase.invoice((10, "2.50"))
    with acting_as(PLATFORM):
        for change in (
            lambda: SupplierInvoice.objects.filter(pk=invoice.pk).update(gross_amount=1),
            lambda: MatchLine.objects.filter(line__invoice=invoice).update(cleared=1),
            lambda: MatchLine.objects.filter(line__invoice=invoice).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
