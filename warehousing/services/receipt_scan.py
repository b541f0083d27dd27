"""Count a delivery at the gate, scan by scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import NotFound, Problem
from b2b.core.machine import IllegalTransition
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from warehousing.models import FoundGoods, Receipt, ReceiptLine, ReceiptScan
from warehousing.selectors import receiving
from warehousing.selectors import scanned_goods as scanned
from warehousing.selectors.scanned_goods import Scanned
from warehousing.services import evidence, found_goods, over_receipt
from warehousing.services.evidence import Photo
from warehousing.services.over_receipt import OverReceipt
from warehousing.services.receipt_matching import (
    NotExpected,
    fault,
    lines_of_lot,
    of_unit,
    spread,
)

MOST = 10**9


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody scanned or typed: a code, how often, and how the goods look.

    `unit` names the pack counted, else the code says it. Lot and expiry win over those of the code. `key` is the
    handheld's own: the same key again returns what was counted with it.
    """

    code: str
    quantity: int = 1
    damaged: bool = False
    unit: str = ""
    lot_number: str = ""
    expiry_date: date | None = None
    reason: str = ""
    photo: Photo | None = None
    key: str = ""


@dataclass(slots=True)
class Counted:
    """The scans that were written, and what was parked because it is more than tolerated."""

    scans: list[ReceiptScan] = field(default_factory=list)
    parked: FoundGoods | None = None


@unit_of_work()
def scan(receipt_id: UUID, seen: Seen, *, by: Actor, at: datetime) -> Counted:
    """Count goods: all of a handling unit by its SSCC, or a product by GTIN, SKU, lot and expiry.

    Goods go to the line of their lot, else to one of their product that says no lot, else to a new line beside it.
    More than tolerated is refused, or parked as found goods where a rule says so.

    :raises ScanError: for a wrong code. :raises UnknownCode: for one that nobody knows.
    :raises NotExpected: for goods of another receipt, warehouse or none. :raises Invalid: for a faulty count.
    :raises OverReceipt: for more than tolerated. :raises IllegalTransition: when the receipt is closed.
    """
    receipt = lock_one(Receipt.objects.filter(pk=receipt_id).select_related("warehouse"))
    known = _known(receipt, seen.key) if seen.key else Counted()
    if known.scans or known.parked:
        return known
    _require_open(receipt)
    if not 1 <= seen.quantity <= MOST:
        raise fault(
            "bad_quantity", f"{seen.quantity} is no quantity above zero", "/quantity", "count at least one"
        )
    if seen.damaged and not seen.reason.strip():
        raise fault("no_reason", "damaged goods need a reason", "/reason", "say what is wrong with them")
    found = scanned.resolve(seen.code, unit=seen.unit)
    lines = list(receipt.lines.select_related("product").order_by("line_number"))
    open_count = receiving.progress(receipt)
    counted = Counted()
    if found.sscc:
        parts = of_unit(receipt, found.sscc, lines, open_count)
    else:
        parts = _of_product(receipt, found, seen, lines, open_count, counted, by=by, at=at)
    if receipt.status == "EXPECTED":
        receipt.advance("count", by=by, at=at)
    photo = evidence.keep(seen.photo, at=at) if seen.photo and parts else None
    counted.scans = ReceiptScan.objects.bulk_create(
        ReceiptScan(
            receipt=receipt,
            line=line,
            key=seen.key,
            code=seen.code[:200],
            sscc=found.sscc or line.sscc,
            condition=ReceiptScan.Condition.DAMAGED if seen.damaged else ReceiptScan.Condition.GOOD,
            quantity=quantity,
            reason=seen.reason.strip(),
            photo=photo,
            scanned_by=str(by)[:150],
            scanned_at=at,
        )
        for line, quantity in parts
    )
    return counted


@unit_of_work()
def take_back(receipt_id: UUID, scan_id: int) -> ReceiptScan:
    """Take back a scan that was a mistake; booked ones stand, and twice is once.

    :raises NotFound: when the receipt has no such scan that is not booked.
    """
    lock_one(Receipt.objects.filter(pk=receipt_id))
    one = ReceiptScan.objects.filter(pk=scan_id, receipt_id=receipt_id, part=None).first()
    if one is None:
        raise NotFound("there is no such scan, or it is booked already")
    if not one.is_void:
        one.is_void = True
        one.save(update_fields=["is_void"])
    return one


def _known(receipt: Receipt, key: str) -> Counted:
    """Return what was counted and parked with a key before."""
    scans = receipt.scans.filter(key=key).select_related("line__product").order_by("pk")
    return Counted(list(scans), receipt.found_goods.filter(key=key).select_related("warehouse").first())


def _require_open(receipt: Receipt) -> None:
    if receipt.status not in ("EXPECTED", "RECEIVING"):
        raise IllegalTransition(
            f"{receipt.number} is {receipt.status.lower()}: nothing can be counted any more"
        )


def _of_product(
    receipt: Receipt,
    found: Scanned,
    seen: Seen,
    lines: Sequence[ReceiptLine],
    counted: dict[int, int],
    result: Counted,
    *,
    by: Actor,
    at: datetime,
) -> list[tuple[ReceiptLine, int]]:
    """Spread units of a product over its lines; park or refuse what is beyond tolerance."""
    product = found.product
    assert product is not None
    mine = [line for line in lines if line.product_id == product.pk]
    if not mine:
        message = f"{product.sku} is not on {receipt.number}"
        raise NotExpected(
            message, problems=[Problem("not_expected", message, "/code", remedy="record it as found goods")]
        )
    quantity = seen.quantity * found.units
    lot_number = seen.lot_number or found.lot_number
    expiry = seen.expiry_date or found.expiry_date
    chosen = lines_of_lot(mine, lot_number)
    totals = [(line, counted.get(line.pk, 0)) for line in mine]
    over = over_receipt.beyond(receipt, [*totals, (chosen[-1], quantity)])
    # A purchase line of another window may have room for what is too much for one.
    room = sum(max(0, line.expected_quantity - counted.get(line.pk, 0)) for line in mine)
    excess = max(0, min(quantity, sum(one.quantity for one in over), quantity - room)) if over else 0
    if excess and not all(one.parks for one in over):
        raise OverReceipt(problems=[over_receipt.problem(one) for one in over])
    parts = spread(receipt, chosen, lot_number, expiry, quantity - excess, counted)
    if excess:
        result.parked = found_goods.record(
            found_goods.Finding(
                receipt.warehouse.code, excess, FoundGoods.Cause.EXCESS, product.pk, receipt.pk, seen.code,
                lot_number, expiry, "", seen.photo, seen.key,
            ),
            by=by, at=at,
        )  # fmt: skip
    return parts
