"""Credit: what a dealer or its group may owe, and what each order holds of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.querysets import ScopedQuerySet
from finance.states import CREDIT_HOLD


class CreditLimit(models.Model):
    """A limit as it was set, by whom and why; append-only, the latest one counts.

    `party` is the head of a group of companies, or a dealer that stands alone.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "party_id"}

    party = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    currency = CurrencyField(_("currency"))
    amount = AmountField(_("limit"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    set_by = models.CharField(_("set by"), max_length=150)
    set_at = models.DateTimeField(_("set at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit limit")
        verbose_name_plural = _("credit limits")
        constraints = (models.CheckConstraint(condition=Q(amount__gte=0), name="limit_is_not_negative"),)
        indexes = (models.Index(fields=["party", "currency", "-set_at"], name="limit_of_party"),)

    def __str__(self) -> str:
        return f"{self.party_id}: {self.amount} {self.currency}"


class CreditHold(models.Model):
    """What one order holds of its dealer's credit, tax included, in minor units.

    `held` is reserved by the pending journal entry `entry`; `invoiced` has become receivable. `order_version` is the
    newest version of the order taken into account, so that a late event changes nothing.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    order_id = models.UUIDField(_("order"), primary_key=True)
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    account = models.ForeignKey("finance.Account", models.PROTECT, related_name="+")
    currency = CurrencyField(_("currency"))
    order_version = models.PositiveIntegerField(default=0)
    held = models.BigIntegerField(_("held"), default=0)
    invoiced = models.BigIntegerField(_("invoiced"), default=0)
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, null=True, related_name="+")
    status = StatusField(CREDIT_HOLD)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit hold")
        verbose_name_plural = _("credit holds")
        constraints = (
            models.CheckConstraint(
                condition=Q(held__gte=0) & Q(invoiced__gte=0), name="hold_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(held__gt=0, entry__isnull=False) | Q(held=0, entry__isnull=True),
                name="held_amount_has_its_entry",
            ),
        )
        indexes = (models.Index(fields=["dealer", "status"], name="hold_of_dealer"),)

    def __str__(self) -> str:
        return f"{self.order_id}: {self.held}"
