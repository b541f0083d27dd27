"""Award a request by line, split if need be; the winners' terms become a source or a blanket order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from b2b.contracts.agreements import AwardedLine, QuotationAwarded
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock, lock_one
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import Quotation, QuotationLine, QuotationRequest
from orders.policies.pooling import admits
from orders.policies.pricing import choose
from orders.selectors.quotation import breaks_of
from orders.services import blanket_order, supplier_terms
from orders.services.supplier_terms import SupplierTerms

Becomes = Literal["source", "blanket"]


class InvalidAward(Invalid):
    """The award cannot be made; each problem names its row and remedy."""

    code = "invalid_award"


@dataclass(frozen=True, slots=True)
class Award:
    """Base units awarded to a quoted line."""

    quotation_id: UUID
    line_number: int
    quantity: int


@dataclass(frozen=True, slots=True)
class _Won:
    """A quoted line with what it won, at the price of the break that quantity holds."""

    line: QuotationLine
    quantity: int
    unit_price: Decimal


@unit_of_work()
def award(
    request: QuotationRequest,
    awards: Sequence[Award],
    *,
    becomes: Becomes = "source",
    valid_to: date | None = None,
    tolerance_bp: int = 0,
    by: Actor,
    at: datetime,
) -> QuotationRequest:
    """Decide a request: the quoted lines named win, all other quotations lose.

    As `source` the quoted terms become the platform's source and purchase price from today on; as `blanket` each winner
    gets a blanket order of the awarded quantities until `valid_to`, by default the last day of its quotation. Publishes
    QuotationAwarded for each quotation: a winner hears its own lines, a loser nothing but that it lost.

    :raises Forbidden: unless the operator decides. :raises IllegalTransition: while the quotations are sealed.
    :raises InvalidAward: for a quotation that is over, a line or quantity it does not offer, or more than was asked.
    """
    if not by.sees_all:
        raise Forbidden("only the operator awards what it asked for")
    with acting_as(system("orders")):
        locked = lock_one(QuotationRequest.objects.filter(pk=request.pk, dealer=None))
        QuotationRequest.machine.next(locked.status, "award")
        quotations = lock(locked.quotations.filter(status="SUBMITTED"))
        today = fetch_value("SELECT (midstream_now() AT TIME ZONE 'UTC')::date")
        won = _judged(locked, quotations, awards, today=today, is_blanket=becomes == "blanket")
        by_quotation: dict[UUID, list[_Won]] = defaultdict(list)
        for one in won:
            one.line.awarded_quantity, one.line.awarded_unit_price = one.quantity, one.unit_price
            by_quotation[one.line.quotation_id].append(one)
        QuotationLine.objects.bulk_update(
            [one.line for one in won], ["awarded_quantity", "awarded_unit_price"]
        )
        winners = [quotation for quotation in quotations if quotation.pk in by_quotation]
        losers = [quotation for quotation in quotations if quotation.pk not in by_quotation]
        if becomes == "source":
            _sources(winners, by_quotation, today, by=by, at=at)
        for quotation in winners if becomes == "blanket" else ():
            assert quotation.factory is not None
            quotation.blanket_order = blanket_order.agree(
                quotation.factory,
                lines=[
                    blanket_order.Wanted(one.line.product.sku, one.quantity, one.unit_price)
                    for one in by_quotation[quotation.pk]
                ],
                valid_from=today,
                valid_to=valid_to or quotation.valid_until,
                tolerance_bp=tolerance_bp,
                currency=quotation.currency,
                external_reference=quotation.number,
                by=by,
                at=at,
            )
        Quotation.objects.bulk_update(winners, ["blanket_order"])
        advance_all(winners, "award", by=by, at=at)
        advance_all(losers, "lose", by=by, at=at)
        locked.advance("award", by=by, at=at)
        publish(*(_told(quotation, by_quotation.get(quotation.pk, ()), at) for quotation in quotations))
    return locked


def _judged(
    request: QuotationRequest,
    quotations: Sequence[Quotation],
    awards: Sequence[Award],
    *,
    today: date,
    is_blanket: bool,
) -> list[_Won]:
    """Return what is won, or raise InvalidAward with a problem per faulty row."""
    open_ = {quotation.pk: quotation for quotation in quotations}
    lines = {
        (line.quotation_id, line.line_number): line
        for line in QuotationLine.objects.filter(quotation__in=quotations)
        .select_related("product", "request_line")
        .prefetch_related("breaks")
    }
    asked = dict(request.lines.values_list("pk", "quantity"))
    given: dict[int, int] = defaultdict(int)
    seen: set[tuple[UUID, int]] = set()
    problems, won = [], []
    for row, one in enumerate(awards, start=1):
        line = lines.get((one.quotation_id, one.line_number))
        held = choose(breaks_of(line), one.quantity) if line else None
        if line is None:
            code, message = "unknown_line", "no open quotation offers this line"
        elif open_[one.quotation_id].valid_until < today:
            code, message = "quotation_over", f"it was valid until {open_[one.quotation_id].valid_until}"
        elif held is None or not admits(one.quantity, minimum=line.moq, multiple=line.order_multiple):
            code = "invalid_quantity"
            message = (
                f"{one.quantity} is not offered: at least {line.moq}, in multiples of {line.order_multiple}"
            )
        elif (line.quotation_id, line.product_id if is_blanket else -line.pk) in seen:
            code, message = "repeated_line", f"{line.product.sku} is awarded twice to one factory"
        else:
            given[line.request_line_id] += one.quantity
            seen.add((line.quotation_id, line.product_id if is_blanket else -line.pk))
            won.append(_Won(line, one.quantity, held.unit_price))
            continue
        problems.append(Problem(code, message, row=row))
    most = {one.line.request_line_id: _most(asked[one.line.request_line_id], won) for one in won}
    problems += [
        Problem("more_than_asked", f"{quantity} is awarded, {asked[key]} was asked for")
        for key, quantity in given.items()
        if quantity > most[key]
    ]
    if not awards:
        problems.append(Problem("nothing_awarded", "nothing is awarded", remedy="Close the request instead."))
    if problems:
        raise InvalidAward(problems=problems)
    return won


def _most(asked: int, won: Sequence[_Won]) -> int:
    """Return the most that may be awarded of a line: what was asked, rounded up by the coarsest terms of a winner."""
    return asked + max(int(max(one.line.moq, one.line.order_multiple)) for one in won) - 1


def _sources(
    winners: Sequence[Quotation], won: dict[UUID, list[_Won]], today: date, *, by: Actor, at: datetime
) -> None:
    for quotation in winners:
        supplier_terms.put(
            [
                SupplierTerms(
                    factory_id=quotation.factory_id or 0,
                    product_id=one.line.product_id,
                    lead_time_days=one.line.lead_time_days,
                    moq=one.line.moq,
                    order_multiple=one.line.order_multiple,
                    breaks=breaks_of(one.line),
                )
                for one in won[quotation.pk]
            ],
            currency=quotation.currency,
            valid_from=today,
            reason=quotation.number,
            by=by,
            at=at,
        )


def _told(quotation: Quotation, won: Sequence[_Won], at: datetime) -> QuotationAwarded:
    return QuotationAwarded(
        occurred_at=at,
        quotation_id=quotation.pk,
        number=quotation.number,
        request_id=quotation.request_id,
        party_id=quotation.factory_id or quotation.dealer_id or 0,
        lines=tuple(
            AwardedLine(
                line_number=one.line.line_number,
                product_id=one.line.product_id,
                quantity=one.quantity,
                unit_price=one.unit_price,
            )
            for one in won
        ),
    )


@unit_of_work()
def close(request: QuotationRequest, *, reason: str, by: Actor, at: datetime) -> QuotationRequest:
    """End an unsealed request without an award; all quotations lose. Publishes QuotationAwarded without lines.

    :raises Forbidden: unless the operator decides. :raises IllegalTransition: while the quotations are sealed.
    """
    if not by.sees_all:
        raise Forbidden("only the operator closes a request")
    with acting_as(system("orders")):
        locked = lock_one(QuotationRequest.objects.filter(pk=request.pk))
        locked.advance("close", by=by, at=at, reason=reason)
        losers = lock(locked.quotations.filter(status="SUBMITTED"))
        advance_all(losers, "lose", by=by, at=at, reason=reason)
        publish(*(_told(quotation, (), at) for quotation in losers))
    return locked
