"""Bank statements, runs, proposals and cases; the operator's alone."""

from __future__ import annotations

from django.db.models import F, Prefetch, QuerySet
from django.db.models.functions import Abs

from b2b.core.actor import Actor
from finance.models import (
    BankAccount,
    BankStatement,
    Case,
    Invoice,
    Match,
    MatchMember,
    ReconciliationRun,
    StatementLayout,
    StatementLine,
)


def accounts(actor: Actor) -> QuerySet[BankAccount]:
    """Return our own bank accounts."""
    return BankAccount.objects.visible_to(actor)


def layouts(actor: Actor) -> QuerySet[StatementLayout]:
    """Return how the banks of our accounts write their CSV exports."""
    return StatementLayout.objects.visible_to(actor).select_related("bank_account").order_by("pk")


def statements(actor: Actor) -> QuerySet[BankStatement]:
    """Return the statements as they were imported."""
    return BankStatement.objects.visible_to(actor).select_related("bank_account")


def lines(actor: Actor) -> QuerySet[StatementLine]:
    """Return the lines of all statements."""
    return StatementLine.objects.visible_to(actor).select_related("statement", "bank_account")


def matches_of(actor: Actor, line: StatementLine) -> QuerySet[Match]:
    """Return what was proposed and settled for a line, with the invoices."""
    members = MatchMember.objects.visible_to(actor).select_related("invoice", "line").order_by("pk")
    return (
        Match.objects.visible_to(actor)
        .filter(members__line=line)
        .prefetch_related(Prefetch("members", queryset=members))
        .order_by("pk")
    )


def may_be_paid(actor: Actor, line: StatementLine) -> QuerySet[Invoice]:
    """Return the open invoices a line may pay: in its currency, those nearest to its amount first."""
    owed = Invoice.objects.visible_to(actor).filter(currency=line.currency, open_amount__gt=0)
    off = Abs(F("open_amount") - line.amount)
    return owed.select_related("dealer").annotate(off=off).order_by("off", "due_date", "pk")


def runs(actor: Actor) -> QuerySet[ReconciliationRun]:
    """Return the reconciliation runs."""
    return ReconciliationRun.objects.visible_to(actor)


def cases(actor: Actor) -> QuerySet[Case]:
    """Return the cases, open and resolved."""
    return Case.objects.visible_to(actor).select_related("statement_line", "owner")
