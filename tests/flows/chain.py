"""A small market in which a test takes each step itself; after each, every fact told has its effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from b2b.contracts.base import Event
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.money import Money
from b2b.db import invariants
from b2b.directory.models import Organization
from b2b.market.bank import Movement
from b2b.market.bank import statement as camt053
from b2b.outbox.dispatch import drain
from b2b.outbox.models import Delivery, OutboxEvent
from finance.models import Invoice
from finance.services import bank_account, exposure, reconciliation, statement
from logistics.models import Shipment, Trip
from logistics.policies.acceptance import Outcome
from logistics.services import delivery, dispatch, trip
from orders.models import DespatchAdvice, Order, OrderCycle, OrderLine, PurchaseOrder
from orders.services import cycle_calendar, despatch_advice, order_cycle, purchase_order
from orders.services.despatch_advice import Despatched
from orders.services.purchase_order import Answer
from tests.factories import directory, logistics
from tests.factories import orders as make
from tests.factories.orders import NOW, Trade
from warehousing.models import Package, Receipt, Warehouse
from warehousing.services import packing, picking, receipt, wave

PLATFORM = system("test")
ACCOUNT = "CN-6222-0001"


@dataclass
class Chain:
    """A trade with a carrier and a bank account; `now` moves on with every step."""

    trade: Trade
    carrier: Organization
    now: datetime = NOW
    balance: Decimal = Decimal(0)

    @classmethod
    def of(cls, trade: Trade) -> Self:
        """Give a trade what it lacks to get its goods and money home."""
        chain = cls(trade, directory.carrier())
        logistics.vehicle(chain.carrier, warehouse_site=trade.warehouse)
        with acting_as(PLATFORM):
            bank_account.open_account(identifier=ACCOUNT, currency="CNY", by=PLATFORM)
            for dealer in trade.dealers:
                limit = Money.of(1_000_000, dealer.currency)
                exposure.set_limit(party_id=dealer.pk, amount=limit, reason="test", by=PLATFORM, at=NOW)
        return chain

    def settled(self, *, hours: float = 1) -> None:
        """Let every fact have its effect, and time pass."""
        drain()
        undone = Delivery.objects.exclude(status="DONE").values_list("handler", "last_error")
        assert list(undone) == []
        self.now += timedelta(hours=hours)

    def wants(self, quantity: int, *, dealer: int = 0) -> Order:
        """A dealer orders the first product."""
        with clock.travel(self.now):
            order = make.order(self.trade, [quantity], dealer=dealer, at=self.now)
        with acting_as(PLATFORM):
            self.settled()
        return order

    def closes(self, cycle: OrderCycle) -> PurchaseOrder:
        """The cut-off passes, and the operator opens the next cycle."""
        self.now = max(self.now, cycle.cutoff_at + timedelta(minutes=1))
        with clock.travel(self.now), acting_as(PLATFORM):
            [placed] = order_cycle.close(cycle, by=PLATFORM, at=self.now)
            cycle_calendar.ensure_open(by=PLATFORM, at=self.now)
            self.settled()
        return placed

    def answers(self, placed: PurchaseOrder, quantity: int | None = None) -> None:
        """The factory confirms, in full unless told otherwise."""
        given = [] if quantity is None else [Answer(1, quantity)]
        with clock.travel(self.now), acting_as(self.trade.factory_actor) as by:
            purchase_order.respond(placed, answers=given, by=by, at=self.now)
        with acting_as(PLATFORM):
            self.settled()

    def sends(self, placed: PurchaseOrder, quantity: int) -> DespatchAdvice:
        """The factory loads a truck."""
        with clock.travel(self.now), acting_as(self.trade.factory_actor) as by:
            advice = despatch_advice.receive(
                placed,
                lines=[Despatched(1, quantity, lot_number="L1")],
                expected_at=self.now + timedelta(days=1),
                external_reference=f"{placed.number}/1",
                by=by,
                at=self.now,
            )
        with acting_as(PLATFORM):
            self.settled(hours=24)
        return advice

    def receives(self, counts: list[receipt.Count] | None = None) -> None:
        """The warehouse takes in what is expected, all of it unless told otherwise."""
        with clock.travel(self.now), acting_as(PLATFORM):
            for key in list(Receipt.objects.filter(status="EXPECTED").values_list("pk", flat=True)):
                receipt.receive(key, counts=counts, by=PLATFORM, at=self.now)
            self.settled()

    def packs(self) -> list[Package]:
        """The warehouse picks and packs what is reserved."""
        with clock.travel(self.now), acting_as(PLATFORM):
            house = Warehouse.objects.get(site=self.trade.warehouse)
            released = wave.release(house.pk, by=PLATFORM, at=self.now)
            picking.confirm(released.pk, by=PLATFORM, at=self.now)
            packages = packing.pack(released.pk, by=PLATFORM, at=self.now)
            self.settled()
        return packages

    def departs(self) -> list[Trip]:
        """Trips are planned for what waits, and leave."""
        with clock.travel(self.now), acting_as(PLATFORM):
            proposal = dispatch.plan(self.trade.warehouse.pk, by=PLATFORM, at=self.now, seconds=0.5)
            trips = dispatch.publish_plan(proposal, by=PLATFORM, at=self.now).trips
            left = [trip.depart(made.pk, by=PLATFORM, at=self.now) for made in trips]
            self.settled()
        return left

    def delivers(self, *outcomes: Outcome) -> None:
        """Every dealer signs at the door, for all of it unless told otherwise."""
        with clock.travel(self.now), acting_as(directory.actor(self.carrier)) as by:
            for key in list(Shipment.objects.filter(status="IN_TRANSIT").values_list("pk", flat=True)):
                capture = delivery.Capture(
                    capture_id=f"door-{key}",
                    signer_name="Chen Jie",
                    delivered_at=self.now,
                    outcomes=outcomes,
                )
                delivery.confirm(key, capture=capture, by=by, at=self.now)
        with acting_as(PLATFORM):
            self.settled()

    def pays(self, invoice: Invoice) -> None:
        """The dealer transfers what is open; the operator imports the statement and matches it."""
        day = self.now.date()
        movement = Movement(day, invoice.open_amount, f"payment {invoice.number}", "Dealer", "CN-DEALER")
        file = camt053(
            [movement],
            account=ACCOUNT,
            currency="CNY",
            opening=self.balance,
            statement_id=f"STM-{invoice.number}",
            created_at=self.now,
        )
        self.balance += invoice.open_amount
        with clock.travel(self.now), acting_as(PLATFORM):
            statement.import_file(file, by=PLATFORM, at=self.now)
            reconciliation.match(by=PLATFORM, at=self.now)
            self.settled()

    def line_of(self, order: Order) -> OrderLine:
        """Return the only line of an order as it is now."""
        return OrderLine.objects.get(order=order)


def told(event: type[Event]) -> int:
    """Return how often a fact was told."""
    return OutboxEvent.objects.filter(topic=event.topic).count()


def sound() -> bool:
    """Tell whether every invariant of every app holds."""
    return not invariants.check()
