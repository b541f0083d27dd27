"""Quote: a factory to the platform, sealed until the deadline, or the platform to a dealer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from b2b.catalog.selectors import product
from b2b.contracts.agreements import QuotationReceived
from b2b.core.actor import FACTORY, Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, Problem
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock, lock_one
from b2b.db.models import advance_all, record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from b2b.outbox.publish import publish
from orders.models import (
    Quotation,
    QuotationBreak,
    QuotationInvitation,
    QuotationLine,
    QuotationRequest,
    QuotationRequestLine,
)
from orders.policies.pricing import Break
from orders.selectors import sources
from orders.services import quotation_request


class InvalidQuotation(Invalid):
    """The quotation cannot be taken; each problem names its row, field and remedy."""

    code = "invalid_quotation"


class DeadlinePassed(DomainError):
    """The deadline has passed: the quotations are open, and nobody may better his."""

    code = "deadline_passed"


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer for a requested line, in base units; another SKU than the one asked for is an alternate."""

    line_number: int
    breaks: tuple[Break, ...]
    lead_time_days: int
    sku: str = ""
    moq: int = 1
    order_multiple: int = 1
    note: str = ""
    supplier: Organization | None = None


@unit_of_work()
def submit(
    request: QuotationRequest,
    *,
    lines: Sequence[Offered],
    valid_until: date,
    external_reference: str = "",
    note: str = "",
    by: Actor,
    at: datetime,
) -> Quotation:
    """Take a quotation, or a better one in place of the supplier's earlier one, until the deadline.

    A factory quotes what the platform asked; the operator quotes what a dealer asked. Publishes QuotationReceived.
    With the last invited answer the quotations are unsealed. A constant number of statements.

    :raises Forbidden: for a factory that was not asked. :raises DeadlinePassed: by the database's clock, or when all
        have answered. :raises InvalidQuotation: for unknown lines or products, no price, or a day that has passed.
    """
    is_to_dealer = request.dealer_id is not None
    if by.kind != FACTORY and not (by.sees_all and is_to_dealer):
        raise Forbidden("a factory quotes the platform, and the platform its dealers")
    with acting_as(system("orders")):
        locked = lock_one(QuotationRequest.objects.filter(pk=request.pk))
        now = fetch_value("SELECT midstream_now()")
        if locked.status != "ASKED" or now >= locked.deadline_at:
            raise DeadlinePassed(f"{locked.number} took quotations until {locked.deadline_at.isoformat()}")
        wanted = {line.line_number: line for line in locked.lines.select_related("product")}
        written = _judged(locked, wanted, lines, valid_until, today=now.date())
        factory_id = None if is_to_dealer else by.organization_id
        if not is_to_dealer:
            quotation_request.note_answer(locked, factory_id, QuotationInvitation.Answer.QUOTED, by=by, at=at)
        quotation = _kept(
            locked,
            factory_id,
            by=by,
            at=at,
            valid_until=valid_until,
            external_reference=external_reference,
            note=note,
        )
        _write(quotation, written)
        if is_to_dealer:
            locked.advance("unseal", by=by, at=at, reason="the platform has quoted", unsealed_at=at)
        publish(
            QuotationReceived(
                occurred_at=at,
                quotation_id=quotation.pk,
                number=quotation.number,
                request_id=locked.pk,
                party_id=factory_id or locked.dealer_id or 0,
                valid_until=valid_until,
            )
        )
    return quotation


@dataclass(frozen=True, slots=True)
class _Judged:
    """An offer with the keys it needs to be written."""

    offered: Offered
    request_line: QuotationRequestLine
    product_id: int
    supplier_id: int | None


def _judged(
    request: QuotationRequest,
    wanted: dict[int, QuotationRequestLine],
    lines: Sequence[Offered],
    valid_until: date,
    *,
    today: date,
) -> list[_Judged]:
    products = product.by_sku(system("orders"), {line.sku for line in lines if line.sku})
    asked_for = [line.product_id for line in wanted.values() if line.product_id]
    makers = sources.first_by_product([*(one.pk for one in products.values()), *asked_for])
    problems = []
    if valid_until < today:
        problems.append(Problem("date_in_the_past", f"{valid_until} is past", field="valid_until"))
    if not lines:
        problems.append(Problem("no_lines", "nothing is offered", field="lines", remedy="Decline to quote."))
    taken: list[_Judged] = []
    seen: set[tuple[int, int]] = set()
    for row, line in enumerate(lines, start=1):
        asked = wanted.get(line.line_number)
        found = products.get(line.sku) if line.sku else asked and asked.product
        supplier_id = line.supplier.pk if line.supplier else (makers.get(found.pk) if found else None)
        fault = _fault(line, asked, found, supplier_id, needs_supplier=request.dealer_id is not None)
        if not fault and asked and found and (asked.pk, found.pk) in seen:
            fault = ("repeated_offer", "sku", f"line {line.line_number} is offered twice")
        if fault or not (asked and found):
            code, field, message = fault or ("unknown_product", "sku", "the offer names no product")
            problems.append(Problem(code, message, row=row, field=field))
            continue
        seen.add((asked.pk, found.pk))
        taken.append(_Judged(line, asked, found.pk, supplier_id if request.dealer_id else None))
    if problems:
        raise InvalidQuotation(problems=problems)
    return taken


def _fault(
    line: Offered, asked: Any, found: Any, supplier_id: int | None, *, needs_supplier: bool
) -> tuple[str, str, str] | None:
    quantities = [step.min_quantity for step in line.breaks]
    if asked is None:
        return "unknown_line", "line_number", f"the request has no line {line.line_number}"
    if found is None:
        return "unknown_product", "sku", f"{line.sku or 'no SKU'} is no product on sale"
    if not line.breaks or quantities != sorted(set(quantities)) or quantities[0] < 1:
        return "invalid_breaks", "breaks", "the price breaks must ascend from a quantity of one or more"
    if any(step.unit_price <= Decimal(0) for step in line.breaks):
        return "invalid_price", "breaks", "a price must be above zero"
    if line.moq < 1 or line.order_multiple < 1 or line.lead_time_days < 0:
        return "invalid_terms", "moq", "minimum, multiple and lead time must not be below one, one and zero"
    if needs_supplier and supplier_id is None:
        return "no_source", "sku", f"nobody makes {found.sku}: name the supplier"
    return None


def _kept(
    request: QuotationRequest, factory_id: int | None, *, by: Actor, at: datetime, **said: Any
) -> Quotation:
    """Return the supplier's quotation, a new one or its earlier one emptied of its lines."""
    earlier = request.quotations.filter(factory_id=factory_id).first()
    if earlier is not None:
        QuotationLine.objects.filter(quotation=earlier).delete()
        earlier.advance("revise", by=by, at=at, **said)
        return earlier
    issuer_code, issuer_id = by.organization_code or "platform", by.organization_id or 0
    quotation = Quotation(
        number=number("QU", issuer_code, take("quotation", issuer_id).start),
        request=request,
        factory_id=factory_id,
        dealer_id=request.dealer_id,
        currency=request.currency,
        created_at=at,
        updated_at=at,
        **said,
    )
    quotation.save(force_insert=True)
    record([(quotation, "submit", "", quotation.status)], by=by, at=at)
    return quotation


def _write(quotation: Quotation, judged: Sequence[_Judged]) -> None:
    lines = QuotationLine.objects.bulk_create(
        QuotationLine(
            quotation=quotation,
            request_line=one.request_line,
            line_number=line_number,
            product_id=one.product_id,
            supplier_id=one.supplier_id,
            moq=one.offered.moq,
            order_multiple=one.offered.order_multiple,
            lead_time_days=one.offered.lead_time_days,
            note=one.offered.note,
        )
        for line_number, one in enumerate(judged, start=1)
    )
    QuotationBreak.objects.bulk_create(
        QuotationBreak(line=line, min_quantity=step.min_quantity, unit_price=step.unit_price)
        for line, one in zip(lines, judged, strict=True)
        for step in one.offered.breaks
    )


@unit_of_work()
def withdraw(quotation: Quotation, *, reason: str = "", by: Actor, at: datetime) -> Quotation:
    """Take a quotation back before it is awarded. :raises Forbidden: for anybody but its supplier."""
    is_own = by.organization_id == quotation.factory_id if quotation.factory_id else by.sees_all
    if not is_own:
        raise Forbidden("only its supplier withdraws a quotation")
    with acting_as(system("orders")):
        locked = lock_one(Quotation.objects.filter(pk=quotation.pk))
        locked.advance("withdraw", by=by, at=at, reason=reason)
    return locked


@unit_of_work()
def expire_due(*, by: Actor, at: datetime) -> int:
    """Let lapse what nobody has taken by its last day, by the database's clock, and return the number."""
    with acting_as(system("orders")):
        today = fetch_value("SELECT (midstream_now() AT TIME ZONE 'UTC')::date")
        over = lock(
            Quotation.objects.filter(status="SUBMITTED", valid_until__lt=today).exclude(
                request__status="ASKED"
            )
        )
        advance_all(over, "expire", by=by, at=at)
    return len(over)
