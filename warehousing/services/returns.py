"""Goods that come back: expected, and counted into quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.logistics import DeliveryConfirmed
from b2b.contracts.returns import ReturnAuthorised
from b2b.contracts.warehousing import ReturnedLine, ReturnReceived
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotYet, Problem
from b2b.db import sequences
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish
from warehousing.models import Location, Package, ReturnReceipt, ReturnReceiptLine, Warehouse
from warehousing.selectors import location, shipped
from warehousing.selectors.shipped import Shipped
from warehousing.services import movement, warehouse

REFUSED: Final = "REFUSED"
_COUNTED: Final = {"line_id": "bigint", "quantity": "bigint"}


class NotShipped(NotYet):
    """What would come back has not left, as far as is known."""

    code = "not_shipped"


@dataclass(frozen=True, slots=True)
class Count:
    """Base units found of one line."""

    line_number: int
    quantity: int


@dataclass(frozen=True, slots=True)
class _Expected:
    """A quantity of one order line that comes back from one shipment."""

    return_line_id: int | None
    order_line_id: int
    shipment_id: UUID
    quantity: int
    reason: str


@unit_of_work()
def expect(leave: ReturnAuthorised, *, by: Actor, at: datetime) -> ReturnReceipt:
    """Expect goods that a dealer may send back; told twice, return the first receipt.

    :raises NotShipped: when their packages are not known to have left.
    """
    known = ReturnReceipt.objects.filter(return_id=leave.return_id).first()
    if known is not None:
        return known
    lines = [
        _Expected(line.return_line_id, line.order_line_id, line.shipment_id, line.quantity, line.reason)
        for line in leave.lines
    ]
    origins = _trace(lines, leave.number)
    house = warehouse.open_at(leave.warehouse_site_id)
    return _write(
        house,
        leave.dealer_id,
        origins,
        leave.number,
        return_id=leave.return_id,
        shipment_id=None,
        by=by,
        at=at,
    )


@unit_of_work()
def expect_refused(delivery: DeliveryConfirmed, *, by: Actor, at: datetime) -> ReturnReceipt | None:
    """Expect what was not taken at the door back in the warehouse it left; None when all was taken. Told twice, once.

    What was lost on the way is counted as not come back.

    :raises NotShipped: when the packages are not known to have left.
    """
    lines = [
        _Expected(None, line.order_line_id, delivery.shipment_id, line.short_quantity, REFUSED)
        for line in delivery.lines
        if line.short_quantity
    ]
    known = ReturnReceipt.objects.filter(shipment_id=delivery.shipment_id).first()
    if known is not None or not lines:
        return known
    origins = _trace(lines, delivery.number)
    house = Warehouse.objects.get(pk=origins[0][1].warehouse_id)
    return _write(
        house,
        delivery.dealer_id,
        origins,
        delivery.number,
        return_id=None,
        shipment_id=delivery.shipment_id,
        by=by,
        at=at,
    )


def _trace(lines: Sequence[_Expected], number: str) -> list[tuple[_Expected, Shipped, int]]:
    """Say from which packed lots each line comes; lots in the order they were packed."""
    lock(Package.objects.filter(shipment_id__in={line.shipment_id for line in lines}).only("pk"))
    left = shipped.left_with({(line.shipment_id, line.order_line_id) for line in lines})
    found: list[tuple[_Expected, Shipped, int]] = []
    for line in lines:
        wanted = line.quantity
        for lot in left.get((line.shipment_id, line.order_line_id), []):
            part = min(wanted, lot.left)
            if part:
                found.append((line, lot, part))
                lot.left -= part
                wanted -= part
        if wanted:
            raise NotShipped(f"{wanted} units of order line {line.order_line_id} in {number} have not left")
    return found


def _write(
    house: Warehouse,
    dealer_id: int,
    origins: Sequence[tuple[_Expected, Shipped, int]],
    source_number: str,
    *,
    return_id: UUID | None,
    shipment_id: UUID | None,
    by: Actor,
    at: datetime,
) -> ReturnReceipt:
    dealer = organization.by_id([dealer_id])[dealer_id]
    [serial] = sequences.take("RETURN", dealer.pk)
    receipt = ReturnReceipt.objects.create(
        number=sequences.number("RR", dealer.code, serial),
        warehouse=house,
        dealer_id=dealer_id,
        return_id=return_id,
        shipment_id=shipment_id,
        source_number=source_number,
        created_at=at,
        updated_at=at,
    )
    ReturnReceiptLine.objects.bulk_create(
        ReturnReceiptLine(
            receipt=receipt,
            line_number=number,
            return_line_id=line.return_line_id,
            order_line_id=line.order_line_id,
            shipment_id=line.shipment_id,
            shipped_from_id=lot.warehouse_id,
            product_id=lot.product_id,
            lot_id=lot.lot_id,
            owner_id=lot.owner_id,
            reason=line.reason,
            expected_quantity=quantity,
        )
        for number, (line, lot, quantity) in enumerate(origins, start=1)
    )
    record([(receipt, "expect", "", receipt.status)], by=by, at=at)
    return receipt


@unit_of_work()
def receive(
    receipt_id: UUID, *, counts: Sequence[Count] | None = None, by: Actor, at: datetime
) -> ReturnReceipt:
    """Take returned goods from the customer's place into quarantine and publish ReturnReceived.

    Without `counts` everything came back; with them a line that is not counted did not come. When nothing came the
    receipt is cancelled.

    :raises IllegalTransition: when it was received or cancelled before.
    :raises Invalid: for a line that is unknown, counted twice, or more than was expected.
    """
    receipt = lock_one(ReturnReceipt.objects.filter(pk=receipt_id).select_related("warehouse"))
    ReturnReceipt.machine.next(receipt.status, "receive")
    lines = list(receipt.lines.order_by("line_number"))
    found = {line.line_number: line.expected_quantity for line in lines}
    if counts is not None:
        most = [(one.line_number, one.quantity) for one in counts]
        found = dict.fromkeys(found, 0) | _within(found, most, "expected")
    for line in lines:
        line.received_quantity = found[line.line_number]
    execute(
        f"UPDATE warehousing_returnreceiptline line SET received_quantity = given.quantity FROM {unnest(_COUNTED)}"
        " WHERE line.id = given.line_id",
        transpose(list(_COUNTED), ((line.pk, line.received_quantity) for line in lines)),
    )
    _carry(receipt, lines, at=at)
    if any(line.received_quantity for line in lines):
        receipt.advance("receive", by=by, at=at, received_at=at)
    else:
        receipt.advance("cancel", by=by, at=at, reason="nothing came back")
    publish(
        ReturnReceived(
            occurred_at=at,
            return_receipt_id=receipt.pk,
            number=receipt.number,
            return_id=receipt.return_id,
            dealer_id=receipt.dealer_id,
            warehouse_site_id=receipt.warehouse.site_id,
            lines=tuple(
                ReturnedLine(
                    return_line_id=line.return_line_id,
                    order_line_id=line.order_line_id,
                    product_id=line.product_id,
                    shipment_id=line.shipment_id,
                    quantity=line.received_quantity or 0,
                )
                for line in lines
            ),
        )
    )
    return receipt


def _within(limits: dict[int, int], asked: Iterable[tuple[int, int]], what: str) -> dict[int, int]:
    """Return line -> quantity, or say everything that is wrong with it at once."""
    problems: list[Problem] = []
    found: dict[int, int] = {}
    for index, (number, quantity) in enumerate(asked):
        pointer = f"/lines/{index}"
        if number not in limits:
            problems.append(Problem("unknown_line", f"there is no line {number}", pointer))
        elif number in found:
            problems.append(Problem("named_twice", f"line {number} is named twice", pointer))
        elif not 0 <= quantity <= limits[number]:
            problems.append(
                Problem(
                    "not_within",
                    f"line {number}: {quantity} is not within the {limits[number]} {what}",
                    pointer,
                )
            )
        found[number] = quantity
    if problems:
        raise Invalid("The quantities do not fit the return receipt.", problems=problems)
    return found


def _carry(receipt: ReturnReceipt, lines: Sequence[ReturnReceiptLine], *, at: datetime) -> None:
    """Move counted goods from the place they were issued to into quarantine."""
    places = location.by_kind({receipt.warehouse_id, *(line.shipped_from_id for line in lines)})
    movement.post(
        [
            movement.Move(
                product_id=line.product_id,
                source_id=places[line.shipped_from_id, Location.Kind.CUSTOMER],
                destination_id=places[receipt.warehouse_id, Location.Kind.QUALITY],
                quantity=line.received_quantity,
                lot_id=line.lot_id,
                owner_id=line.owner_id,
                shipment_id=line.shipment_id,
            )
            for line in lines
            if line.received_quantity
        ],
        at=at,
        document_type="return_receipt",
        document_id=receipt.pk,
    )
