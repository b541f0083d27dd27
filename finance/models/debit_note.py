"""What is charged on top of an invoice: a debit note is an invoice of type 383 with lines of its own (EN 16931)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, QuantityField, TaxRateField, UnitPriceField
from b2b.db.querysets import ScopedQuerySet
from finance.models.invoice import Invoice, InvoiceLine


class DebitNote(Invoice):
    """An invoice that charges more for goods invoiced before; it is open, due and paid like any other."""

    class Meta:
        proxy = True
        verbose_name = _("debit note")
        verbose_name_plural = _("debit notes")


class DebitNoteLine(models.Model):
    """What is charged on top of one line of the invoice, taxed as that line is; append-only."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    debit_note = models.ForeignKey(Invoice, models.PROTECT, related_name="debit_lines")
    line_number = models.PositiveIntegerField(_("line"))
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    invoice_line = models.ForeignKey(InvoiceLine, models.PROTECT, related_name="debit_lines")
    text = models.CharField(_("what for"), max_length=200)
    quantity = QuantityField(_("quantity"))
    unit_price = UnitPriceField(_("unit price"))
    tax_category = models.CharField(_("tax category"), max_length=2)
    tax_rate = TaxRateField(_("tax rate"))
    net_amount = AmountField(_("net"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("debit note line")
        verbose_name_plural = _("debit note lines")
        constraints = (
            models.UniqueConstraint(fields=["debit_note", "line_number"], name="one_debit_note_line_number"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, net_amount__gt=0), name="debited_amount_is_positive"
            ),
        )

    def __str__(self) -> str:
        return f"{self.debit_note_id}/{self.line_number}"
