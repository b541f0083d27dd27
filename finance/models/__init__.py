"""What finance keeps."""

from finance.models.bank import (
    BankAccount,
    BankStatement,
    CounterpartyAccount,
    StatementLayout,
    StatementLine,
)
from finance.models.chain import BalanceCheckpoint, ChainBlock, UnsealedPosting
from finance.models.credit import CreditHold, CreditLimit
from finance.models.credit_note import (
    CreditNote,
    CreditNoteLine,
    CreditNoteTax,
    SupplierCredit,
    SupplierCreditShare,
)
from finance.models.debit_note import DebitNote, DebitNoteLine
from finance.models.exchange_rate import ExchangeRate, ExchangeValuation
from finance.models.financing import (
    FinancedAsset,
    Financing,
    FinancingBooking,
    FinancingInstalment,
    FinancingOffer,
    FinancingRepayment,
    FinancingRequest,
)
from finance.models.instalment import Instalment, PaymentPlan
from finance.models.invoice import Invoice, InvoiceLine, InvoiceTax
from finance.models.ledger import Account, AccountBalance, Book, JournalEntry, JournalLine
from finance.models.payment import Allocation, Payment
from finance.models.payment_run import PayeeAccount, PaymentOrder, PaymentOrderItem, PaymentRun
from finance.models.period import Period, PeriodBalance, PeriodEvent
from finance.models.pledge import PledgeValuation, StockPledge
from finance.models.programme import CreditScore, Programme
from finance.models.reconciliation import (
    Case,
    DiscountTerms,
    Match,
    MatchMember,
    ReconciliationRun,
)
from finance.models.stock_value import (
    StockCheckpoint,
    StockCost,
    StockMethod,
    StockMovement,
    StockValue,
    StockValueEntry,
)
from finance.models.supplier_invoice import (
    MatchLine,
    MatchTolerance,
    SupplierInvoice,
    SupplierInvoiceLine,
    SupplierInvoiceTax,
)
from finance.models.terms import BillingTerms, ClearingCorrection, GoodsAccrual, PurchaseTerms
from finance.models.voucher import Voucher, VoucherRoot

__all__ = [
    "Account",
    "AccountBalance",
    "Allocation",
    "BalanceCheckpoint",
    "BankAccount",
    "BankStatement",
    "BillingTerms",
    "Book",
    "Case",
    "ChainBlock",
    "ClearingCorrection",
    "CounterpartyAccount",
    "CreditHold",
    "CreditLimit",
    "CreditNote",
    "CreditNoteLine",
    "CreditNoteTax",
    "CreditScore",
    "DebitNote",
    "DebitNoteLine",
    "DiscountTerms",
    "ExchangeRate",
    "ExchangeValuation",
    "FinancedAsset",
    "Financing",
    "FinancingBooking",
    "FinancingInstalment",
    "FinancingOffer",
    "FinancingRepayment",
    "FinancingRequest",
    "GoodsAccrual",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "JournalEntry",
    "JournalLine",
    "Match",
    "MatchLine",
    "MatchMember",
    "MatchTolerance",
    "PayeeAccount",
    "Payment",
    "PaymentOrder",
    "PaymentOrderItem",
    "PaymentPlan",
    "PaymentRun",
    "Period",
    "PeriodBalance",
    "PeriodEvent",
    "PledgeValuation",
    "Programme",
    "PurchaseTerms",
    "ReconciliationRun",
    "StatementLayout",
    "StatementLine",
    "StockCheckpoint",
    "StockCost",
    "StockMethod",
    "StockMovement",
    "StockPledge",
    "StockValue",
    "StockValueEntry",
    "SupplierCredit",
    "SupplierCreditShare",
    "SupplierInvoice",
    "SupplierInvoiceLine",
    "SupplierInvoiceTax",
    "UnsealedPosting",
    "Voucher",
    "VoucherRoot",
]
