"""Take a bank's answer to a payment run (pain.002)."""

from __future__ import annotations

from datetime import datetime

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.locks import lock
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from finance.models import PaymentOrder, PaymentRun
from finance.policies import pain
from finance.policies.pain import Answer
from finance.services import case, outgoing
from finance.services.case import Finding

CASE_KIND = "PAYMENT_REFUSED"


class UnknownPayment(Invalid):
    """The answer speaks of a message or a payment that we never sent."""

    code = "unknown_payment"


@unit_of_work()
def take(content: bytes, *, by: Actor, at: datetime) -> PaymentRun:
    """Note what the bank accepted and take back what it refused, each with a case; told twice, change nothing.

    A payment may be refused after it was booked: it is owed again, and its money expected on a statement.

    :raises Forbidden: for anyone but the operator. :raises UnreadableAnswer: when it is no pain.002.
    :raises UnknownPayment: naming each payment that is not of the run; nothing is taken then.
    """
    if not by.sees_all:
        raise Forbidden("payments are the operator's")
    answers = pain.read_answers(content)
    if not answers:
        raise UnknownPayment("the report says nothing of any payment")
    found = lock(PaymentRun.objects.filter(number=answers[0].message_id))
    if not found:
        raise UnknownPayment(f"there is no payment run {answers[0].message_id}")
    [run] = found
    orders = {
        order.number: order for order in lock(PaymentOrder.objects.filter(run=run).select_related("payee"))
    }
    said = _said(answers, orders)
    run.advance("answer", by=by, at=at)
    accepted = [orders[key] for key, one in said.items() if one.status in pain.ACCEPTED]
    # ACCEPTED twice, or after it was booked, is no news.
    advance_all([one for one in accepted if one.status == "APPROVED"], "accept", by=by, at=at)
    gone = ("REFUSED", "COMING_BACK", "RETURNED")
    refused = [
        key for key, one in said.items() if one.status in pain.REFUSED and orders[key].status not in gone
    ]
    back = [orders[key] for key in refused]
    reasons = {orders[key].pk: said[key].reason or "no reason given" for key in refused}
    outgoing.refuse(back, reasons, by=by, at=at)
    case.open_all([_finding(order, reasons[order.pk]) for order in back], by=by, at=at)
    return run


def _said(answers: list[Answer], orders: dict[str, PaymentOrder]) -> dict[str, Answer]:
    """Return what is said of each payment; what is said of the whole goes for all that are not named."""
    said = {order: one for one in answers if not one.end_to_end_id for order in orders}
    unknown = [one for one in answers if one.end_to_end_id and one.end_to_end_id not in orders]
    strange = [one for one in answers if one.status not in pain.ACCEPTED | pain.REFUSED | pain.WAITING]
    if unknown or strange:
        raise UnknownPayment(
            "The report does not fit the run; nothing was taken.",
            problems=[
                *(
                    Problem("unknown_payment", f"the run has no payment {one.end_to_end_id[:40]}",
                            field="OrgnlEndToEndId", remedy="ask the bank for the report of this run")
                    for one in unknown
                ),
                *(
                    Problem("unknown_status", f"{one.status[:10] or 'nothing'} is no status of ISO 20022",
                            field="TxSts", remedy="ask the bank what it means")
                    for one in strange
                ),
            ],
        )  # fmt: skip
    return {**said, **{one.end_to_end_id: one for one in answers if one.end_to_end_id}}


def _finding(order: PaymentOrder, reason: str) -> Finding:
    return Finding(
        kind=CASE_KIND,
        key=f"payment_order:{order.pk}",
        reason=f"the bank refused a payment to {order.payee.holder}: {reason}",
        reference=order.number,
        currency=order.currency,
        amount=order.amount,
    )
