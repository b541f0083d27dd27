"""Which orders took the place of which week's forecast, as the last plan of a factory saw it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from orders.models.buffer import PlanRun
from orders.models.order import OrderLine


class ForecastConsumption(models.Model):
    """Base units of one week's forecast that an order line stands in for; operator only.

    `asked_week_date` is the Monday the line needs its goods in, `week_start_date` that of the forecast it took. What an
    order asks beyond all forecast within reach has a row without a week. The next plan of the factory writes it anew.
    """

    tenancy: ClassVar[dict[str, Any]] = {}

    run = models.ForeignKey(PlanRun, models.PROTECT, related_name="consumption", verbose_name=_("plan"))
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+")
    asked_week_date = models.DateField(_("asked for in"))
    week_start_date = models.DateField(_("forecast of"), null=True)
    quantity = QuantityField(_("quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("forecast consumption")
        verbose_name_plural = _("forecast consumption")
        constraints = (
            models.UniqueConstraint(
                fields=["run", "order_line", "week_start_date"],
                name="one_consumption_of_a_week",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="consumption_of_something"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of {self.week_start_date}"
