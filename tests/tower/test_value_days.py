"""The sums of days follow every change of their facts, in whatever order these are heard, and money that comes back."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.finance import PaymentTakenBack
from b2b.contracts.orders import OrderCancelled, OrderedLine, SavedLine, SavingsStated
from b2b.core.actor import acting_as, system
from b2b.core.errors import NotYet
from b2b.core.ids import uuid7
from b2b.db import invariants
from b2b.tower import handlers
from b2b.tower.models import ValueDay
from b2b.tower.selectors import value, value_detail
from b2b.tower.selectors.value import Span
from tests.tower.test_tower import CHANGED, CONFIRMED, DEALER, DELIVERED, INVOICED, NOON, PAID, RIVAL

pytestmark = pytest.mark.django_db

MARCH = Span(date(2026, 3, 1), date(2026, 4, 1))
OWN = ("tower.days_are_their_lines", "tower.lines_are_delivered")
CANCELLED = OrderCancelled(
    occurred_at=NOON + timedelta(hours=5), order_id=CONFIRMED.order_id, number="SO-1", version=3, dealer_id=7,
    reason="late",
)  # fmt: skip


def stated(**values: object) -> SavingsStated:
    parts = {
        "baseline": Decimal("200.00"), "pooled": Decimal("160.00"), "dealer_share": Decimal("28.00"),
        "platform_share": Decimal("8.00"), "factory_share": Decimal("4.00"),
    }  # fmt: skip
    told = {
        "occurred_at": NOON, "statement_id": uuid7(), "number": "SV-1", "dealer_id": 7, "cycle_id": uuid7(),
        "currency": "CNY", "lines": (SavedLine(product_id=5, quantity=90, **parts),), **parts, **values,
    }  # fmt: skip
    return SavingsStated(**told)


def kept() -> list[tuple[object, ...]]:
    names = ("day", "dealer_id", "lines", "ordered_quantity", "ordered_amount", "delivered_quantity", "freight_amount",
             "lines_in_full", "dealer_share")  # fmt: skip
    with acting_as(system()):
        assert not invariants.check(list(OWN))
        return sorted(row for row in ValueDay.objects.values_list(*names) if any(row[2:]))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[::2])
def test_sums_are_the_same_in_any_order_and_told_twice(order: tuple[int, ...]) -> None:
    notes = (
        (handlers.note_confirmed_order, CONFIRMED),
        (handlers.note_changed_order, CHANGED),
        (handlers.note_delivery, DELIVERED),
    )
    with acting_as(system("test")):
        for index in (*order, *order):
            note, event = notes[index]
            note(event)
    assert kept() == [(date(2026, 3, 2), 7, 1, 100, Decimal(162), 90, Decimal("12.34"), 0, 0)]


def test_a_withdrawn_order_counts_nothing_and_one_taken_up_again_does() -> None:
    with acting_as(system("test")):
        handlers.note_confirmed_order(CONFIRMED)
        handlers.note_cancelled_order(CANCELLED)
        assert value.total(DEALER, MARCH).orders == 0
    assert kept() == []
    again = msgspec.structs.replace(CONFIRMED, version=4)
    with acting_as(system("test")):
        handlers.note_confirmed_order(again)
        handlers.note_cancelled_order(CANCELLED)
        found = value.total(DEALER, MARCH)
    assert (found.orders, found.lines) == (1, 1)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_restated_saving_counts_once_whichever_is_told_first(is_first: bool) -> None:
    first = stated()
    second = stated(
        number="SV-2", restates_id=first.statement_id, cycle_id=first.cycle_id, pooled=Decimal("150.00"),
        dealer_share=Decimal("38.00"), lines=(),
    )  # fmt: skip
    with acting_as(system("test")):
        for event in (first, second, first) if is_first else (second, first, second):
            handlers.note_saving(event)
        found = value.total(DEALER, MARCH)
    assert (found.saving, found.dealer_share) == (50, 38)
    assert kept()[0][-1] == 38


def test_a_payment_taken_back_is_owed_again_each_time() -> None:
    back = PaymentTakenBack(
        occurred_at=PAID.occurred_at + timedelta(hours=1), payment_id=PAID.payment_id, dealer_id=7, currency="CNY",
        amount=PAID.amount, reason="returned", invoice_ids=(INVOICED.invoice_id,),
    )  # fmt: skip
    again = msgspec.structs.replace(PAID, occurred_at=PAID.occurred_at + timedelta(hours=2))
    whole = Span(date(2026, 3, 1), date(2026, 5, 1))
    with acting_as(system("test")):
        handlers.note_invoice(INVOICED)
        with pytest.raises(NotYet):
            handlers.note_payment_taken_back(back)
        owed = []
        for note, event in (
            (handlers.note_payment, PAID),
            (handlers.note_payment_taken_back, back),
            (handlers.note_payment_taken_back, back),
            (handlers.note_payment, again),
        ):
            note(event)
            owed.append(value_detail.pace(DEALER, whole).owed_amount)
    assert owed == [0, Decimal("183.06"), Decimal("183.06"), 0]


def test_statements_do_not_grow_with_the_lines() -> None:
    def of(count: int, first: int) -> int:
        lines = tuple(
            OrderedLine(
                line_id=first + index, line_number=index + 1, product_id=5, quantity=1, unit_price=Decimal(1),
                tax_rate=Decimal(0), ship_to_site_id=3,
            )
            for index in range(count)
        )  # fmt: skip
        event = msgspec.structs.replace(CONFIRMED, order_id=uuid7(), number=f"SO-{first}", lines=lines)
        with (
            acting_as(system("test")),
            CaptureQueriesContext(
                connection,
            ) as seen,
        ):
            handlers.note_confirmed_order(event)
        return len(seen)

    assert of(2, 100) == of(200, 1_000)


def test_a_rival_reads_nothing_of_it_by_any_cut() -> None:
    with acting_as(system("test")):
        handlers.note_confirmed_order(CONFIRMED)
        handlers.note_delivery(DELIVERED)
        handlers.note_saving(stated())
    cuts = (
        value.by_period, value.by_category, value.by_dealer, value.by_factory, value_detail.by_product,
        value_detail.by_cycle,
    )  # fmt: skip
    for actor, is_own in ((DEALER, True), (RIVAL, False)):
        with acting_as(actor):
            for cut in cuts:
                found = cut(actor, MARCH)
                assert any(one.value.saving for one in found) is is_own, cut.__name__
            # A span that names the other dealer is narrowed to the reader all the same.
            named = Span(MARCH.since, MARCH.until, dealer_id=7)
            assert bool(value.total(actor, named).saving) is is_own
            assert ValueDay.objects.exists() is is_own, "row security, whatever the query"
