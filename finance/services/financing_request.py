"""Ask a programme for money on an asset: the answer comes at once, by rule, with its reasons."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, NotFound
from b2b.db import sequences
from b2b.db.locks import lock, lock_one
from b2b.db.models import advance_all, record
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.models import FinancingOffer, FinancingRequest, Programme
from finance.policies import offering
from finance.policies.entry import Entry, entry_id
from finance.selectors import financeable
from finance.selectors.financeable import Asking
from finance.services import chart, ledger, numbering, pending
from finance.services.financing_quote import Quote, limit_accounts, limit_lines, quote
from finance.services.ledger import LimitPassed

DESK: Final = system("financing")
VALID_FOR: Final = timedelta(days=3)


class ProgrammeFull(DomainError):
    """The programme has not that much left, for all or for one party."""

    code = "programme_full"


class UnknownAsset(Invalid):
    """The borrower has no such asset."""

    code = "unknown_asset"


class AlreadyAsked(DomainError):
    """The programme was asked for money on this asset before and the request is still open."""

    code = "already_asked"


@unit_of_work()
def ask(
    programme_id: UUID,
    *,
    asset_kind: str,
    asset_key: str,
    borrower_id: int,
    wanted: int | None = None,
    by: Actor,
    at: datetime,
) -> FinancingRequest:
    """Ask for money on an asset; the request is OFFERED or REFUSED, its `offer` says what or why not.

    An offer holds its part of the programme's limits until it lapses. `wanted` in minor units, all there is if None.

    :raises NotFound: when there is no such programme to the borrower. :raises UnknownAsset: when it has no such asset.
    :raises ProgrammeFull: naming what is left. :raises AlreadyAsked: when a request on the asset is open.
    :raises Forbidden: for anyone but the borrower.
    """
    if not by.sees_all and by.organization_id != borrower_id:
        raise Forbidden("a party asks for itself")
    if wanted is not None and wanted <= 0:
        raise Invalid("ask for more than nothing")
    with acting_as(DESK):
        borrower = Organization.objects.get(pk=borrower_id)
        programme = Programme.objects.select_related("funder").filter(pk=programme_id, status="OPEN").first()
        if programme is None or programme.borrower_kind != borrower.kind:
            raise NotFound("there is no such programme")
        seller, today = chart.seller(), timezone.localtime(at).date()
        asset = financeable.find(asset_kind, asset_key, Asking(borrower, seller, today))
        if asset is None:
            raise UnknownAsset(f"{borrower.code} has no such {asset_kind.lower().replace('_', ' ')}")
        said = quote(programme, asset, wanted=wanted, at=at)
        request = _write(said, borrower, seller, at=at)
        record([(request, "ask", "", request.status)], by=by, at=at)
        _answer(request, said, by=by, at=at)
        return request


def _write(said: Quote, borrower: Organization, seller: Organization, *, at: datetime) -> FinancingRequest:
    asset, programme = said.asset, said.programme
    [value] = numbering.take("financing_request", seller, [borrower.pk])
    try:
        with transaction.atomic():
            return FinancingRequest.objects.create(
                number=sequences.number("FR", seller.code.upper(), value),
                programme=programme,
                borrower=borrower,
                funder=programme.funder,
                obligor=asset.obligor,
                asset_kind=asset.kind,
                asset_key=asset.key,
                asset_number=asset.number[:80],
                asset_due=asset.due,
                face=max(asset.face, 1),
                wanted=max(said.facts.wanted, 1),
                currency=programme.currency,
                fingerprint=asset.fingerprint,
                alike=asset.alike,
                details=asset.details,
                created_at=at,
                updated_at=at,
            )
    except IntegrityError as error:
        if "one_open_request_per_asset" in str(error):
            raise AlreadyAsked(
                f"{asset.number} is asked for in {programme.number} already", programme=programme.number
            ) from error
        raise


def _answer(request: FinancingRequest, said: Quote, *, by: Actor, at: datetime) -> None:
    answer, entry = said.answer, None
    valid_until = at + VALID_FOR
    if answer.is_offer:
        entry = _reservation(request, said, valid_until, at=at)
        try:
            ledger.post([entry], by=by)
        except LimitPassed as error:
            raise ProgrammeFull(
                f"{request.programme.name} has not {answer.advance} minor units left: {error.message}",
                programme=request.programme.number,
            ) from error
    facts = asdict(said.facts) | {
        "asset_due": said.facts.asset_due.isoformat(),
        "from_day": said.facts.from_day.isoformat(),
    }
    request.offer = FinancingOffer.objects.create(
        request=request,
        programme=request.programme,
        borrower_id=request.borrower_id,
        funder_id=request.funder_id,
        facts=facts,
        facts_key=said.facts.key(),
        rule_version=offering.VERSION,
        is_offer=answer.is_offer,
        reasons=[reason[:300] for reason in answer.reasons],
        advance=answer.advance,
        rate=answer.rate,
        fee=answer.fee,
        discount=said.discount,
        maturity=answer.maturity,
        valid_until=valid_until if answer.is_offer else None,
        entry_id=entry.id if entry else None,
        made_at=at,
    )
    request.advance(
        "offer" if answer.is_offer else "refuse", by=DESK, at=at, reason="; ".join(answer.reasons)
    )


def _reservation(request: FinancingRequest, said: Quote, valid_until: datetime, *, at: datetime) -> Entry:
    """Hold the advance against the programme's limit and the party's until the offer lapses."""
    book, keys = limit_accounts(request.programme, request.borrower_id)
    amount = said.answer.advance
    return Entry(
        id=entry_id("financing_offer", request.pk),
        book_id=book,
        kind="financing_offer",
        effective_date=timezone.localtime(at).date(),
        booked_at=at,
        expires_at=valid_until,
        is_pending=True,
        lines=limit_lines(keys, amount),
        source_type="financing_request",
        source_id=str(request.pk),
    )


@unit_of_work()
def turn_down(request_id: UUID, *, by: Actor, at: datetime, reason: str = "") -> FinancingRequest:
    """Do not take an offer; what it held of the programme is free again.

    :raises NotFound: when it is not the actor's. :raises IllegalTransition: when it is not offered any more.
    """
    with acting_as(DESK):
        request = own_request(request_id, by=by)
        release(request, by=by, at=at)
        request.advance("decline", by=by, at=at, reason=reason)
        return request


def own_request(request_id: UUID, *, by: Actor) -> FinancingRequest:
    """Lock a request of the actor's and return it.

    :raises NotFound: when there is none.
    """
    mine = FinancingRequest.objects.select_related("programme", "borrower").filter(pk=request_id)
    if not by.sees_all:
        mine = mine.filter(borrower_id=by.organization_id)
    return lock_one(mine)


def release(request: FinancingRequest, *, by: Actor, at: datetime) -> None:
    """Free what an offer holds of its programme."""
    entry = FinancingOffer.objects.values_list("entry_id", flat=True).get(request=request)
    if entry is not None:
        pending.void(entry, by=by, at=at)


@unit_of_work()
def lapse(*, at: datetime, by: Actor, most: int = 500) -> int:
    """Close offers nobody took in time and return how many; their holds have counted for nothing since.

    A constant number of statements for any number of offers.
    """
    with acting_as(DESK):
        late = FinancingRequest.objects.filter(status="OFFERED", offer__valid_until__lte=at).order_by("pk")
        chosen = list(late.values_list("pk", flat=True)[:most])
        found = [
            one for one in lock(FinancingRequest.objects.filter(pk__in=chosen)) if one.status == "OFFERED"
        ]
        offers = FinancingOffer.objects.filter(request__in=found, entry__isnull=False)
        pending.void_all(list(offers.values_list("entry_id", flat=True)), by=by, at=at)
        advance_all(found, "lapse", by=by, at=at)
        return len(chosen)
