"""Redeem vouchers: what was promised is paid, to whoever holds it on the day."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone

from b2b.core.actor import Actor, acting_as
from b2b.core.errors import DomainError
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from finance.models import SupplierInvoice, Voucher
from finance.policies.chart import SUSPENSE, VOUCHERS_ISSUED
from finance.selectors import voucher as selectors
from finance.services import repayment, voucher
from finance.services.memo_accounts import Memo
from finance.services.voucher import DESK

REDEEMED: Final = "8310"


class NotDue(DomainError):
    """The voucher is not due yet."""

    code = "voucher_not_due"


@unit_of_work()
def redeem(voucher_id: UUID, *, by: Actor, at: datetime) -> Voucher:
    """Pay a piece to its holder when it is due; the bank's statement will show it. A funder that bought it is repaid.

    :raises NotFound: when it is not the actor's. :raises NotDue: before its day.
    :raises IllegalTransition: when it is pledged, or has gone on.
    """
    with acting_as(DESK):
        piece = voucher.own_piece(voucher_id, by=by)
        root, day = piece.root, timezone.localtime(at).date()
        if day < root.due_date:
            raise NotDue(f"{piece.number} is due on {root.due_date}", voucher=piece.number)
        piece.advance("redeem", by=by, at=at)
        voucher.post(root, "voucher_redeemed", piece.pk, day, [
            (voucher.held_by(root, piece.holder_id), -piece.amount, piece),
            (Memo(REDEEMED, root.unit, None, "Vouchers redeemed", "DEBIT"), piece.amount, piece),
        ], by=by, at=at)  # fmt: skip
        voucher.owe(
            root, VOUCHERS_ISSUED, SUSPENSE, piece.amount, "voucher_redeemed", piece.pk, day, by=by, at=at
        )
        if not root.pieces.filter(status__in=("HELD", "PLEDGED")).exists():
            bill = lock_one(SupplierInvoice.objects.filter(pk=root.bill_id))
            if bill.status == "ASSIGNED":
                bill.advance("pay", by=by, at=at, reason=root.number)
        bought = selectors.bought_by(piece)
        if bought is not None:
            repayment.enter(bought.pk, piece.amount, day, piece.number, by=by, at=at)
        return piece
