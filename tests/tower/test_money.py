"""What became of the money is on the timeline of the orders it was for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b2b.contracts.finance import PaymentTakenBack
from b2b.core.actor import acting_as, system
from b2b.core.errors import NotYet
from b2b.tower import handlers
from b2b.tower.models import TimelineEntry
from tests.tower.test_tower import DEALER, NOTES, PAID, RIVAL, story

pytestmark = pytest.mark.django_db


def test_a_payment_taken_back_is_on_the_timeline_of_its_orders() -> None:
    taken = PaymentTakenBack(
        occurred_at=PAID.occurred_at + timedelta(hours=1), payment_id=PAID.payment_id,
        dealer_id=7, currency="CNY", amount=PAID.amount,
        reason="returned by the bank", invoice_ids=tuple(one.invoice_id for one in PAID.invoices),
    )  # fmt: skip
    with acting_as(system()):
        with pytest.raises(NotYet):
            handlers.note_payment_taken_back(taken)
        for note, event in NOTES:
            note(event)
        handlers.note_payment(PAID)
        for _ in range(2):
            handlers.note_payment_taken_back(taken)
        assert TimelineEntry.objects.get(step="unpaid").text == "Payment taken back: returned by the bank"
    assert [step for step, _ in story(DEALER)][-2:] == ["paid", "unpaid"]
    assert story(RIVAL) == []
