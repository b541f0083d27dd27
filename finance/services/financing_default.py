"""What happens when a financing is not paid back: default, recourse, loss."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Invalid
from b2b.db.transactions import unit_of_work
from finance.models import FinancedAsset, Financing
from finance.policies.financing_replay import days_past_due
from finance.services import assigned_bill, financing_booking, sold_voucher
from finance.services.repayment import own_financing

DESK: Final = system("financing")


class NotInDefault(DomainError):
    """Nothing has been overdue for as long as the programme says."""

    code = "not_in_default"


@unit_of_work()
def declare_default(financing_id: UUID, *, by: Actor, at: datetime) -> Financing:
    """Say that a financing is in default, once it has been overdue for as long as its programme says.

    :raises NotInDefault: before that. :raises NotFound: when it is not the actor's.
    :raises IllegalTransition: when it is repaid or in default already.
    """
    with acting_as(DESK):
        one = own_financing(financing_id, by=by)
        day = timezone.localtime(at).date()
        late = days_past_due(financing_booking.current(one, day), day)
        if late < one.programme.default_days:
            raise NotInDefault(f"{late} days overdue; in default from {one.programme.default_days}")
        one = financing_booking.bring_up([one.pk], day, by=by, at=at)[0]
        one.advance("declare_default", by=by, at=at, reason=f"{late} days overdue")
        return one


@unit_of_work()
def take_recourse(financing_id: UUID, *, by: Actor, at: datetime) -> Financing:
    """Ask the borrower for what the obligor did not pay.

    :raises Invalid: when the financing is without recourse. :raises IllegalTransition: before it is in default.
    """
    with acting_as(DESK):
        one = own_financing(financing_id, by=by)
        if not one.with_recourse:
            raise Invalid(f"{one.number} is without recourse; what is not paid is the funder's loss")
        day = timezone.localtime(at).date()
        one.advance("take_recourse", by=by, at=at, recourse_date=day)
        if assigned_bill.is_sold(one):
            assigned_bill.give_back(one, day, by=by, at=at)
        if sold_voucher.is_sold(one):
            sold_voucher.give_back(one, by=by, at=at)
        return financing_booking.bring_up([one.pk], day, by=by, at=at)[0]


@unit_of_work()
def write_off(financing_id: UUID, *, reason: str, by: Actor, at: datetime) -> Financing:
    """Let the funder bear what nobody will pay.

    :raises Invalid: without a reason. :raises IllegalTransition: before it is in default.
    """
    if not reason.strip():
        raise Invalid("say why")
    with acting_as(DESK):
        one = own_financing(financing_id, by=by)
        day = timezone.localtime(at).date()
        one.advance("write_off", by=by, at=at, reason=reason, lost_date=day)
        FinancedAsset.objects.filter(financing=one).update(released_at=at)
        return financing_booking.bring_up([one.pk], day, by=by, at=at)[0]
