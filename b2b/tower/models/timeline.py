"""The story of an order across all apps."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet


class TimelineEntry(models.Model):
    """One step of one order, noted from one event; noting it twice changes nothing.

    `document_id` is the order, purchase order, shipment or invoice the step is about; `key` tells apart the times when
    a step is taken again: the version of an order, the moment of an attempt.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    order_id = models.UUIDField()
    dealer_id = models.BigIntegerField()
    at = models.DateTimeField(_("at"))
    step = models.CharField(_("step"), max_length=24)
    text = models.CharField(_("what happened"), max_length=200)
    quantity = models.BigIntegerField(_("quantity"), null=True)
    document_id = models.UUIDField()
    document_number = models.CharField(_("document"), max_length=40, blank=True)
    key = models.CharField(max_length=60, blank=True, default="", db_default="")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        constraints = (
            models.UniqueConstraint(
                fields=["order_id", "step", "document_id", "key"], name="a_step_is_noted_once"
            ),
        )
        indexes = (models.Index(fields=["order_id", "at"], name="timeline_of_order"),)

    def __str__(self) -> str:
        return f"{self.order_id} {self.step} {self.at}"
