"""Whatever is edited, cancelled, answered and received in whatever order: no counter and no credit goes stale.

Regressions of other systems: erpnext#59115, ofn#13046, ofn#12915 (every way to edit recomputes).
"""

import random
from datetime import timedelta

import pytest

from b2b.core import clock
from b2b.core.actor import system
from b2b.core.errors import DomainError
from orders.models import Order, PurchaseOrder, PurchaseOrderChange, Substitution
from orders.policies.order_change import LineEdit
from orders.selectors.reconcilers import compare_orders
from orders.services import (
    bulk_order,
    order_change,
    order_cycle,
    purchase_order,
    purchase_order_change,
    substitution,
)
from orders.services.purchase_order_response import Answer, Substitute
from tests.factories import catalog
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import send, take_in
from tests.support.examples import examples

pytestmark = pytest.mark.django_db
STEPS = 30


class Play:
    """A small market in which anything may happen next."""

    def __init__(self, seed):
        self.chance, self.now = random.Random(seed), NOW
        self.market = made.trade(products=1, dealers=3, breaks=((1, "10"), (50, "8")), multiple=6, moq=12)
        self.other, self.cycle = catalog.product(), made.cycle(self.market)
        self.platform, self.done = system("test"), 0

    def _any(self, rows):
        found = list(rows.order_by("pk"))
        return self.chance.choice(found) if found else None

    def place(self):
        made.order(self.market, [self.chance.randint(1, 60)], dealer=self.chance.randrange(3), at=self.now)

    def edit(self):
        if order := self._any(Order.objects.filter(status="CONFIRMED")):
            line = self._any(order.lines.all())
            wanted = LineEdit(line.line_number, self.chance.choice((0, 1, 5, 20, 45, 70)))
            order_change.change(order, edits=[wanted], by=self.platform, at=self.now)

    def add(self):
        if order := self._any(Order.objects.filter(status="CONFIRMED")):
            rows = bulk_order.rows_of([{"sku": self.market.products[0].sku, "quantity": 7}])
            order_change.change(order, additions=rows, by=self.platform, at=self.now)

    def close(self):
        self.now += timedelta(hours=25)
        with clock.travel(self.now):
            order_cycle.close(self.cycle, by=self.platform, at=self.now)
            self.cycle = made.cycle(self.market, at=self.now)

    def respond(self):
        if placed := self._any(PurchaseOrder.objects.filter(status__in=("SENT", "CONFIRMED"))):
            line = placed.lines.first()
            able = self.chance.randint(line.despatched, max(line.despatched, line.quantity))
            offered = Substitute(self.other.sku, 10, 5) if self.chance.random() < 0.4 else None
            answer = Answer(line.line_number, able, substitute=offered)
            purchase_order.respond(placed, answers=[answer], by=self.platform, at=self.now)

    def agree(self):
        if asked := self._any(PurchaseOrderChange.objects.filter(status="REQUESTED")):
            purchase_order_change.answer(
                asked, is_accepted=self.chance.random() < 0.7, by=self.platform, at=self.now
            )

    def decide(self):
        if offer := self._any(Substitution.objects.filter(status="OFFERED")):
            verb = substitution.accept if self.chance.random() < 0.7 else substitution.decline
            verb(offer, by=self.platform, at=self.now)

    def ship(self):
        placed = self._any(PurchaseOrder.objects.filter(status="CONFIRMED"))
        if placed and placed.lines.count() == 1:
            line = placed.lines.get()
            if units := (line.confirmed - line.despatched + 1) // 2:
                send(self.market, placed, units)
                take_in(placed, units - units // 5, rejected=units // 5)

    def step(self):
        act = self.chance.choice(
            (self.place, self.place, self.edit, self.edit, self.edit, self.add, self.close, self.respond,
             self.respond, self.agree, self.decide, self.ship)
        )  # fmt: skip
        with clock.travel(self.now):
            try:
                act()
                self.done += 1
            except DomainError:
                return  # the market says no; what was there before must still hold


@pytest.mark.parametrize("seed", range(examples(3)))
def test_nothing_goes_stale(seed, holds, credit_book):
    play = Play(seed)
    for _ in range(STEPS):
        play.step()
        holds()
        assert not compare_orders().differences
    for order in Order.objects.filter(status="CONFIRMED"):
        assert credit_book.held[order.pk].amount == order.total_gross
    assert play.done > STEPS // 2


def test_what_was_partly_given_up_is_pooled_again_at_what_is_still_owed():
    market = made.trade(breaks=((1, "10"),), dealers=2)
    cycle = made.cycle(market)
    mine = made.order(market, [40])
    play = Play.__new__(Play)
    play.market, play.cycle, play.now, play.platform = market, cycle, NOW, system("test")
    play.close()
    placed = PurchaseOrder.objects.get()
    purchase_order.respond(placed, answers=[Answer(1, 10)], by=system("test"), at=play.now)
    with clock.travel(play.now):
        order_change.change(mine, edits=[LineEdit(1, 25)], by=system("test"), at=play.now)
    play.close()
    mine.refresh_from_db()
    line = mine.lines.get()
    assert (line.cancelled, line.pooled, line.net_amount, mine.total_net) == (15, 25, 250, 250)
