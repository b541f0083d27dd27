"""What the ledger added up to, month by month, and what took movements back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from warehousing.models.location import Location
from warehousing.models.lot import Lot
from warehousing.models.stock import StockStatus


class StockPeriod(models.Model):
    """A month (UTC, its first day) whose recordings are summed up: nothing is recorded in it any more."""

    month = models.DateField(_("month"), unique=True)
    closed_at = models.DateTimeField(_("closed at"))

    class Meta:
        verbose_name = _("stock period")
        verbose_name_plural = _("stock periods")

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class StockPeriodChange(models.Model):
    """What one month's recordings changed at a place, by the month in which it took effect.

    A back-dated movement belongs to the month it was recorded in, so that a closed month never changes: the balance
    at any moment, as known at any other, is a sum of these and of the legs of the two months that are cut.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "owner_id"}

    recorded_month = models.DateField(_("recorded in"))
    effective_month = models.DateField(_("effective in"))
    owner = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    status = models.CharField(_("stock status"), max_length=10, choices=StockStatus.choices)
    quantity = QuantityField(_("change"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of stock in a period")
        verbose_name_plural = _("changes of stock in periods")
        constraints = (
            models.UniqueConstraint(
                fields=[
                    "product",
                    "location",
                    "recorded_month",
                    "effective_month",
                    "lot",
                    "owner",
                    "status",
                ],
                nulls_distinct=False,
                name="one_change_per_key_and_period",
            ),
        )
        indexes = (models.Index(fields=["recorded_month"], name="change_of_period"),)

    def __str__(self) -> str:
        return f"{self.quantity:+d} in {self.effective_month:%Y-%m}"


class StockCorrection(models.Model):
    """A movement that was taken back, the one that took it back, by whom and why; each is taken back once."""

    movement = models.UUIDField(_("movement"), unique=True)
    reversal = models.UUIDField(_("reversal"), unique=True)
    effective_at = models.DateTimeField(_("effective at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    corrected_by = models.CharField(_("corrected by"), max_length=200)
    reason = models.CharField(_("reason"), max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction of stock")
        verbose_name_plural = _("corrections of stock")
        constraints = (
            models.CheckConstraint(condition=~Q(movement=F("reversal")), name="a_movement_corrects_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_correction_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.movement} by {self.reversal}"
