"""What the lists of finance can be filtered by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from finance.models import (
    BankStatement,
    Case,
    CreditNote,
    Invoice,
    JournalEntry,
    Payment,
    ReconciliationRun,
    SupplierInvoice,
)


class InvoiceFilter(filters.FilterSet):
    """By dealer, number, status and dates."""

    dealer = filters.CharFilter(field_name="dealer__code", max_length=24)
    due_before = filters.DateFilter(field_name="due_date", lookup_expr="lt")
    issued_since = filters.DateFilter(field_name="issue_date", lookup_expr="gte")

    class Meta:
        model = Invoice
        fields = ("number", "status", "currency")


class PaymentFilter(filters.FilterSet):
    """By dealer, number, status and value date."""

    dealer = filters.CharFilter(field_name="dealer__code", max_length=24)
    since = filters.DateFilter(field_name="value_date", lookup_expr="gte")

    class Meta:
        model = Payment
        fields = ("number", "status", "currency")


class StatementFilter(filters.FilterSet):
    """By account and dates."""

    account = filters.CharFilter(field_name="bank_account__identifier", max_length=40)
    since = filters.DateFilter(field_name="last_date", lookup_expr="gte")

    class Meta:
        model = BankStatement
        fields = ("account", "since")


class RunFilter(filters.FilterSet):
    """By what was compared."""

    class Meta:
        model = ReconciliationRun
        fields = ("what",)


class CaseFilter(filters.FilterSet):
    """By status and kind."""

    class Meta:
        model = Case
        fields = ("status", "kind", "number")


class EntryFilter(filters.FilterSet):
    """By book, kind, source and dates."""

    book = filters.CharFilter(field_name="book__code", max_length=24)
    since = filters.DateFilter(field_name="effective_date", lookup_expr="gte")
    until = filters.DateFilter(field_name="effective_date", lookup_expr="lt")

    class Meta:
        model = JournalEntry
        fields = ("kind", "source_type", "source_id", "is_pending")


class CreditNoteFilter(filters.FilterSet):
    """By number, invoice or return."""

    class Meta:
        model = CreditNote
        fields = ("number", "invoice", "return_id")


class SupplierInvoiceFilter(filters.FilterSet):
    """By factory, either number, status, verdict and dates."""

    factory = filters.CharFilter(field_name="factory__code", max_length=24)
    due_before = filters.DateFilter(field_name="due_date", lookup_expr="lt")
    issued_since = filters.DateFilter(field_name="issue_date", lookup_expr="gte")

    class Meta:
        model = SupplierInvoice
        fields = ("number", "supplier_number", "status", "verdict", "currency")
