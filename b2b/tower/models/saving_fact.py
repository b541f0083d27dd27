"""What pooling saved."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField
from b2b.db.querysets import ScopedQuerySet


class SavingFact(models.Model):
    """The saving of one dealer in one cycle against buying alone, and how it was shared; the shares sum to it."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    statement_id = models.UUIDField(primary_key=True)
    number = models.CharField(_("statement"), max_length=40)
    cycle_id = models.UUIDField()
    dealer_id = models.BigIntegerField()
    currency = CurrencyField()
    baseline = AmountField(_("bought alone"))
    pooled = AmountField(_("bought pooled"))
    dealer_share = AmountField(_("share of the dealer"))
    platform_share = AmountField(_("share of the platform"))
    factory_share = AmountField(_("share of the factory"))
    stated_at = models.DateTimeField(_("stated at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("saving")
        verbose_name_plural = _("savings")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    baseline=F("pooled") + F("dealer_share") + F("platform_share") + F("factory_share")
                ),
                name="shares_sum_to_the_saving",
            ),
        )
        indexes = (models.Index(fields=["dealer_id", "stated_at"], name="saving_of_dealer"),)

    def __str__(self) -> str:
        return self.number
