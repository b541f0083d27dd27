"""Bills of factories, and how each was held against what was ordered and received."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import (
    AmountField,
    CurrencyField,
    QuantityField,
    StatusField,
    TaxRateField,
    UnitPriceField,
)
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from finance.states import SUPPLIER_INVOICE

FACTORY: dict[str, Any] = {actor.FACTORY: "factory_id"}


class SupplierInvoice(Document):
    """What a factory asks to be paid, as it was sent; `number` is ours, `supplier_number` the factory's.

    gross = net + tax; payable = gross + rounding. `open_amount` is payable and not paid; 0 until it is approved.
    `verdict` is that of the last match. `looks_like` is an earlier bill that this one may be a copy of.
    """

    machine = SUPPLIER_INVOICE
    tenancy: ClassVar[dict[str, Any]] = FACTORY

    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(SUPPLIER_INVOICE)
    supplier_number = models.CharField(_("factory's number"), max_length=80)
    number_key = models.CharField(max_length=80)
    fapiao_number = models.CharField(_("fapiao number"), max_length=20, blank=True)
    currency = CurrencyField(_("currency"))
    issue_date = models.DateField(_("issue date"))
    due_date = models.DateField(_("due date"))
    net_amount = AmountField(_("net"))
    tax_amount = AmountField(_("tax"))
    gross_amount = AmountField(_("gross"))
    extra_amount = AmountField(_("allowances and charges"))
    rounding_amount = AmountField(_("rounding"), default=0)
    open_amount = AmountField(_("open"), default=0)
    verdict = models.CharField(_("verdict"), max_length=20, blank=True)
    looks_like = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("factory invoice")
        verbose_name_plural = _("factory invoices")
        constraints = (
            models.UniqueConstraint(fields=["factory", "number"], name="one_number_per_supplier_invoice"),
            models.UniqueConstraint(
                fields=["factory", "supplier_number", "issue_date"], name="one_supplier_invoice_number"
            ),
            models.CheckConstraint(
                condition=Q(gross_amount=F("net_amount") + F("tax_amount")), name="supplier_invoice_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(open_amount__gte=0)
                & Q(open_amount__lte=F("gross_amount") + F("rounding_amount")),
                name="open_within_supplier_invoice",
            ),
            models.CheckConstraint(
                condition=Q(entry__isnull=False) | Q(status__in=("RECEIVED", "HELD", "REJECTED")),
                name="owed_supplier_invoice_is_posted",
            ),
        )
        indexes = (
            models.Index(fields=["factory", "-issue_date"], name="supplier_invoice_of_factory"),
            models.Index(fields=["factory", "number_key"], name="supplier_invoice_like"),
            models.Index(fields=["due_date"], condition=Q(open_amount__gt=0), name="supplier_invoice_open"),
            models.Index(fields=["factory"], condition=Q(status="HELD"), name="supplier_invoice_held"),
        )


class SupplierInvoiceLine(models.Model):
    """A billed quantity of one purchase order line, in base units; append-only."""

    tenancy: ClassVar[dict[str, Any]] = FACTORY

    invoice = models.ForeignKey(SupplierInvoice, models.PROTECT, related_name="lines")
    line_number = models.PositiveIntegerField(_("line"))
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    terms = models.ForeignKey("finance.PurchaseTerms", models.PROTECT, related_name="billed")
    quantity = QuantityField(_("quantity"))
    unit_price = UnitPriceField(_("unit price"))
    tax_category = models.CharField(_("tax category"), max_length=2)
    tax_rate = TaxRateField(_("tax rate"))
    net_amount = AmountField(_("net"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("factory invoice line")
        verbose_name_plural = _("factory invoice lines")
        constraints = (
            models.UniqueConstraint(fields=["invoice", "line_number"], name="one_supplier_invoice_line"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="supplier_billed_quantity_is_positive"),
        )

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.line_number}"

    @property
    def last_match(self) -> MatchLine:
        """What was said of the line last; fetch `matches` with the lines."""
        return max(self.matches.all(), key=lambda one: one.pk)


class SupplierInvoiceTax(models.Model):
    """The tax of one category and rate as the factory stated it (EN 16931 BG-23); append-only."""

    tenancy: ClassVar[dict[str, Any]] = FACTORY

    invoice = models.ForeignKey(SupplierInvoice, models.PROTECT, related_name="taxes")
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    tax_category = models.CharField(_("tax category"), max_length=2)
    tax_rate = TaxRateField(_("tax rate"))
    taxable_amount = AmountField(_("taxable"))
    tax_amount = AmountField(_("tax"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax subtotal")
        verbose_name_plural = _("tax subtotals")
        constraints = (
            models.UniqueConstraint(
                fields=["invoice", "tax_category", "tax_rate"], name="one_supplier_subtotal_per_rate"
            ),
        )

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.tax_category} {self.tax_rate}"


class MatchLine(models.Model):
    """How one line of a bill stood when it was matched, and what was said of it; append-only.

    The last of a line counts. `cleared` and `variance` are minor units; they are booked with the match that approved
    the bill (`is_booked`).
    """

    tenancy: ClassVar[dict[str, Any]] = FACTORY

    line = models.ForeignKey(SupplierInvoiceLine, models.PROTECT, related_name="matches")
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    terms = models.ForeignKey("finance.PurchaseTerms", models.PROTECT, related_name="+")
    ordered = QuantityField(_("ordered"))
    accepted = QuantityField(_("accepted"))
    invoiced_before = QuantityField(_("billed before"))
    quantity = QuantityField(_("billed"))
    agreed_price = UnitPriceField(_("agreed price"))
    verdict = models.CharField(_("verdict"), max_length=20)
    reason = models.CharField(_("reason"), max_length=200)
    rule_version = models.CharField(_("rule"), max_length=20)
    cleared = models.BigIntegerField(_("value at receipt"))
    variance = models.BigIntegerField(_("price variance"))
    is_booked = models.BooleanField(_("booked"))
    at = models.DateTimeField(_("at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = (
            models.UniqueConstraint(fields=["line"], condition=Q(is_booked=True), name="booked_once"),
        )
        indexes = (
            models.Index(fields=["terms"], condition=Q(is_booked=True), name="billed_of_purchase_line"),
            models.Index(fields=["line", "-id"], name="match_of_line"),
        )

    def __str__(self) -> str:
        return f"{self.line_id}: {self.verdict}"


class MatchTolerance(models.Model):
    """By how much bills may exceed what was agreed: of one factory, or of all; the latest counts, append-only."""

    factory = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    price_percent = models.DecimalField(_("unit price, %"), max_digits=6, decimal_places=3, default=0)
    price_amount = UnitPriceField(_("unit price, amount"), default=0)
    total_amount = AmountField(_("whole bill, amount"), default=0)
    reason = models.CharField(_("reason"), max_length=200)
    set_by = models.CharField(_("set by"), max_length=150)
    set_at = models.DateTimeField(_("set at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("match tolerance")
        verbose_name_plural = _("match tolerances")
        constraints = (
            models.CheckConstraint(
                condition=Q(price_percent__gte=0, price_amount__gte=0, total_amount__gte=0),
                name="tolerance_is_not_negative",
            ),
        )
        indexes = (models.Index(fields=["factory", "-id"], name="tolerance_of_factory"),)

    def __str__(self) -> str:
        return f"{self.factory_id or '*'}: {self.price_percent} %"
