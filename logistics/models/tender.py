"""Loads offered to carriers: who was asked, what they answered, and who won."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from logistics import states
from logistics.models.fleet import Vehicle
from logistics.models.shipment import Shipment
from logistics.models.trip import Trip


class Tender(Document):
    """A load of shipments offered to carriers, to all at once or to one after the other.

    With a `price` the first carrier that takes it wins; without one carriers name theirs and the operator chooses.
    Sizes are snapshots: a carrier reads what it would carry and how far, not whose it is, before it has won.
    """

    class Mode(models.TextChoices):
        """Whom to ask at a time."""

        BROADCAST = "BROADCAST", _("All at once")
        WATERFALL = "WATERFALL", _("One after the other")

    machine = states.TENDER
    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "offers__carrier_id"}

    number = models.CharField(_("number"), max_length=40, unique=True)
    status = StatusField(states.TENDER, verbose_name=_("status"))
    mode = models.CharField(_("asks"), max_length=10, choices=Mode.choices, default=Mode.BROADCAST)
    warehouse_site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("warehouse"))
    price = AmountField(_("price"), null=True)
    currency = CurrencyField(_("currency"))
    pickup_from_at = models.DateTimeField(_("pick-up from"))
    pickup_until_at = models.DateTimeField(_("pick-up until"))
    answer_minutes = models.PositiveIntegerField(_("time to answer, minutes"))
    # Whom to ask next, in this order, with why: [{"carrier": 7, "reasons": [...]}]; empty when all were asked.
    queue = models.JSONField(_("to be asked"), default=list)
    required_skills = ArrayField(models.CharField(max_length=24), default=list, verbose_name=_("needs"))
    drops = models.PositiveIntegerField(_("drop points"))
    distance_m = models.BigIntegerField(_("farthest drop, m"))
    weight_g = models.BigIntegerField(_("weight, g"))
    volume_cm3 = models.BigIntegerField(_("volume, cm³"))
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="+", null=True, verbose_name=_("trip"))

    class Meta:
        verbose_name = _("tender")
        verbose_name_plural = _("tenders")
        constraints = (
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gt=0), name="a_tender_pays_something"
            ),
            models.CheckConstraint(
                condition=Q(pickup_from_at__lt=F("pickup_until_at")), name="a_pickup_window_has_length"
            ),
            models.CheckConstraint(
                condition=~Q(status=states.AWARDED) | Q(trip__isnull=False),
                name="an_awarded_tender_has_a_trip",
            ),
        )
        indexes = (
            models.Index(fields=["pickup_until_at"], condition=Q(status="OPEN"), name="tender_that_is_open"),
        )


class TenderedShipment(models.Model):
    """A shipment in a tender; in one that is open a shipment is but once, because it is TENDERED meanwhile."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="shipments")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tendered shipment")
        verbose_name_plural = _("tendered shipments")
        constraints = (models.UniqueConstraint(fields=["tender", "shipment"], name="tendered_once"),)

    def __str__(self) -> str:
        return f"{self.tender_id} {self.shipment_id}"


class Offer(Document):
    """A carrier that was asked to carry a tender's load, and its answer; of a tender's offers one is accepted.

    `reasons` say why it was asked. `expires_at` is until when it may answer.
    """

    machine = states.OFFER
    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    number = models.CharField(_("number"), max_length=60, unique=True)
    status = StatusField(states.OFFER, verbose_name=_("status"))
    tender = models.ForeignKey(Tender, models.PROTECT, related_name="offers", verbose_name=_("tender"))
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("carrier"))
    rank = models.PositiveIntegerField(_("rank"))
    reasons = models.JSONField(_("why asked"), default=list)
    expires_at = models.DateTimeField(_("answer until"))
    price = AmountField(_("price"), null=True)
    pickup_at = models.DateTimeField(_("pick-up"), null=True)
    vehicle = models.ForeignKey(
        Vehicle, models.PROTECT, related_name="+", null=True, verbose_name=_("vehicle")
    )

    class Meta:
        verbose_name = _("offer of a carrier")
        verbose_name_plural = _("offers of carriers")
        constraints = (
            models.UniqueConstraint(fields=["tender", "carrier"], name="one_offer_per_carrier"),
            models.UniqueConstraint(
                fields=["tender"], condition=Q(status="ACCEPTED"), name="one_accepted_offer_per_tender"
            ),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gt=0), name="an_offer_asks_something"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["OFFERED", "ACCEPTED"])
                | Q(price__isnull=False, pickup_at__isnull=False, vehicle__isnull=False),
                name="an_answer_is_complete",
            ),
        )
        indexes = (
            models.Index(fields=["carrier", "-id"], name="offer_of_carrier"),
            models.Index(fields=["expires_at"], condition=Q(status="INVITED"), name="offer_to_answer"),
        )
