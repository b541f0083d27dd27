"""Goods go out and come back: allowed, counted, inspected, credited to the cent, claimed from the factory."""

from __future__ import annotations

from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from b2b.core.money import Money
from b2b.db.reconcilers import RECONCILERS
from finance import facade
from finance.models import CreditHold, CreditNote, Invoice, JournalLine, SupplierCredit
from logistics.policies.acceptance import Outcome
from orders.models import Order, ReturnAuthorisation
from orders.services import claim, claim_answer, returns
from orders.services.returns import Wanted
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain, sound
from warehousing.models import Quant, ReturnReceipt
from warehousing.services import disposition, receipt
from warehousing.services import returns as return_receipts
from warehousing.services.disposition import Disposition
from warehousing.services.returns import Count

pytestmark = pytest.mark.django_db


def delivered(quantities: tuple[int, ...] = (60, 50), **terms: object) -> tuple[Chain, list[Order]]:
    """Dealers order, the factory delivers, everybody signs and is invoiced."""
    chain = Chain.of(make.trade(dealers=len(quantities), **terms))  # type: ignore[arg-type]
    with acting_as(PLATFORM):
        cycle = make.cycle(chain.trade)
        orders = [chain.wants(quantity, dealer=dealer) for dealer, quantity in enumerate(quantities)]
        placed = chain.closes(cycle)
        chain.answers(placed)
        chain.sends(placed, sum(quantities))
        chain.receives()
        chain.packs()
        chain.departs()
        chain.delivers()
    return chain, orders


def asks(
    chain: Chain, order: Order, quantity: int, *, reason: str = "DAMAGED", dealer: int = 0
) -> ReturnAuthorisation:
    """A dealer asks to give units of the only line back."""
    by = chain.trade.dealer_actor(dealer)
    with acting_as(by):
        return returns.request(order, lines=[Wanted(1, quantity, reason)], by=by, at=chain.now)


def comes_back(chain: Chain, asked: ReturnAuthorisation, quantity: int | None = None) -> ReturnReceipt:
    """The operator allows it, and the goods arrive, all of them unless told otherwise."""
    with acting_as(PLATFORM):
        returns.authorise(asked, by=PLATFORM, at=chain.now)
        chain.settled()
        expected = ReturnReceipt.objects.get(return_id=asked.pk)
        counts = None if quantity is None else [Count(1, quantity)]
        received = return_receipts.receive(expected.pk, counts=counts, by=PLATFORM, at=chain.now)
        chain.settled()
    return received


def test_returned_goods_are_credited_at_the_price_paid_and_go_where_inspection_says() -> None:
    chain, [order, _] = delivered()
    with acting_as(PLATFORM):
        invoice = Invoice.objects.get(dealer_id=order.dealer_id)
    used = facade.position(dealer_id=order.dealer_id, currency="CNY").used
    asked = asks(chain, order, 10)
    back = comes_back(chain, asked, 7)
    with acting_as(PLATFORM):
        line = chain.line_of(order)
        assert (line.delivered, line.returned, line.invoiced) == (53, 7, 53)
        asked.refresh_from_db()
        assert asked.status == "CREDITED"
        note = CreditNote.objects.get()
        paid = invoice.lines.get().unit_price
        assert note.net_amount == Money.of(7 * paid, "CNY").amount
        assert (asked.credited_net, asked.credited_gross) == (note.net_amount, note.gross_amount)
        before, invoice = invoice, Invoice.objects.get(pk=invoice.pk)
        assert before.open_amount - invoice.open_amount == note.gross_amount
        still = facade.position(dealer_id=order.dealer_id, currency="CNY").used
        assert (used - still).amount == note.gross_amount

        parts = [Disposition(1, restock=2, scrap=1, send_back=4)]
        disposition.dispose(back.pk, dispositions=parts, by=PLATFORM, at=chain.now)
        chain.settled()
        one = asked.lines.get()
        assert (one.restocked, one.scrapped, one.sent_back) == (2, 1, 4)
        assert sum(Quant.objects.filter(location__kind="STORAGE").values_list("on_hand", flat=True)) == 2
        assert sum(Quant.objects.filter(location__kind="QUALITY").values_list("on_hand", flat=True)) == 0
        assert sound()


def test_what_was_paid_already_stays_to_the_dealers_credit() -> None:
    chain, [order] = delivered((60,))
    with acting_as(PLATFORM):
        chain.pays(Invoice.objects.get())
    comes_back(chain, asks(chain, order, 60))
    with acting_as(PLATFORM):
        note, invoice = CreditNote.objects.get(), Invoice.objects.get()
        assert (note.net_amount, note.tax_amount) == (invoice.net_amount, invoice.tax_amount)
        assert (note.settled_amount, note.advance_amount) == (0, invoice.gross_amount)
        advances = JournalLine.objects.filter(account__code="2300").values_list("amount", flat=True)
        assert sum(advances) == -Money(invoice.gross_amount, "CNY").minor
        assert sound()


def test_returns_in_steps_are_credited_like_one() -> None:
    chain, [order] = delivered((7,), breaks=((1, "0.333333"),))
    for quantity in (1, 2, 3, 1):
        comes_back(chain, asks(chain, order, quantity))
    with acting_as(PLATFORM):
        invoice = Invoice.objects.get()
        notes = CreditNote.objects.all()
        assert sum((note.net_amount for note in notes), Decimal(0)) == invoice.net_amount
        assert sum((note.tax_amount for note in notes), Decimal(0)) == invoice.tax_amount
        assert (invoice.status, invoice.open_amount) == ("CREDITED", 0)
        assert CreditHold.objects.get().invoiced == 0
        assert sound()


def test_leave_of_which_nothing_came_lapses_and_the_goods_may_be_announced_again() -> None:
    chain, [order] = delivered((10,))
    asked = asks(chain, order, 10)
    comes_back(chain, asked, 0)
    with acting_as(PLATFORM):
        asked.refresh_from_db()
        assert asked.status == "LAPSED"
        assert not CreditNote.objects.exists()
    assert comes_back(chain, asks(chain, order, 10)).status == "RECEIVED"
    with acting_as(PLATFORM):
        assert sound()


def test_goods_refused_at_the_door_come_back_into_quarantine_without_a_credit() -> None:
    chain = Chain.of(make.trade(dealers=1))
    with acting_as(PLATFORM):
        cycle = make.cycle(chain.trade)
        order = chain.wants(20)
        placed = chain.closes(cycle)
        chain.answers(placed)
        chain.sends(placed, 20)
        chain.receives()
        chain.packs()
        chain.departs()
        chain.delivers(Outcome(1, short_quantity=5))
        refused = ReturnReceipt.objects.get()
        assert (refused.status, refused.lines.get().expected_quantity) == ("EXPECTED", 5)
        return_receipts.receive(refused.pk, by=PLATFORM, at=chain.now)
        chain.settled()
        disposition.dispose(refused.pk, dispositions=[Disposition(1, restock=5)], by=PLATFORM, at=chain.now)
        chain.settled()
        line = chain.line_of(order)
        assert (line.delivered, line.returned, line.invoiced) == (15, 5, 15)
        assert not CreditNote.objects.exists()
        assert sum(Quant.objects.filter(location__kind="STORAGE").values_list("on_hand", flat=True)) == 5
        assert sound()


def test_one_claim_to_the_factory_over_many_dealers_is_split_back_to_the_cent() -> None:
    chain = Chain.of(make.trade(breaks=((1, "3.333333"),), dealers=3))
    with acting_as(PLATFORM):
        cycle = make.cycle(chain.trade)
        orders = [chain.wants(quantity, dealer=dealer) for dealer, quantity in enumerate((60, 30, 10))]
        placed = chain.closes(cycle)
        chain.answers(placed)
        chain.sends(placed, 100)
        chain.receives([receipt.Count(1, 90, 7)])  # and three are missing
        chain.packs()
        chain.departs()
        chain.delivers()
    comes_back(chain, asks(chain, orders[0], 5))
    comes_back(chain, asks(chain, orders[1], 3, reason="QUALITY", dealer=1))
    comes_back(chain, asks(chain, orders[1], 1, reason="SURPLUS", dealer=1))
    with acting_as(PLATFORM):
        made = claim.raise_for(placed, compensation_rate=Decimal("0.1"), by=PLATFORM, at=chain.now)
        lines = {line.cause: line for line in made.lines.all()}
        assert {cause: line.claimed_quantity for cause, line in lines.items()} == {
            "RETURNED": 8,
            "REJECTED": 7,
            "MISSING": 3,
        }
        assert lines["RETURNED"].claimed_amount == Decimal("26.67")
        with pytest.raises(claim.NothingToClaim):
            claim.raise_for(placed, by=PLATFORM, at=chain.now)
    owed = _owed(chain)
    by = chain.trade.factory_actor
    with acting_as(by):
        answers = [claim_answer.Answer(lines["REJECTED"].line_number, 4, "three were damaged on the way")]
        claim_answer.answer(made, answers=answers, by=by, at=chain.now)
        made.refresh_from_db()
        assert made.status == "PARTLY_ACCEPTED"
    with acting_as(PLATFORM):
        for line in made.lines.all():
            shares = list(line.shares.all())
            assert sum(share.claimed_amount for share in shares) == line.claimed_amount
            assert sum(share.accepted_amount for share in shares) == line.accepted_amount
            assert sum(share.quantity for share in shares) == line.claimed_quantity
        assert sum(line.accepted_amount for line in made.lines.all()) == made.accepted_amount
        claim.settle(made, by=PLATFORM, at=chain.now)
        chain.settled()
        credit = SupplierCredit.objects.get()
        made.refresh_from_db()
        assert (made.status, made.supplier_credit_number) == ("SETTLED", credit.number)
        assert credit.amount == made.accepted_amount
        assert credit.recovered_amount == Decimal("26.67"), "the dealers were refunded by the platform"
        passed_on = sum(share.amount for share in credit.shares.all())
        assert passed_on == made.accepted_amount - Decimal("26.67")
        assert owed - _owed(chain) == Money(made.accepted_amount, "CNY").minor
        assert sum(JournalLine.objects.values_list("amount", flat=True)) == 0
        assert sound()
        assert not [one for compare in RECONCILERS.values() for one in compare().differences]


def _owed(chain: Chain) -> int:
    """Return what the factory is owed, billed or not, in cents."""
    with acting_as(PLATFORM):
        owed = JournalLine.objects.filter(
            account__code__in=("2000", "2100"), account__party=chain.trade.maker
        )
        return -sum(owed.values_list("amount", flat=True))
