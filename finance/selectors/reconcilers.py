"""Compare what finance keeps twice: the bank with its ledger account, holds with exposure, accruals with GR/IR."""

from __future__ import annotations

from typing import Any

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch, fetch_dicts, fetch_value
from b2b.db.invariants import INVARIANTS
from b2b.db.reconcilers import Difference, Outcome, reconciler
from finance.selectors import clearing, invariants, stock_invariants

SHOWN = 1000
DECIMALS = invariants.DECIMALS.replace("invoice.currency", "{column}")

BANK = f"""
    SELECT account.identifier || ' ' || account.currency, coalesce(booked.amount, 0), coalesce(ledger.amount, 0)
    FROM finance_bankaccount account
    LEFT JOIN (
        SELECT bank_account_id, sum(amount) AS amount FROM finance_statementline
        WHERE status IN ('MATCHED', 'SET_ASIDE') GROUP BY 1) booked ON booked.bank_account_id = account.id
    LEFT JOIN (
        SELECT account_id, sum(amount) AS amount FROM finance_journalline GROUP BY 1) ledger
        ON ledger.account_id = account.account_id
    WHERE coalesce(booked.amount, 0) * power(10::numeric, {DECIMALS.format(column="account.currency")})
        <> coalesce(ledger.amount, 0)
"""
ACCRUED = f"""
    SELECT terms.purchase_order_number || '/' || terms.line_number, accrued.amount - coalesce(billed.cleared, 0),
        -coalesce(owed.amount, 0)
    FROM finance_purchaseterms terms
    JOIN (
        SELECT purchase_order_line_id, sum(value + absorbed - extra) AS amount FROM finance_stockmovement GROUP BY 1
    ) accrued USING (purchase_order_line_id)
    LEFT JOIN (SELECT terms_id, sum(cleared) AS cleared FROM {clearing.CLEARED} every GROUP BY 1) billed
        ON billed.terms_id = terms.purchase_order_line_id
    LEFT JOIN (
        SELECT line.dimension, sum(line.amount) AS amount FROM finance_journalline line
        JOIN finance_account account ON account.id = line.account_id AND account.code = '2100'
        GROUP BY 1) owed ON owed.dimension = 'purchase_order_line:' || terms.purchase_order_line_id
    WHERE accrued.amount - coalesce(billed.cleared, 0) <> -coalesce(owed.amount, 0)
"""
OVER_RECEIVED = """
    SELECT terms.purchase_order_number || '/' || terms.line_number, terms.quantity, sum(received.quantity)
    FROM finance_purchaseterms terms JOIN finance_stockmovement received USING (purchase_order_line_id)
    WHERE NOT received.is_void
    GROUP BY terms.purchase_order_line_id HAVING sum(received.quantity) > terms.quantity
"""
HELD_TOO_LONG = """
    SELECT hold.order_id, 0, hold.held FROM finance_credithold hold
    JOIN finance_billingterms terms USING (order_id)
    LEFT JOIN (SELECT order_line_id, sum(quantity) AS quantity FROM finance_invoiceline GROUP BY 1) invoiced
        USING (order_line_id)
    WHERE hold.held > 0 GROUP BY hold.order_id, hold.held
    HAVING bool_and(coalesce(invoiced.quantity, 0) >= terms.quantity)
"""


def _differences(kind: str, reason: str, rows: list[tuple[Any, ...]]) -> list[Difference]:
    return [
        Difference(kind, str(reference), str(expected), str(found), reason)
        for reference, expected, found in rows
    ]


def _broken(*names: str) -> list[Difference]:
    """Return the rows that break invariants of finance, as differences."""
    found = []
    for name in names:
        stated = INVARIANTS[name]
        for row in fetch_dicts(f"SELECT * FROM ({stated.breaking_rows}) breaking LIMIT {SHOWN}"):
            reference = next(str(value) for value in row.values() if value is not None)
            found.append(Difference(name, reference, "agreement", str(row), stated.promise))
    return found


@reconciler("bank")
def compare_bank() -> Outcome:
    """Compare each bank account's ledger balance with the statement lines that were dealt with."""
    with acting_as(system("reconcile")):
        compared = fetch_value("SELECT count(*) FROM finance_statementline")
        rows = fetch(BANK)
    return Outcome(
        int(compared), tuple(_differences("bank_account", "the ledger is not what the bank says", rows))
    )


@reconciler("credit")
def compare_credit() -> Outcome:
    """Compare the exposure accounts with the holds of orders and with open invoices."""
    with acting_as(system("reconcile")):
        compared = fetch_value("SELECT count(*) FROM finance_credithold")
        found = _broken("finance.reserved_credit_is_open_holds", "finance.used_credit_is_open_invoices")
        rows = fetch(HELD_TOO_LONG)
    found += _differences("credit_hold", "the order is invoiced in full and still holds credit", rows)
    return Outcome(int(compared), tuple(found))


@reconciler("grir")
def compare_goods_received() -> Outcome:
    """Compare the accruals of each purchase line with the ledger and with what was ordered."""
    with acting_as(system("reconcile")):
        compared = fetch_value(
            "SELECT count(*) FROM finance_stockmovement WHERE purchase_order_line_id IS NOT NULL"
        )
        accrued, over = fetch(ACCRUED), fetch(OVER_RECEIVED)
    found = _differences("goods_accrual", "the ledger is not what was accrued and not billed", accrued)
    found += _differences("over_receipt", "more was received than ordered", over)
    found += _broken("finance.billed_goods_are_cleared")
    return Outcome(int(compared), tuple(found))


@reconciler("ledger")
def compare_ledger() -> Outcome:
    """Compare entries with their lines, balances with their lines, documents with their allocations."""
    with acting_as(system("reconcile")):
        compared = fetch_value("SELECT count(*) FROM finance_journalentry")
        found = _broken(
            "finance.ledger_sums_to_zero",
            "finance.entries_balance",
            "finance.balances_are_their_lines",
            "finance.invoices_are_their_allocations",
            "finance.payments_are_their_allocations",
            "finance.invoices_add_up",
            "finance.instalments_add_up",
            "finance.credit_notes_add_up",
            "finance.credited_within_invoiced",
            "finance.supplier_credits_add_up",
            "finance.supplier_invoices_add_up",
            "finance.payables_are_open_bills",
            "finance.payments_add_up",
            "finance.payments_on_their_way",
        )
    return Outcome(int(compared), tuple(found))


@reconciler("stock-value")
def compare_stock_value() -> Outcome:
    """Compare what stock is worth with its account, its layers and movements, and with what the warehouses hold."""
    with acting_as(system("reconcile")):
        compared = fetch_value("SELECT count(*) FROM finance_stockvalue")
        found = _broken(*stock_invariants.NAMES, "tower.owned_stock_is_valued")
    return Outcome(int(compared), tuple(found))
