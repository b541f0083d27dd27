"""Vouchers that a funder has bought: the piece changes hands when the money is drawn, and its redemption repays it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.db.locks import lock_one
from finance.models import Financing, Voucher
from finance.policies.technique import TECHNIQUES, VOUCHER
from finance.services import voucher


def is_sold(one: Financing) -> bool:
    """Tell whether the financing bought a voucher."""
    return TECHNIQUES[one.programme.kind].is_purchase and one.request.asset_kind == VOUCHER


def sell(one: Financing, *, by: Actor, at: datetime) -> Voucher:
    """Hand the piece to the funder, with recourse as its programme says.

    :raises NotFound: when it is not the borrower's any more. :raises IllegalTransition: when it is pledged.
    """
    mine = Voucher.objects.select_related("root").filter(
        pk=UUID(one.request.asset_key), holder=one.borrower_id
    )
    return voucher.hand_over(lock_one(mine), one.funder_id, with_recourse=one.with_recourse, by=by, at=at)


def give_back(one: Financing, *, by: Actor, at: datetime) -> None:
    """Hand the piece back to the borrower, who has to pay the funder itself: recourse."""
    held = Voucher.objects.select_related("root").filter(
        parent=UUID(one.request.asset_key), holder=one.funder_id, status="HELD"
    )
    voucher.hand_over(lock_one(held), one.borrower_id, with_recourse=False, by=by, at=at)
