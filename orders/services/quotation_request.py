"""Ask suppliers to quote, and open the quotations when the time has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from b2b.catalog.selectors import product
from b2b.contracts.agreements import QuotationRequested
from b2b.core.actor import DEALER, FACTORY, Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, NotYet, Problem
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock, lock_one
from b2b.db.models import advance_all, record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization, Site
from b2b.outbox.publish import publish
from orders.models import Quotation, QuotationInvitation, QuotationRequest, QuotationRequestLine


class InvalidRequest(Invalid):
    """The request cannot be asked so; each problem names its row, field and remedy."""

    code = "invalid_quotation_request"


class StillSealed(NotYet):
    """The deadline has not passed and not all who were asked have answered."""

    code = "still_sealed"


@dataclass(frozen=True, slots=True)
class Requested:
    """Base units of a product, by SKU, or of something the catalogue does not have, in words."""

    quantity: int
    sku: str = ""
    description: str = ""
    need_by_date: date | None = None


@unit_of_work()
def ask(
    *,
    title: str,
    lines: Sequence[Requested],
    deadline_at: datetime,
    issuer: Organization,
    factories: Sequence[Organization] = (),
    currency: str = "",
    ship_to: Site | None = None,
    source: QuotationRequest | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> QuotationRequest:
    """Ask for quotations until a deadline: a dealer asks the platform, the platform asks `factories`.

    `source` is the dealer's request the platform passes on; factories learn nothing of it. Publishes
    QuotationRequested, one for each who is asked. A constant number of statements.

    :raises Forbidden: when `by` does not act for the issuer. :raises InvalidRequest: for a deadline that has passed by
        the database's clock, nobody to ask, unknown or repeated products, or lines that name nothing.
    """
    is_dealers = issuer.kind == DEALER
    _may_ask(issuer, by)
    with acting_as(system("orders")):
        products = product.by_sku(by, {line.sku for line in lines if line.sku})
        problems = _faults(lines, set(products), deadline_at, factories, is_dealers=is_dealers)
        if problems:
            raise InvalidRequest(problems=problems)
        asked = QuotationRequest(
            number=number("RQ", issuer.code, take("quotation_request", issuer.pk).start),
            dealer=issuer if is_dealers else None,
            title=title,
            note=note,
            currency=currency or issuer.currency,
            deadline_at=deadline_at,
            ship_to_site=ship_to,
            source=source,
            created_at=at,
            updated_at=at,
        )
        asked.save(force_insert=True)
        QuotationRequestLine.objects.bulk_create(
            QuotationRequestLine(
                request=asked,
                line_number=line_number,
                product=products.get(line.sku),
                description=line.description,
                quantity=line.quantity,
                need_by_date=line.need_by_date,
            )
            for line_number, line in enumerate(lines, start=1)
        )
        QuotationInvitation.objects.bulk_create(
            QuotationInvitation(request=asked, factory=factory) for factory in factories
        )
        record([(asked, "draft", "", asked.status)], by=by, at=at)
        asked.advance("ask", by=by, at=at)
        publish(*(_requested(asked, party.pk, at) for party in (factories or [issuer])))
    return asked


def _may_ask(issuer: Organization, by: Actor) -> None:
    own = by.sees_all if issuer.kind != DEALER else by.sees_all or by.organization_id == issuer.pk
    if not own:
        raise Forbidden("you may ask for your own organisation only")


def _faults(
    lines: Sequence[Requested],
    known: set[str],
    deadline_at: datetime,
    factories: Sequence[Organization],
    *,
    is_dealers: bool,
) -> list[Problem]:
    problems = []
    if deadline_at <= fetch_value("SELECT midstream_now()"):
        problems.append(Problem("deadline_passed", "the deadline has passed", field="deadline_at"))
    if not lines:
        problems.append(Problem("no_lines", "nothing is asked for", field="lines", remedy="Add a line."))
    if is_dealers == bool(factories) or any(one.kind != FACTORY for one in factories):
        problems.append(
            Problem(
                "nobody_asked", "a dealer asks the platform, the platform asks factories", field="factories"
            )
        )
    seen: set[str] = set()
    for row, line in enumerate(lines, start=1):
        if line.sku and line.sku not in known:
            code, field, message = "unknown_product", "sku", f"{line.sku} is no product on sale"
        elif line.sku and line.sku in seen:
            code, field, message = "repeated_product", "sku", f"{line.sku} is in an earlier line"
        elif not line.sku and not line.description.strip():
            code, field, message = "no_goods", "sku", "the line names no goods"
        elif line.quantity < 1:
            code, field, message = "invalid_quantity", "quantity", f"{line.quantity} is below one"
        else:
            seen.add(line.sku)
            continue
        problems.append(Problem(code, message, row=row, field=field))
    return problems


def _requested(asked: QuotationRequest, party_id: int, at: datetime) -> QuotationRequested:
    return QuotationRequested(
        occurred_at=at,
        request_id=asked.pk,
        number=asked.number,
        party_id=party_id,
        currency=asked.currency,
        deadline_at=asked.deadline_at,
    )


@unit_of_work()
def decline(request: QuotationRequest, *, by: Actor, at: datetime) -> QuotationRequest:
    """Note that a factory will not quote; with the last answer the quotations are unsealed.

    :raises Forbidden: unless it is invited. :raises IllegalTransition: when the request is no longer open.
    """
    with acting_as(system("orders")):
        locked = lock_one(QuotationRequest.objects.filter(pk=request.pk))
        QuotationRequest.machine.next(locked.status, "unseal")
        note_answer(locked, by.organization_id, QuotationInvitation.Answer.DECLINED, by=by, at=at)
    return locked


def note_answer(
    request: QuotationRequest,
    factory_id: int | None,
    answer: QuotationInvitation.Answer,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Note what an invited factory answered, and unseal with the last answer. The caller holds the request.

    :raises Forbidden: when the factory is not invited.
    """
    invitations = QuotationInvitation.objects.filter(request=request)
    if not invitations.filter(factory_id=factory_id).update(answer=answer, answered_at=at):
        raise Forbidden("only factories that were asked may quote")
    if not invitations.filter(answer=QuotationInvitation.Answer.NONE).exists():
        request.advance("unseal", by=by, at=at, reason="all have answered", unsealed_at=at)


@unit_of_work()
def unseal(request: QuotationRequest, *, by: Actor, at: datetime) -> QuotationRequest:
    """Open the quotations after the deadline, by the database's clock; an unsealed request is returned as it is.

    :raises Forbidden: unless the operator asks. :raises StillSealed: before the deadline.
    """
    if not by.sees_all:
        raise Forbidden("only the operator opens quotations")
    with acting_as(system("orders")):
        locked = lock_one(QuotationRequest.objects.filter(pk=request.pk))
        if locked.status == "UNSEALED":
            return locked
        if fetch_value("SELECT midstream_now()") < locked.deadline_at:
            raise StillSealed(f"{locked.number} is open until {locked.deadline_at.isoformat()}")
        locked.advance("unseal", by=by, at=at, reason="the deadline has passed", unsealed_at=at)
    return locked


@unit_of_work()
def unseal_due(*, by: Actor, at: datetime) -> int:
    """Open the quotations of all requests whose deadline has passed and return their number."""
    with acting_as(system("orders")):
        due = lock(
            QuotationRequest.objects.filter(
                status="ASKED", dealer=None, deadline_at__lte=fetch_value("SELECT midstream_now()")
            )
        )
        advance_all(due, "unseal", by=by, at=at, reason="the deadline has passed", unsealed_at=at)
    return len(due)


@unit_of_work()
def expire_due(*, by: Actor, at: datetime) -> int:
    """Close what dealers asked and nobody goes on with, by the database's clock, and return the number.

    The deadline has passed, and there is no quotation that could still be taken: nobody quoted, or the dealer left
    what was quoted until its last day was over.
    """
    with acting_as(system("orders")):
        offers = Quotation.objects.filter(request=OuterRef("pk"), status="SUBMITTED")
        over = lock(
            QuotationRequest.objects.filter(
                ~Exists(offers),
                dealer__isnull=False,
                status__in=("ASKED", "UNSEALED"),
                deadline_at__lte=fetch_value("SELECT midstream_now()"),
            )
        )
        advance_all(over, "expire", by=by, at=at, reason="nothing was quoted or taken in time")
    return len(over)


@unit_of_work()
def cancel(request: QuotationRequest, *, reason: str, by: Actor, at: datetime) -> QuotationRequest:
    """Withdraw a request; its quotations lose. :raises Forbidden: for anybody but who asked and the operator."""
    if not by.sees_all and (by.organization_id is None or by.organization_id != request.dealer_id):
        raise Forbidden("only who asked withdraws a request")
    with acting_as(system("orders")):
        locked = lock_one(QuotationRequest.objects.filter(pk=request.pk))
        locked.advance("cancel", by=by, at=at, reason=reason)
        advance_all(lock(locked.quotations.filter(status="SUBMITTED")), "lose", by=by, at=at, reason=reason)
    return locked
