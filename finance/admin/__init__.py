"""The pages of finance on both sites; importing the package registers them."""

from finance.admin import bank, case, credit, credit_note, home, invoice, ledger, on_order, payment, reconcile

__all__ = [
    "bank",
    "case",
    "credit",
    "credit_note",
    "home",
    "invoice",
    "ledger",
    "on_order",
    "payment",
    "reconcile",
]
