"""The numbers a company prefix has left for logistic units."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SsccSeries(models.Model):
    """One counter per company prefix and extension digit; it only grows, so that no SSCC is given twice.

    The numbers are scattered by `key` before they become serial references: who reads two labels does not learn how
    many were printed in between. The key stays for as long as the series.
    """

    prefix = models.CharField(_("GS1 company prefix"), max_length=12)
    extension = models.PositiveSmallIntegerField(_("extension digit"), validators=[MaxValueValidator(9)])
    last_number = models.PositiveBigIntegerField(_("last number"), default=0)
    key = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("SSCC series")
        verbose_name_plural = _("SSCC series")
        constraints = (
            models.UniqueConstraint(fields=["prefix", "extension"], name="one_series_per_extension"),
            models.CheckConstraint(condition=Q(extension__lte=9), name="extension_is_a_digit"),
            models.CheckConstraint(condition=Q(prefix__regex=r"^[0-9]{4,12}$"), name="series_has_a_prefix"),
        )

    def __str__(self) -> str:
        return f"{self.extension} {self.prefix}"
