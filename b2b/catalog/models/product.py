"""A product as everyone on the platform means it."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.validators import validate_gtin
from b2b.db.fields import TaxRateField


class Product(models.Model):
    """A trade item, counted in whole base units (GS1 general specifications; UBL Item).

    Never deleted: documents point at it, so it is archived instead. `gtin` is empty for goods without one;
    `shelf_life_days` is null for goods that do not perish.
    """

    class Tracking(models.TextChoices):
        """How finely goods are told apart in stock."""

        NONE = "NONE", _("Not tracked")
        LOT = "LOT", _("By lot")
        SERIAL = "SERIAL", _("By serial number")

    sku = models.CharField(_("SKU"), max_length=40, unique=True)
    gtin = models.CharField(_("GTIN"), max_length=14, blank=True, validators=[validate_gtin])
    name = models.CharField(_("name"), max_length=200)
    category = models.CharField(_("category"), max_length=80, blank=True)
    base_unit = models.CharField(
        _("base unit"), max_length=3, default="EA", help_text=_("UN/ECE Recommendation 20 code")
    )
    weight_g = models.PositiveIntegerField(_("weight of a base unit, g"), default=0)
    volume_cm3 = models.PositiveIntegerField(_("volume of a base unit, cm³"), default=0)
    shelf_life_days = models.PositiveIntegerField(_("shelf life, days"), null=True, blank=True)
    tracking = models.CharField(_("tracking"), max_length=6, choices=Tracking.choices, default=Tracking.NONE)
    tax_rate = TaxRateField(_("tax rate"), default="0.13000", validators=[MinValueValidator(0)])
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = (
            models.UniqueConstraint(fields=["gtin"], condition=~Q(gtin=""), name="gtin_names_one_product"),
            models.CheckConstraint(
                condition=Q(tax_rate__gte=0) & Q(tax_rate__lt=1), name="tax_rate_is_a_fraction"
            ),
        )
        indexes = (models.Index(fields=["category", "sku"], name="product_by_category"),)

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"
