"""How long a warehouse needs between a factory's truck and a dealer's door."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.directory.models import Site

LONGEST_DAYS = 60


class HandlingTerm(models.Model):
    """Days in which goods are received, picked and carried from a site; the default holds for a site without one."""

    site = models.OneToOneField(Site, models.PROTECT, related_name="+", verbose_name=_("warehouse"))
    handling_days = models.PositiveSmallIntegerField(
        _("handling days"), validators=[MaxValueValidator(LONGEST_DAYS)]
    )

    class Meta:
        verbose_name = _("handling of a warehouse")
        verbose_name_plural = _("handling of warehouses")
        constraints = (
            models.CheckConstraint(
                condition=Q(handling_days__lte=LONGEST_DAYS), name="handling_takes_no_season"
            ),
        )

    def __str__(self) -> str:
        return f"{self.site_id}: {self.handling_days}"
