"""Take a factory's notice of goods on their way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from b2b.contracts.orders import DespatchAdvised, DespatchedLine, DespatchedUnit
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid, NotYet, Problem
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import DespatchAdvice, DespatchAdviceLine, PurchaseOrder, PurchaseOrderLine
from orders.policies.ubl_despatch import is_sscc
from orders.services import supply
from orders.services.purchase_order_response import check_factory


class InvalidDespatch(Invalid):
    """The advice names lines or quantities that the factory did not confirm."""

    code = "invalid_despatch_advice"


class NotConfirmed(NotYet):
    """The factory has to respond to the purchase order before it sends goods."""

    code = "purchase_order_not_confirmed"


@dataclass(frozen=True, slots=True)
class Despatched:
    """Goods of one purchase line in the truck, in base units."""

    line_number: int
    quantity: int
    lot_number: str = ""
    expiry_date: date | None = None
    sscc: str = ""


@dataclass(frozen=True, slots=True)
class HandlingUnit:
    """A carton or pallet by its SSCC, and the unit it stands on or in."""

    sscc: str
    parent_sscc: str = ""
    kind: str = "CARTON"


@unit_of_work()
def receive(
    purchase_order: PurchaseOrder,
    *,
    lines: Sequence[Despatched],
    units: Sequence[HandlingUnit] = (),
    expected_at: datetime,
    external_reference: str = "",
    by: Actor,
    at: datetime,
) -> DespatchAdvice:
    """Take an advice and publish DespatchAdvised; the same external reference again returns the first one.

    `units` says how handling units are nested; those that only lines name need not be listed.

    :raises NotConfirmed: before the factory confirmed the order.
    :raises InvalidDespatch: for unknown lines, more than was confirmed, or a code that is no SSCC.
    """
    check_factory(purchase_order.factory_id, by)
    with acting_as(system("orders")):
        order = lock_one(PurchaseOrder.objects.filter(pk=purchase_order.pk))
        if known_advice := earlier(order.factory_id, external_reference):
            return known_advice
        if order.status != "CONFIRMED":
            raise NotConfirmed(f"{order.number} is {order.status}")
        known = check(order, lines, units)
        advice = _write(order, known, lines, expected_at, external_reference, by, at)
        publish(_event(order, advice, known, lines, units, at))
    return advice


def check(
    order: PurchaseOrder, lines: Sequence[Despatched], units: Sequence[HandlingUnit]
) -> dict[int, PurchaseOrderLine]:
    """Return the lines of a purchase order by number, if an advice can bring these goods in these units; one query.

    :raises InvalidDespatch: for unknown lines, more than was confirmed, or a code that is no SSCC.
    """
    known = {line.line_number: line for line in order.lines.all()}
    _check(known, lines)
    _check_units(lines, units)
    return known


def earlier(factory_id: int, external_reference: str) -> DespatchAdvice | None:
    """Return the advice a factory sent under a number of its own before, if any."""
    if not external_reference:
        return None
    return DespatchAdvice.objects.filter(factory_id=factory_id, external_reference=external_reference).first()


def _check(known: dict[int, PurchaseOrderLine], lines: Sequence[Despatched]) -> None:
    problems = []
    sent: dict[int, int] = defaultdict(int)
    for index, one in enumerate(lines):
        sent[one.line_number] += one.quantity
        line = known.get(one.line_number)
        open_quantity = line.confirmed - line.despatched if line else 0
        if line is None or one.quantity < 1 or sent[one.line_number] > open_quantity:
            problems.append(
                Problem(
                    code="invalid_despatch_line",
                    message=f"line {one.line_number}: {one.quantity} is not within the {open_quantity} still to send",
                    pointer=f"/lines/{index}",
                    remedy="Confirm the quantity in a response first.",
                )
            )
    if not lines:
        problems.append(Problem(code="no_lines", message="an advice has at least one line", pointer="/lines"))
    if problems:
        raise InvalidDespatch(problems=problems)


def _check_units(lines: Sequence[Despatched], units: Sequence[HandlingUnit]) -> None:
    """Refuse wrong check digits, units named twice and nesting in a circle."""
    problems = [
        _not_a_unit(one.sscc, f"/lines/{index}/sscc")
        for index, one in enumerate(lines)
        if one.sscc and not is_sscc(one.sscc)
    ]
    above: dict[str, str] = {}
    for index, unit in enumerate(units):
        pointer = f"/units/{index}"
        if not is_sscc(unit.sscc) or (unit.parent_sscc and not is_sscc(unit.parent_sscc)):
            problems.append(_not_a_unit(unit.sscc, pointer))
        elif unit.sscc in above:
            problems.append(Problem("named_twice", f"SSCC {unit.sscc} is named twice", pointer))
        above[unit.sscc] = unit.parent_sscc
    for index, unit in enumerate(units):
        seen, at = set(), unit.sscc
        while at and at not in seen:
            seen.add(at)
            at = above.get(at, "")
        if at:
            problems.append(
                Problem("circle", f"SSCC {unit.sscc} stands within itself", f"/units/{index}/parent_sscc")
            )
            break
    if problems:
        raise InvalidDespatch(problems=problems)


def _not_a_unit(sscc: str, pointer: str) -> Problem:
    return Problem(
        "wrong_check_digit",
        f"{sscc} is no SSCC: eighteen digits, the last a check digit",
        pointer,
        remedy="send the number as it is on the label",
    )


def _write(
    order: PurchaseOrder,
    known: dict[int, PurchaseOrderLine],
    lines: Sequence[Despatched],
    expected_at: datetime,
    external_reference: str,
    by: Actor,
    at: datetime,
) -> DespatchAdvice:
    advice = DespatchAdvice(
        number=number("DA", order.factory.code, take("despatch_advice", order.factory_id).start),
        purchase_order=order,
        factory_id=order.factory_id,
        external_reference=external_reference,
        expected_at=expected_at,
        created_at=at,
        updated_at=at,
    )
    advice.save(force_insert=True)
    record([(advice, "advise", "", advice.status)], by=by, at=at)
    DespatchAdviceLine.objects.bulk_create(
        DespatchAdviceLine(
            despatch_advice=advice,
            factory_id=order.factory_id,
            line_number=position,
            purchase_order_line=known[one.line_number],
            quantity=one.quantity,
            lot_number=one.lot_number,
            expiry_date=one.expiry_date,
            sscc=one.sscc,
        )
        for position, one in enumerate(lines, start=1)
    )
    supply.advance(
        ((known[one.line_number].pk, "despatched", one.quantity) for one in lines),
        source=f"despatch:{advice.pk}",
        at=at,
    )
    return advice


def _event(
    order: PurchaseOrder,
    advice: DespatchAdvice,
    known: dict[int, PurchaseOrderLine],
    lines: Sequence[Despatched],
    units: Sequence[HandlingUnit],
    at: datetime,
) -> DespatchAdvised:
    return DespatchAdvised(
        occurred_at=at,
        despatch_advice_id=advice.pk,
        number=advice.number,
        purchase_order_id=order.pk,
        purchase_order_number=order.number,
        factory_id=order.factory_id,
        warehouse_site_id=order.warehouse_site_id,
        expected_at=advice.expected_at,
        lines=tuple(
            DespatchedLine(
                purchase_order_line_id=known[one.line_number].pk,
                line_number=one.line_number,
                product_id=known[one.line_number].product_id,
                quantity=one.quantity,
                lot_number=one.lot_number,
                expiry_date=one.expiry_date,
                sscc=one.sscc,
            )
            for one in lines
        ),
        units=tuple(
            DespatchedUnit(sscc=one.sscc, parent_sscc=one.parent_sscc, kind=one.kind) for one in units
        ),
    )
