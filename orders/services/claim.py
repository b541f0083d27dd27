"""Claim from a factory, once per purchase order, what many dealers and the warehouse found wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from b2b.contracts.returns import ClaimedLine, ClaimRaised, ClaimSettled, PassedOn, SettledClaimLine
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db.bulk import fetch
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import Claim, ClaimLine, ClaimShare, PurchaseOrder
from orders.policies import claiming
from orders.selectors import claimable
from orders.selectors.claimable import Claimable, Price


class NothingToClaim(Invalid):
    """Nothing was wrong with the purchase order that is not claimed already."""

    code = "nothing_to_claim"


@unit_of_work()
def raise_for(
    purchase_order: PurchaseOrder,
    *,
    compensation_rate: Decimal | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> Claim:
    """Claim all that was wrong with a purchase order and is in no claim yet, split by peg; publish ClaimRaised.

    Goods that dealers gave back because of a defect are claimed at the purchase price. Goods that came short or were
    rejected were never owed: for them `compensation_rate` of the price is claimed; None: the part that the source of
    each product declares for the cause, or `policies.claiming.UNDECLARED` where it declares none.

    :raises Forbidden: for anyone but the operator. :raises NothingToClaim: when nothing was wrong.
    """
    _operator_only(by)
    if compensation_rate is not None and not 0 <= compensation_rate <= 1:
        raise Invalid("The compensation rate is a fraction between 0 and 1.")
    order = lock_one(PurchaseOrder.objects.filter(pk=purchase_order.pk).select_related("factory"))
    items = claimable.of_purchase_order(order.pk)
    if not items:
        raise NothingToClaim
    return _raise(order, items, rate=compensation_rate, note=note, by=by, at=at)


def raise_rejected(
    order: PurchaseOrder, *, line_ids: Collection[int], by: Actor, at: datetime
) -> Claim | None:
    """Claim what was rejected of some purchase lines and is in no claim yet, at the rate each source declares.

    The caller holds the purchase order. None when there is nothing to claim.
    """
    items = [
        item
        for item in claimable.of_purchase_order(order.pk)
        if item.cause == ClaimLine.Cause.REJECTED and item.purchase_order_line_id in line_ids
    ]
    return _raise(order, items, rate=None, note="rejected by inspection", by=by, at=at) if items else None


def _raise(
    order: PurchaseOrder,
    items: Sequence[Claimable],
    *,
    rate: Decimal | None,
    note: str,
    by: Actor,
    at: datetime,
) -> Claim:
    claim = Claim(
        number=number("CL", order.factory.code, take("claim", order.factory_id).start),
        purchase_order=order,
        factory=order.factory,
        currency=order.currency,
        compensation_rate=rate,
        note=note,
        created_at=at,
        updated_at=at,
    )
    prices = claimable.prices(order.pk)
    lines = [
        _line(claim, position, item, prices[item.purchase_order_line_id])
        for position, item in enumerate(items, start=1)
    ]
    claim.claimed_amount = sum((line.claimed_amount for line in lines), Decimal(0))
    claim.save(force_insert=True)
    ClaimLine.objects.bulk_create(lines)
    ClaimShare.objects.bulk_create(
        ClaimShare(
            line=line,
            dealer_id=loss.dealer_id,
            peg_id=loss.peg_id,
            return_line_id=loss.return_line_id,
            quantity=loss.quantity,
            claimed_amount=amount,
        )
        for line, item in zip(lines, items, strict=True)
        for loss, amount in zip(
            item.losses, claiming.split_claim(line.claimed_amount, item.losses, claim.currency), strict=True
        )
    )
    record([(claim, "raise", "", claim.status)], by=by, at=at, reason=note)
    publish(_raised(claim, order, lines, prices, at))
    return claim


def _line(claim: Claim, position: int, item: Claimable, price: Price) -> ClaimLine:
    rate = price.rate(item.cause)
    if claim.compensation_rate is not None and item.cause != ClaimLine.Cause.RETURNED:
        rate = claim.compensation_rate
    return ClaimLine(
        claim=claim,
        factory_id=claim.factory_id,
        line_number=position,
        purchase_order_line_id=item.purchase_order_line_id,
        cause=item.cause,
        unit_price=price.unit_price,
        rate=rate,
        claimed_quantity=item.quantity,
        claimed_amount=claiming.claimed(item.quantity, price.unit_price, rate, claim.currency),
    )


def _raised(
    claim: Claim,
    order: PurchaseOrder,
    lines: Sequence[ClaimLine],
    prices: dict[int, Price],
    at: datetime,
) -> ClaimRaised:
    return ClaimRaised(
        occurred_at=at,
        claim_id=claim.pk,
        number=claim.number,
        purchase_order_id=order.pk,
        purchase_order_number=order.number,
        factory_id=claim.factory_id,
        currency=claim.currency,
        amount=claim.claimed_amount,
        lines=tuple(
            ClaimedLine(
                line_number=line.line_number,
                purchase_order_line_id=line.purchase_order_line_id,
                product_id=prices[line.purchase_order_line_id].product_id,
                cause=line.cause,
                quantity=line.claimed_quantity,
                amount=line.claimed_amount,
            )
            for line in lines
        ),
    )


@unit_of_work()
def settle(claim: Claim, *, by: Actor, at: datetime) -> Claim:
    """Settle a claim at what the factory accepted and publish ClaimSettled.

    What follows from a return is the platform's, which refunded the dealer; the other parts are passed on.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: before the factory accepted anything.
    """
    _operator_only(by)
    locked = lock_one(Claim.objects.filter(pk=claim.pk))
    locked.advance("settle", by=by, at=at)
    passed_on = fetch(
        """
        SELECT share.dealer_id, sum(share.accepted_amount) FROM orders_claimshare share
        JOIN orders_claimline line ON line.id = share.line_id
        WHERE line.claim_id = %s AND share.return_line_id IS NULL AND share.dealer_id IS NOT NULL
            AND share.accepted_amount > 0
        GROUP BY share.dealer_id ORDER BY share.dealer_id
        """,
        [locked.pk],
    )
    publish(
        ClaimSettled(
            occurred_at=at,
            claim_id=locked.pk,
            number=locked.number,
            purchase_order_id=locked.purchase_order_id,
            factory_id=locked.factory_id,
            currency=locked.currency,
            amount=locked.accepted_amount,
            lines=tuple(
                SettledClaimLine(
                    purchase_order_line_id=line.purchase_order_line_id,
                    quantity=line.accepted_quantity or 0,
                    amount=line.accepted_amount or Decimal(0),
                )
                for line in locked.lines.all()
            ),
            passed_on=tuple(PassedOn(dealer_id=dealer_id, amount=amount) for dealer_id, amount in passed_on),
        )
    )
    return locked


@unit_of_work()
def note_credit(claim_id: UUID, *, number: str, by: Actor, at: datetime) -> None:
    """Keep under which number finance has posted a settled claim; told twice, once."""
    claim = lock_one(Claim.objects.filter(pk=claim_id))
    if not claim.supplier_credit_number:
        claim.advance("note_credit", by=by, at=at, reason=number, supplier_credit_number=number)


@unit_of_work()
def withdraw(claim: Claim, *, reason: str, by: Actor, at: datetime) -> Claim:
    """Take a claim back; what it named may be claimed anew.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: when it is accepted or settled.
    """
    _operator_only(by)
    lock_one(PurchaseOrder.objects.filter(pk=claim.purchase_order_id))
    locked = lock_one(Claim.objects.filter(pk=claim.pk))
    locked.advance("withdraw", by=by, at=at, reason=reason)
    return locked


def _operator_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("claims are the operator's to raise and to settle")
