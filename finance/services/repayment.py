"""Enter what was paid on financings, take it back, and let interest accrue day by day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils import timezone

from b2b.contracts.financing import FinancingRepaid
from b2b.core.actor import FUNDER, Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.models import FinancedAsset, Financing, FinancingRepayment
from finance.services import assigned_bill, financing_booking, pledge, sold_voucher
from finance.services.financing import AssetTaken

DESK: Final = system("financing")
RUNNING: Final = ("DRAWN", "DEFAULTED", "RECOURSE")


@unit_of_work()
def repay(
    financing_id: UUID, *, amount: int, value_date: date, reference: str, by: Actor, at: datetime
) -> Financing:
    """Enter money that came in, in minor units; entered late it counts from its value date all the same.

    The same reference again is the same payment.

    :raises NotFound: when it is not the actor's. :raises Forbidden: for anyone but the funder or the operator.
    :raises Invalid: for a day to come, or another payment under a reference that is taken.
    """
    with acting_as(DESK):
        one = own_financing(financing_id, by=by)
        day = timezone.localtime(at).date()
        if amount <= 0 or not reference.strip():
            raise Invalid("a repayment has an amount and the reference of the bank")
        if value_date > day:
            raise Invalid(f"{value_date} is to come; enter the payment when it is there")
        if sold_voucher.is_sold(one) and one.recourse_date is None:
            raise Invalid(f"{one.number} bought a voucher; redeem it when it is due, and this is repaid")
        known = FinancingRepayment.objects.filter(financing=one, reference=reference[:80]).first()
        if known is not None:
            if (known.amount, known.value_date) != (amount, value_date):
                raise Invalid(f"{reference} was entered before with another amount or day")
            return one
        return enter(one.pk, amount, value_date, reference[:80], by=by, at=at)


def enter(
    financing_id: UUID, amount: int, value_date: date, reference: str, *, by: Actor, at: datetime
) -> Financing:
    """Write down what came in for a financing and post what that changes; the caller acts as the platform.

    :raises NoTransaction: outside a unit of work.
    """
    one = lock_one(Financing.objects.select_related("request", "programme").filter(pk=financing_id))
    made = FinancingRepayment.objects.create(
        financing=one, borrower_id=one.borrower_id, funder_id=one.funder_id, value_date=value_date,
        amount=amount, reference=reference, entered_at=at, entered_by=str(by)[:150],
    )  # fmt: skip
    if assigned_bill.is_sold(one) and one.recourse_date is None:
        assigned_bill.pay(one, amount, value_date, made.pk, by=by, at=at)
    return _settle(one, timezone.localtime(at).date(), reference, by=by, at=at)


def _settle(one: Financing, day: date, reason: str, *, by: Actor, at: datetime) -> Financing:
    """Post what changed, and let the asset go once nothing is owed."""
    one = financing_booking.bring_up([one.pk], day, by=by, at=at)[0]
    owed = one.principal_owed + one.interest_owed + one.fee_owed + one.penalty_owed
    one.advance("repay_partly" if owed else "repay", by=by, at=at, reason=reason)
    if not owed:
        FinancedAsset.objects.filter(financing=one).update(released_at=at)
        pledge.let_go(one, by=by, at=at)
        publish(
            FinancingRepaid(
                occurred_at=at, financing_id=one.pk, number=one.number, borrower_id=one.borrower_id,
                funder_id=one.funder_id, asset_kind=one.request.asset_kind,
            )
        )  # fmt: skip
    return one


@unit_of_work()
def take_back(repayment_id: int, *, reason: str, by: Actor, at: datetime) -> Financing:
    """Undo a repayment that the bank returned or that was entered by mistake; everything stands as if it never came.

    :raises NotFound: when there is none of the actor's. :raises AssetTaken: when the asset was financed anew since.
    """
    with acting_as(DESK):
        paid = FinancingRepayment.objects.filter(pk=repayment_id, reverses=None).first()
        if paid is None:
            raise NotFound("there is no such repayment")
        one = own_financing(paid.financing_id, by=by)
        if FinancingRepayment.objects.filter(reverses=paid).exists():
            return one
        if sold_voucher.is_sold(one) and (one.recourse_date is None or paid.value_date < one.recourse_date):
            raise Invalid(f"{paid.reference} was redeemed for it; a voucher is redeemed once and for all")
        FinancingRepayment.objects.create(
            financing=one, borrower_id=one.borrower_id, funder_id=one.funder_id, value_date=paid.value_date,
            amount=paid.amount, reference=f"{paid.pk}: {reason}"[:80], reverses=paid, entered_at=at,
            entered_by=str(by)[:150],
        )  # fmt: skip
        if one.status == "REPAID":
            _claim_again(one)
            one.advance("take_payment_back", by=by, at=at, reason=reason)
        if assigned_bill.is_sold(one) and one.recourse_date is None:
            assigned_bill.take_payment_back(one, paid, by=by, at=at)
        return financing_booking.bring_up([one.pk], timezone.localtime(at).date(), by=by, at=at)[0]


def _claim_again(one: Financing) -> None:
    rival = FinancedAsset.objects.filter(fingerprint=one.request.fingerprint, released_at=None)
    if rival.exists():
        raise AssetTaken(f"{one.request.asset_number} was financed anew since")
    FinancedAsset.objects.filter(financing=one).update(released_at=None)


def own_financing(financing_id: UUID, *, by: Actor) -> Financing:
    """Lock a financing of the funder's and return it."""
    mine = Financing.objects.select_related("request", "programme").filter(pk=financing_id)
    if not by.sees_all:
        if by.kind != FUNDER:
            if mine.filter(borrower_id=by.organization_id).exists():
                raise Forbidden("the funder enters what it got")
            raise NotFound("there is no such financing")
        mine = mine.filter(funder_id=by.organization_id)
    return lock_one(mine)


@unit_of_work()
def accrue(*, at: datetime, by: Actor, most: int = 2_000) -> int:
    """Post a day's interest of all financings that run and return how many; may run late, twice or never."""
    day = timezone.localtime(at).date()
    with acting_as(DESK):
        behind = Financing.objects.filter(status__in=RUNNING, booked_until__lt=day).order_by("pk")
        return len(financing_booking.bring_up(behind.values_list("pk", flat=True)[:most], day, by=by, at=at))
