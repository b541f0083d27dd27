"""Cartons and pallets: what is moved as one."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import StatusField
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.location import Location


class HandlingUnit(models.Model):
    """A logistic unit with an SSCC (GS1), ours or its maker's; the code is never used again and the row never deleted.

    `parent` is the unit it stands on or in; units nest without circles. `location` is where it is, virtual places
    included, and null while it is only announced; it follows the ledger when goods move within the unit.
    """

    class Kind(models.TextChoices):
        """What it is."""

        CARTON = "CARTON", _("Carton")
        PALLET = "PALLET", _("Pallet")
        CAGE = "CAGE", _("Roll cage")
        TOTE = "TOTE", _("Tote")
        OTHER = "OTHER", _("Other")

    sscc = models.CharField(_("SSCC"), max_length=18, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.CARTON)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("within")
    )
    gross_weight_g = models.PositiveBigIntegerField(_("gross weight, g"), null=True, blank=True)
    volume_cm3 = models.PositiveBigIntegerField(_("volume, cm³"), null=True, blank=True)
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    status = StatusField(states.HANDLING_UNIT)
    created_at = models.DateTimeField(_("created at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("handling unit")
        verbose_name_plural = _("handling units")
        constraints = (
            models.CheckConstraint(
                condition=Q(sscc__regex=r"^[0-9]{18}$"), name="a_unit_has_eighteen_digits"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="a_unit_is_not_within_itself"
            ),
        )
        indexes = (
            models.Index(
                fields=["location"], condition=Q(location__isnull=False), name="handling_unit_at_place"
            ),
        )

    def __str__(self) -> str:
        return self.sscc
