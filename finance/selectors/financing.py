"""Programmes, requests, the log of offers and what is drawn, as each party may see them."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import FUNDER, Actor
from finance.models import (
    CreditScore,
    Financing,
    FinancingOffer,
    FinancingRepayment,
    FinancingRequest,
    Programme,
)


def programmes(actor: Actor) -> QuerySet[Programme]:
    """Return a funder's own programmes; to those who may ask, whatever was opened for their kind."""
    found = Programme.objects.select_related("funder")
    if actor.sees_all:
        return found
    if actor.kind == FUNDER:
        return found.filter(funder_id=actor.organization_id)
    return found.filter(borrower_kind=actor.kind, status__in=("OPEN", "CLOSED"))


def requests(actor: Actor) -> QuerySet[FinancingRequest]:
    """Return requests for money with what was answered: the borrower's and the funder's own."""
    return FinancingRequest.objects.visible_to(actor).select_related(
        "programme", "borrower", "funder", "obligor", "offer"
    )


def offers(actor: Actor) -> QuerySet[FinancingOffer]:
    """Return the log of what was answered to whom on which facts: a party's own, a funder's own programmes."""
    return FinancingOffer.objects.visible_to(actor).select_related("programme", "borrower", "request")


def financings(actor: Actor) -> QuerySet[Financing]:
    """Return what is drawn, with its instalments and what was paid."""
    return (
        Financing.objects.visible_to(actor)
        .select_related("programme", "borrower", "funder", "debtor", "request")
        .prefetch_related("instalments", "repayments")
    )


def repayments(actor: Actor) -> QuerySet[FinancingRepayment]:
    """Return what was paid on financings."""
    return FinancingRepayment.objects.visible_to(actor).select_related("financing")


def scores(actor: Actor) -> QuerySet[CreditScore]:
    """Return scores as they were: a party its own, with every reason, the operator all."""
    return CreditScore.objects.visible_to(actor).select_related("party")
