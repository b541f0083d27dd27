"""Factories: they answer purchase orders, some short and some late, and send what they promised when it is made."""

from __future__ import annotations

from datetime import datetime, timedelta

from b2b.core.actor import Actor
from b2b.directory.models import Organization
from b2b.market.stage import Stage
from orders.models import DespatchAdvice, ProductionSignal, PurchaseOrder, PurchaseOrderLine
from orders.services import despatch_advice, production_signal, purchase_order
from orders.services.despatch_advice import Despatched
from orders.services.purchase_order import Answer

SHORT_LINES = 0.06  # share of lines a factory cannot fill
SHORT_TO = (0.4, 0.9)  # what it fills of such a line
ANSWERS_NEXT_DAY = 0.15
TRANSIT_DAYS = 1


def answer(stage: Stage) -> None:
    """Answer the purchase orders that wait, and the production signals."""
    for factory in stage.world.factories:
        with stage.at(15.5) as now, stage.acting(factory) as by:
            for waiting in PurchaseOrder.objects.visible_to(by).filter(status="SENT").order_by("pk"):
                if stage.chance.random() < ANSWERS_NEXT_DAY and waiting.created_at > now - timedelta(days=1):
                    stage.counts["answers put off to the next day"] += 1
                    continue
                purchase_order.respond(
                    waiting, answers=_answers(stage, waiting), rest="ACCEPT", by=by, at=now
                )
                stage.counts["order responses"] += 1
            _commit(stage, by=by, at=now)


def _answers(stage: Stage, order: PurchaseOrder) -> list[Answer]:
    """Decide line by line; an untouched line is confirmed as ordered."""
    answers = []
    for line in order.lines.order_by("line_number"):
        if (
            stage.chance.random() < SHORT_LINES and line.quantity
        ):  # nothing is left of a line withdrawn meanwhile
            able = max(1, round(line.quantity * stage.chance.uniform(*SHORT_TO)))
            answers.append(Answer(line.line_number, able, line.requested_date, "capacity"))
            stage.counts["lines confirmed short"] += able < line.quantity
    return answers


def _commit(stage: Stage, *, by: Actor, at: datetime) -> None:
    waiting = ProductionSignal.objects.visible_to(by).filter(status="SENT").order_by("pk")
    for signal in waiting.prefetch_related("lines"):
        wanted = {line.line_number: line.quantity for line in signal.lines.all()}
        production_signal.answer(signal, committed=wanted, by=by, at=at)
        stage.counts["production signals committed"] += 1


def despatch(stage: Stage) -> None:
    """Send what is ready: each confirmed order leaves once, the day before it is promised to arrive."""
    for factory in stage.world.factories:
        with stage.at(13) as now, stage.acting(factory) as by:
            due = PurchaseOrder.objects.visible_to(by).filter(status="CONFIRMED").order_by("pk")
            for order in due:
                lines = [
                    line for line in order.lines.order_by("line_number") if line.confirmed > line.despatched
                ]
                if lines and _ready(stage, lines):
                    _send(stage, factory, order, lines, by=by, at=now)
                    stage.counts["despatch advices"] += 1


def _ready(stage: Stage, lines: list[PurchaseOrderLine]) -> bool:
    arrival = stage.today + timedelta(days=TRANSIT_DAYS)
    return all((line.promised_date or line.requested_date) <= arrival for line in lines)


def _send(
    stage: Stage,
    factory: Organization,
    order: PurchaseOrder,
    lines: list[PurchaseOrderLine],
    *,
    by: Actor,
    at: datetime,
) -> DespatchAdvice:
    return despatch_advice.receive(
        order,
        lines=[
            Despatched(
                line_number=line.line_number,
                quantity=line.confirmed - line.despatched,
                lot_number=f"{factory.code[:3].upper()}{stage.today:%y%m%d}",
            )
            for line in lines
        ],
        expected_at=stage.moment(24 + 8),
        external_reference=f"{order.number}/{stage.today.isoformat()}",
        by=by,
        at=at,
    )
