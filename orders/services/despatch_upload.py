"""Take a factory's despatch advice as a UBL document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from b2b.catalog.selectors.packs import Packs, bare_gtin
from b2b.core.actor import Actor
from b2b.core.collector import collecting_later
from b2b.core.errors import Problem
from b2b.db.transactions import unit_of_work
from orders.models import DespatchAdvice, PurchaseOrder, PurchaseOrderLine
from orders.policies import ubl_despatch
from orders.policies.despatch_windows import fill
from orders.policies.ubl_despatch import Advice, Line, UnreadableAdvice
from orders.selectors import supply
from orders.services import despatch_advice
from orders.services.despatch_advice import Despatched, HandlingUnit, NotConfirmed


@dataclass(frozen=True, slots=True)
class _Known:
    """What a purchase order orders, and how it is counted."""

    lines: Sequence[PurchaseOrderLine]
    packs: Packs

    @classmethod
    def of(cls, order: PurchaseOrder) -> _Known:
        """Read it; two queries."""
        lines = list(order.lines.select_related("product").order_by("line_number"))
        return cls(lines, Packs.of(line.product for line in lines))


@unit_of_work()
def receive_ubl(content: bytes, *, by: Actor, at: datetime) -> DespatchAdvice:
    """Take an advice in UBL 2.x; one of the same number of the same factory was taken before and is returned.

    Lines find their purchase line by its number, else all windows of their product, which are filled from the first:
    what they name must agree. Quantities may be in packs.

    :raises UnreadableAdvice: with every fault: line of the file, element, remedy; nothing is written.
    :raises InvalidDespatch: for more than was confirmed. :raises NotConfirmed: before the order is confirmed.
    """
    read = look_up(content, by=by)
    advice, order = read.advice, read.order
    if read.earlier:
        return read.earlier
    if order.status != "CONFIRMED":
        raise NotConfirmed(f"{order.number} is {order.status}")
    found, problems = resolve(order, advice.lines)
    if problems:
        raise UnreadableAdvice("The advice does not fit the purchase order.", problems=problems)
    return despatch_advice.receive(
        order,
        lines=[part for _, parts in found for part in parts],
        units=handling_units(advice),
        expected_at=advice.expected_at,
        external_reference=advice.number,
        by=by,
        at=at,
    )


@dataclass(frozen=True, slots=True)
class Read:
    """A document that could be read, the purchase order it is of, and the advice of its number taken `earlier`."""

    advice: Advice
    order: PurchaseOrder
    earlier: DespatchAdvice | None


def look_up(content: bytes, *, by: Actor) -> Read:
    """Read a document and find the purchase order it names among those `by` may see.

    :raises UnreadableAdvice: with every fault.
    """
    with collecting_later():
        advice = ubl_despatch.read(content)
    order = supply.purchase_orders(by).filter(number=advice.order_number).first()
    if order is None:
        raise UnreadableAdvice(
            f"there is no purchase order {advice.order_number} of yours",
            problems=[Problem("unknown_order", "this order is unknown", row=advice.lines[0].row,
                              field="OrderReference/ID", remedy="give the number of our purchase order")],
        )  # fmt: skip
    return Read(advice, order, despatch_advice.earlier(order.factory_id, advice.number))


def handling_units(advice: Advice) -> list[HandlingUnit]:
    """Return the units of a document as a despatch advice takes them."""
    return [HandlingUnit(unit.sscc, unit.parent_sscc, unit.kind) for unit in advice.units]


def resolve(
    order: PurchaseOrder, lines: Sequence[Line]
) -> tuple[list[tuple[Line, list[Despatched]]], list[Problem]]:
    """Find what each despatch line brings of which purchase lines, and everything that does not fit; two queries."""
    known = _Known.of(order)
    problems: list[Problem] = []
    found: list[tuple[Line, list[Despatched]]] = []
    left = {line.pk: line.confirmed - line.despatched for line in known.lines}
    for line in lines:
        chosen, fault = _chosen(line, known)
        found.append((line, []))
        if fault:
            problems.append(fault)
            continue
        quantity = line.quantity * known.packs.units(chosen[0].product, line.unit_code)
        parts = fill(quantity, [left[one.pk] for one in chosen])
        for one, part in zip(chosen, parts, strict=True):
            if not part:
                continue
            left[one.pk] -= part
            named = Despatched(one.line_number, part, line.lot_number, line.expiry_date, line.sscc)
            found[-1][1].append(named)
        if (missing := -left[chosen[-1].pk]) > 0:
            problems.append(
                Problem(
                    "more_than_confirmed",
                    f"line {line.line_id}: {quantity} is {missing} more than is confirmed and not yet sent",
                    row=line.row, field="DeliveredQuantity", remedy="confirm the quantity in a response first",
                )
            )  # fmt: skip
    return found, problems


def _chosen(line: Line, known: _Known) -> tuple[Sequence[PurchaseOrderLine], Problem | None]:
    """Return the purchase line that a line numbers, or all windows of the product that it names; or what is wrong."""
    if line.order_line_id:
        chosen = [one for one in known.lines if str(one.line_number) == line.order_line_id]
    else:
        chosen = [one for one in known.lines if set(_names(line, one, known).values()) == {True}]
    return chosen, _fault(line, chosen[0], known) if chosen else _unknown(line)


def _names(line: Line, one: PurchaseOrderLine, known: _Known) -> dict[str, bool]:
    """Return, by element, whether a line names the product of a purchase line by it, as far as we know."""
    told: dict[str, bool] = {}
    owner, gtin = known.packs.gtins[one.product_id], bare_gtin(line.gtin)
    if gtin and (owner or any(gtin in others for others in known.packs.gtins.values())):
        told["Item/StandardItemIdentification/ID"] = gtin in owner
    if line.buyers_sku:
        told["Item/BuyersItemIdentification/ID"] = line.buyers_sku == one.product.sku
    return told


def _fault(line: Line, chosen: PurchaseOrderLine, known: _Known) -> Problem | None:
    for element, is_same in _names(line, chosen, known).items():
        if not is_same:
            named = line.gtin if "Standard" in element else line.buyers_sku
            return Problem(
                "other_product",
                f"line {line.line_id}: {named} is not what line {chosen.line_number} orders",
                row=line.row, field=element, remedy=f"this line is of {chosen.product.sku}",
            )  # fmt: skip
    if not known.packs.units(chosen.product, line.unit_code):
        codes = known.packs.codes(chosen.product)
        return Problem(
            "wrong_unit",
            f"line {line.line_id}: {chosen.product.sku} is not counted in {line.unit_code}",
            row=line.row, field="DeliveredQuantity/@unitCode", remedy=f"use one of {codes}",
        )  # fmt: skip
    return None


def _unknown(line: Line) -> Problem:
    named = line.order_line_id or line.gtin or line.buyers_sku or "nothing"
    return Problem(
        "unknown_line",
        f"line {line.line_id}: the purchase order has no line {named}",
        row=line.row,
        field="OrderLineReference/LineID",
        remedy="name the line of our order, or the GTIN or our SKU of the product",
    )
