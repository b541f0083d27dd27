"""Hold received goods, look at a sample, and decide what becomes of the lot (ISO 2859-1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import F

from b2b.catalog.models import Product
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from b2b.db import sequences
from b2b.db.bulk import fetch
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from warehousing.models import Inspection, Location, Receipt, ReceiptLine, ReceivingRule, StockStatus
from warehousing.policies import sampling, tolerance
from warehousing.policies.sampling import Judged, Plan, Severity
from warehousing.selectors import location
from warehousing.services import movement, promise_overdue, putaway, receipt_part, supply

REMEMBERED: Final = 50  # lots of a supplier that the switching rules look back on
HISTORY: Final = """
SELECT product_id, passed_first, severity, lot_size, aql, level, acceptance_number, nonconforming FROM (
    SELECT *, row_number() OVER (PARTITION BY product_id ORDER BY id DESC) AS rank
    FROM warehousing_inspection
    WHERE factory_id = %(factory_id)s AND product_id = ANY(%(products)s) AND passed_first IS NOT NULL) past
WHERE rank <= %(most)s ORDER BY product_id, rank DESC
"""


def open_for(
    receipt: Receipt, held: Sequence[tuple[ReceiptLine, int]], *, by: Actor, at: datetime
) -> list[Inspection]:
    """Write an inspection for each line with goods held back, planned by its rule and by the supplier's past lots.

    A supplier whose inspection is discontinued has every piece looked at and none may be bad.
    """
    if not held:
        return []
    products = Product.objects.in_bulk({line.product_id for line, _ in held})
    rules = list(ReceivingRule.objects.exclude(inspection_level=""))
    past = _past(receipt.factory_id, products)
    serials = sequences.take("INSPECTION", receipt.warehouse_id, len(held))
    made = []
    for serial, (line, quantity) in zip(serials, held, strict=True):
        product = products[line.product_id]
        rule = tolerance.narrowest(
            rules, product_id=product.pk, category=product.category, factory_id=receipt.factory_id
        )
        if rule is None or rule.aql is None:  # the rule was taken away since the goods were held
            raise Invalid(f"{product.sku} is not to be inspected any more; count it again")
        start, judged = past.get(product.pk, (Severity.NORMAL, []))
        severity = sampling.severity_after(judged, start=start, may_reduce=rule.allows_reduced)
        plan = _plan(quantity, rule.aql, rule.inspection_level, severity)
        made.append(
            Inspection(
                number=sequences.number("IN", receipt.warehouse.code, serial),
                created_at=at,
                updated_at=at,
                warehouse=receipt.warehouse,
                receipt=receipt,
                line=line,
                factory_id=receipt.factory_id,
                product_id=line.product_id,
                lot_id=line.lot_id,
                lot_size=quantity,
                level=rule.inspection_level,
                aql=rule.aql,
                severity=severity,
                code_letter=plan.letter,
                sample_size=plan.sample_size,
                acceptance_number=plan.accept,
            )
        )
    Inspection.objects.bulk_create(made)
    record([(one, "open", "", one.status) for one in made], by=by, at=at)
    return made


def _past(factory_id: int, product_ids: Collection[int]) -> dict[int, tuple[Severity, list[Judged]]]:
    """Return product -> how its oldest remembered lot was inspected, and how all remembered ones fared; one query."""
    past: dict[int, tuple[Severity, list[Judged]]] = {}
    asked = {"factory_id": factory_id, "products": list(product_ids), "most": REMEMBERED}
    for product_id, passed, severity, lot_size, aql, level, accept, bad in fetch(HISTORY, asked):
        points = (
            sampling.points(lot_size, aql, level=level, accept=accept, nonconforming=bad)
            if passed and severity == Severity.NORMAL
            else 0
        )
        past.setdefault(product_id, (Severity(severity), []))[1].append(Judged(passed, points))
    return past


def _plan(quantity: int, aql: Decimal, level: str, severity: Severity) -> Plan:
    if severity is Severity.DISCONTINUED:
        return Plan("R", quantity, 0, 1)
    return sampling.plan(quantity, aql, level=level, severity=severity)


@unit_of_work()
def judge(
    inspection_id: UUID, *, nonconforming: int, finding: str = "", by: Actor, at: datetime
) -> Inspection:
    """Note how many of the sample were bad: the lot is accepted into stock, or has failed and stays in quarantine.

    :raises IllegalTransition: when it is not waiting for a sample. :raises Invalid: for more than the sample has.
    """
    receipt, one = _held(inspection_id)
    Inspection.machine.next(one.status, "fail")
    if not 0 <= nonconforming <= one.sample_size:
        raise Invalid(
            f"{nonconforming} is not within the sample of {one.sample_size}",
            problems=[Problem("not_within", "more than the sample has", "/nonconforming",
                              remedy=f"give 0 to {one.sample_size}")],
        )  # fmt: skip
    passed = nonconforming <= one.acceptance_number
    first = {"passed_first": passed} if one.passed_first is None else {}
    changes = {"nonconforming": nonconforming, "finding": finding, **first}
    if not passed:
        one.advance("fail", by=by, at=at, reason=finding, **changes)
        return one
    one.advance("accept", by=by, at=at, reason=finding, accepted_quantity=one.lot_size, **changes)
    _end(receipt, one, at=at)
    return one


@unit_of_work()
def rework(inspection_id: UUID, *, reason: str, by: Actor, at: datetime) -> Inspection:
    """Have a failed lot mended where it stands; it is inspected again.

    :raises IllegalTransition: when it has not failed.
    """
    _, one = _held(inspection_id)
    one.advance("rework", by=by, at=at, reason=reason)
    return one


@unit_of_work()
def reject(inspection_id: UUID, *, reason: str, by: Actor, at: datetime) -> Inspection:
    """Reject a failed lot: orders is told and claims it from the factory; the goods stay until they are disposed.

    :raises IllegalTransition: when it has not failed.
    """
    receipt, one = _held(inspection_id)
    one.advance("reject", by=by, at=at, reason=reason, rejected_quantity=one.lot_size, finding=reason)
    _end(receipt, one, at=at)
    return one


@unit_of_work()
def sort(inspection_id: UUID, *, accepted: int, reason: str, by: Actor, at: datetime) -> Inspection:
    """Accept the good pieces of a failed lot that was sorted, and reject the others.

    :raises IllegalTransition: when it has not failed. :raises Invalid: when the lot has not so many.
    """
    receipt, one = _held(inspection_id)
    Inspection.machine.next(one.status, "sort")
    if not 0 < accepted < one.lot_size:
        raise Invalid(
            f"{accepted} is not within the lot of {one.lot_size}",
            problems=[Problem("not_within", "some are good and some are bad", "/accepted",
                              remedy="accept or reject the whole lot instead")],
        )  # fmt: skip
    one.advance(
        "sort",
        by=by,
        at=at,
        reason=reason,
        accepted_quantity=accepted,
        rejected_quantity=one.lot_size - accepted,
        finding=reason,
    )
    _end(receipt, one, at=at)
    return one


def _held(inspection_id: UUID) -> tuple[Receipt, Inspection]:
    """Lock the receipt of an inspection, then the inspection."""
    of = Inspection.objects.filter(pk=inspection_id).values("receipt_id")
    receipt = lock_one(Receipt.objects.filter(pk__in=of).select_related("warehouse"))
    return receipt, lock_one(Inspection.objects.filter(pk=inspection_id).select_related("line"))


def _end(receipt: Receipt, one: Inspection, *, at: datetime) -> None:
    """Move the goods where the decision says, keep accepted ones for their shares, and tell it as a part."""
    house, kinds = receipt.warehouse, Location.Kind
    places = location.by_kind([house.pk])
    quality = location.place(places, house, kinds.QUALITY)
    good = location.place(places, house, kinds.RECEIVING if house.directs_putaway else kinds.STORAGE)
    movement.post(
        [
            movement.Move(
                product_id=one.product_id,
                source_id=quality,
                destination_id=place,
                quantity=quantity,
                lot_id=one.lot_id,
                status=StockStatus.INSPECTION,
                to_status=status,
                purchase_order_line_id=one.line.purchase_order_line_id,
            )
            for place, status, quantity in (
                (good, StockStatus.AVAILABLE, one.accepted_quantity),
                (quality, StockStatus.DAMAGED, one.rejected_quantity),
            )
            if quantity
        ],
        at=at,
        document_type="inspection",
        document_id=one.pk,
        reason=one.finding,
    )
    ReceiptLine.objects.filter(pk=one.line_id).update(
        accepted_quantity=F("accepted_quantity") + one.accepted_quantity,
        rejected_quantity=F("rejected_quantity") + one.rejected_quantity,
        held_quantity=F("held_quantity") - one.lot_size,
        **({"rejection_reason": one.finding} if one.rejected_quantity else {}),
    )
    part = receipt.parts + 1
    Receipt.objects.filter(pk=receipt.pk).update(parts=part)
    supply.settle(receipt.purchase_order_id, at=at)
    if receipt.status == "RECEIVED":
        promise_overdue.give_up(receipt, at=at)
    if house.directs_putaway and one.accepted_quantity:
        putaway.plan(house.pk, document_id=receipt.pk, at=at)
    receipt_part.tell(
        receipt,
        [(one.line, one.accepted_quantity, one.rejected_quantity, 0)],
        part=part,
        inspection_id=one.pk,
        at=at,
    )
