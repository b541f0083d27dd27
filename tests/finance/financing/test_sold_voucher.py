"""A factory sells a voucher it holds; the funder is repaid when it redeems it, and nothing is sold twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Invalid
from b2b.db import invariants
from b2b.directory.models import Organization
from finance.models import Financing, FinancingRequest, Programme, Voucher
from finance.policies.interest import bank_discount
from finance.services import (
    financing_default,
    repayment,
    voucher,
    voucher_pledge,
    voucher_redemption,
)
from finance.services.financing import AssetChanged
from finance.services.voucher import VoucherFinanced
from tests.factories.directory import actor, factory_organization, funder
from tests.factories.finance import NOON, PLATFORM
from tests.finance.financing import world
from tests.finance.financing.test_financing import FINANCE
from tests.finance.financing.test_voucher import give, issued, live
from tests.finance.financing.world import draw, open_programme, reread

pytestmark = pytest.mark.usefixtures("db")
DUE = NOON + timedelta(days=30)


def ask(of: Programme, piece: Voucher) -> FinancingRequest:
    return world.ask_for(of, piece.holder, "VOUCHER", piece.pk)


def sold(
    maker: Organization | None = None, bank: Organization | None = None
) -> tuple[Financing, Voucher, Organization]:
    """Sell a voucher of 1,130.00 and return the financing, the funder's piece and the funder."""
    bank = bank or funder()
    piece = issued(maker)
    one = draw(ask(open_programme("VOUCHER_FINANCE", of=bank), piece))
    [held] = live(piece.root)
    return one, held, bank


def clean() -> None:
    assert invariants.check(FINANCE) == []


def test_a_voucher_is_sold_at_a_discount_and_its_redemption_repays_it() -> None:
    one, held, bank = sold()
    assert (held.holder, held.amount, one.drawn) == (bank, 113_000, 113_000)
    assert one.discount == bank_discount(113_000, one.rate, "ACT/360", NOON.date(), DUE.date())
    clean()

    voucher_redemption.redeem(held.pk, by=actor(bank), at=DUE)

    assert (reread(one).status, reread(one).principal_owed) == ("REPAID", 0)
    assert reread(held).status == "REDEEMED"
    clean()


def test_a_part_is_split_off_and_sold() -> None:
    bank, piece = funder(), issued()
    part, rest = voucher.split(piece.pk, [50_000, 63_000], by=actor(piece.holder), at=NOON)
    one = draw(ask(open_programme("VOUCHER_FINANCE", of=bank), part))
    assert one.drawn == 50_000
    assert {(held.holder_id, held.amount) for held in live(piece.root)} == {
        (bank.pk, 50_000),
        (rest.holder_id, 63_000),
    }
    clean()


def test_what_is_pledged_or_gone_is_not_sold() -> None:
    programme, piece = open_programme("VOUCHER_FINANCE"), issued()
    offered = ask(programme, piece)
    mine, other = actor(piece.holder), funder()
    voucher_pledge.pledge(piece.pk, to_id=other.pk, by=mine, at=NOON)
    refused = ask(open_programme("VOUCHER_FINANCE"), piece)
    assert (refused.status, refused.offer.reasons) == ("REFUSED", ["the voucher is pledged"])
    with pytest.raises(AssetChanged, match="the voucher is pledged"):
        draw(offered)
    voucher_pledge.release(piece.pk, by=actor(other), at=NOON)
    give(piece, factory_organization())
    with pytest.raises(AssetChanged, match="the voucher is transferred"):
        draw(offered)
    clean()


def test_a_bought_voucher_stays_with_its_funder_until_it_is_repaid() -> None:
    one, held, bank = sold()
    by = actor(bank)
    for step in (
        lambda: voucher.transfer(held.pk, to_id=one.borrower_id, with_recourse=False, by=by, at=NOON),
        lambda: voucher.split(held.pk, [1, 112_999], by=by, at=NOON),
        lambda: voucher_pledge.pledge(held.pk, to_id=one.borrower_id, by=by, at=NOON),
    ):
        with pytest.raises(VoucherFinanced, match=one.number):
            step()
    with pytest.raises(Invalid, match="redeem it when it is due"):
        repayment.repay(one.pk, amount=1, value_date=NOON.date(), reference="x", by=by, at=NOON)
    voucher_redemption.redeem(held.pk, by=by, at=DUE)
    with acting_as(PLATFORM):
        paid = one.repayments.get()
    with pytest.raises(Invalid, match="redeemed once and for all"):
        repayment.take_back(paid.pk, reason="mistake", by=PLATFORM, at=DUE)
    clean()


def test_recourse_hands_the_voucher_back_to_who_sold_it() -> None:
    one, held, bank = sold()
    late = DUE + timedelta(days=31)
    financing_default.declare_default(one.pk, by=actor(bank), at=late)
    financing_default.take_recourse(one.pk, by=actor(bank), at=late)
    [back] = live(held.root)
    assert (back.holder_id, back.amount) == (one.borrower_id, 113_000)
    clean()
    owed = reread(one)
    total = owed.principal_owed + owed.interest_owed + owed.penalty_owed + owed.fee_owed
    repayment.repay(
        one.pk, amount=total, value_date=late.date(), reference="from the seller", by=actor(bank), at=late
    )
    assert reread(one).status == "REPAID"
    voucher_redemption.redeem(back.pk, by=actor(back.holder), at=late)
    clean()
