"""Addresses of finance."""

from __future__ import annotations

from django.urls import path

from finance.rest.bank import BankStatements, Cases, JournalEntries, OneCase, ResolveCase, Runs
from finance.rest.credit_note import CreditNotes, OneCreditNote, SupplierCredits
from finance.rest.invoice import Credit, CreditLimits, Invoices, OneInvoice, Payments

urlpatterns = [
    path("invoices/", Invoices.as_view(), name="invoices"),
    path("invoices/<uuid:invoice_id>/", OneInvoice.as_view(), name="invoice"),
    path("credit-notes/", CreditNotes.as_view(), name="credit-notes"),
    path("credit-notes/<uuid:credit_note_id>/", OneCreditNote.as_view(), name="credit-note"),
    path("supplier-credits/", SupplierCredits.as_view(), name="supplier-credits"),
    path("payments/", Payments.as_view(), name="payments"),
    path("credit/", Credit.as_view(), name="credit"),
    path("credit-limits/", CreditLimits.as_view(), name="credit-limits"),
    path("bank-statements/", BankStatements.as_view(), name="bank-statements"),
    path("reconciliation/runs/", Runs.as_view(), name="reconciliation-runs"),
    path("cases/", Cases.as_view(), name="cases"),
    path("cases/<uuid:case_id>/", OneCase.as_view(), name="case"),
    path("cases/<uuid:case_id>/resolve/", ResolveCase.as_view(), name="case-resolve"),
    path("journal-entries/", JournalEntries.as_view(), name="journal-entries"),
]
