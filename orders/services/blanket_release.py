"""Call off a part of a blanket order: a dealer by an order, the platform by a purchase order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final

from b2b.contracts.agreements import BlanketOrderReleased, ReleasedLine
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Invalid
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Site
from b2b.outbox.publish import publish
from orders.models import (
    BlanketOrder,
    BlanketRelease,
    BlanketReleaseLine,
    OrderLine,
    PurchaseOrderLine,
)
from orders.policies.blanket import judge_release
from orders.policies.order_facts import TradeFacts, agreed_terms
from orders.selectors import blanket as selectors
from orders.selectors import sources
from orders.selectors.blanket import Agreed
from orders.services import bulk_order
from orders.services import order as orders

# A release waits for the one before it, and the last of many parallel ones for all of them.
WAIT_MS: Final = 60_000


class NotInForce(DomainError):
    """The blanket order is not in force today."""

    code = "blanket_not_in_force"


class BeyondBlanket(Invalid):
    """More is called off than is left; nothing was ordered."""

    code = "beyond_blanket"


@unit_of_work()
def release(
    blanket: BlanketOrder,
    *,
    quantities: Mapping[int, int],
    ship_to: Site | None = None,
    need_by_date: date | None = None,
    external_reference: str = "",
    by: Actor,
    at: datetime,
) -> BlanketRelease:
    """Order base units by line number at the agreed prices, in one transaction; the order ranks from the agreement on.

    Releases of one blanket order run one after the other, so that together they never exceed what was agreed on and
    its tolerance. Publishes BlanketOrderReleased beside what the order publishes.

    :raises Forbidden: for another dealer. :raises NotInForce: before its first and after its last day, by the
        database's clock, and when it was cancelled. :raises BeyondBlanket: when more is called off than is left.
    :raises InvalidRows, CreditRefused, DuplicateReference: as any order.
    """
    orders.may_order_for(blanket.dealer_id or 0, by)
    locked = lock_one(BlanketOrder.objects.filter(pk=blanket.pk, dealer__isnull=False), timeout_ms=WAIT_MS)
    _check_in_force(locked)
    lines = {line.standing.line_number: line for line in selectors.statement([locked.pk])[locked.pk]}
    wanted = {number: quantity for number, quantity in quantities.items() if quantity}
    problems = judge_release(wanted, {number: line.standing for number, line in lines.items()})
    if problems or not wanted:
        raise BeyondBlanket("" if problems else "nothing is called off", problems=problems)
    assert locked.dealer is not None
    placed = bulk_order.submit(
        bulk_order.rows_of(
            _row(lines[number], quantity, need_by_date) for number, quantity in wanted.items()
        ),
        dealer=locked.dealer,
        ship_to=ship_to or locked.ship_to_site,
        currency=locked.currency,
        external_reference=external_reference,
        agreed=_terms(lines[number] for number in wanted),
        priority_at=datetime.combine(locked.valid_from, time(), tzinfo=UTC),
        by=by,
        at=at,
    ).order
    by_product = {lines[number].product_id: lines[number] for number in wanted}
    made = BlanketRelease.objects.create(
        blanket_order=locked,
        dealer=locked.dealer,
        release_number=_next_number(locked),
        order=placed,
        released_at=at,
        released_by=str(by)[:150],
    )
    BlanketReleaseLine.objects.bulk_create(
        BlanketReleaseLine(
            release=made,
            blanket_line_id=by_product[line.product_id].line_id,
            dealer=locked.dealer,
            order_line=line,
            quantity=line.quantity,
        )
        for line in OrderLine.objects.filter(order=placed).order_by("line_number")
    )
    told = {lines[number].line_id: quantity for number, quantity in wanted.items()}
    publish(_released(locked, made, told, list(lines.values()), at))
    return made


def _check_in_force(blanket: BlanketOrder) -> None:
    today = fetch_value("SELECT (midstream_now() AT TIME ZONE 'UTC')::date")
    if blanket.status != "AGREED" or not blanket.valid_from <= today <= blanket.valid_to:
        raise NotInForce(
            f"{blanket.number} is {blanket.status.lower()} and holds from {blanket.valid_from} to {blanket.valid_to}"
        )


def _row(line: Agreed, quantity: int, need_by_date: date | None) -> dict[str, object]:
    row: dict[str, object] = {"sku": line.standing.sku, "quantity": quantity}
    return row | ({"need_by_date": need_by_date.isoformat()} if need_by_date else {})


def _terms(lines: Iterable[Agreed]) -> dict[int, TradeFacts]:
    made = [(line, line.supplier_id) for line in lines if line.supplier_id is not None]
    days = sources.lead_times((supplier_id, line.product_id) for line, supplier_id in made)
    return {
        line.product_id: agreed_terms(
            supplier_id, line.unit_price, lead_time_days=days.get((supplier_id, line.product_id), 0)
        )
        for line, supplier_id in made
    }


def _next_number(blanket: BlanketOrder) -> int:
    return blanket.releases.count() + 1


def _released(
    blanket: BlanketOrder,
    made: BlanketRelease,
    quantities: Mapping[int, int],
    lines: Sequence[Agreed],
    at: datetime,
) -> BlanketOrderReleased:
    document = made.order or made.purchase_order
    assert document is not None
    return BlanketOrderReleased(
        occurred_at=at,
        blanket_order_id=blanket.pk,
        number=blanket.number,
        party_id=blanket.party_id,
        release_number=made.release_number,
        document_id=document.pk,
        document_number=document.number,
        lines=tuple(
            ReleasedLine(
                line_number=line.standing.line_number,
                product_id=line.product_id,
                quantity=quantities[line.line_id],
                left_quantity=line.standing.left - quantities[line.line_id],
            )
            for line in lines
            if line.line_id in quantities
        ),
    )


def call_off(lines: Sequence[PurchaseOrderLine], *, by: Actor, at: datetime) -> int:
    """Count purchase orders, all of one currency, against their factories' blanket orders; return how many releases.

    A line counts as far as it buys at the agreed price.
    Only what is left of an agreement is called off. Publishes BlanketOrderReleased for each. The number of statements
    depends on the agreements, not on the lines.
    """
    if not lines:
        return 0
    with acting_as(system("orders")):
        known = selectors.in_force(
            {(line.factory_id, line.product_id) for line in lines},
            currency=lines[0].purchase_order.currency,
            day=fetch_value("SELECT (midstream_now() AT TIME ZONE 'UTC')::date"),
        )
        keys = {line.blanket_order_id for found in known.values() for line in found}
        if not keys:
            return 0
        blankets = lock(BlanketOrder.objects.filter(pk__in=keys, status="AGREED"))
        standings = selectors.statement(blanket.pk for blanket in blankets)
        open_quantity = {line.pk: line.quantity for line in lines}
        return sum(
            _call_off(
                blanket,
                standings[blanket.pk],
                [line for line in lines if line.factory_id == blanket.factory_id],
                open_quantity,
                by=by,
                at=at,
            )
            for blanket in blankets
        )


def _call_off(
    blanket: BlanketOrder,
    agreed: Sequence[Agreed],
    lines: Sequence[PurchaseOrderLine],
    open_quantity: dict[int, int],
    *,
    by: Actor,
    at: datetime,
) -> int:
    by_product = {line.product_id: line for line in agreed}
    left = {line.line_id: line.standing.left for line in agreed}
    taken = []
    for line in lines:
        held = by_product.get(line.product_id)
        if held is not None and held.unit_price == line.unit_price:
            quantity = min(open_quantity[line.pk], left[held.line_id])
            if quantity:
                open_quantity[line.pk] -= quantity
                left[held.line_id] -= quantity
                taken.append((line, held, quantity))
    if not taken:
        return 0
    made = BlanketRelease.objects.create(
        blanket_order=blanket,
        factory_id=blanket.factory_id,
        release_number=_next_number(blanket),
        purchase_order=taken[0][0].purchase_order,
        released_at=at,
        released_by=str(by)[:150],
    )
    BlanketReleaseLine.objects.bulk_create(
        BlanketReleaseLine(
            release=made,
            blanket_line_id=held.line_id,
            factory_id=blanket.factory_id,
            purchase_order_line=line,
            quantity=quantity,
        )
        for line, held, quantity in taken
    )
    told: Counter[int] = Counter()
    for _, held, quantity in taken:
        told[held.line_id] += quantity
    publish(_released(blanket, made, told, agreed, at))
    return 1
