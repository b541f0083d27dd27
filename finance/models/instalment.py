"""When invoices are due: plans of instalments, and the instalments of each invoice."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField
from b2b.db.querysets import ScopedQuerySet
from finance.models.invoice import Invoice


class PaymentPlan(models.Model):
    """In which parts a dealer pays its invoices; the latest counts, append-only.

    `days` after delivery and `shares` in basis points go together; empty lists end the plan, so that the terms of each
    order say when it is due.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    days = ArrayField(models.PositiveIntegerField(), verbose_name=_("days"), default=list)
    shares = ArrayField(models.PositiveIntegerField(), verbose_name=_("shares, basis points"), default=list)
    reason = models.CharField(_("reason"), max_length=200)
    set_by = models.CharField(_("set by"), max_length=150)
    set_at = models.DateTimeField(_("set at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment plan")
        verbose_name_plural = _("payment plans")
        indexes = (models.Index(fields=["dealer", "-id"], name="payment_plan_of_dealer"),)

    def __str__(self) -> str:
        return f"{self.dealer_id}: {self.days}"


class Instalment(models.Model):
    """A part of an invoice and the day it is due; append-only, the earliest is settled first."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="instalments")
    number = models.PositiveIntegerField(_("number"))
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    due_date = models.DateField(_("due date"))
    amount = AmountField(_("amount"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = (
            models.UniqueConstraint(fields=["invoice", "number"], name="one_instalment_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_is_positive"),
        )

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.number}: {self.amount}"
