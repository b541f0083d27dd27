"""Counting what is on the shelves while work goes on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.handling_unit import HandlingUnit
from warehousing.models.location import Location
from warehousing.models.lot import Lot
from warehousing.models.stock import StockStatus
from warehousing.models.warehouse import Warehouse


class CycleCount(Document):
    """A round through some places; the limits are those of the warehouse when it began.

    An adjustment is a round of one line that says in `reason` why the books are wrong.
    """

    machine = states.CYCLE_COUNT

    status = StatusField(states.CYCLE_COUNT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    tolerance_percent = models.PositiveSmallIntegerField(_("tolerance, %"))
    approval_units = models.PositiveBigIntegerField(_("approval above, base units"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta(Document.Meta):
        abstract = False
        verbose_name = _("cycle count")
        verbose_name_plural = _("cycle counts")
        indexes = (models.Index(fields=["warehouse", "status"], name="count_to_do"),)


class CountLine(models.Model):
    """What is to be counted at one place: one key of stock, and what was found of it, in base units.

    `ledger_position` is the last ledger entry the expectation contains; what moved after it neither counts nor waits.
    `expected_quantity` stays hidden from whoever counts. The movement that set the books right is `movement`.
    """

    cycle_count = models.ForeignKey(CycleCount, models.PROTECT, related_name="lines", db_index=False)
    line_number = models.PositiveIntegerField(_("line"))
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    handling_unit = models.ForeignKey(HandlingUnit, models.PROTECT, null=True, related_name="+")
    stock_status = models.CharField(
        _("stock status"), max_length=10, choices=StockStatus.choices, default=StockStatus.AVAILABLE
    )
    status = StatusField(states.COUNT_LINE)
    attempts = models.PositiveSmallIntegerField(_("counted"), default=0)
    counted_quantity = QuantityField(_("found"), null=True)
    expected_quantity = QuantityField(_("expected"), null=True)
    variance = QuantityField(_("variance"), null=True)
    ledger_position = models.BigIntegerField(_("ledger position"), null=True)
    counted_at = models.DateTimeField(_("counted at"), null=True)
    counted_by = models.CharField(_("counted by"), max_length=200, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    movement = models.UUIDField(_("movement"), null=True)

    objects = ScopedQuerySet.as_manager()
    tenancy: ClassVar[dict[str, Any]] = {}

    class Meta:
        verbose_name = _("line of a count")
        verbose_name_plural = _("lines of counts")
        constraints = (
            models.UniqueConstraint(fields=["cycle_count", "line_number"], name="count_line_number"),
            models.UniqueConstraint(
                fields=[
                    "cycle_count",
                    "location",
                    "product",
                    "lot",
                    "owner",
                    "handling_unit",
                    "stock_status",
                ],
                nulls_distinct=False,
                name="counted_once_per_round",
            ),
            models.CheckConstraint(
                condition=Q(variance__isnull=True)
                | Q(variance=F("counted_quantity") - F("expected_quantity")),
                name="variance_is_the_difference",
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("counted_by")), name="counts_need_four_eyes"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cycle_count_id}/{self.line_number}"


class CountAttempt(models.Model):
    """One look at the shelf; append-only."""

    line = models.ForeignKey(CountLine, models.PROTECT, related_name="looks", db_index=False)
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    counted_quantity = QuantityField(_("found"))
    expected_quantity = QuantityField(_("expected"))
    ledger_position = models.BigIntegerField(_("ledger position"))
    counted_at = models.DateTimeField(_("counted at"))
    counted_by = models.CharField(_("counted by"), max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt at a count")
        verbose_name_plural = _("attempts at counts")
        constraints = (
            models.UniqueConstraint(fields=["line", "attempt"], name="count_attempt_number"),
            models.CheckConstraint(condition=Q(counted_quantity__gte=0), name="a_count_is_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.line_id}/{self.attempt}"
