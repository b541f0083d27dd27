"""What freight, duty and fees take of what pooling saved."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField
from b2b.db.querysets import ScopedQuerySet


class CostFact(models.Model):
    """What one dealer's goods bear of a cost voucher, by its newest version; `shared_at` is its first time."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    voucher_id = models.UUIDField()
    number = models.CharField(_("voucher"), max_length=40)
    version = models.PositiveIntegerField()
    dealer_id = models.BigIntegerField()
    kind = models.CharField(_("kind"), max_length=8)
    currency = CurrencyField()
    amount = AmountField(_("amount"))
    shared_at = models.DateTimeField(_("shared at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared cost")
        verbose_name_plural = _("shared costs")
        constraints = (
            models.UniqueConstraint(
                fields=["voucher_id", "dealer_id"], name="one_cost_per_voucher_and_dealer"
            ),
        )
        indexes = (models.Index(fields=["dealer_id", "shared_at"], name="cost_of_dealer"),)

    def __str__(self) -> str:
        return self.number
