"""Carrying goods to their places."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import QuantityField, StatusField
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.handling_unit import HandlingUnit
from warehousing.models.location import Location
from warehousing.models.lot import Lot
from warehousing.models.warehouse import Warehouse


class PutawayRule(models.Model):
    """Where goods of a product or category go: one place, or a zone; rules for a product go first, then by priority."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    product = models.ForeignKey("catalog.Product", models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(_("category"), max_length=80, blank=True)
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    zone = models.CharField(_("zone"), max_length=32, blank=True)
    only_own_lot = models.BooleanField(_("never beside another lot"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("putaway rule")
        verbose_name_plural = _("putaway rules")
        constraints = (
            models.CheckConstraint(
                condition=Q(location__isnull=False) | ~Q(zone=""), name="a_putaway_rule_names_a_place"
            ),
        )
        indexes = (models.Index(fields=["warehouse", "priority"], name="putaway_rule_of_house"),)

    def __str__(self) -> str:
        return f"{self.priority}"


class PickFace(models.Model):
    """A picking place of one product, filled up from storage to `maximum` once less than `minimum` is there."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="pick_faces", db_index=False)
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    minimum = QuantityField(_("minimum"))
    maximum = QuantityField(_("maximum"))

    class Meta:
        verbose_name = _("pick face")
        verbose_name_plural = _("pick faces")
        constraints = (
            models.UniqueConstraint(fields=["location", "product"], name="one_pick_face_each"),
            models.CheckConstraint(
                condition=Q(minimum__gte=1, maximum__gte=F("minimum")), name="pick_face_has_room"
            ),
        )

    def __str__(self) -> str:
        return f"{self.location_id}"


class PutawayTask(models.Model):
    """Carry goods of one product, lot and owner from one place to another; claimed by one person at a time.

    A claim holds until `claimed_until`; after that anybody may take the task. `destination` is proposed; the place they
    really went to is in the ledger and, when done, here.
    """

    class Kind(models.TextChoices):
        """Why they are carried."""

        PUTAWAY = "PUTAWAY", _("Putaway")
        REPLENISHMENT = "REPLENISHMENT", _("Replenishment")

    machine = states.PUTAWAY_TASK

    kind = models.CharField(_("kind"), max_length=13, choices=Kind.choices)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    owner = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    handling_unit = models.ForeignKey(HandlingUnit, models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey(Location, models.PROTECT, related_name="+")
    destination = models.ForeignKey(Location, models.PROTECT, related_name="+")
    quantity = QuantityField(_("quantity"))
    status = StatusField(states.PUTAWAY_TASK)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    document_id = models.UUIDField(_("document"))
    claimed_by = models.CharField(_("carried by"), max_length=150, blank=True)
    claimed_at = models.DateTimeField(_("since"), null=True)
    claimed_until = models.DateTimeField(_("until"), null=True)
    created_at = models.DateTimeField(_("created at"))
    done_at = models.DateTimeField(_("done at"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("putaway task")
        verbose_name_plural = _("putaway tasks")
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=1), name="carry_something"),
            models.CheckConstraint(condition=~Q(source=F("destination")), name="carry_somewhere_else"),
            models.CheckConstraint(
                condition=~Q(status="CLAIMED")
                | (~Q(claimed_by="") & Q(claimed_at__isnull=False, claimed_until__isnull=False)),
                name="a_claimed_task_has_somebody",
            ),
        )
        indexes = (
            models.Index(
                fields=["warehouse", "priority", "id"],
                condition=Q(status__in=["OPEN", "CLAIMED"]),
                name="putaway_to_claim",
            ),
            models.Index(
                fields=["source"], condition=Q(status__in=["OPEN", "CLAIMED"]), name="putaway_from_place"
            ),
            models.Index(
                fields=["destination"], condition=Q(status__in=["OPEN", "CLAIMED"]), name="putaway_to_place"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} to {self.destination_id}"
