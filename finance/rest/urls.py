"""Addresses of finance."""

from __future__ import annotations

from django.urls import path

from finance.rest.bank import BankStatements, Cases, JournalEntries, OneCase, ResolveCase, Runs
from finance.rest.bank_layout import Discounts, StatementLayouts
from finance.rest.credit_note import CreditNotes, OneCreditNote, SupplierCredits
from finance.rest.credit_score import CreditScores
from finance.rest.debit_note import CreditDebitNote, DebitNotes, OneDebitNote
from finance.rest.documents import CreditNotePdf, CreditNoteUbl, InvoicePdf, InvoiceUbl, PaymentPlans
from finance.rest.exchange_rate import ExchangeRateFiles, ExchangeRates
from finance.rest.exchange_valuation import ExchangeValuations
from finance.rest.financing import (
    AcceptOffer,
    CloseProgramme,
    DeclareDefault,
    DeclineOffer,
    FinancingRequests,
    Financings,
    OfferLog,
    OneFinancing,
    OneFinancingRequest,
    OneProgramme,
    OpenProgramme,
    Programmes,
    Quotes,
    Repay,
    Repayments,
    Scores,
    TakeRecourse,
    TakeRepaymentBack,
    WriteOff,
)
from finance.rest.gr_ir import GrIr, GrIrFile
from finance.rest.invoice import Credit, CreditLimits, Invoices, OneInvoice, Payments
from finance.rest.ledger import AccountBalances, TrialBalance
from finance.rest.payment_run import (
    ApprovePaymentRun,
    ConfirmPayeeAccount,
    OnePaymentRun,
    PayeeAccounts,
    PaymentOrders,
    PaymentRunFile,
    PaymentRuns,
    PaymentStatusReports,
)
from finance.rest.pledge import PledgeValuations, ReleasePledge, StockPledges
from finance.rest.stock_value import StockMethods, StockValues
from finance.rest.supplier_invoice import (
    MatchTolerances,
    OneSupplierInvoice,
    RejectSupplierInvoice,
    ReleaseSupplierInvoice,
    SupplierInvoices,
    UblSupplierInvoices,
)
from finance.rest.voucher import (
    EnforceVoucher,
    OneVoucher,
    PledgeVoucher,
    RedeemVoucher,
    ReleaseVoucher,
    SplitVoucher,
    TransferVoucher,
    VoucherPath,
    Vouchers,
)

urlpatterns = [
    path("invoices/", Invoices.as_view(), name="invoices"),
    path("invoices/<uuid:invoice_id>/", OneInvoice.as_view(), name="invoice"),
    path("invoices/<uuid:invoice_id>/document.pdf", InvoicePdf.as_view(), name="invoice-pdf"),
    path("invoices/<uuid:invoice_id>/document.xml", InvoiceUbl.as_view(), name="invoice-ubl"),
    path("debit-notes/", DebitNotes.as_view(), name="debit-notes"),
    path("debit-notes/<uuid:debit_note_id>/credit/", CreditDebitNote.as_view(), name="credit-debit-note"),
    path("debit-notes/<uuid:debit_note_id>/", OneDebitNote.as_view(), name="debit-note"),
    path("payment-plans/", PaymentPlans.as_view(), name="payment-plans"),
    path("credit-notes/", CreditNotes.as_view(), name="credit-notes"),
    path("credit-notes/<uuid:credit_note_id>/", OneCreditNote.as_view(), name="credit-note"),
    path("credit-notes/<uuid:credit_note_id>/document.pdf", CreditNotePdf.as_view(), name="credit-note-pdf"),
    path("credit-notes/<uuid:credit_note_id>/document.xml", CreditNoteUbl.as_view(), name="credit-note-ubl"),
    path("supplier-credits/", SupplierCredits.as_view(), name="supplier-credits"),
    path("supplier-invoices/", SupplierInvoices.as_view(), name="supplier-invoices"),
    path("supplier-invoices/ubl/", UblSupplierInvoices.as_view(), name="supplier-invoices-ubl"),
    path(
        "supplier-invoices/<uuid:supplier_invoice_id>/", OneSupplierInvoice.as_view(), name="supplier-invoice"
    ),
    path(
        "supplier-invoices/<uuid:supplier_invoice_id>/release/",
        ReleaseSupplierInvoice.as_view(),
        name="supplier-invoice-release",
    ),
    path(
        "supplier-invoices/<uuid:supplier_invoice_id>/reject/",
        RejectSupplierInvoice.as_view(),
        name="supplier-invoice-reject",
    ),
    path("match-tolerances/", MatchTolerances.as_view(), name="match-tolerances"),
    path("payee-accounts/", PayeeAccounts.as_view(), name="payee-accounts"),
    path(
        "payee-accounts/<uuid:account_id>/confirm/",
        ConfirmPayeeAccount.as_view(),
        name="payee-account-confirm",
    ),
    path("payment-runs/", PaymentRuns.as_view(), name="payment-runs"),
    path("payment-runs/answers/", PaymentStatusReports.as_view(), name="payment-run-answers"),
    path("payment-runs/<uuid:run_id>/", OnePaymentRun.as_view(), name="payment-run"),
    path("payment-runs/<uuid:run_id>/approve/", ApprovePaymentRun.as_view(), name="payment-run-approve"),
    path("payment-runs/<uuid:run_id>/file/", PaymentRunFile.as_view(), name="payment-run-file"),
    path("payment-orders/", PaymentOrders.as_view(), name="payment-orders"),
    path("payments/", Payments.as_view(), name="payments"),
    path("credit/", Credit.as_view(), name="credit"),
    path("credit-scores/", CreditScores.as_view(), name="credit-scores"),
    path("credit-limits/", CreditLimits.as_view(), name="credit-limits"),
    path("bank-statements/", BankStatements.as_view(), name="bank-statements"),
    path("statement-layouts/", StatementLayouts.as_view(), name="statement-layouts"),
    path("discount-terms/", Discounts.as_view(), name="discount-terms"),
    path("reconciliation/runs/", Runs.as_view(), name="reconciliation-runs"),
    path("cases/", Cases.as_view(), name="cases"),
    path("cases/<uuid:case_id>/", OneCase.as_view(), name="case"),
    path("cases/<uuid:case_id>/resolve/", ResolveCase.as_view(), name="case-resolve"),
    path("exchange-rates/", ExchangeRates.as_view(), name="exchange-rates"),
    path("exchange-rates/files/", ExchangeRateFiles.as_view(), name="exchange-rate-files"),
    path("exchange-valuations/", ExchangeValuations.as_view(), name="exchange-valuations"),
    path("gr-ir/", GrIr.as_view(), name="gr-ir"),
    path("gr-ir/lines.csv", GrIrFile.as_view(), name="gr-ir-file"),
    path("stock-values/", StockValues.as_view(), name="stock-values"),
    path("stock-methods/", StockMethods.as_view(), name="stock-methods"),
    path("ledger/trial-balance/", TrialBalance.as_view(), name="trial-balance"),
    path("ledger/balance/", AccountBalances.as_view(), name="account-balance"),
    path("journal-entries/", JournalEntries.as_view(), name="journal-entries"),
    path("financing/programmes/", Programmes.as_view(), name="programmes"),
    path("financing/programmes/<uuid:programme_id>/", OneProgramme.as_view(), name="programme"),
    path("financing/programmes/<uuid:programme_id>/open/", OpenProgramme.as_view(), name="programme-open"),
    path("financing/programmes/<uuid:programme_id>/close/", CloseProgramme.as_view(), name="programme-close"),
    path("financing/quotes/", Quotes.as_view(), name="financing-quotes"),
    path("financing/scores/", Scores.as_view(), name="scores"),
    path("financing/offers/", OfferLog.as_view(), name="financing-offers"),
    path("financing/requests/", FinancingRequests.as_view(), name="financing-requests"),
    path("financing/requests/<uuid:request_id>/", OneFinancingRequest.as_view(), name="financing-request"),
    path("financing/requests/<uuid:request_id>/accept/", AcceptOffer.as_view(), name="financing-accept"),
    path("financing/requests/<uuid:request_id>/decline/", DeclineOffer.as_view(), name="financing-decline"),
    path("financings/", Financings.as_view(), name="financings"),
    path("financings/repayments/", Repayments.as_view(), name="repayments"),
    path(
        "financings/repayments/<int:repayment_id>/take-back/",
        TakeRepaymentBack.as_view(),
        name="repayment-take-back",
    ),
    path("financings/<uuid:financing_id>/", OneFinancing.as_view(), name="financing"),
    path("financings/<uuid:financing_id>/repayments/", Repay.as_view(), name="financing-repay"),
    path("financings/<uuid:financing_id>/default/", DeclareDefault.as_view(), name="financing-default"),
    path("financings/<uuid:financing_id>/recourse/", TakeRecourse.as_view(), name="financing-recourse"),
    path("financings/<uuid:financing_id>/write-off/", WriteOff.as_view(), name="financing-write-off"),
    path("vouchers/", Vouchers.as_view(), name="vouchers"),
    path("vouchers/<uuid:voucher_id>/", OneVoucher.as_view(), name="voucher"),
    path("vouchers/<uuid:voucher_id>/path/", VoucherPath.as_view(), name="voucher-path"),
    path("vouchers/<uuid:voucher_id>/split/", SplitVoucher.as_view(), name="voucher-split"),
    path("vouchers/<uuid:voucher_id>/transfer/", TransferVoucher.as_view(), name="voucher-transfer"),
    path("vouchers/<uuid:voucher_id>/pledge/", PledgeVoucher.as_view(), name="voucher-pledge"),
    path("vouchers/<uuid:voucher_id>/release/", ReleaseVoucher.as_view(), name="voucher-release"),
    path("vouchers/<uuid:voucher_id>/enforce/", EnforceVoucher.as_view(), name="voucher-enforce"),
    path("vouchers/<uuid:voucher_id>/redeem/", RedeemVoucher.as_view(), name="voucher-redeem"),
    path("stock-pledges/", StockPledges.as_view(), name="stock-pledges"),
    path("stock-pledges/valuations/", PledgeValuations.as_view(), name="pledge-valuations"),
    path("stock-pledges/<uuid:pledge_id>/release/", ReleasePledge.as_view(), name="pledge-release"),
]
