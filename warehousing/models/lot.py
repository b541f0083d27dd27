"""Goods made together."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import StatusField
from warehousing import states


class Lot(models.Model):
    """A production lot of a product; nothing of a lot that is not released may be reserved or picked."""

    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    number = models.CharField(_("lot number"), max_length=40)
    expiry_date = models.DateField(_("expires"), null=True, blank=True)
    status = StatusField(states.LOT)
    status_reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = (
            models.UniqueConstraint(fields=["product", "number"], name="lot_number_of_product"),
            models.CheckConstraint(condition=~models.Q(number=""), name="a_lot_has_a_number"),
        )

    def __str__(self) -> str:
        return self.number
