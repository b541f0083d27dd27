"""Write what a plan asks for as signals, with their pegs and reasons, and send what needs no approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from b2b.contracts.orders import ProductionSignalRaised, SignalledLine
from b2b.core.actor import Actor
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.models import advance_all, record
from b2b.db.sequences import number, take_counts
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish
from orders.models import ProductionSignal, ProductionSignalLine
from orders.policies import production_plan, signal_reason

if TYPE_CHECKING:
    from orders.services.production_plan import Asked

_LINES: Final = {
    "line_number": "integer", "product_id": "bigint", "week": "date", "quantity": "bigint", "commitment": "text",
    "liability": "integer",
}  # fmt: skip
_PEGS: Final = {"line_number": "integer", "region": "text", "quantity": "bigint"}
_REASONS: Final = {"line_number": "integer", "inputs": "text", "result_hash": "text"}
_WEIGHTS: Final = """
    SELECT line.product_id, line.region, ceil(line.lead_mean * 1000)::bigint FROM orders_forecastline line
    WHERE line.product_id = ANY(%(products)s) AND line.run_id = (
        SELECT id FROM orders_forecastrun WHERE first_week_date <= %(today)s ORDER BY first_week_date DESC LIMIT 1)
"""
SUPERSEDED: Final = ("PROPOSED", "APPROVED", "SENT", "ACKNOWLEDGED")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A quantity of a product in the week so many after this one; `facts` say why, for an order."""

    product_id: int
    week: int
    quantity: int
    facts: Mapping[str, Any]


def raise_(
    asked: Asked, orders: Sequence[Wanted], outlook: Sequence[Wanted], *, by: Actor, at: datetime
) -> list[ProductionSignal]:
    """Raise one signal for what is to be made and one for the outlook, which supersedes the one before it."""
    factory_id = asked.run.factory_id
    parts = [(is_order, lines) for is_order, lines in ((True, orders), (False, outlook)) if lines]
    if not parts:
        return []
    before = None
    if outlook:
        before = ProductionSignal.objects.filter(
            factory_id=factory_id, run__isnull=False, is_order=False, status__in=SUPERSEDED
        ).order_by("-pk").first()  # fmt: skip
    numbers = take_counts("production_signal", {factory_id: len(parts)})[factory_id]
    code = organization.by_id([factory_id])[factory_id].code
    signals = [
        ProductionSignal(
            number=number("PS", code, given), factory_id=factory_id, run=asked.run,
            is_order=is_order, supersedes=None if is_order else before, created_at=at, updated_at=at,
        )
        for given, (is_order, _) in zip(numbers, parts, strict=True)
    ]  # fmt: skip
    ProductionSignal.objects.bulk_create(signals)
    record(((signal, "propose", "", signal.status) for signal in signals), by=by, at=at)
    for signal, (_, lines) in zip(signals, parts, strict=True):
        _write(asked, signal, lines)
    if before is not None:
        before.advance("supersede", by=by, at=at)
    if asked.terms.is_automatic:
        advance_all(signals, "approve", by=by, at=at)
        send(signals, by=by, at=at)
    return signals


def send(signals: Sequence[ProductionSignal], *, by: Actor, at: datetime) -> None:
    """Send approved signals. Publishes ProductionSignalRaised."""
    advance_all(signals, "send", by=by, at=at)
    lines: dict[Any, list[SignalledLine]] = {signal.pk: [] for signal in signals}
    for line in ProductionSignalLine.objects.filter(signal__in=signals).order_by("signal", "line_number"):
        lines[line.signal_id].append(
            SignalledLine(
                line_number=line.line_number, product_id=line.product_id, week_start_date=line.week_start_date,
                quantity=line.quantity, commitment=line.commitment,
            )
        )  # fmt: skip
    publish(
        *(
            ProductionSignalRaised(
                occurred_at=at, signal_id=signal.pk, number=signal.number, factory_id=signal.factory_id,
                lines=tuple(lines[signal.pk]),
            )
            for signal in signals
        )
    )  # fmt: skip


def _write(asked: Asked, signal: ProductionSignal, lines: Sequence[Wanted]) -> None:
    terms, ordered = asked.terms, sorted(lines, key=lambda one: (one.week, one.product_id))
    owed = {
        "FIRM": terms.firm_liability_bp, "MAKE": terms.make_liability_bp, "BUY_MATERIAL": terms.material_liability_bp,
        "FORECAST": 0,
    }  # fmt: skip
    # What is ordered binds at least to make it, however late it comes.
    steps = [asked.fences.commitment(one.week) for one in ordered]
    steps = ["MAKE" if signal.is_order and step not in ("FIRM", "MAKE") else step for step in steps]
    rows = [
        (index, one.product_id, asked.mondays[one.week], one.quantity, step, owed[step])
        for index, (one, step) in enumerate(zip(ordered, steps, strict=True), start=1)
    ]
    execute(
        f"""
        INSERT INTO orders_productionsignalline (signal_id, factory_id, line_number, product_id, week_start_date,
            quantity, commitment, liability_bp, is_order)
        SELECT %(signal)s, %(factory)s, line_number, product_id, week, quantity, commitment, liability, %(is_order)s
        FROM {unnest(_LINES)}
        """,
        {
            **transpose(list(_LINES), rows),
            "signal": signal.pk,
            "factory": signal.factory_id,
            "is_order": signal.is_order,
        },
    )
    _peg(asked, signal, ordered)
    if signal.is_order:
        _explain(signal, ordered)


def _peg(asked: Asked, signal: ProductionSignal, ordered: Sequence[Wanted]) -> None:
    """Split each line over the regions it is for, by what each is expected to ask for."""
    weights: dict[int, dict[str, int]] = {}
    products = sorted({one.product_id for one in ordered})
    for product, region, weight in fetch(_WEIGHTS, {**asked.params, "products": products}):
        weights.setdefault(product, {})[region] = weight
    rows = [
        (index, region, part)
        for index, one in enumerate(ordered, start=1)
        for region, part in production_plan.split(
            one.quantity, weights.get(one.product_id) or {"": 1}
        ).items()
        if part
    ]
    execute(
        f"""
        INSERT INTO orders_signalpeg (line_id, region, quantity)
        SELECT line.id, given.region, given.quantity FROM {unnest(_PEGS)}
        JOIN orders_productionsignalline line ON line.signal_id = %(signal)s AND line.line_number = given.line_number
        """,
        {**transpose(list(_PEGS), rows), "signal": signal.pk},
    )


def _explain(signal: ProductionSignal, ordered: Sequence[Wanted]) -> None:
    texts = [signal_reason.written(one.facts) for one in ordered]
    rows = [(index, text, signal_reason.recompute(text)) for index, text in enumerate(texts, start=1)]
    execute(
        f"""
        INSERT INTO orders_signalreason (line_id, inputs, result_hash)
        SELECT line.id, given.inputs, given.result_hash FROM {unnest(_REASONS)}
        JOIN orders_productionsignalline line ON line.signal_id = %(signal)s AND line.line_number = given.line_number
        """,
        {**transpose(list(_REASONS), rows), "signal": signal.pk},
    )
