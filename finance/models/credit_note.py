"""What is credited: to dealers for returned goods and debit notes (UBL CreditNote), by factories for claims."""

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
from finance.models.debit_note import DebitNoteLine
from finance.models.invoice import Invoice, InvoiceLine
from finance.states import CREDIT_NOTE, SUPPLIER_CREDIT


class CreditNote(Document):
    """Takes returned goods off an invoice, or a debit note back: what was still open on it first.

    The rest stays to the dealer's credit. One per return receipt and invoice; `invoice` is the debit note where that
    is credited, for a reason. gross = settled + advance. `party_details` are those of the invoice.
    """

    machine = CREDIT_NOTE
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    seller = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="credit_notes")
    status = StatusField(CREDIT_NOTE)
    return_receipt_id = models.UUIDField(_("return receipt"), null=True)
    return_id = models.UUIDField(_("return"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    currency = CurrencyField(_("currency"))
    issue_date = models.DateField(_("issue date"))
    net_amount = AmountField(_("net"))
    tax_amount = AmountField(_("tax"))
    gross_amount = AmountField(_("gross"))
    settled_amount = AmountField(_("taken off the invoice"))
    advance_amount = AmountField(_("to the dealer's credit"))
    party_details = models.JSONField(default=dict)
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints = (
            models.UniqueConstraint(fields=["seller", "number"], name="one_credit_note_number_per_seller"),
            models.UniqueConstraint(
                fields=["return_receipt_id", "invoice"], name="one_credit_note_per_return_receipt"
            ),
            models.CheckConstraint(
                condition=Q(gross_amount=F("net_amount") + F("tax_amount"))
                & Q(gross_amount=F("settled_amount") + F("advance_amount"))
                & Q(settled_amount__gte=0, advance_amount__gte=0),
                name="credit_note_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(return_receipt_id__isnull=False, return_id__isnull=False)
                | (Q(return_receipt_id=None, return_id=None) & ~Q(reason="")),
                name="credit_note_says_what_for",
            ),
        )
        indexes = (
            models.Index(fields=["dealer", "-issue_date"], name="credit_note_of_dealer"),
            models.Index(fields=["invoice"], name="credit_note_of_invoice"),
            models.Index(fields=["return_id"], name="credit_note_of_return"),
        )


class CreditNoteLine(models.Model):
    """A quantity of one line at the price it was billed: returned goods, or what a debit note charged; append-only.

    `invoice_line` is what the goods were billed by, also where a line of a debit note is credited.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    credit_note = models.ForeignKey(CreditNote, models.PROTECT, related_name="lines")
    line_number = models.PositiveIntegerField(_("line"))
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    invoice_line = models.ForeignKey(InvoiceLine, models.PROTECT, related_name="credits")
    debit_line = models.ForeignKey(DebitNoteLine, models.PROTECT, null=True, related_name="credits")
    return_line_id = models.BigIntegerField(_("return line"), null=True)
    quantity = QuantityField(_("quantity"))
    unit_price = UnitPriceField(_("unit price"))
    tax_rate = TaxRateField(_("tax rate"))
    net_amount = AmountField(_("net"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit note line")
        verbose_name_plural = _("credit note lines")
        constraints = (
            models.UniqueConstraint(
                fields=["credit_note", "line_number"], name="one_credit_note_line_number"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="credited_quantity_is_positive"),
            models.CheckConstraint(
                condition=Q(return_line_id__isnull=False, debit_line=None)
                | Q(return_line_id=None, debit_line__isnull=False),
                name="credit_is_of_return_or_debit",
            ),
        )

    def __str__(self) -> str:
        return f"{self.credit_note_id}/{self.line_number}"


class CreditNoteTax(models.Model):
    """The tax subtotal of one rate (EN 16931 BG-23); append-only."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    credit_note = models.ForeignKey(CreditNote, models.PROTECT, related_name="taxes")
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    tax_category = models.CharField(_("tax category"), max_length=2, default="S")
    tax_rate = TaxRateField(_("tax rate"))
    taxable_amount = AmountField(_("taxable"))
    tax_amount = AmountField(_("tax"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax subtotal")
        verbose_name_plural = _("tax subtotals")
        constraints = (
            models.UniqueConstraint(
                fields=["credit_note", "tax_rate"], name="one_credited_subtotal_per_rate"
            ),
        )

    def __str__(self) -> str:
        return f"{self.credit_note_id}: {self.tax_rate}"


class SupplierCredit(Document):
    """What a factory bears of a claim, taken off what it is owed; amount = recovered + passed on.

    `recovered_amount` is the platform's, which refunded its dealers before; the rest is passed on to dealers.
    """

    machine = SUPPLIER_CREDIT
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(SUPPLIER_CREDIT)
    claim_id = models.UUIDField(_("claim"), unique=True)
    claim_number = models.CharField(_("claim"), max_length=40)
    purchase_order_id = models.UUIDField(_("purchase order"))
    currency = CurrencyField(_("currency"))
    issue_date = models.DateField(_("issue date"))
    amount = AmountField(_("amount"))
    recovered_amount = AmountField(_("recovered"))
    passed_on_amount = AmountField(_("passed on to dealers"))
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("supplier credit")
        verbose_name_plural = _("supplier credits")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="supplier_credit_number"),
            models.CheckConstraint(
                condition=Q(amount=F("recovered_amount") + F("passed_on_amount"))
                & Q(recovered_amount__gte=0, passed_on_amount__gte=0),
                name="supplier_credit_adds_up",
            ),
        )
        indexes = (models.Index(fields=["factory", "-issue_date"], name="supplier_credit_of_factory"),)


class SupplierCreditShare(models.Model):
    """The part of a supplier credit that was passed on to one dealer; append-only, and no factory's to see."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    supplier_credit = models.ForeignKey(SupplierCredit, models.PROTECT, related_name="shares")
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    currency = CurrencyField(_("currency"))
    amount = AmountField(_("amount"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("supplier credit share")
        verbose_name_plural = _("supplier credit shares")
        constraints = (
            models.UniqueConstraint(
                fields=["supplier_credit", "dealer"], name="one_supplier_credit_share_per_dealer"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="supplier_credit_share_is_positive"),
        )

    def __str__(self) -> str:
        return f"{self.supplier_credit_id}: {self.amount}"
