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
from warehousing.models.location import Location
from warehousing.models.lot import Lot
from warehousing.models.warehouse import Warehouse


class Wave(Document):
    """A set of reservations released to the floor together."""

    machine = states.WAVE

    status = StatusField(states.WAVE)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")

    class Meta(Document.Meta):
        abstract = False
        verbose_name = _("wave")
        verbose_name_plural = _("waves")
        indexes = (models.Index(fields=["warehouse", "status"], name="wave_to_do"),)


class PickTask(models.Model):
    """Take a quantity of one product and lot from a location to staging; `task_number` is its place on the path."""

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="tasks")
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
        indexes = (models.Index(fields=["source"], condition=Q(status="OPEN"), name="task_to_do"),)

    def __str__(self) -> str:
        return f"{self.wave_id}/{self.task_number}"
