"""Agree on a blanket order, end it when its time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from b2b.catalog.models import Product
from b2b.catalog.selectors import product
from b2b.contracts.agreements import AgreedLine, BlanketOrderAgreed, BlanketOrderEnded
from b2b.core.actor import DEALER, FACTORY, Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock, lock_one
from b2b.db.models import advance_all, record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization, Site
from b2b.outbox.publish import publish
from orders.models import BlanketOrder, BlanketOrderLine
from orders.policies.blanket import WHOLE_BP
from orders.selectors import sources


class InvalidBlanket(Invalid):
    """What is to be agreed on cannot be; each problem names its row, field and remedy."""

    code = "invalid_blanket_order"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line to agree on: base units of a product at a price; `supplier` makes it when not the usual source."""

    sku: str
    quantity: int
    unit_price: Decimal
    supplier: Organization | None = None


def operators_only(by: Actor) -> None:
    """Check that the platform asks. :raises Forbidden: when somebody else does."""
    if not by.sees_all:
        raise Forbidden("only the operator agrees on blanket orders and ends them")


@unit_of_work()
def agree(
    party: Organization,
    *,
    lines: Sequence[Wanted],
    valid_from: date,
    valid_to: date,
    tolerance_bp: int = 0,
    currency: str = "",
    ship_to: Site | None = None,
    external_reference: str = "",
    note: str = "",
    by: Actor,
    at: datetime,
) -> BlanketOrder:
    """Write what the platform and a party agreed on: a dealer takes it from us, a factory makes it for us.

    Publishes BlanketOrderAgreed. A constant number of statements.

    :raises Forbidden: unless the operator asks. :raises InvalidBlanket: for unknown or repeated products, quantities
        below one, a product nobody makes, or dates and a tolerance that make no sense.
    """
    operators_only(by)
    is_upstream = party.kind == FACTORY
    with acting_as(system("orders")):
        products = product.by_sku(by, {line.sku for line in lines})
        makers = sources.first_by_product([one.pk for one in products.values()])
        problems = _faults(party, lines, valid_from, valid_to, tolerance_bp)
        problems += _row_faults(lines, products, makers, is_upstream=is_upstream)
        if problems:
            raise InvalidBlanket(problems=problems)
        blanket = BlanketOrder(
            number=number("BO", party.code, take("blanket_order", party.pk).start),
            dealer=None if is_upstream else party,
            factory=party if is_upstream else None,
            currency=currency or party.currency,
            valid_from=valid_from,
            valid_to=valid_to,
            tolerance_bp=tolerance_bp,
            ship_to_site=ship_to,
            external_reference=external_reference,
            note=note,
            created_at=at,
            updated_at=at,
        )
        blanket.save(force_insert=True)
        written = BlanketOrderLine.objects.bulk_create(
            BlanketOrderLine(
                blanket_order=blanket,
                dealer=blanket.dealer,
                factory=blanket.factory,
                line_number=line_number,
                product=products[line.sku],
                supplier_id=None
                if is_upstream
                else (line.supplier.pk if line.supplier else makers[products[line.sku].pk]),
                quantity=line.quantity,
                unit_price=line.unit_price,
            )
            for line_number, line in enumerate(lines, start=1)
        )
        record([(blanket, "draft", "", blanket.status)], by=by, at=at)
        blanket.advance("agree", by=by, at=at)
        publish(_agreed(blanket, party.pk, written, at))
    return blanket


def _faults(
    party: Organization, lines: Sequence[Wanted], valid_from: date, valid_to: date, tolerance_bp: int
) -> list[Problem]:
    problems = []
    if party.kind not in (DEALER, FACTORY):
        problems.append(Problem("invalid_party", f"{party.code} is no dealer and no factory", field="party"))
    if not lines:
        problems.append(Problem("no_lines", "nothing is agreed on", field="lines", remedy="Add a line."))
    if valid_to < valid_from:
        problems.append(
            Problem("invalid_dates", f"{valid_to} is before {valid_from}", field="valid_to",
                    remedy="Let it end after it begins.")
        )  # fmt: skip
    if not 0 <= tolerance_bp <= WHOLE_BP:
        problems.append(
            Problem("invalid_tolerance", f"{tolerance_bp} is not within 0 and {WHOLE_BP} basis points",
                    field="tolerance_bp")
        )  # fmt: skip
    return problems


def _row_faults(
    lines: Sequence[Wanted], products: Mapping[str, Product], makers: Mapping[int, int], *, is_upstream: bool
) -> list[Problem]:
    problems = []
    seen: set[str] = set()
    for row, line in enumerate(lines, start=1):
        found = products.get(line.sku)
        if found is None:
            code, field, message = "unknown_product", "sku", f"{line.sku} is no product on sale"
        elif line.sku in seen:
            code, field, message = "repeated_product", "sku", f"{line.sku} is in an earlier line"
        elif line.quantity < 1:
            code, field, message = "invalid_quantity", "quantity", f"{line.quantity} is below one"
        elif line.unit_price < 0:
            code, field, message = "invalid_price", "unit_price", f"{line.unit_price} is no price"
        elif not is_upstream and line.supplier is None and found.pk not in makers:
            code, field, message = "no_source", "sku", f"nobody makes {line.sku}"
        else:
            seen.add(line.sku)
            continue
        problems.append(Problem(code, message, row=row, field=field))
    return problems


def _agreed(
    blanket: BlanketOrder, party_id: int, lines: Sequence[BlanketOrderLine], at: datetime
) -> BlanketOrderAgreed:
    return BlanketOrderAgreed(
        occurred_at=at,
        blanket_order_id=blanket.pk,
        number=blanket.number,
        party_id=party_id,
        is_upstream=blanket.is_upstream,
        currency=blanket.currency,
        valid_from=blanket.valid_from,
        valid_to=blanket.valid_to,
        lines=tuple(
            AgreedLine(
                line_number=line.line_number,
                product_id=line.product_id,
                quantity=line.quantity,
                unit_price=line.unit_price,
            )
            for line in lines
        ),
    )


@unit_of_work()
def cancel(blanket: BlanketOrder, *, reason: str, by: Actor, at: datetime) -> BlanketOrder:
    """End a blanket order before its time; what has been released stays ordered. Publishes BlanketOrderEnded.

    :raises Forbidden: unless the operator asks. :raises IllegalTransition: when it has ended.
    """
    operators_only(by)
    with acting_as(system("orders")):
        locked = lock_one(BlanketOrder.objects.filter(pk=blanket.pk))
        locked.advance("cancel", by=by, at=at, reason=reason)
        publish(_ended(locked, reason, at))
    return locked


@unit_of_work()
def expire_due(*, by: Actor, at: datetime) -> list[BlanketOrder]:
    """End the blanket orders whose last day is over by the database's clock; calling again ends nothing more."""
    operators_only(by)
    with acting_as(system("orders")):
        today = fetch_value("SELECT (midstream_now() AT TIME ZONE 'UTC')::date")
        over = lock(BlanketOrder.objects.filter(status="AGREED", valid_to__lt=today))
        advance_all(over, "expire", by=by, at=at)
        publish(*(_ended(blanket, "its last day is over", at) for blanket in over))
    return over


def _ended(blanket: BlanketOrder, reason: str, at: datetime) -> BlanketOrderEnded:
    return BlanketOrderEnded(
        occurred_at=at,
        blanket_order_id=blanket.pk,
        number=blanket.number,
        party_id=blanket.party_id,
        status=blanket.status,
        reason=reason,
    )
