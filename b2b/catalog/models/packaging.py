"""Packs: how many base units a carton or a pallet holds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models.product import Product
from b2b.catalog.validators import validate_gtin


class Packaging(models.Model):
    """A level of packaging; its ratio to the base unit is a whole number, so conversion never rounds.

    All three sides are given or none; `gross_weight_g` is with the packing.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="packagings")
    code = models.CharField(
        _("unit code"), max_length=8, help_text=_("e.g. CT carton, PF pallet (UN/ECE Rec. 21)")
    )
    units = models.PositiveIntegerField(_("base units in a pack"))
    gtin = models.CharField(_("GTIN"), max_length=14, blank=True, validators=[validate_gtin])
    length_mm = models.PositiveIntegerField(_("length, mm"), null=True, blank=True)
    width_mm = models.PositiveIntegerField(_("width, mm"), null=True, blank=True)
    height_mm = models.PositiveIntegerField(_("height, mm"), null=True, blank=True)
    gross_weight_g = models.PositiveIntegerField(_("gross weight, g"), null=True, blank=True)

    class Meta:
        verbose_name = _("packaging")
        verbose_name_plural = _("packagings")
        constraints = (
            models.UniqueConstraint(fields=["product", "code"], name="one_ratio_per_pack"),
            models.CheckConstraint(condition=Q(units__gte=1), name="a_pack_holds_something"),
            models.CheckConstraint(
                condition=Q(length_mm=None, width_mm=None, height_mm=None)
                | Q(length_mm__gte=1, width_mm__gte=1, height_mm__gte=1),
                name="a_pack_has_three_sides",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product.sku}: {self.code} of {self.units}"
