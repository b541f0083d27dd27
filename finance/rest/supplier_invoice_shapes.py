"""How bills of factories look in the API, and what a factory sends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from finance.policies import en16931, tax, tax_profile
from finance.policies.en16931 import Bill, BilledLine
from finance.policies.tax import Amount, Tax, Totals

LIMIT = 10**14


def amount(**options: Any) -> serializers.DecimalField:
    """Return a field for an amount of money."""
    return serializers.DecimalField(max_digits=18, decimal_places=3, **options)


def price(**options: Any) -> serializers.DecimalField:
    """Return a field for the price of a unit."""
    return serializers.DecimalField(max_digits=18, decimal_places=6, **options)


def rate(**options: Any) -> serializers.DecimalField:
    """Return a field for a tax rate, a fraction."""
    return serializers.DecimalField(max_digits=6, decimal_places=5, **options)


class BillLineInput(serializers.Serializer[Any]):
    """A billed quantity of a purchase order line; `unit` EA or a pack of the product, price and net before tax."""

    purchase_order = serializers.CharField(max_length=40)
    line_number = serializers.IntegerField(min_value=1, required=False)
    sku = serializers.CharField(max_length=40, required=False, default="")
    quantity = serializers.IntegerField(min_value=1, max_value=10**12)
    unit = serializers.CharField(max_length=8, required=False, default="")
    unit_price = price(min_value=0, max_value=LIMIT)
    tax_category = serializers.ChoiceField(tax.CATEGORIES, default=tax.STANDARD)
    tax_rate = rate(min_value=0, max_value=Decimal("0.99999"))


class BillInput(serializers.Serializer[Any]):
    """A factory's bill; totals are yours and are held against the lines.

    With `prices_include_tax` the unit prices and nothing else include tax. `fapiao_number` is kept as it is.
    """

    number = serializers.CharField(max_length=80)
    issue_date = serializers.DateField()
    due_date = serializers.DateField(required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    prices_include_tax = serializers.BooleanField(default=False)
    lines = BillLineInput(many=True, allow_empty=False, max_length=20_000)
    net_amount = amount(min_value=0, max_value=LIMIT)
    tax_amount = amount(min_value=0, max_value=LIMIT)
    gross_amount = amount(min_value=0, max_value=LIMIT)
    fapiao_number = serializers.CharField(max_length=20, required=False, default="")


def bill_of(given: dict[str, Any]) -> Bill:
    """Return checked input as a bill; what a line comes to is computed, the totals stay as they were stated."""
    lines = tuple(
        _line(number, line, given["currency"], given["prices_include_tax"])
        for number, line in enumerate(given["lines"], 1)
    )
    sums = tax.totals_of([Amount(line.tax, line.net_amount) for line in lines], given["currency"])
    return Bill(
        number=given["number"],
        issue_date=given["issue_date"],
        due_date=given.get("due_date"),
        currency=given["currency"],
        lines=lines,
        totals=Totals(
            given["net_amount"],
            given["tax_amount"],
            given["gross_amount"],
            sums.subtotals,
            line_amount=sums.line_amount,
        ),
    )


def _line(number: int, line: dict[str, Any], currency: str, includes_tax: bool) -> BilledLine:
    net = tax.line_net(line["quantity"], line["unit_price"], currency)
    unit_price = line["unit_price"]
    if includes_tax:
        net = tax_profile.net_of_gross(net, line["tax_rate"], currency)
        unit_price = net / line["quantity"]
    return en16931.BilledLine(
        row=number,
        number=str(number),
        quantity=Decimal(line["quantity"]),
        unit_price=unit_price,
        net_amount=net,
        tax=Tax(line["tax_category"], line["tax_rate"].normalize() if line["tax_rate"] else Decimal(0)),
        order=line["purchase_order"],
        order_line=str(line.get("line_number", "")),
        buyers_sku=line["sku"],
        unit_code=line["unit"],
    )


class SupplierInvoiceShape(serializers.Serializer[Any]):
    """A factory's bill: APPROVED is owed, HELD waits for what `verdict` says, REJECTED is not owed."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    verdict = serializers.CharField()
    factory = serializers.CharField(source="factory.code")
    supplier_number = serializers.CharField()
    fapiao_number = serializers.CharField()
    currency = serializers.CharField()
    issue_date = serializers.DateField()
    due_date = serializers.DateField()
    net_amount = amount()
    tax_amount = amount()
    gross_amount = amount()
    open_amount = amount()
    looks_like = serializers.CharField(source="looks_like.supplier_number", default=None, allow_null=True)
    updated_at = serializers.DateTimeField()


class JudgedLineShape(serializers.Serializer[Any]):
    """A billed line and what its last match said: what was ordered, accepted and billed before it."""

    line_number = serializers.IntegerField()
    purchase_order = serializers.CharField(source="terms.purchase_order_number")
    purchase_order_line = serializers.IntegerField(source="terms.line_number")
    sku = serializers.CharField(source="terms.product.sku")
    quantity = serializers.IntegerField()
    unit_price = price()
    agreed_price = price(source="last_match.agreed_price")
    tax_category = serializers.CharField()
    tax_rate = rate()
    net_amount = amount()
    ordered = serializers.IntegerField(source="last_match.ordered")
    accepted = serializers.IntegerField(source="last_match.accepted")
    invoiced_before = serializers.IntegerField(source="last_match.invoiced_before")
    verdict = serializers.CharField(source="last_match.verdict")
    reason = serializers.CharField(source="last_match.reason")


class StatedTaxShape(serializers.Serializer[Any]):
    """The tax of one category and rate, as the factory stated it."""

    tax_category = serializers.CharField()
    tax_rate = rate()
    taxable_amount = amount()
    tax_amount = amount()


class SupplierInvoiceDetail(SupplierInvoiceShape):
    """A bill with its lines, what was said of each, and its tax."""

    lines = JudgedLineShape(many=True, source="lines.all")
    taxes = StatedTaxShape(many=True, source="taxes.all")


class BillDecisionInput(serializers.Serializer[Any]):
    """Why; the factory reads it."""

    reason = serializers.CharField(max_length=500)


class ToleranceInput(serializers.Serializer[Any]):
    """By how much bills may exceed what was agreed; without a factory it is for all that have none of their own."""

    factory = serializers.CharField(max_length=24, required=False)
    price_percent = serializers.DecimalField(max_digits=6, decimal_places=3, min_value=0, default=0)
    price_amount = price(min_value=0, max_value=LIMIT, default=0)
    total_amount = amount(min_value=0, max_value=LIMIT, default=0)
    reason = serializers.CharField(max_length=200)


class ToleranceShape(serializers.Serializer[Any]):
    """A tolerance as it was set; the latest of a factory counts."""

    id = serializers.IntegerField()
    factory = serializers.CharField(source="factory.code", default=None, allow_null=True)
    price_percent = serializers.DecimalField(max_digits=6, decimal_places=3)
    price_amount = price()
    total_amount = amount()
    reason = serializers.CharField()
    set_by = serializers.CharField()
    set_at = serializers.DateTimeField()
