"""The sums of a day, so that a page reads thousands of rows where there are millions of lines."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField
from b2b.db.querysets import ScopedQuerySet
from b2b.tower.models.saving_fact import Saving


class ValueDay(Saving):
    """What the lines of one dealer, factory and category come to on one day; kept by triggers of the line facts.

    Service and freight count on the day the line was ordered, savings on the day they were stated. `cycle_s` sums the
    seconds from order to last delivery of the lines that came in full. Withdrawn lines count nothing.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    day = models.DateField(_("day"))
    currency = CurrencyField()
    dealer_id = models.BigIntegerField()
    factory_id = models.BigIntegerField()
    category = models.CharField(_("category"), max_length=80)
    lines = models.BigIntegerField(default=0)
    ordered_quantity = models.BigIntegerField(default=0)
    ordered_amount = AmountField(default=0)
    delivered_quantity = models.BigIntegerField(default=0)
    freight_amount = AmountField(default=0)
    lines_in_full = models.BigIntegerField(default=0)
    lines_on_time_in_full = models.BigIntegerField(default=0)
    cycle_s = models.BigIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("value of a day")
        verbose_name_plural = _("values of days")
        constraints = (
            models.UniqueConstraint(
                fields=["day", "currency", "dealer_id", "factory_id", "category"], name="one_value_per_day"
            ),
        )
        indexes = (models.Index(fields=["dealer_id", "day"], name="value_day_of_dealer"),)

    def __str__(self) -> str:
        return f"{self.day} {self.dealer_id} {self.category}"
