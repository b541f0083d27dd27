"""A voucher changes hands: every step is an entry in its own unit, and not a cent of it is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b2b.core.actor import Actor, acting_as
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from b2b.directory.models import Organization
from finance.models import Voucher, VoucherRoot
from finance.selectors import voucher as selectors
from finance.services import voucher, voucher_pledge, voucher_redemption
from finance.services.ledger import LimitPassed
from finance.services.voucher import TermRefused
from finance.services.voucher_redemption import NotDue
from tests.factories.directory import actor, dealer, factory_organization, funder
from tests.factories.finance import NOON, PLATFORM
from tests.finance.financing.test_financing import FINANCE, balance
from tests.finance.financing.world import bill, reread

pytestmark = pytest.mark.usefixtures("db")


def issued(maker: Organization | None = None, price: str = "1000") -> Voucher:
    """Issue a voucher of 1,130.00 for a bill."""
    return voucher.issue(bill(maker, price).pk, by=PLATFORM, at=NOON)


def holder(piece: Voucher) -> Actor:
    """Return who holds a piece."""
    return actor(piece.holder)


def give(
    piece: Voucher, to: Organization, *, with_recourse: bool = False, amount: int | None = None
) -> Voucher:
    """Hand a piece on."""
    return voucher.transfer(
        piece.pk, to_id=to.pk, with_recourse=with_recourse, amount=amount, by=holder(piece), at=NOON
    )


def live(root: VoucherRoot) -> list[Voucher]:
    """Return the pieces of a voucher that are in somebody's hands."""
    with acting_as(PLATFORM):
        return list(
            Voucher.objects.filter(root=root, status__in=("HELD", "PLEDGED")).select_related(
                "holder", "pledgee", "root"
            )
        )


def clean() -> None:
    assert invariants.check(FINANCE) == []


def test_a_bill_is_paid_by_a_voucher_that_changes_hands_and_is_redeemed_when_due() -> None:
    maker, supplier = factory_organization(), factory_organization()
    owed = bill(maker)
    whole = voucher.issue(owed.pk, by=PLATFORM, at=NOON)
    assert (whole.amount, reread(owed).status, balance("2060")) == (113_000, "ASSIGNED", -113_000)
    part = give(whole, supplier, amount=13_000)
    rest = max(live(whole.root), key=lambda piece: piece.amount)
    assert (part.amount, rest.amount, rest.holder_id) == (13_000, 100_000, maker.pk)
    clean()
    with pytest.raises(NotDue):
        voucher_redemption.redeem(part.pk, by=holder(part), at=NOON)
    due = NOON + timedelta(days=60)
    for piece in (part, rest):
        voucher_redemption.redeem(piece.pk, by=holder(piece), at=due)
    assert (reread(owed).status, balance("2060"), balance("8310")) == ("PAID", 0, 113_000)
    clean()


def test_who_answers_is_written_at_each_hop() -> None:
    first, second, third, last = (factory_organization() for _ in range(4))
    piece = issued(first)
    for taker, with_recourse in ((second, True), (third, False), (last, True)):
        piece = give(piece, taker, with_recourse=with_recourse)
    with acting_as(actor(last)):
        hops = selectors.path(actor(last), piece.pk)
    assert [hop.holder for hop in hops] == [one.code for one in (first, second, third, last)]
    assert [hop.answers for hop in hops] == [False, False, True, False]
    with pytest.raises(NotFound):
        selectors.path(actor(factory_organization()), piece.pk)


def test_a_pledged_piece_moves_for_nobody_and_the_ledger_says_so_too() -> None:
    piece, bank = issued(), funder()
    voucher_pledge.pledge(piece.pk, to_id=bank.pk, by=holder(piece), at=NOON)
    steps = (
        lambda: give(piece, factory_organization()),
        lambda: voucher.split(piece.pk, [1, 112_999], by=holder(piece), at=NOON),
        lambda: voucher_pledge.pledge(piece.pk, to_id=bank.pk, by=holder(piece), at=NOON),
    )
    for step in steps:
        with pytest.raises(IllegalTransition):
            step()
    with acting_as(PLATFORM):
        Voucher.objects.filter(pk=piece.pk).update(status="HELD", pledge=None, pledgee=None)
    with pytest.raises(LimitPassed):
        give(piece, factory_organization())


def test_the_pledgee_alone_releases_or_takes_it() -> None:
    piece, bank = issued(), funder()
    maker = holder(piece)
    voucher_pledge.pledge(piece.pk, to_id=bank.pk, by=maker, at=NOON)
    for stranger in (maker, actor(funder())):
        with pytest.raises(NotFound):
            voucher_pledge.release(piece.pk, by=stranger, at=NOON)
    assert voucher_pledge.release(piece.pk, by=actor(bank), at=NOON).status == "HELD"
    clean()
    voucher_pledge.pledge(piece.pk, to_id=bank.pk, by=maker, at=NOON)
    taken = voucher_pledge.enforce(piece.pk, by=actor(bank), at=NOON)
    assert (taken.holder_id, taken.with_recourse, taken.amount) == (bank.pk, True, 113_000)
    clean()


def test_strangers_and_bad_parts_are_refused() -> None:
    piece = issued()
    with pytest.raises(Forbidden):
        voucher.issue(bill().pk, by=holder(piece), at=NOON)
    with pytest.raises(NotFound):
        voucher.split(piece.pk, [1, 112_999], by=actor(dealer()), at=NOON)
    for parts in ([113_000], [1, 1], [0, 113_000], [-1, 113_001]):
        with pytest.raises(Invalid):
            voucher.split(piece.pk, parts, by=holder(piece), at=NOON)
    with pytest.raises(Invalid):
        give(piece, piece.holder)
    with pytest.raises(Invalid):
        give(piece, funder(), amount=113_001)


def test_a_term_is_the_jurisdictions() -> None:
    owed = bill()
    with pytest.raises(TermRefused, match="12 months"):
        voucher.issue(owed.pk, due_date=NOON.date() + timedelta(days=400), by=PLATFORM, at=NOON)
    assert reread(owed).status == "APPROVED"
    long = voucher.issue(owed.pk, due_date=NOON.date() + timedelta(days=200), by=PLATFORM, at=NOON)
    assert "6 months" in long.root.warning
