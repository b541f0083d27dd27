"""Where goods stand, and where they come from and go to."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Warehouse(models.Model):
    """A site of the platform that keeps stock.

    Bins and lots are chosen for what is needed within `reservation_horizon_days`; later needs keep their promise.

    `priority` says which warehouse is asked first, lowest first. `gs1_prefix` is the GS1 company prefix its SSCCs
    begin with, after `sscc_extension`; the default belongs to the range GS1 keeps for examples. A package holds at most
    `package_weight_g` and `package_volume_cm3`; `over_receipt_percent` is how much more than advised may be taken in.
    A count that is off by more than `count_tolerance_percent` is counted again, one by more than
    `count_approval_units` is approved by somebody else.
    `package_length_mm` and the others are the box goods are packed in where nobody measures one.
    With `directs_putaway` goods are received at the dock and carried from there by putaway tasks; without, they are
    booked into the first storage place at once.
    """

    site = models.OneToOneField("directory.Site", models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    gs1_prefix = models.CharField(
        _("GS1 company prefix"), max_length=12, default="9521234", validators=[RegexValidator(r"^\d{4,12}$")]
    )
    sscc_extension = models.PositiveSmallIntegerField(
        _("SSCC extension digit"), default=0, validators=[MaxValueValidator(9)]
    )
    package_weight_g = models.PositiveIntegerField(_("most weight of a package, g"), default=800_000)
    package_volume_cm3 = models.PositiveIntegerField(_("most volume of a package, cm³"), default=1_500_000)
    package_length_mm = models.PositiveIntegerField(_("length of its box, mm"), null=True, blank=True)
    package_width_mm = models.PositiveIntegerField(_("width of its box, mm"), null=True, blank=True)
    package_height_mm = models.PositiveIntegerField(_("height of its box, mm"), null=True, blank=True)
    over_receipt_percent = models.PositiveSmallIntegerField(_("over-receipt tolerance, %"), default=5)
    count_tolerance_percent = models.PositiveSmallIntegerField(_("tolerance of counts, %"), default=1)
    count_approval_units = models.PositiveBigIntegerField(_("counts approved above, base units"), default=100)
    reservation_horizon_days = models.PositiveSmallIntegerField(_("bins chosen ahead, days"), default=60)
    directs_putaway = models.BooleanField(_("sends people to put away"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        constraints = (
            models.CheckConstraint(
                condition=Q(package_weight_g__gte=1, package_volume_cm3__gte=1),
                name="a_package_holds_something",
            ),
            models.CheckConstraint(
                condition=Q(package_length_mm=None, package_width_mm=None, package_height_mm=None)
                | Q(package_length_mm__gte=1, package_width_mm__gte=1, package_height_mm__gte=1),
                name="a_box_has_three_sides",
            ),
            models.CheckConstraint(condition=Q(sscc_extension__lte=9), name="sscc_extension_is_a_digit"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
