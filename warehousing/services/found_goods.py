"""Goods at the gate that nobody expected: recorded, and decided on later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotFound, Problem
from b2b.db import sequences
from b2b.db.locks import lock_one
from b2b.db.models import record as remember
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from warehousing.models import FoundGoods, Location, Warehouse
from warehousing.selectors import location
from warehousing.services import evidence, lot, movement, putaway
from warehousing.services.evidence import Photo


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: base units of a product where it is known, else pieces of what `description` says."""

    warehouse: str
    quantity: int
    cause: str = FoundGoods.Cause.UNKNOWN
    product_id: int | None = None
    receipt_id: UUID | None = None
    code: str = ""
    lot_number: str = ""
    expiry_date: date | None = None
    description: str = ""
    photo: Photo | None = None
    key: str = ""


@unit_of_work()
def record(finding: Finding, *, by: Actor, at: datetime) -> FoundGoods:
    """Write found goods down; they are no stock until somebody decides whose they are.

    :raises NotFound: when there is no such warehouse.
    :raises Invalid: for no quantity, or goods that neither a product nor words describe.
    """
    house = Warehouse.objects.filter(code=finding.warehouse, is_active=True).first()
    if house is None:
        raise NotFound(f"there is no warehouse {finding.warehouse}")
    problems = []
    if finding.quantity < 1:
        problems.append(
            Problem("bad_quantity", "found goods are at least one", "/quantity", remedy="count them")
        )
    if finding.product_id is None and not finding.description.strip():
        problems.append(
            Problem("not_described", "nobody knows what this is", "/description", remedy="describe it")
        )
    if problems:
        raise Invalid("The finding has faults; nothing was written.", problems=problems)
    [serial] = sequences.take("FOUND_GOODS", house.pk)
    made = FoundGoods.objects.create(
        number=sequences.number("FG", house.code, serial),
        created_at=at,
        updated_at=at,
        warehouse=house,
        receipt_id=finding.receipt_id,
        cause=finding.cause,
        product_id=finding.product_id,
        lot_number=finding.lot_number,
        expiry_date=finding.expiry_date,
        code=finding.code[:200],
        description=finding.description.strip()[:200],
        quantity=finding.quantity,
        key=finding.key,
        photo=evidence.keep(finding.photo, at=at) if finding.photo else None,
    )
    remember([(made, "find", "", made.status)], by=by, at=at)
    return made


@unit_of_work()
def take_in(
    found_id: UUID, *, owner: Organization | None, product_id: int | None = None, by: Actor, at: datetime
) -> FoundGoods:
    """Take found goods into stock for an owner; None stands for the platform.

    :raises IllegalTransition: when it is decided already. :raises Invalid: while nobody knows the product.
    """
    found = lock_one(FoundGoods.objects.filter(pk=found_id).select_related("warehouse", "receipt"))
    FoundGoods.machine.next(found.status, "take_in")
    product = product_id or found.product_id
    if product is None:
        raise Invalid(
            "Nobody knows the product.",
            problems=[
                Problem("no_product", "stock is of a product", "/sku", remedy="say which product it is")
            ],
        )
    lots = lot.ensure({(product, found.lot_number): found.expiry_date}) if found.lot_number else {}
    house, kinds = found.warehouse, Location.Kind
    places = location.by_kind([house.pk])
    movement.post(
        [
            movement.Move(
                product_id=product,
                source_id=location.place(places, house, kinds.SUPPLIER),
                destination_id=location.place(
                    places, house, kinds.RECEIVING if house.directs_putaway else kinds.STORAGE
                ),
                quantity=found.quantity,
                lot_id=lots.get((product, found.lot_number)),
                owner_id=owner.pk if owner else None,
            )
        ],
        at=at,
        document_type="found_goods",
        document_id=found.pk,
    )
    found.advance("take_in", by=by, at=at, owner=owner, product_id=product)
    if house.directs_putaway:
        putaway.plan(house.pk, document_id=found.pk, at=at)
    return found


@unit_of_work()
def send_back(found_id: UUID, *, reason: str, by: Actor, at: datetime) -> FoundGoods:
    """Let the carrier take found goods away. :raises IllegalTransition: when it is decided already."""
    found = lock_one(FoundGoods.objects.filter(pk=found_id))
    found.advance("send_back", by=by, at=at, reason=reason)
    return found


@unit_of_work()
def destroy(found_id: UUID, *, reason: str, by: Actor, at: datetime) -> FoundGoods:
    """Destroy found goods. :raises IllegalTransition: when it is decided already."""
    found = lock_one(FoundGoods.objects.filter(pk=found_id))
    found.advance("destroy", by=by, at=at, reason=reason)
    return found
