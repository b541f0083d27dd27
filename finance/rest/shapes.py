"""How invoices, payments, credit, the bank and the ledger look in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

AMOUNT = {"max_digits": 18, "decimal_places": 3}
MAX_AMOUNT = 10**14


class InvoiceShape(serializers.Serializer[Any]):
    """An invoice; amounts in its currency."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    type_code = serializers.CharField()
    status = serializers.CharField()
    dealer = serializers.CharField(source="dealer.code")
    seller = serializers.CharField(source="seller.code")
    shipment = serializers.CharField(source="shipment_number")
    currency = serializers.CharField()
    issue_date = serializers.DateField()
    due_date = serializers.DateField()
    net_amount = serializers.DecimalField(**AMOUNT)
    tax_amount = serializers.DecimalField(**AMOUNT)
    gross_amount = serializers.DecimalField(**AMOUNT)
    open_amount = serializers.DecimalField(**AMOUNT)
    updated_at = serializers.DateTimeField()


class InvoiceLineShape(serializers.Serializer[Any]):
    """A delivered quantity of one order line, in base units."""

    line_number = serializers.IntegerField()
    order_id = serializers.UUIDField()
    order = serializers.CharField(source="order_number")
    sku = serializers.CharField()
    name = serializers.CharField(source="product_name")
    quantity = serializers.IntegerField()
    unit_price = serializers.DecimalField(max_digits=18, decimal_places=6)
    tax_rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    net_amount = serializers.DecimalField(**AMOUNT)


class TaxShape(serializers.Serializer[Any]):
    """What is taxed at one rate, a fraction."""

    tax_category = serializers.CharField()
    tax_rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    taxable_amount = serializers.DecimalField(**AMOUNT)
    tax_amount = serializers.DecimalField(**AMOUNT)


class InstalmentShape(serializers.Serializer[Any]):
    """A part of an invoice, when it is due and what of it is open; the earliest is settled first."""

    number = serializers.IntegerField()
    due_date = serializers.DateField()
    amount = serializers.DecimalField(**AMOUNT)
    open_amount = serializers.DecimalField(**AMOUNT)


class SettledBy(serializers.Serializer[Any]):
    """The part of a payment that settled the invoice; negative when it was undone."""

    payment = serializers.CharField(source="payment.number")
    amount = serializers.DecimalField(**AMOUNT)
    at = serializers.DateTimeField()


class InvoiceDetail(InvoiceShape):
    """An invoice with its lines, tax subtotals and what was paid."""

    lines = InvoiceLineShape(many=True)
    taxes = TaxShape(many=True)
    instalments = InstalmentShape(many=True, source="open_instalments")
    allocations = SettledBy(many=True)


class AllocationShape(serializers.Serializer[Any]):
    """The part of a payment that settled one invoice."""

    invoice_id = serializers.UUIDField()
    invoice = serializers.CharField(source="invoice.number")
    amount = serializers.DecimalField(**AMOUNT)


class PaymentShape(serializers.Serializer[Any]):
    """Money received; `open_amount` is not allocated to invoices yet."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    dealer = serializers.CharField(source="dealer.code")
    currency = serializers.CharField()
    amount = serializers.DecimalField(**AMOUNT)
    open_amount = serializers.DecimalField(**AMOUNT)
    value_date = serializers.DateField()
    allocations = AllocationShape(many=True)


class PositionShape(serializers.Serializer[Any]):
    """What a dealer or its group may owe, owes, has ordered, and may still order."""

    currency = serializers.CharField(source="limit.currency")
    limit = serializers.DecimalField(**AMOUNT, source="limit.amount")
    used = serializers.DecimalField(**AMOUNT, source="used.amount")
    reserved = serializers.DecimalField(**AMOUNT, source="reserved.amount")
    available = serializers.DecimalField(**AMOUNT, source="available.amount")


class LimitShape(serializers.Serializer[Any]):
    """A credit limit as it was set."""

    dealer = serializers.CharField(source="party.code")
    currency = serializers.CharField()
    amount = serializers.DecimalField(**AMOUNT)
    reason = serializers.CharField()
    set_by = serializers.CharField()
    set_at = serializers.DateTimeField()


class LimitInput(serializers.Serializer[Any]):
    """What a dealer, or the head of a group of companies, may owe from now on."""

    dealer = serializers.SlugField(max_length=24)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    amount = serializers.DecimalField(**AMOUNT, min_value=0, max_value=MAX_AMOUNT)
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class BankStatementShape(serializers.Serializer[Any]):
    """A bank statement; `id` is the fingerprint of its content."""

    id = serializers.CharField(source="digest")
    statement = serializers.CharField(source="statement_id")
    account = serializers.CharField(source="bank_account.identifier")
    currency = serializers.CharField(source="bank_account.currency")
    kind = serializers.CharField()
    format = serializers.CharField()
    problem = serializers.CharField(help_text="Why its lines are held back; empty when it proves itself.")
    opening_amount = serializers.DecimalField(**AMOUNT, allow_null=True)
    closing_amount = serializers.DecimalField(**AMOUNT, allow_null=True)
    first_date = serializers.DateField()
    last_date = serializers.DateField()
    lines = serializers.IntegerField(source="line_count")
    imported_at = serializers.DateTimeField()


class ImportedShape(serializers.Serializer[Any]):
    """What became of one statement of a file."""

    statement = BankStatementShape()
    is_new = serializers.BooleanField()
    lines = serializers.IntegerField()
    new_lines = serializers.IntegerField()
    booked_lines = serializers.IntegerField(
        help_text="Lines announced or held before, booked by this statement."
    )


class ImportShape(serializers.Serializer[Any]):
    """Every statement of the file."""

    statements = ImportedShape(many=True)


class RunShape(serializers.Serializer[Any]):
    """A reconciliation run and what came out."""

    id = serializers.UUIDField()
    what = serializers.CharField()
    rule_version = serializers.CharField()
    started_at = serializers.DateTimeField()
    run_by = serializers.CharField()
    examined = serializers.IntegerField()
    matched = serializers.IntegerField()
    proposed = serializers.IntegerField()
    cases = serializers.IntegerField()


class RunInput(serializers.Serializer[Any]):
    """What to compare; a dry run writes nothing."""

    what = serializers.ListField(child=serializers.SlugField(max_length=24), allow_empty=False, max_length=20)
    dry_run = serializers.BooleanField(default=False)


class DifferenceShape(serializers.Serializer[Any]):
    """Something that does not agree."""

    kind = serializers.CharField()
    reference = serializers.CharField()
    expected = serializers.CharField()
    found = serializers.CharField()
    reason = serializers.CharField()


class ResultShape(serializers.Serializer[Any]):
    """What one comparison found."""

    what = serializers.CharField()
    compared = serializers.IntegerField(source="outcome.compared")
    differences = DifferenceShape(many=True, source="outcome.differences")
    matched = serializers.IntegerField()
    opened = serializers.IntegerField()
    closed = serializers.IntegerField()
    open_cases = serializers.IntegerField()


class ResultsShape(serializers.Serializer[Any]):
    """All comparisons of one call."""

    results = ResultShape(many=True)


class CaseShape(serializers.Serializer[Any]):
    """Something a person has to decide."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    kind = serializers.CharField()
    reference = serializers.CharField()
    reason = serializers.CharField()
    currency = serializers.CharField()
    amount = serializers.DecimalField(**AMOUNT, allow_null=True)
    remittance_text = serializers.CharField(source="statement_line.remittance_text", default="")
    resolution = serializers.CharField()
    created_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)


class AllocationInput(serializers.Serializer[Any]):
    """An amount for one invoice."""

    invoice_id = serializers.UUIDField()
    amount = serializers.DecimalField(**AMOUNT, min_value=0, max_value=MAX_AMOUNT)


class ResolutionInput(serializers.Serializer[Any]):
    """How the case ends; with allocations the bank line it is about pays those invoices."""

    resolution = serializers.CharField(max_length=2000)
    allocations = AllocationInput(many=True, required=False, default=list)


class JournalLineShape(serializers.Serializer[Any]):
    """One leg in minor units, debit positive."""

    line_number = serializers.IntegerField()
    account = serializers.CharField(source="account.code")
    name = serializers.CharField(source="account.name")
    party = serializers.CharField(source="account.party.code", default=None, allow_null=True)
    unit = serializers.CharField(source="account.unit")
    amount = serializers.IntegerField()
    dimension = serializers.CharField()


class JournalEntryShape(serializers.Serializer[Any]):
    """A balanced movement."""

    id = serializers.UUIDField()
    book = serializers.CharField(source="book.code")
    kind = serializers.CharField()
    is_pending = serializers.BooleanField()
    effective_date = serializers.DateField()
    booked_at = serializers.DateTimeField()
    source_type = serializers.CharField()
    source_id = serializers.CharField()
    reverses = serializers.UUIDField(source="reverses_id", allow_null=True)
    resolves = serializers.UUIDField(source="resolves_id", allow_null=True)
    description = serializers.CharField()
    lines = JournalLineShape(many=True)
