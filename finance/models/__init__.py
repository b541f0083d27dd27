"""What finance keeps."""

from finance.models.bank import BankAccount, BankStatement, CounterpartyAccount, StatementLine
from finance.models.credit import CreditHold, CreditLimit
from finance.models.credit_note import (
    CreditNote,
    CreditNoteLine,
    CreditNoteTax,
    SupplierCredit,
    SupplierCreditShare,
)
from finance.models.invoice import Invoice, InvoiceLine, InvoiceTax
from finance.models.ledger import Account, AccountBalance, Book, JournalEntry, JournalLine
from finance.models.payment import Allocation, Payment
from finance.models.reconciliation import Case, MatchProposal, ReconciliationRun
from finance.models.terms import BillingTerms, GoodsAccrual, PurchaseTerms

__all__ = [
    "Account",
    "AccountBalance",
    "Allocation",
    "BankAccount",
    "BankStatement",
    "BillingTerms",
    "Book",
    "Case",
    "CounterpartyAccount",
    "CreditHold",
    "CreditLimit",
    "CreditNote",
    "CreditNoteLine",
    "CreditNoteTax",
    "GoodsAccrual",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "JournalEntry",
    "JournalLine",
    "MatchProposal",
    "Payment",
    "PurchaseTerms",
    "ReconciliationRun",
    "StatementLine",
    "SupplierCredit",
    "SupplierCreditShare",
]
