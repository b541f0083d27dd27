"""Work in the aisles."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.demand import Demand, Reservation
from warehousing.models.handling_unit import HandlingUnit
from warehousing.models.location import Location
from warehousing.models.lot import Lot
from warehousing.models.stock import Quant
from warehousing.models.warehouse import Warehouse


class PickMethod(models.TextChoices):
    """How the picks of a wave are parted among people."""

    SINGLE = "SINGLE", _("Order by order")
    BATCH = "BATCH", _("Batch: many orders at once, sorted afterwards")
    CLUSTER = "CLUSTER", _("Cluster: some orders at once, each into its tote")
    ZONE = "ZONE", _("Zone: everyone in a zone of their own")


class Wave(Document):
    """A set of reservations released to the floor together, for a route, carrier or cut-off where these are given."""

    machine = states.WAVE

    status = StatusField(states.WAVE)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    method = models.CharField(_("method"), max_length=8, choices=PickMethod.choices, default=PickMethod.BATCH)
    route = models.CharField(_("route"), max_length=40, blank=True)
    carrier = models.ForeignKey(
        "directory.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("carrier"),
    )
    cut_off_at = models.DateTimeField(_("to be ready by"), null=True, blank=True)

    class Meta(Document.Meta):
        abstract = False
        verbose_name = _("wave")
        verbose_name_plural = _("waves")
        indexes = (models.Index(fields=["warehouse", "status"], name="wave_to_do"),)


class PickList(models.Model):
    """What one person picks in one walk. Theirs while `claimed_until` lies ahead; an abandoned list is anybody's."""

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="lists", db_index=False)
    list_number = models.PositiveIntegerField(_("list"))
    zone = models.CharField(_("zone"), max_length=32, blank=True)
    picker = models.CharField(_("picker"), max_length=150, blank=True)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pick list")
        verbose_name_plural = _("pick lists")
        constraints = (
            models.UniqueConstraint(fields=["wave", "list_number"], name="list_number_in_wave"),
            models.CheckConstraint(
                condition=Q(picker="", claimed_until__isnull=True)
                | (~Q(picker="") & Q(claimed_until__isnull=False)),
                name="a_claim_has_a_picker_and_an_end",
            ),
        )
        indexes = (models.Index(fields=["picker"], condition=~Q(picker=""), name="pick_list_of_picker"),)

    def __str__(self) -> str:
        return f"{self.wave_id}/{self.list_number}"


class PickTask(models.Model):
    """Take a quantity of one product and lot from a location to staging; `task_number` is its place on the path."""

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="tasks", db_index=False)
    pick_list = models.ForeignKey(PickList, models.PROTECT, related_name="tasks")
    task_number = models.PositiveIntegerField(_("task"))
    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="tasks")
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    owner = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey(Location, models.PROTECT, related_name="+")
    destination = models.ForeignKey(Location, models.PROTECT, related_name="+")
    quantity = QuantityField(_("quantity"))
    picked_quantity = QuantityField(_("picked"), default=0)
    status = StatusField(states.PICK_TASK)
    unit = models.ForeignKey(
        HandlingUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("picked into")
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pick task")
        verbose_name_plural = _("pick tasks")
        constraints = (
            models.UniqueConstraint(fields=["wave", "task_number"], name="task_number_in_wave"),
            models.UniqueConstraint(
                fields=["reservation"], condition=~Q(status="CANCELLED"), name="one_live_task_per_reservation"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, picked_quantity__gte=0, picked_quantity__lte=F("quantity")),
                name="picked_is_at_most_asked",
            ),
        )
        indexes = (
            models.Index(fields=["source"], condition=Q(status="OPEN"), name="task_to_do"),
            models.Index(fields=["pick_list"], condition=Q(status="OPEN"), name="task_of_list_to_do"),
        )

    def __str__(self) -> str:
        return f"{self.wave_id}/{self.task_number}"


class Pick(models.Model):
    """What a person took for a task, when, from which balance and into which unit; append-only.

    `short_quantity` was asked for and not found: the place wants a count. `movement` is the one in the stock ledger.
    """

    task = models.ForeignKey(PickTask, models.PROTECT, related_name="picks")
    picker = models.CharField(_("picker"), max_length=150)
    quantity = QuantityField(_("quantity"))
    short_quantity = QuantityField(_("not found"), default=0)
    quant = models.ForeignKey(Quant, models.PROTECT, related_name="+")
    source = models.ForeignKey(Location, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(HandlingUnit, models.PROTECT, null=True, related_name="+")
    movement = models.UUIDField(null=True)
    picked_at = models.DateTimeField(_("picked at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pick")
        verbose_name_plural = _("picks")
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gte=0, short_quantity__gte=0)
                & (Q(quantity__gte=1) | Q(short_quantity__gte=1)),
                name="a_pick_found_or_missed_something",
            ),
        )
        indexes = (
            models.Index(
                fields=["source", "picked_at"], condition=Q(short_quantity__gte=1), name="short_pick_at_place"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} by {self.picker}"
