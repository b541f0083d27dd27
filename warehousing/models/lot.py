"""Goods made together, and goods that are told apart one by one."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import StatusField
from warehousing import states
from warehousing.models.handling_unit import HandlingUnit
from warehousing.models.location import Location


class Lot(models.Model):
    """A production lot of a product; nothing of a lot that is not released may be reserved or picked.

    The product names the GTIN. `origin_country` is an ISO 3166-1 alpha-2 code.
    """

    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("lot number"), max_length=40)
    expiry_date = models.DateField(_("expires"), null=True, blank=True)
    best_before_date = models.DateField(_("best before"), null=True, blank=True)
    production_date = models.DateField(_("produced on"), null=True, blank=True)
    origin_factory = models.ForeignKey(
        "directory.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    origin_country = models.CharField(_("country of origin"), max_length=2, blank=True)
    status = StatusField(states.LOT)
    status_reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = (
            models.UniqueConstraint(fields=["product", "number"], name="lot_number_of_product"),
            models.CheckConstraint(condition=~Q(number=""), name="a_lot_has_a_number"),
            models.CheckConstraint(
                condition=Q(best_before_date__isnull=True)
                | Q(expiry_date__isnull=True)
                | Q(best_before_date__lte=F("expiry_date")),
                name="best_before_is_not_after_expiry",
            ),
            models.CheckConstraint(
                condition=Q(origin_country="") | Q(origin_country__regex=r"^[A-Z]{2}$"),
                name="lot_origin_is_a_country",
            ),
        )

    def __str__(self) -> str:
        return self.number


class Serial(models.Model):
    """One piece of a serialised product; where it is follows the ledger and is null until it first came in."""

    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("serial number"), max_length=40)
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="serials")
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    handling_unit = models.ForeignKey(
        HandlingUnit, models.PROTECT, null=True, blank=True, related_name="serials"
    )

    class Meta:
        verbose_name = _("serial number")
        verbose_name_plural = _("serial numbers")
        constraints = (
            models.UniqueConstraint(fields=["product", "number"], name="serial_number_of_product"),
            models.CheckConstraint(condition=~Q(number=""), name="a_serial_has_a_number"),
        )

    def __str__(self) -> str:
        return self.number
