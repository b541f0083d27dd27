"""Dealers pay what is due, the bank writes its statement, and the operator imports and matches it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from b2b.core.actor import Actor
from b2b.market import bank
from b2b.market.stage import Stage
from finance.models import BankStatement, Case, Invoice, StatementLine
from finance.services import case, reconciliation, resolution, statement

BANK_ACCOUNT = "CN-6222-0000-0001"
PAYS_LATE = 0.10  # chance, each day, that a due invoice is left for another day
PAYS_TOGETHER = 0.30  # chance that a dealer pays all that is due in one transfer
STRAY_EVERY_DAYS = 9  # a stranger's transfer opens a case, which the operator resolves the next day
HOUR = 18.0


def pay(stage: Stage) -> None:
    """Book the day's transfers and reconcile them in the evening."""
    _resolve_strays(stage)
    with stage.at(HOUR) as now, stage.acting(stage.world.operator) as by:
        if not BankStatement.objects.filter(statement_id=_statement_id(stage)).exists():
            file = bank.statement(
                _movements(stage),
                account=BANK_ACCOUNT,
                currency="CNY",
                opening=_opening(),
                statement_id=_statement_id(stage),
                created_at=now,
                as_of=stage.today,
            )
            statement.import_file(file, by=by, at=now)
        reconciliation.match(by=by, at=now)


def is_over(stage: Stage) -> bool:
    """Tell whether the day and one after it have been lived, so that nothing is left to be done in it."""
    with stage.acting(stage.world.operator) as by:
        written = BankStatement.objects.visible_to(by)
        return (
            written.filter(statement_id=_statement_id(stage)).exists()
            and written.filter(last_date__gt=stage.today).exists()
        )


def _statement_id(stage: Stage) -> str:
    return f"STM-{stage.today.isoformat()}"


def _movements(stage: Stage) -> list[bank.Movement]:
    """Decide who pays what today, in the words that payers use."""
    due: dict[int, list[Invoice]] = defaultdict(list)
    open_invoices = Invoice.objects.filter(due_date__lte=stage.today, open_amount__gt=0).order_by("pk")
    for invoice in open_invoices.select_related("dealer"):
        if stage.chance.random() >= PAYS_LATE:
            due[invoice.dealer_id].append(invoice)
    movements = []
    for invoices in due.values():
        together = len(invoices) > 1 and stage.chance.random() < PAYS_TOGETHER
        bundles = [invoices] if together else [[invoice] for invoice in invoices]
        movements += [_transfer(stage, paid) for paid in bundles]
    stage.counts["payments"] += len(movements)
    if stage.day % STRAY_EVERY_DAYS == STRAY_EVERY_DAYS - 1 and not stage.is_last_day:
        movements.append(
            bank.Movement(stage.today, Decimal("88.88"), "thank you", "A stranger", "CN-STRANGER")
        )
        stage.counts["transfers by strangers"] += 1
    return movements


def _transfer(stage: Stage, invoices: Sequence[Invoice]) -> bank.Movement:
    numbers = [invoice.number for invoice in invoices]
    wording = stage.chance.choice(("{0}", "Invoice {0}", "payment for {0} thank you", "RE: {0}"))
    text = wording.format(", ".join(numbers))
    if stage.chance.random() < 0.2:
        text = text.replace("-", " ").lower()
    dealer = invoices[0].dealer
    return bank.Movement(
        booking_date=stage.today,
        amount=sum((invoice.open_amount for invoice in invoices), Decimal(0)),
        text=text,
        payer_name=dealer.name,
        payer_account=f"CN-{dealer.code}",
    )


def _opening() -> Decimal:
    last = (
        BankStatement.objects.filter(bank_account__identifier=BANK_ACCOUNT)
        .order_by("-last_date", "-pk")
        .first()
    )
    return last.closing_amount if last else Decimal(0)


def _resolve_strays(stage: Stage) -> None:
    """Set yesterday's strange transfers aside for return, as an operator would in the morning."""
    with stage.at(9.2) as now, stage.acting(stage.world.operator) as by:
        note = "payer unknown, returned to sender"
        for line in StatementLine.objects.filter(status="IN_CASE", booking_date__lt=stage.today):
            resolution.set_aside(line.pk, note=note, by=by, at=now)
        for found in Case.objects.filter(status="OPEN", statement_line__status="SET_ASIDE"):
            case.resolve(found.pk, resolution=note, by=by, at=now)


def open_cases(by: Actor) -> int:
    """Return how many cases nobody has resolved."""
    return Case.objects.visible_to(by).filter(status="OPEN").count()
