"""A person decides, a run is cut off, a payment is undone: nothing is lost and nothing deleted (tests 22 and 23)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.core.machine import IllegalTransition
from b2b.outbox.models import OutboxEvent
from finance import facade
from finance.models import Allocation, Invoice, Match, Payment
from finance.services import reconciliation, resolution, taking_back
from tests.factories.directory import actor, organization
from tests.factories.finance import NOON, PLATFORM, dealer_with_credit, our_bank_account
from tests.finance.services.test_matching_cases import all_is_well, balance, invoice, left, match, receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_platform(db):
    with acting_as(PLATFORM):
        our_bank_account()
        yield


@pytest.fixture
def dealer(_as_platform):
    return dealer_with_credit(100_000, name="Dealer of Trust Ltd")


def test_a_proposal_is_accepted_and_the_others_are_rejected(dealer):
    owed = [invoice(dealer, "100"), invoice(dealer, "100")]
    receive(("100", ""))
    match()
    chosen, other = Match.objects.order_by("pk")
    with pytest.raises(Forbidden):
        resolution.accept(chosen.pk, by=actor(organization()), at=NOON)
    resolution.accept(chosen.pk, by=PLATFORM, at=NOON)
    assert sorted(left(*owed)) == [0, 100]
    other.refresh_from_db()
    assert other.status == "REJECTED"
    with pytest.raises(IllegalTransition):
        resolution.accept(other.pk, by=PLATFORM, at=NOON)
    all_is_well()


def test_a_person_writes_off_within_the_tolerance_only(dealer):
    owed = invoice(dealer, "100")
    [line] = receive(("97", "?"), name="Nobody")
    match()
    with pytest.raises(Invalid, match="no more than"):
        resolution.resolve(
            line.pk,
            allocations={owed.pk: Decimal(97)},
            written_off={owed.pk: Decimal("5.01")},
            by=PLATFORM,
            at=NOON,
        )
    resolution.resolve(
        line.pk, allocations={owed.pk: Decimal(97)}, written_off={owed.pk: Decimal(3)}, by=PLATFORM, at=NOON
    )
    assert (left(owed), balance("6110")) == ([0], 300)
    all_is_well()


def test_23_undo_opens_line_and_invoices_again_and_deletes_nothing(dealer):
    owed = [invoice(dealer, "100"), invoice(dealer, "50")]
    [line] = receive(("150", f"{owed[0].number} {owed[1].number}"))
    match()
    payment = Payment.objects.get()
    with pytest.raises(Invalid):
        taking_back.undo(payment.pk, reason=" ", by=PLATFORM, at=NOON)
    taking_back.undo(payment.pk, reason="paid by somebody else", by=PLATFORM, at=NOON)
    line.refresh_from_db()
    assert (left(*owed), line.status, Allocation.objects.count()) == ([100, 50], "OPEN", 4)
    assert [Invoice.objects.get(pk=one.pk).status for one in owed] == ["ISSUED", "ISSUED"]
    assert facade.position(dealer_id=dealer.pk, currency="CNY").used.amount == 150
    assert OutboxEvent.objects.filter(topic="finance.payment.taken_back.v1").count() == 1
    all_is_well()
    with pytest.raises(IllegalTransition):
        taking_back.undo(payment.pk, reason="again", by=PLATFORM, at=NOON)
    match()
    assert (left(*owed), Payment.objects.count()) == ([0, 0], 2)
    all_is_well()


def test_22_a_run_goes_on_where_it_was_cut_off(dealer, monkeypatch):
    owed = [invoice(dealer, f"{n}.07") for n in range(10, 16)]
    receive(*((f"{n}.07", one.number) for n, one in zip(range(10, 16), owed, strict=True)))
    steps = iter(range(3))

    def cut_off(*args, **kwargs):
        if next(steps, None) is None:
            raise ConnectionError
        return step(*args, **kwargs)

    step = reconciliation._step
    monkeypatch.setattr(reconciliation, "_step", cut_off)
    with pytest.raises(ConnectionError):
        reconciliation.match(by=PLATFORM, at=NOON, batch=1)
    assert Payment.objects.count() == 3
    monkeypatch.undo()
    run = reconciliation.match(by=PLATFORM, at=NOON, batch=2)
    assert (run.matched, left(*owed)) == (6, [0] * 6)


def test_a_preview_tells_and_writes_nothing(dealer):
    owed = invoice(dealer, "100")
    receive(("100", owed.number))
    assert reconciliation.preview(by=PLATFORM, at=NOON).matched == 1
    assert (left(owed), Payment.objects.count(), Match.objects.count()) == ([100], 0, 0)
