"""Draw an offer: claim the asset, use the limit, post what it moves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils import timezone

from b2b.contracts.financing import FinancingDrawn
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError
from b2b.core.money import Money
from b2b.db import sequences
from b2b.db.bulk import fetch_value
from b2b.db.locks import advisory_lock
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.models import (
    FinancedAsset,
    Financing,
    FinancingBooking,
    FinancingInstalment,
    FinancingRequest,
)
from finance.policies import schedule
from finance.policies.technique import STOCK, TECHNIQUES
from finance.selectors import financeable
from finance.selectors.financeable import Asking
from finance.services import (
    assigned_bill,
    chart,
    financing_booking,
    numbering,
    pending,
    pledge,
    sold_voucher,
)
from finance.services.financing_booking import LIMIT_SIGNS, OF_PARTY
from finance.services.financing_request import own_request
from finance.services.goods_book import Goods
from finance.services.ledger import AlreadyResolved, NotPending

DESK: Final = system("financing")


class AssetTaken(DomainError):
    """The asset is financed already; one asset, one financing."""

    code = "asset_taken"


class OfferLapsed(DomainError):
    """The offer was not taken in time; ask again."""

    code = "offer_lapsed"


class AssetChanged(DomainError):
    """The asset is no longer what the offer was made on."""

    code = "asset_changed"


@unit_of_work()
def draw(request_id: UUID, *, by: Actor, at: datetime) -> Financing:
    """Take an offer: the asset is claimed, the money drawn, and what it moves is posted.

    :raises NotFound: when it is not the actor's. :raises IllegalTransition: when it is not offered any more.
    :raises OfferLapsed: when its days are over. :raises AssetTaken: when somebody else finances the asset.
    :raises AssetChanged: naming what speaks against it now.
    """
    with acting_as(DESK):
        request = own_request(request_id, by=by)
        offer = request.offer if request.status != "ASKED" else None
        request.machine.next(request.status, "accept")
        if offer is None or offer.valid_until is None or offer.valid_until <= at:
            raise OfferLapsed(request=request.number)
        day = timezone.localtime(at).date()
        # Papers of one party may be about the same goods (an order and its invoice): one of them is drawn at a time.
        advisory_lock(f"finance.financing:{request.borrower_id}")
        _check_asset(request, day)
        one = _write(request, offer.maturity or day, day, by=by, at=at)
        _claim(one, request)
        _use_limit(one, request, day, by=by, at=at)
        if request.asset_kind == STOCK:
            told = request.details
            goods = Goods(one.borrower_id, told["product_id"], told["site_id"], told["quantity"])
            pledge.make(one, goods, by=by, at=at)
        request.advance("accept", by=by, at=at)
        if assigned_bill.is_sold(one):
            assigned_bill.assign(one, by=by, at=at)
        if sold_voucher.is_sold(one):
            sold_voucher.sell(one, by=by, at=at)
        one = financing_booking.bring_up([one.pk], day, by=by, at=at)[0]
        publish(
            FinancingDrawn(
                occurred_at=at,
                financing_id=one.pk,
                number=one.number,
                programme_id=one.programme_id,
                borrower_id=one.borrower_id,
                funder_id=one.funder_id,
                currency=one.currency,
                amount=Money.from_minor(one.drawn, one.currency).amount,
                paid_out=Money.from_minor(one.drawn - one.discount, one.currency).amount,
                maturity=one.maturity,
                asset_kind=request.asset_kind,
                asset_number=request.asset_number,
                asset_key=request.asset_key,
            )
        )
        return one


def _check_asset(request: FinancingRequest, day: date) -> None:
    asset = financeable.find(
        request.asset_kind, request.asset_key, Asking(request.borrower, chart.seller(), day)
    )
    faults = list(asset.faults) if asset else ["it is not there any more"]
    if asset and asset.face < request.face:
        faults.append("it is worth less than when the offer was made")
    if faults:
        # A rival who was quicker is told apart from an asset that changed by itself.
        taken = FinancedAsset.objects.filter(fingerprint=request.fingerprint, released_at=None)
        if request.asset_kind != STOCK and taken.exists():
            raise AssetTaken(f"{request.asset_number} is financed already", asset=request.asset_number)
        raise AssetChanged(f"{request.asset_number}: {'; '.join(faults)}", asset=request.asset_number)


def _write(request: FinancingRequest, maturity: date, day: date, *, by: Actor, at: datetime) -> Financing:
    programme, offer, seller = request.programme, request.offer, chart.seller()
    [value] = numbering.take("financing", seller, [request.borrower_id])
    is_purchase = TECHNIQUES[programme.kind].is_purchase
    one = Financing.objects.create(
        number=sequences.number("FN", seller.code.upper(), value),
        request=request,
        programme=programme,
        borrower_id=request.borrower_id,
        funder_id=request.funder_id,
        debtor_id=request.obligor_id if is_purchase else request.borrower_id,
        currency=request.currency,
        drawn_date=day,
        maturity=maturity,
        drawn=offer.advance,
        fee=offer.fee,
        discount=offer.discount,
        rate=offer.rate,
        penalty_rate=programme.penalty_rate,
        day_count=programme.day_count,
        grace_days=programme.grace_days,
        waterfall=programme.waterfall,
        with_recourse=programme.with_recourse,
        principal_owed=offer.advance,
        booked_until=day,
        created_at=at,
        updated_at=at,
    )
    days = [maturity]
    if programme.schedule != schedule.BULLET:
        days = [*(due for due in schedule.monthly(day, 120) if due < maturity), maturity]
    plan = schedule.plan(programme.schedule, one.drawn, one.rate, one.day_count, day, days)
    FinancingInstalment.objects.bulk_create(
        FinancingInstalment(
            financing=one, borrower_id=one.borrower_id, funder_id=one.funder_id, due_date=due.day,
            principal=due.principal, interest=0 if one.discount else due.interest,
        )
        for due in plan
    )  # fmt: skip
    record([(one, "draw", "", one.status)], by=by, at=at)
    return one


_CLAIM: Final = """
    INSERT INTO finance_financedasset (financing_id, borrower_id, funder_id, kind, fingerprint, alike)
    VALUES (%(financing)s, %(borrower)s, %(funder)s, %(kind)s, %(fingerprint)s, %(alike)s)
    ON CONFLICT DO NOTHING RETURNING id
"""


def _claim(one: Financing, request: FinancingRequest) -> None:
    """Claim the asset; whoever claims it at the same time waits here for the other to commit."""
    claimed = fetch_value(
        _CLAIM,
        {
            "financing": one.pk,
            "borrower": one.borrower_id,
            "funder": one.funder_id,
            "kind": request.asset_kind,
            "fingerprint": request.fingerprint,
            "alike": request.alike,
        },
    )
    if claimed is None:
        raise AssetTaken(f"{request.asset_number} is financed already", asset=request.asset_number)


def _use_limit(one: Financing, request: FinancingRequest, day: date, *, by: Actor, at: datetime) -> None:
    """Turn what the offer held of the programme's limits into what is used of them."""
    try:
        entry = pending.settle(request.offer.entry_id or UUID(int=0), effective_date=day, by=by, at=at)
    except (NotPending, AlreadyResolved) as error:
        raise OfferLapsed(request=request.number) from error
    moved = {
        f"{code}.{one.programme.serial}:{one.borrower_id if code in OF_PARTY else ''}": sign * one.drawn
        for code, sign in LIMIT_SIGNS
    }
    FinancingBooking.objects.create(
        financing=one, borrower_id=one.borrower_id, funder_id=one.funder_id, number=1, day=day, moved=moved,
        entry_id=entry,
    )  # fmt: skip
