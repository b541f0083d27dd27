"""A bank statement is imported and matched to open invoices; beside COPY and one hash join."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import psycopg

from b2b.core.ids import uuid7
from b2b.db.transactions import unit_of_work
from b2b.market.bank import Movement
from b2b.market.bank import statement as camt053
from benchmarks import limit, world
from benchmarks.report import Report
from finance.models import BankAccount, BankStatement, Invoice
from finance.policies.chart import MAIN, RECEIVABLES, SUSPENSE
from finance.policies.entry import Entry, Line
from finance.policies.references import PREFIX, reference_key, series
from finance.services import bank_account, chart, ledger, reconciliation, statement
from finance.services.chart import Wanted

INVOICES_PER_LINE = 10
SIZES = (1_000, 10_000)
UNKNOWN_EVERY = 20  # one line in so many names no invoice
BARE = """
    INSERT INTO finance_matchmember (match_id, invoice_id, amount)
    SELECT %(match)s, invoice.id, line.amount
    FROM finance_statementline line
    JOIN finance_invoice invoice
        ON invoice.reference_key = 'INVOPS-' || ltrim(substring(line.remittance_text FROM 'INV-OPS-([0-9]+)'), '0')
        AND invoice.currency = line.currency
    WHERE line.statement_id = %(statement)s AND line.fingerprint LIKE 'bare%%'
"""


def run(report: Report) -> None:
    """Measure import and matching of lines against ten times as many open invoices."""
    made = world.build(products=1)
    account = bank_account.open_account(identifier="CN-BENCH-1", currency="CNY", by=world.BY)
    with limit.connect() as bare:
        model = _model_invoice(made)
        first = 1
        for size in (20, *report.sizes(*SIZES)):
            _open_invoices(bare, made, model, first, size * INVOICES_PER_LINE)
            content = _statement(size, first, day=size % 28)
            first += size * INVOICES_PER_LINE
            found = limit.middle(1, lambda _, content=content: _reconcile(content))
            copied = limit.middle(
                1,
                lambda given: _bare(bare, *given),
                lambda: _as_rows(bare, account),
            )
            if size == 20:  # that was to get everything warm
                continue
            report.rate(
                f"reconcile bank lines, {INVOICES_PER_LINE} open invoices each", size, found, unit="lines/s",
                limit_seconds=copied.seconds, within_s=60 if size == max(SIZES) else None,
            )  # fmt: skip


@unit_of_work()
def _model_invoice(made: world.World) -> Invoice:
    wanted = [Wanted(RECEIVABLES, "CNY", made.dealers[0].pk), Wanted(SUSPENSE, "CNY")]
    keys = chart.accounts(wanted)
    entry = Entry(
        id=uuid7(), book_id=chart.books()[MAIN], kind="benchmark", effective_date=world.AT.date(),
        booked_at=world.AT, lines=(Line(keys[wanted[0]], 100), Line(keys[wanted[1]], -100)),
    )  # fmt: skip
    ledger.post([entry], by=world.BY)
    return Invoice.objects.create(
        number="INV-OPS-0", reference_key=reference_key(series(PREFIX, made.operator.code), 0),
        seller=made.operator, dealer=made.dealers[0],
        shipment_id=uuid7(), shipment_number="SH-0", currency="CNY", issue_date=world.AT.date(),
        delivered_at=world.AT, payment_terms_days=30, due_date=world.AT.date() + timedelta(days=30),
        net_amount=100, tax_amount=13, gross_amount=113, open_amount=113, entry_id=entry.id, created_at=world.AT,
        updated_at=world.AT,
    )  # fmt: skip


def _open_invoices(
    bare: psycopg.Connection, made: world.World, model: Invoice, first: int, count: int
) -> None:
    number = f"({first} - 1 + n)"
    dealers = f"(ARRAY[{', '.join(str(one.pk) for one in made.dealers)}])[1 + n % {len(made.dealers)}]"
    amount = f"(113 + ({number}::bigint * 7919 % 4999999) * 0.01)"
    limit.clone(
        bare, "finance_invoice", where=f"id = '{model.pk}'", count=count, id="midstream_uuid7()",
        number=f"'INV-OPS-' || lpad({number}::text, 7, '0')", reference_key=f"'INVOPS-' || {number}",
        shipment_id="gen_random_uuid()", dealer_id=dealers, net_amount=f"{amount} - 13", gross_amount=amount,
        open_amount=amount,
    )  # fmt: skip
    bare.execute("ANALYZE finance_invoice")


def _statement(size: int, first: int, *, day: int) -> bytes:
    """Return a statement in which every tenth invoice is paid in full, and some payers name nothing we know."""
    date = world.AT.date() - timedelta(days=30 - day)
    movements = []
    for n in range(size):
        number = first + n * INVOICES_PER_LINE
        text = f"inv-ops-{number:07} thank you" if n % UNKNOWN_EVERY else "with kind regards"
        # An unnamed payment is of more than any invoice.
        amount = (
            Decimal(113) + Decimal(number * 7919 % 4_999_999) / 100 + (0 if n % UNKNOWN_EVERY else 50_000)
        )
        movements.append(
            Movement(date, amount, text.upper(), f"Payer {n}", f"CN-P-{n}", bank_reference=f"B{n}")
        )
    return camt053(
        movements, account="CN-BENCH-1", currency="CNY", opening=Decimal(0), statement_id=f"S{size}",
        created_at=world.AT,
    )  # fmt: skip


def _reconcile(content: bytes) -> None:
    statement.import_file(content, by=world.BY, at=world.AT)
    run = reconciliation.match(by=world.BY, at=world.AT)
    if not run.matched:
        raise RuntimeError("nothing was matched")


def _as_rows(bare: psycopg.Connection, account: BankAccount) -> tuple[dict[str, object], bytes]:
    latest = BankStatement.objects.filter(bank_account=account).latest("pk")
    [match] = bare.execute("SELECT id FROM finance_match ORDER BY id DESC LIMIT 1").fetchone() or [None]
    rows = limit.unload(
        bare, "finance_statementline", where=f"statement_id = {latest.pk}", status="'MATCHED'",
        fingerprint="'bare' || left(model.fingerprint, 60)",
    )  # fmt: skip
    return {"match": match, "statement": latest.pk}, rows


def _bare(bare: psycopg.Connection, keys: dict[str, object], rows: bytes) -> None:
    with bare.transaction():
        limit.load(bare, "finance_statementline", rows)
        if not bare.execute(BARE, keys).rowcount:
            raise RuntimeError("nothing was matched")
