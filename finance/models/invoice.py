"""Invoices to dealers, raised from what was delivered (UBL Invoice, EN 16931)."""

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
from finance.policies.instalment import OpenPart, open_parts
from finance.policies.trade_document import DEBIT_NOTE as DEBIT_NOTE_TYPE
from finance.policies.trade_document import INVOICE as INVOICE_TYPE
from finance.states import INVOICE


class Invoice(Document):
    """A claim for delivered goods; once issued only `open_amount` and the status change, the database sees to it.

    A debit note (`type_code` 383, UN/ECE 1001) `corrects` an earlier invoice upwards; its lines are DebitNoteLines.

    `reference_key` is the number as it is looked for in remittance texts, see finance.policies.matching.
    `party_details` are seller and buyer as they were called that day. `due_date` is that of the last instalment.
    """

    machine = INVOICE
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    seller = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(INVOICE)
    type_code = models.CharField(_("type"), max_length=3, default=INVOICE_TYPE)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="debit_notes")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    shipment_id = models.UUIDField(_("shipment"))
    shipment_number = models.CharField(_("shipment"), max_length=40)
    currency = CurrencyField(_("currency"))
    issue_date = models.DateField(_("issue date"))
    delivered_at = models.DateTimeField(_("delivered"))
    payment_terms_days = models.PositiveIntegerField(_("payment terms, days"))
    due_date = models.DateField(_("due date"))
    net_amount = AmountField(_("net"))
    tax_amount = AmountField(_("tax"))
    gross_amount = AmountField(_("gross"))
    open_amount = AmountField(_("open"))
    reference_key = models.CharField(max_length=40)
    party_details = models.JSONField(default=dict)
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = (
            models.UniqueConstraint(fields=["seller", "number"], name="one_invoice_number_per_seller"),
            models.UniqueConstraint(fields=["reference_key"], name="one_invoice_per_reference"),
            models.UniqueConstraint(
                fields=["shipment_id", "currency", "payment_terms_days"],
                condition=Q(type_code=INVOICE_TYPE),
                name="one_invoice_per_shipment",
            ),
            models.CheckConstraint(
                condition=Q(type_code=INVOICE_TYPE, corrects=None)
                | (Q(type_code=DEBIT_NOTE_TYPE, corrects__isnull=False) & ~Q(reason="")),
                name="debit_note_says_what_it_corrects",
            ),
            models.CheckConstraint(
                condition=Q(open_amount__gte=0) & Q(open_amount__lte=F("gross_amount")),
                name="open_amount_within_invoice",
            ),
            models.CheckConstraint(
                condition=Q(gross_amount=F("net_amount") + F("tax_amount")), name="invoice_adds_up"
            ),
        )
        indexes = (
            models.Index(fields=["dealer", "-issue_date"], name="invoice_of_dealer"),
            models.Index(
                fields=["dealer", "currency", "open_amount"],
                condition=Q(open_amount__gt=0),
                name="invoice_open",
            ),
            models.Index(fields=["-issue_date", "-id"], name="invoice_by_date"),
        )

    def open_instalments(self) -> list[OpenPart]:
        """Return the instalments with what is open of each; the earliest are settled first."""
        parts = sorted(self.instalments.all(), key=lambda one: one.number)
        left = open_parts([part.amount for part in parts], self.open_amount)
        return [
            OpenPart(part.number, part.due_date, part.amount, still)
            for part, still in zip(parts, left, strict=True)
        ]


class InvoiceLine(models.Model):
    """A delivered quantity of one order line at its agreed price; append-only."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    line_number = models.PositiveIntegerField(_("line"))
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    order_id = models.UUIDField(_("order"))
    order_number = models.CharField(_("order"), max_length=40)
    order_line_id = models.BigIntegerField(_("order line"))
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    sku = models.CharField(_("SKU"), max_length=40)
    product_name = models.CharField(_("product"), max_length=200)
    quantity = QuantityField(_("quantity"))
    unit_price = UnitPriceField(_("unit price"))
    tax_category = models.CharField(_("tax category"), max_length=2, default="S")
    tax_rate = TaxRateField(_("tax rate"))
    net_amount = AmountField(_("net"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints = (
            models.UniqueConstraint(fields=["invoice", "line_number"], name="one_invoice_line_number"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="invoiced_quantity_is_positive"),
        )
        indexes = (models.Index(fields=["order_line_id"], name="invoice_line_of_order_line"),)

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.line_number}"


class InvoiceTax(models.Model):
    """The tax subtotal of one rate (EN 16931 BG-23); append-only."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="taxes")
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    tax_category = models.CharField(_("tax category"), max_length=2, default="S")
    tax_rate = TaxRateField(_("tax rate"))
    taxable_amount = AmountField(_("taxable"))
    tax_amount = AmountField(_("tax"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax subtotal")
        verbose_name_plural = _("tax subtotals")
        constraints = (models.UniqueConstraint(fields=["invoice", "tax_rate"], name="one_subtotal_per_rate"),)

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.tax_rate}"
