"""Places where goods are made, kept or wanted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.core.geo import GeoPoint
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models.organization import Organization
from b2b.directory.validators import validate_gln


class Site(models.Model):
    """A plant, a warehouse of the platform, or a dealer's drop point, with its position (WGS 84).

    `opens` and `closes` bound the hours in which a vehicle may be received, in the site's own time zone.
    """

    class Kind(models.TextChoices):
        """What the place is for."""

        PLANT = "PLANT", _("Plant")
        WAREHOUSE = "WAREHOUSE", _("Warehouse")
        SHOP = "SHOP", _("Shop")

    tenancy: ClassVar[dict[str, Any]] = dict.fromkeys(
        (actor.DEALER, actor.FACTORY, actor.CARRIER, actor.FUNDER), "organization_id"
    )

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="sites")
    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    address = models.CharField(_("address"), max_length=300, blank=True)
    region = models.CharField(_("region"), max_length=40, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6)
    gln = models.CharField(_("GLN"), max_length=13, blank=True, validators=[validate_gln])
    opens = models.TimeField(_("opens"), default="08:00")
    closes = models.TimeField(_("closes"), default="18:00")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = (
            models.CheckConstraint(
                condition=Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="site_is_on_the_earth",
            ),
            models.CheckConstraint(
                condition=Q(opens__lt=models.F("closes")), name="site_opens_before_it_closes"
            ),
        )
        indexes = (models.Index(fields=["organization", "code"], name="site_of_organization"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def point(self) -> GeoPoint:
        """The site's position."""
        return GeoPoint(float(self.latitude), float(self.longitude))
