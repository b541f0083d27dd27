"""Take a factory's despatch advice as a UBL document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from b2b.catalog.models import Packaging
from b2b.core.actor import Actor
from b2b.core.collector import collecting_later
from b2b.core.errors import Problem
from b2b.db.transactions import unit_of_work
from orders.models import DespatchAdvice, PurchaseOrder, PurchaseOrderLine
from orders.policies import ubl_despatch
from orders.policies.ubl_despatch import Line, UnreadableAdvice
from orders.selectors import supply
from orders.services import despatch_advice
from orders.services.despatch_advice import Despatched, HandlingUnit

PIECES: Final = frozenset({"EA", "C62", "H87", "PCE", "NAR"})  # codes of UN/ECE Rec. 20 that all mean a piece


@unit_of_work()
def receive_ubl(content: bytes, *, by: Actor, at: datetime) -> DespatchAdvice:
    """Take an advice in UBL 2.x; one of the same number of the same factory was taken before and is returned.

    Lines find their purchase line by its number, else by product: what they name must agree. Quantities may be in
    packs.

    :raises UnreadableAdvice: with every fault: line of the file, element, remedy; nothing is written.
    :raises InvalidDespatch: for more than was confirmed. :raises NotConfirmed: before the order is confirmed.
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
    if known := despatch_advice.earlier(order.factory_id, advice.number):
        return known
    return despatch_advice.receive(
        order,
        lines=_resolve(order, advice.lines),
        units=[HandlingUnit(unit.sscc, unit.parent_sscc, unit.kind) for unit in advice.units],
        expected_at=advice.expected_at,
        external_reference=advice.number,
        by=by,
        at=at,
    )


def _resolve(order: PurchaseOrder, lines: Sequence[Line]) -> list[Despatched]:
    """Find the purchase line of each despatch line, or say everything that does not fit."""
    known = list(order.lines.select_related("product").order_by("line_number"))
    packs: dict[int, dict[str, Packaging]] = defaultdict(dict)
    for pack in Packaging.objects.filter(product_id__in={line.product_id for line in known}):
        packs[pack.product_id][pack.code] = pack
    by_number = {str(line.line_number): line for line in known}
    problems: list[Problem] = []
    found: list[Despatched] = []
    left = {line.pk: line.confirmed - line.despatched for line in known}
    for line in lines:
        matching = _matching(line, known, packs)
        chosen = by_number.get(line.order_line_id) if line.order_line_id else None
        if chosen is None and not line.order_line_id:
            # Windows of one product are filled from the first.
            chosen = next((one for one in matching if left[one.pk] > 0), matching[0] if matching else None)
        fault = _fault(line, chosen, matching, packs)
        if fault or chosen is None:
            problems.append(fault or _unknown(line))
            continue
        quantity = line.quantity * _units(line, chosen, packs)
        left[chosen.pk] -= quantity
        if left[chosen.pk] < 0:
            problems.append(
                Problem(
                    "more_than_confirmed",
                    f"line {line.line_id}: {quantity} is {-left[chosen.pk]} more than is confirmed and not yet sent",
                    row=line.row, field="DeliveredQuantity", remedy="confirm the quantity in a response first",
                )
            )  # fmt: skip
        found.append(Despatched(chosen.line_number, quantity, line.lot_number, line.expiry_date, line.sscc))
    if problems:
        raise UnreadableAdvice("The advice does not fit the purchase order.", problems=problems)
    return found


def _gtins(line: PurchaseOrderLine, packs: Mapping[int, Mapping[str, Packaging]]) -> set[str]:
    own = [line.product.gtin, *(pack.gtin for pack in packs.get(line.product_id, {}).values())]
    return {gtin.lstrip("0") for gtin in own if gtin}


def _matching(
    line: Line, known: Sequence[PurchaseOrderLine], packs: Mapping[int, Mapping[str, Packaging]]
) -> list[PurchaseOrderLine]:
    gtin = line.gtin.lstrip("0")
    return [
        one
        for one in known
        if (gtin and gtin in _gtins(one, packs)) or (line.buyers_sku and line.buyers_sku == one.product.sku)
    ]


def _fault(
    line: Line,
    chosen: PurchaseOrderLine | None,
    matching: Sequence[PurchaseOrderLine],
    packs: Mapping[int, Mapping[str, Packaging]],
) -> Problem | None:
    if chosen is None:
        return _unknown(line)
    if line.gtin and _gtins(chosen, packs) and chosen not in matching:
        return Problem(
            "other_product",
            f"line {line.line_id}: {line.gtin or line.buyers_sku} is not what line {chosen.line_number} orders",
            row=line.row, field="Item/StandardItemIdentification/ID", remedy=f"this line is of {chosen.product.sku}",
        )  # fmt: skip
    if not _units(line, chosen, packs):
        codes = ", ".join([chosen.product.base_unit, *packs.get(chosen.product_id, {})])
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


def _units(line: Line, chosen: PurchaseOrderLine, packs: Mapping[int, Mapping[str, Packaging]]) -> int:
    """Return how many base units the line's unit is; 0 for a unit that is not the product's."""
    base = chosen.product.base_unit
    if line.unit_code in ("", base) or (line.unit_code in PIECES and base in PIECES):
        return 1
    pack = packs.get(chosen.product_id, {}).get(line.unit_code)
    return pack.units if pack else 0
