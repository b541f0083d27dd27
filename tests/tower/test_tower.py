"""The tower notes each fact once, whenever and however often it is told."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from b2b.contracts.finance import (
    InvoicedLine,
    InvoiceIssued,
    PaymentReceived,
    SettledInvoice,
)
from b2b.contracts.logistics import (
    CarriedLine,
    CarriedShipment,
    DeliveredLine,
    DeliveryConfirmed,
    DeliveryFailed,
    Departed,
)
from b2b.contracts.orders import OrderCancelled, OrderChanged, OrderConfirmed, OrderedLine, SavingsStated
from b2b.contracts.returns import CostsShared
from b2b.contracts.warehousing import PickedShort
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import NotYet
from b2b.core.ids import uuid7
from b2b.tower import handlers
from b2b.tower.models import SavingFact, TimelineEntry
from b2b.tower.selectors import timeline, value

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEALER = Actor(kind="dealer", organization_id=7)
RIVAL = Actor(kind="dealer", organization_id=8)
ORDER, SHIPMENT, INVOICE = uuid7(), uuid7(), uuid7()


def order_event(kind: type[OrderConfirmed | OrderChanged], *, version: int, quantity: int, price: str):
    line = OrderedLine(
        line_id=1,
        line_number=1,
        product_id=5,
        quantity=quantity,
        unit_price=Decimal(price),
        tax_rate=Decimal("0.13"),
        ship_to_site_id=3,
        need_by_date=date(2026, 3, 9),
    )
    extra = {"reason": "pooled"} if kind is OrderChanged else {}
    return kind(
        occurred_at=NOON + timedelta(hours=version),
        order_id=ORDER,
        number="SO-1",
        version=version,
        dealer_id=7,
        currency="CNY",
        payment_terms_days=30,
        lines=(line,),
        **extra,
    )


CONFIRMED = order_event(OrderConfirmed, version=1, quantity=100, price="2.00")
CHANGED = order_event(OrderChanged, version=2, quantity=90, price="1.80")
DEPARTED = Departed(
    occurred_at=NOON + timedelta(days=3),
    trip_id=uuid7(),
    number="TR-1",
    carrier_id=9,
    warehouse_site_id=2,
    shipments=(
        CarriedShipment(
            shipment_id=SHIPMENT,
            number="SH-1",
            dealer_id=7,
            ship_to_site_id=3,
            package_ids=(uuid7(),),
            lines=(CarriedLine(order_id=ORDER, order_version=2, order_line_id=1, product_id=5, quantity=90),),
        ),
    ),
)
DELIVERED = DeliveryConfirmed(
    occurred_at=NOON + timedelta(days=4),
    shipment_id=SHIPMENT,
    number="SH-1",
    dealer_id=7,
    carrier_id=9,
    ship_to_site_id=3,
    delivered_at=NOON + timedelta(days=4),
    currency="CNY",
    freight_amount=Decimal("12.34"),
    lines=(
        DeliveredLine(order_id=ORDER, order_version=2, order_line_id=1, product_id=5, delivered_quantity=90),
    ),
)
INVOICED = InvoiceIssued(
    occurred_at=NOON + timedelta(days=4, minutes=1),
    invoice_id=INVOICE,
    number="INV-1",
    dealer_id=7,
    currency="CNY",
    net_amount=Decimal("162.00"),
    tax_amount=Decimal("21.06"),
    gross_amount=Decimal("183.06"),
    due_date=date(2026, 4, 5),
    lines=(InvoicedLine(order_id=ORDER, order_line_id=1, quantity=90, net_amount=Decimal("162.00")),),
)
PAID = PaymentReceived(
    occurred_at=NOON + timedelta(days=30),
    payment_id=uuid7(),
    dealer_id=7,
    currency="CNY",
    amount=Decimal("183.06"),
    invoices=(
        SettledInvoice(invoice_id=INVOICE, number="INV-1", amount=Decimal("183.06"), is_fully_paid=True),
    ),
)
NOTES = (
    (handlers.note_confirmed_order, CONFIRMED),
    (handlers.note_changed_order, CHANGED),
    (handlers.note_departure, DEPARTED),
    (handlers.note_delivery, DELIVERED),
    (handlers.note_invoice, INVOICED),
)


def story(actor: Actor, order_id: UUID = ORDER) -> list[tuple[str, int | None]]:
    with acting_as(actor):
        return list(timeline.of_order(actor, order_id).values_list("step", "quantity"))


def figures(actor: Actor) -> value.Value:
    with acting_as(actor):
        return value.between(actor, since=NOON - timedelta(days=1), until=NOON + timedelta(days=60))


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(NOTES))))[::7])
def test_any_order_and_any_repetition_gives_the_same_story(order: tuple[int, ...]) -> None:
    with acting_as(system()):
        for index in (*order, *order):
            note, event = NOTES[index]
            note(event)
        handlers.note_payment(PAID)
    assert story(DEALER) == [
        ("confirmed", 100),
        ("changed", 90),
        ("shipped", 90),
        ("delivered", 90),
        ("invoiced", 90),
        ("paid", None),
    ]
    assert story(RIVAL) == []
    found = figures(DEALER)
    assert (found.lines, found.ordered_quantity, found.delivered_quantity) == (1, 100, 90)
    assert found.ordered_amount == Decimal("162.000"), "the newest version's price"
    assert found.fill_rate == Decimal("0.9000")
    assert found.lines_in_full == 0
    assert found.freight_amount == Decimal("12.34")
    assert figures(RIVAL).lines == 0


def test_a_payment_before_its_invoice_waits() -> None:
    with acting_as(system()), pytest.raises(NotYet):
        handlers.note_payment(PAID)
    assert TimelineEntry.objects.count() == 0


def test_the_shares_of_a_saving_sum_to_it() -> None:
    stated = SavingsStated(
        occurred_at=NOON,
        statement_id=uuid7(),
        number="SAV-1",
        dealer_id=7,
        cycle_id=uuid7(),
        currency="CNY",
        baseline=Decimal("200.00"),
        pooled=Decimal("160.00"),
        dealer_share=Decimal("28.00"),
        platform_share=Decimal("8.00"),
        factory_share=Decimal("4.00"),
    )
    with acting_as(system()):
        handlers.note_saving(stated)
        handlers.note_saving(stated)
        assert SavingFact.objects.count() == 1
    assert figures(DEALER).saving == Decimal("40.000")
    assert figures(DEALER).dealer_share == Decimal("28.000")
    assert figures(RIVAL).saving == 0


def test_what_a_cost_leaves_of_a_saving_follows_its_newest_version() -> None:
    shared = CostsShared(
        occurred_at=NOON,
        voucher_id=uuid7(),
        number="CV-1",
        version=2,
        dealer_id=7,
        kind="DUTY",
        currency="CNY",
        amount=Decimal("5.00"),
    )
    anew = msgspec.structs.replace(shared, version=3, amount=Decimal("3.50"))
    with acting_as(system()):
        for event in (anew, shared, anew):
            handlers.note_shared_cost(event)
    assert (figures(DEALER).shared_costs, figures(DEALER).saved_after_costs) == (
        Decimal("3.5"),
        Decimal("-3.5"),
    )
    assert figures(RIVAL).shared_costs == 0


def test_an_order_that_is_taken_up_again_is_confirmed_again_in_its_story():
    cancelled = OrderCancelled(
        occurred_at=NOON + timedelta(hours=2),
        order_id=ORDER,
        number="SO-1",
        version=2,
        dealer_id=7,
        reason="late",
    )
    again = order_event(OrderConfirmed, version=4, quantity=100, price="2.00")
    with acting_as(system("test")):
        for event in (CONFIRMED, again, again):
            handlers.note_confirmed_order(event)
        for _ in range(2):
            handlers.note_cancelled_order(cancelled)
    assert story(DEALER) == [("confirmed", 100), ("cancelled", None), ("confirmed", 100)]


def test_every_short_pick_and_every_attempt_is_a_step_of_its_own():
    def short(line: int, hours: int) -> PickedShort:
        return PickedShort(
            occurred_at=NOON + timedelta(hours=hours),
            order_id=ORDER,
            order_line_id=line,
            dealer_id=7,
            product_id=5,
            warehouse_site_id=3,
            quantity=line,
        )

    def failed(hours: int) -> DeliveryFailed:
        return DeliveryFailed(
            occurred_at=DEPARTED.occurred_at + timedelta(hours=hours),
            shipment_id=SHIPMENT,
            number="SH-1",
            dealer_id=7,
            carrier_id=9,
            reason="closed",
        )

    with acting_as(system("test")):
        for event in (short(1, 2), short(2, 2), short(1, 3), short(1, 3)):
            handlers.note_short_pick(event)
        handlers.note_departure(DEPARTED)
        for event in (failed(1), failed(2), failed(1)):
            handlers.note_failed_delivery(event)
    assert story(DEALER) == [
        ("short", 1), ("short", 2), ("short", 1), ("shipped", 90), ("not_delivered", None), ("not_delivered", None)
    ]  # fmt: skip


def test_a_cancellation_waits_for_its_order_and_counts_once():
    cancelled = OrderCancelled(
        occurred_at=NOON + timedelta(hours=5),
        order_id=ORDER,
        number="SO-1",
        version=2,
        dealer_id=7,
        reason="late",
    )
    with acting_as(system("test")):
        with pytest.raises(NotYet):
            handlers.note_cancelled_order(cancelled)
        handlers.note_confirmed_order(CONFIRMED)
        for _ in range(2):
            handlers.note_cancelled_order(cancelled)
        handlers.note_confirmed_order(CONFIRMED)
        found = value.between(system("test"), currency="CNY", since=NOON, until=NOON + timedelta(days=1))
    assert found.lines == 0
