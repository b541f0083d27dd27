"""What happened to goods, as told to the world: EPCIS 2.0 events."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.querysets import ScopedQuerySet
from warehousing.models.handling_unit import HandlingUnit
from warehousing.models.lot import Lot

_SCOPE: dict[str, Any] = {
    actor.DEALER: "dealer_id",
    actor.FACTORY: "factory_id",
    actor.CARRIER: "carrier_id",
}


class EpcisEvent(models.Model):
    """One EPCIS event, ours or one a partner sent; append-only, partitioned by month of `event_time`.

    Ours are written with the movement they tell of, in its transaction, and named by their hash. `dealer`, `factory`
    and `carrier` say whom it concerns; nobody else sees it. `captured_by` is null for our own. An error declaration
    is a row of its own with the event's identity (EPCIS 2.0, section 7.4.1.4).
    """

    tenancy: ClassVar[dict[str, Any]] = _SCOPE

    event_id = models.CharField(_("event"), max_length=400)
    kind = models.CharField(_("type"), max_length=20)
    event_time = models.DateTimeField(_("happened at"))
    record_time = models.DateTimeField(_("recorded at"))
    biz_step = models.CharField(_("business step"), max_length=400, blank=True)
    disposition = models.CharField(_("disposition"), max_length=400, blank=True)
    read_point = models.CharField(_("read point"), max_length=400, blank=True)
    biz_location = models.CharField(_("business location"), max_length=400, blank=True)
    dealer = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    factory = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    carrier = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    captured_by = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    is_error = models.BooleanField(_("declared an error"), default=False)
    document_type = models.CharField(_("document type"), max_length=40, blank=True)
    document_id = models.UUIDField(_("document"), null=True)
    document = models.JSONField(_("event as it is told"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("EPCIS event")
        verbose_name_plural = _("EPCIS events")
        constraints = (
            models.UniqueConstraint(
                fields=["event_id", "is_error", "event_time"], name="an_event_is_told_once"
            ),
        )
        indexes = (
            models.Index(fields=["event_time", "id"], name="epcis_by_time"),
            models.Index(
                fields=["dealer", "event_time"],
                condition=models.Q(dealer__isnull=False),
                name="epcis_of_dealer",
            ),
            models.Index(
                fields=["factory", "event_time"],
                condition=models.Q(factory__isnull=False),
                name="epcis_of_factory",
            ),
            models.Index(
                fields=["carrier"], condition=models.Q(carrier__isnull=False), name="epcis_of_carrier"
            ),
            models.Index(
                fields=["captured_by"],
                condition=models.Q(captured_by__isnull=False),
                name="epcis_captured_by",
            ),
            models.Index(
                fields=["document_id"],
                condition=models.Q(document_id__isnull=False),
                name="epcis_by_document",
            ),
        )

    def __str__(self) -> str:
        return f"{self.biz_step or self.kind} {self.event_id}"


class EpcisMention(models.Model):
    """What an event names: its canonical URI, and our own keys of it where there are any; partitioned like the events.

    `role` is EPC, PARENT, CHILD, INPUT or OUTPUT. `parent_unit` is the unit that a CHILD was put into or taken out of.
    `quantity` is null for identified things. What a partner says of a unit it has nothing to do with is not verified:
    it is kept, names no unit of ours, and no trace follows it.
    """

    event_key = models.BigIntegerField()
    event_time = models.DateTimeField()
    uri = models.CharField(max_length=400)
    role = models.CharField(max_length=6)
    action = models.CharField(max_length=7, blank=True)
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+", db_index=False)
    handling_unit = models.ForeignKey(
        HandlingUnit, models.PROTECT, null=True, related_name="+", db_index=False
    )
    parent_unit = models.ForeignKey(HandlingUnit, models.PROTECT, null=True, related_name="+", db_index=False)
    quantity = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    is_verified = models.BooleanField(default=True, db_default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["uri", "event_time"], name="mention_of_uri"),
            models.Index(fields=["lot"], condition=models.Q(lot__isnull=False), name="mention_of_lot"),
            models.Index(
                fields=["handling_unit"],
                condition=models.Q(handling_unit__isnull=False),
                name="mention_of_unit",
            ),
            models.Index(
                fields=["parent_unit"],
                condition=models.Q(parent_unit__isnull=False),
                name="mention_of_parent",
            ),
            models.Index(fields=["uri"], condition=models.Q(is_verified=False), name="mention_not_verified"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.uri}"


class EpcisCapture(models.Model):
    """A document of events that a partner sent, and what became of it (EPCIS 2.0, section 12.6).

    `errors` are all the problems, each with its place in the document and the status it would have had alone.
    """

    tenancy: ClassVar[dict[str, Any]] = dict.fromkeys(
        (actor.DEALER, actor.FACTORY, actor.CARRIER), "captured_by_id"
    )

    class Behaviour(models.TextChoices):
        """What one wrong event means for the others."""

        ROLLBACK = "rollback", _("Take nothing")
        PROCEED = "proceed", _("Take the good ones")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    captured_by = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    behaviour = models.CharField(_("error behaviour"), max_length=8, choices=Behaviour.choices)
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(_("finished at"))
    is_success = models.BooleanField(_("taken"))
    event_count = models.PositiveIntegerField(_("events"))
    taken_count = models.PositiveIntegerField(_("events taken"))
    error_count = models.PositiveIntegerField(_("problems"), default=0, db_default=0)
    errors = models.JSONField(_("errors"), default=list)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("EPCIS capture")
        verbose_name_plural = _("EPCIS captures")
        indexes = (models.Index(fields=["captured_by", "id"], name="capture_of_party"),)

    def __str__(self) -> str:
        return str(self.pk)
