"""What carriers ask to be paid, held against what their trips were to cost."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from logistics import states
from logistics.models.trip import Trip

CARRIER: dict[str, Any] = {actor.CARRIER: "carrier_id"}


class FreightTolerance(models.Model):
    """By how much a carrier's invoice may differ from what a trip was to cost; without a carrier for all of them.

    Within the larger of the two it is paid as it was sent.
    """

    tenancy: ClassVar[dict[str, Any]] = CARRIER

    carrier = models.OneToOneField(
        Organization, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("carrier")
    )
    percent = models.DecimalField(
        _("per cent"), max_digits=5, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    amount = AmountField(_("amount"), default=0, validators=[MinValueValidator(0)])

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tolerance for freight invoices")
        verbose_name_plural = _("tolerances for freight invoices")
        constraints = (
            models.CheckConstraint(
                condition=Q(percent__gte=0, amount__gte=0), name="a_freight_tolerance_is_not_negative"
            ),
            models.UniqueConstraint(
                fields=["carrier"], nulls_distinct=False, name="one_freight_tolerance_each"
            ),
        )

    def __str__(self) -> str:
        return f"{self.percent} % / {self.amount}"


class FreightInvoice(Document):
    """A carrier's invoice for trips, as it was sent; `number` is the carrier's own. gross = net + tax.

    One that agrees with its trips is accepted at once; one that does not is disputed until the operator decides.
    """

    machine = states.FREIGHT_INVOICE
    tenancy: ClassVar[dict[str, Any]] = CARRIER

    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("carrier"))
    number = models.CharField(_("number"), max_length=40)
    status = StatusField(states.FREIGHT_INVOICE, verbose_name=_("status"))
    currency = CurrencyField(_("currency"))
    issue_date = models.DateField(_("issue date"))
    net_amount = AmountField(_("net"))
    tax_amount = AmountField(_("tax"), default=0)
    gross_amount = AmountField(_("gross"))
    expected_amount = AmountField(_("expected, net"))

    class Meta:
        verbose_name = _("freight invoice")
        verbose_name_plural = _("freight invoices")
        constraints = (
            models.UniqueConstraint(fields=["carrier", "number"], name="one_freight_invoice_number"),
            models.CheckConstraint(
                condition=Q(gross_amount=F("net_amount") + F("tax_amount")), name="a_freight_invoice_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(net_amount__gte=0, tax_amount__gte=0), name="a_freight_invoice_is_not_negative"
            ),
        )
        indexes = (models.Index(fields=["carrier", "-id"], name="freight_invoice_of_carrier"),)


class FreightInvoiceLine(models.Model):
    """What is asked for one trip, what it was to cost, and what is wrong with it ("" when nothing is).

    A trip is paid once: of the invoices that name it, one that was not rejected holds it.
    """

    tenancy: ClassVar[dict[str, Any]] = CARRIER

    invoice = models.ForeignKey(FreightInvoice, models.PROTECT, related_name="lines")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="+", null=True)
    trip_number = models.CharField(_("trip"), max_length=40)
    amount = AmountField(_("asked"))
    expected_amount = AmountField(_("expected"), default=0)
    finding = models.CharField(_("finding"), max_length=24, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a freight invoice")
        verbose_name_plural = _("lines of freight invoices")
        constraints = (
            models.UniqueConstraint(fields=["invoice", "trip_number"], name="one_line_per_trip"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_freight_line_is_not_negative"),
        )
        indexes = (models.Index(fields=["trip"], name="freight_line_of_trip"),)

    def __str__(self) -> str:
        return f"{self.trip_number} {self.amount}"
