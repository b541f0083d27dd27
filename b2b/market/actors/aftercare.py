"""After the delivery: dealers give goods back, factories answer for defects, and freight is shared over what came."""

from __future__ import annotations

from decimal import Decimal

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.market.stage import Stage
from orders.models import Claim, CostVoucher, Order, PurchaseOrder, QuantityEvent, ReturnAuthorisation
from orders.services import claim, claim_answer, cost_voucher, returns
from orders.services.claim import NothingToClaim
from orders.services.claim_answer import Answer
from orders.services.returns import Wanted
from warehousing.models import ReturnReceipt
from warehousing.services import disposition
from warehousing.services import returns as return_receipts
from warehousing.services.disposition import Disposition

GIVES_BACK = 0.06  # chance that a dealer gives back some of an order on the day it is delivered
REASONS = ("DAMAGED", "QUALITY", "SURPLUS")
REFUSED = 0.1  # share of requests that the operator refuses
FREIGHT_RATE = Decimal("0.02")  # of what a purchase order comes to
CLAIMS_EVERY_DAYS = 5
FULLY_ACCEPTED = 0.7  # share of claims that the factory accepts as they are


def give_back(stage: Stage) -> None:
    """Let some dealers ask to give goods back that were delivered today, once an order."""
    with stage.at(17) as now:
        for dealer in stage.world.dealers:
            with stage.acting(dealer) as by:
                today = QuantityEvent.objects.visible_to(by).filter(
                    kind="delivered", at__range=(stage.moment(0), now)
                )
                orders = Order.objects.visible_to(by).filter(pk__in=today.values("line__order"), returns=None)
                for order in orders.order_by("pk"):
                    chance = stage.chance_of(order.number)
                    if chance.random() < GIVES_BACK:
                        line = order.lines.filter(delivered__gt=0).earliest("line_number")
                        some = chance.randint(1, max(1, line.delivered // 4))
                        wanted = Wanted(line.line_number, some, chance.choice(REASONS))
                        returns.request(order, lines=[wanted], by=by, at=now)
                        stage.counts["returns asked for"] += 1


def take_back(stage: Stage) -> None:
    """Decide on returns, count what came back and say what becomes of it."""
    with stage.at(9) as now, stage.acting(stage.world.operator) as by:
        for asked in ReturnAuthorisation.objects.filter(status="REQUESTED").order_by("pk"):
            if stage.chance.random() < REFUSED:
                returns.refuse(asked, reason="used goods", by=by, at=now)
            else:
                returns.authorise(asked, by=by, at=now)
        for key in ReturnReceipt.objects.filter(status="EXPECTED", created_at__lt=now).values_list(
            "pk", flat=True
        ):
            return_receipts.receive(key, by=by, at=now)
            stage.counts["returns received"] += 1
        for counted in ReturnReceipt.objects.filter(status="RECEIVED").prefetch_related("lines"):
            parts = [
                Disposition(line.line_number, restock=left // 2, scrap=left - left // 2)
                for line in counted.lines.order_by("line_number")
                if (left := disposition.undecided(line))
            ]
            disposition.dispose(counted.pk, dispositions=parts, by=by, at=now)


def share_freight(stage: Stage) -> None:
    """Write down what the carriage of each received purchase order cost, and share it by weight."""
    with stage.at(10) as now, stage.acting(stage.world.operator) as by:
        known = CostVoucher.objects.exclude(purchase_order=None).values("purchase_order")
        received = PurchaseOrder.objects.filter(lines__received__gt=0).exclude(pk__in=known).distinct()
        for order in received.order_by("pk"):
            freight = Money.of((order.total_net * FREIGHT_RATE).quantize(Decimal("0.01")), order.currency)
            planned = cost_voucher.plan(
                kind="FREIGHT",
                basis="WEIGHT",
                amount=freight,
                purchase_order=order,
                reference=f"carriage of {order.number}",
                by=by,
                at=now,
            )
            cost_voucher.share(planned, by=by, at=now)
            stage.counts["freight shared"] += 1


def claim_defects(stage: Stage) -> None:
    """Claim, every few days, what was wrong from the factories; they answer, and the claim is settled."""
    if stage.day % CLAIMS_EVERY_DAYS != CLAIMS_EVERY_DAYS - 1:
        return
    with stage.at(17.5) as now:
        with stage.acting(stage.world.operator) as by:
            for order in PurchaseOrder.objects.filter(lines__received__gt=0).distinct().order_by("pk"):
                _claim(stage, order, by=by)
        for factory in stage.world.factories:
            with stage.acting(factory) as by:
                for one in Claim.objects.visible_to(by).filter(status="SENT").order_by("pk"):
                    claim_answer.answer(one, answers=_answers(stage, one), by=by, at=now)
        with stage.acting(stage.world.operator) as by:
            for one in Claim.objects.filter(status__in=("ACCEPTED", "PARTLY_ACCEPTED")).order_by("pk"):
                claim.settle(one, by=by, at=now)
                stage.counts["claims settled"] += 1


def _claim(stage: Stage, order: PurchaseOrder, *, by: Actor) -> None:
    try:
        claim.raise_for(order, by=by, at=stage.moment(17.5))
    except NothingToClaim:
        return
    stage.counts["claims raised"] += 1


def _answers(stage: Stage, raised: Claim) -> list[Answer]:
    if stage.chance.random() < FULLY_ACCEPTED:
        return []
    return [
        Answer(line.line_number, (line.claimed_quantity + 1) // 2)
        for line in raised.lines.order_by("line_number")
    ]
