"""A delivery is invoiced once, at the terms agreed, and turns held credit into a receivable."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from django.db import DatabaseError, transaction

from b2b.contracts.finance import InvoiceIssued
from b2b.contracts.orders import OrderCancelled, OrderChanged
from b2b.core.actor import acting_as
from b2b.core.errors import NotYet
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db import invariants
from b2b.outbox.models import OutboxEvent
from finance import facade, handlers
from finance.models import Account, BillingTerms, Invoice, InvoiceLine, InvoiceTax
from finance.policies.numbering import value_of
from tests.factories import catalog
from tests.factories.directory import actor, carrier, organization
from tests.factories.finance import NOON, PLATFORM, confirmed, dealer_with_credit, delivered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_platform(db):
    with acting_as(PLATFORM):
        yield


@pytest.fixture
def dealer():
    return dealer_with_credit(10_000)


@pytest.fixture
def order(dealer):
    products = {line: catalog.product().pk for line in (1, 2)}
    made = confirmed(dealer.pk, (1, 10, "33.33", "0.13"), (2, 4, "100", "0.06"), products=products)
    answer = facade.hold(
        dealer_id=dealer.pk, order_id=made.order_id, amount=Money.of("800.63", "CNY"), at=NOON
    )
    assert answer.granted
    handlers.keep_terms(made)
    return made


def position(dealer):
    now = facade.position(dealer_id=dealer.pk, currency="CNY")
    return now.used.amount, now.reserved.amount


def test_a_delivery_becomes_an_invoice_with_tax_per_rate(dealer, order):
    handlers.invoice(delivered(order, carrier().pk, {1: 10, 2: 4}))
    invoice = Invoice.objects.get()
    assert invoice.number == f"INV-MID-{value_of(dealer.pk, 1)}"
    assert (invoice.net_amount, invoice.tax_amount) == (Decimal("733.30"), Decimal("67.33"))
    assert invoice.gross_amount == invoice.open_amount == Decimal("800.63")
    assert invoice.due_date == date(2026, 4, 1)
    assert sorted(InvoiceTax.objects.values_list("tax_rate", "tax_amount")) == [
        (Decimal("0.06"), Decimal("24.00")),
        (Decimal("0.13"), Decimal("43.33")),
    ]
    balances = {
        account.name: sum(line.amount for line in account.lines.all())
        for account in Account.objects.filter(book__code="MAIN").prefetch_related("lines")
    }
    assert balances == {
        "Trade receivables": 80_063,
        "Revenue": -73_330,
        "Output tax": -6_733,
        "Freight": 1_250,
        "Freight accrued": -1_250,
    }
    assert position(dealer) == (Decimal("800.63"), 0)
    told = InvoiceIssued.from_json(json.dumps(OutboxEvent.objects.get(topic=InvoiceIssued.topic).payload))
    assert [(line.order_line_id, line.quantity) for line in told.lines] == [(1, 10), (2, 4)]


def test_the_same_delivery_told_twice_is_invoiced_once(dealer, order):
    drop = delivered(order, carrier().pk, {1: 3})
    handlers.invoice(drop)
    handlers.invoice(drop)
    assert Invoice.objects.count() == 1
    assert OutboxEvent.objects.filter(topic=InvoiceIssued.topic).count() == 1


def test_partial_deliveries_use_the_hold_in_parts_and_free_the_crumbs_at_the_end(dealer, order):
    van = carrier().pk
    handlers.invoice(delivered(order, van, {1: 3}))
    first = Invoice.objects.get().gross_amount
    assert position(dealer) == (first, Decimal("800.63") - first)
    handlers.invoice(delivered(order, van, {1: 7, 2: 4}))
    total = sum(Invoice.objects.values_list("gross_amount", flat=True))
    assert position(dealer) == (total, 0)
    assert sorted(Invoice.objects.values_list("number", flat=True)) == [
        f"INV-MID-{value_of(dealer.pk, count)}" for count in (1, 2)
    ]


@pytest.mark.parametrize("change_comes_first", [True, False])
def test_what_was_not_taken_is_not_billed_and_holds_no_credit(dealer, order, change_comes_first):
    van = carrier().pk
    handlers.invoice(delivered(order, van, {1: 3}))
    first, second = order.lines
    change = OrderChanged(
        **{name: getattr(order, name) for name in ("order_id", "number", "dealer_id", "currency")},
        payment_terms_days=30,
        version=2,
        reason="not taken",
        occurred_at=NOON,
        lines=(
            msgspec.structs.replace(first, returned_quantity=1),
            msgspec.structs.replace(second, returned_quantity=4),
        ),
    )
    if change_comes_first:
        handlers.change_terms(change)
    handlers.invoice(delivered(order, van, {1: 6}))
    if not change_comes_first:
        handlers.change_terms(change)
    assert position(dealer) == (sum(Invoice.objects.values_list("gross_amount", flat=True)), 0)


def test_what_waits_for_a_price_holds_credit_and_is_not_billed(dealer, order):
    waiting = msgspec.structs.replace(order, order_id=uuid7(), lines=(), waiting_amount=Decimal(113))
    handlers.keep_terms(waiting)
    assert position(dealer) == (0, Decimal("800.63") + 113)
    assert not BillingTerms.objects.filter(order_id=waiting.order_id).exists()


def test_terms_that_are_missing_or_older_are_waited_for(dealer, order):
    later = delivered(order, carrier().pk, {1: 3})
    lines = tuple(msgspec.structs.replace(line, order_version=2) for line in later.lines)
    newer = msgspec.structs.replace(later, lines=lines)
    with pytest.raises(NotYet):
        handlers.invoice(newer)
    assert not Invoice.objects.exists()
    change = OrderChanged(
        **{name: getattr(order, name) for name in ("order_id", "number", "dealer_id", "currency", "lines")},
        payment_terms_days=30,
        version=2,
        reason="pooled",
        occurred_at=NOON,
    )
    handlers.change_terms(change)
    handlers.invoice(newer)
    assert Invoice.objects.count() == 1


def test_a_late_older_version_changes_neither_terms_nor_hold(dealer, order):
    cheaper = tuple(msgspec.structs.replace(line, unit_price=Decimal(10)) for line in order.lines[:1])
    common = {name: getattr(order, name) for name in ("order_id", "number", "dealer_id", "currency")}
    handlers.change_terms(
        OrderChanged(
            **common, payment_terms_days=30, version=3, reason="pooled", occurred_at=NOON, lines=cheaper
        )
    )
    assert position(dealer) == (0, Decimal("113.00"))
    handlers.keep_terms(order)
    assert position(dealer) == (0, Decimal("113.00"))
    handlers.invoice(delivered(order, carrier().pk, {1: 10}))
    assert Invoice.objects.get().gross_amount == Decimal("113.00")
    assert position(dealer) == (Decimal("113.00"), 0)


def test_a_cancelled_order_gives_its_credit_back(dealer, order):
    handlers.free_credit(
        OrderCancelled(
            order_id=order.order_id,
            number="SO-1",
            version=2,
            dealer_id=dealer.pk,
            reason="",
            occurred_at=NOON,
        )
    )
    assert position(dealer) == (0, 0)


def test_an_issued_invoice_is_not_rewritten(dealer, order):
    handlers.invoice(delivered(order, carrier().pk, {1: 3}))
    for change in ({"gross_amount": 1}, {"number": "X"}, {"due_date": "2030-01-01"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Invoice.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.update(open_amount=10**6)
    with pytest.raises(DatabaseError), transaction.atomic():
        InvoiceLine.objects.update(quantity=1)


def test_a_rival_sees_no_invoice(dealer, order):
    handlers.invoice(delivered(order, carrier().pk, {1: 3}))
    with acting_as(actor(organization())):
        assert not Invoice.objects.exists()
        assert not InvoiceLine.objects.exists()
    with acting_as(actor(dealer)):
        assert Invoice.objects.count() == 1


def test_queries_do_not_grow_with_the_lines(dealer, django_assert_max_num_queries):
    van = carrier().pk
    for size, start in ((2, 100), (60, 200)):
        products = {start + n: catalog.product().pk for n in range(size)}
        made = confirmed(
            dealer.pk,
            *((line, 1, "1.00", "0.13") for line in products),
            products=products,
            number=f"SO-{size}",
        )
        with django_assert_max_num_queries(60):
            handlers.keep_terms(made)
            handlers.invoice(delivered(made, van, dict.fromkeys(products, 1)))
    assert InvoiceLine.objects.count() == 62


def test_the_invariants_hold_after_all_of_it(dealer, order):
    handlers.invoice(delivered(order, carrier().pk, {1: 3}))
    names = [name for name in invariants.INVARIANTS if name.startswith("finance.")]
    assert names
    assert invariants.check(names) == []
