"""Whatever dealers, factory and warehouse do in whatever order: dealer pegs + surplus = supply.

Hypothesis plays a market of one product through the services; each example ends where it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from b2b.contracts.warehousing import ReceivedLine
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import DomainError
from b2b.core.ids import uuid7
from b2b.db import invariants
from orders.models import Order, OrderLine, Peg, PurchaseOrder, PurchaseOrderLine
from orders.policies.order_change import LineEdit
from orders.services import (
    despatch_advice,
    fulfilment,
    goods_receipt,
    order,
    order_change,
    order_cycle,
    purchase_order,
    returns,
)
from orders.services.despatch_advice import Despatched
from orders.services.purchase_order import Answer
from orders.services.returns import Wanted
from tests.factories import agreements as agreed
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import carried, delivered
from tests.orders.services.wishes import wish
from tests.support.examples import examples

BY = system("test")
DEALERS = 3
some = st.integers(0, 7)  # which of the documents at hand


class Market(RuleBasedStateMachine):
    """A factory that sells fours of one product, three dealers, and a cycle that is always open."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.now = NOW

    @initialize(
        policy=st.sampled_from(["proportional", "equal", "first_come"]),
        surplus=st.sampled_from(["PLATFORM", "NEXT_CYCLE"]),
        left=st.sampled_from([0, 7, 30]),
    )
    def open(self, policy: str, surplus: str, left: int) -> None:
        """The market opens; the factory may owe some at an agreed price, above which pools are bought in parts."""
        self.market = made.trade(dealers=DEALERS, breaks=((1, "10"), (20, "9")), multiple=4)
        if left:
            agreed.blanket(self.market, [left], dealer=None, price="7")
        self.policy = {"fair_share": policy, "surplus": surplus}
        self._next_cycle()

    def _next_cycle(self) -> None:
        self.cycle = made.cycle(self.market, at=self.now, hours=24, policy=self.policy)

    @contextmanager
    def _acting(self) -> Iterator[None]:
        """Go on after a refusal: it must have left everything as it was."""
        self.now += timedelta(minutes=1)
        with suppress(DomainError), transaction.atomic(), clock.travel(self.now), acting_as(BY):
            yield

    def _pick(self, rows: Any, which: int) -> Any:
        found = list(
            rows.order_by(*(("pk",) if issubclass(rows.model, OrderLine) else ("created_at", "number")))
        )
        return found[which % len(found)] if found else None

    @rule(
        dealer=st.integers(0, DEALERS - 1),
        quantity=st.integers(1, 15),
        row=st.sampled_from([{}, {"flex_up": 3}, {"flex_down": 1}, {"max_unit_price": "9"}]),
    )
    def place(self, dealer: int, quantity: int, row: dict[str, Any]) -> None:
        """A dealer orders."""
        with self._acting():
            wish(self.market, quantity, dealer=dealer, at=self.now, **row)

    @rule(which=some, quantity=st.integers(0, 15))
    def edit(self, which: int, quantity: int) -> None:
        """A dealer wants more or less of a line."""
        if (found := self._pick(Order.objects.filter(status="CONFIRMED"), which)) is not None:
            with self._acting():
                edits = [LineEdit(found.lines.first().line_number, quantity)]
                order_change.change(found, edits=edits, by=BY, at=self.now)

    @rule(which=some)
    def cancel(self, which: int) -> None:
        """A dealer withdraws an order."""
        if (found := self._pick(Order.objects.filter(status="CONFIRMED"), which)) is not None:
            with self._acting():
                order.cancel(found, by=BY, at=self.now)

    @rule()
    def close(self) -> None:
        """The cut-off comes, and the next cycle opens."""
        self.now = max(self.now, self.cycle.cutoff_at)
        with self._acting():
            order_cycle.close(self.cycle, by=BY, at=self.now)
        self._next_cycle()

    @rule(which=some, tenths=st.integers(0, 10))
    def confirm(self, which: int, tenths: int) -> None:
        """The factory answers, in full or short, the first time or anew."""
        found = self._pick(PurchaseOrder.objects.filter(status__in=("SENT", "CONFIRMED")), which)
        if found is not None:
            with self._acting():
                answers = [
                    Answer(line.line_number, line.quantity * tenths // 10) for line in found.lines.all()
                ]
                purchase_order.respond(found, answers=answers, by=BY, at=self.now)

    @rule(which=some, lost=st.integers(0, 2))
    def receive(self, which: int, lost: int) -> None:
        """The factory sends what it promised, and the warehouse takes it in but for what was damaged."""
        sent = self._pick(PurchaseOrder.objects.filter(status="CONFIRMED"), which)
        found = sent.lines.filter(confirmed__gt=F("despatched")).first() if sent is not None else None
        if found is None:
            return
        with self._acting():
            quantity = found.confirmed - found.despatched
            parent = found.purchase_order
            despatch_advice.receive(
                parent,
                lines=[Despatched(found.line_number, quantity)],
                expected_at=self.now,
                by=BY,
                at=self.now,
            )
            rejected = min(lost, quantity)
            part = ReceivedLine(
                purchase_order_line_id=found.pk, product_id=found.product_id,
                accepted_quantity=quantity - rejected, rejected_quantity=rejected,
            )  # fmt: skip
            goods_receipt.note(parent.pk, lines=[part], receipt_id=uuid7(), by=BY, at=self.now)

    @rule(which=some, refused=st.integers(0, 2))
    def deliver(self, which: int, refused: int) -> None:
        """A line that has come in whole goes to its dealer, who may not take all of it at the door."""
        found = self._pick(OrderLine.objects.filter(received__gt=0, shipped=0), which)
        if (
            found is None
            or found.received != found.requested - found.cancelled
            or found.quantity != found.received
        ):
            return
        with self._acting():
            shipment = uuid7()
            fulfilment.note_departure([carried(found, shipment)], at=self.now)
            short = min(refused, found.received)
            lines = [delivered(found, found.received - short, short)]
            fulfilment.note_delivery(shipment, lines, by=BY, at=self.now)

    @rule(which=some)
    def give_back(self, which: int) -> None:
        """A dealer asks to return a unit of what it was delivered."""
        if (found := self._pick(OrderLine.objects.filter(delivered__gt=0), which)) is None:
            return
        with self._acting():
            returns.request(found.order, lines=[Wanted(found.line_number, 1, "DAMAGED")], by=BY, at=self.now)

    @invariant()
    def pegs_are_the_supply(self) -> None:
        """Dealer pegs + surplus = what was bought; allotted and received lie within; every other invariant holds."""
        supply = PurchaseOrderLine.objects.aggregate(bought=Sum("quantity"))["bought"] or 0
        pegs = Peg.objects.aggregate(pegged=Sum("pegged"))["pegged"] or 0
        assert pegs == supply
        assert not invariants.check(["orders.pegs", "orders.surplus", "orders.traces"])

    def teardown(self) -> None:
        """Check everything else, and leave nothing to the next example."""
        names = [name for name in invariants.INVARIANTS if name.startswith("orders.")]
        broken = invariants.check(names)
        transaction.savepoint_rollback(self.savepoint)
        assert not broken


@pytest.mark.django_db
def test_pegs_are_the_supply_whatever_happens(holds: Callable[[], None]) -> None:
    with acting_as(BY):
        run_state_machine_as_test(
            Market,
            settings=settings(
                max_examples=examples(12),
                stateful_step_count=18,
                deadline=None,
                # Shrinking replays the market many times; the steps of a failure are few enough to read.
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
        holds()
