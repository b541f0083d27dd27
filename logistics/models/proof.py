"""Who signed for what: evidence that an invoice follows from."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from logistics.models.shipment import Shipment, ShipmentLine
from logistics.models.trip import Drop, Trip


class ProofOfDelivery(models.Model):
    """A signature for a shipment; append-only.

    `capture_id` is given by the device that took the signature, so that sending it again changes nothing.
    `hash` seals the content together with the proof before it on the same trip (`previous_hash`; the first one
    starts from the trip's own id), so that none can be changed, added or taken out unseen.
    `distance_m` is how far from the stop the device was, null when it did not know where it was.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id", actor.CARRIER: "carrier_id"}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="proofs")
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="+")
    drop = models.ForeignKey(Drop, models.PROTECT, related_name="+")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    capture_id = models.CharField(_("capture"), max_length=64)
    signer_name = models.CharField(_("signed by"), max_length=150)
    signer_role = models.CharField(_("role"), max_length=80, blank=True)
    delivered_at = models.DateTimeField(_("delivered"))
    received_at = models.DateTimeField(_("received"))
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True)
    distance_m = models.PositiveIntegerField(_("distance to the stop, m"), null=True)
    photo_sha256 = models.CharField(_("SHA-256 of the photo"), max_length=64, blank=True)
    signature_sha256 = models.CharField(_("SHA-256 of the signature"), max_length=64, blank=True)
    chain_sequence = models.PositiveIntegerField(_("place in the chain"))
    previous_hash = models.CharField(_("hash before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("proof of delivery")
        verbose_name_plural = _("proofs of delivery")
        constraints = (
            models.UniqueConstraint(fields=["shipment", "capture_id"], name="one_proof_per_capture"),
            models.UniqueConstraint(fields=["trip", "chain_sequence"], name="one_proof_per_link"),
            models.UniqueConstraint(fields=["drop"], name="one_proof_per_drop"),
        )

    def __str__(self) -> str:
        return f"{self.signer_name} {self.delivered_at}"


class ProofLine(models.Model):
    """What was taken of one shipment line and what was not; together they are what was shipped. Append-only."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id", actor.CARRIER: "carrier_id"}

    proof = models.ForeignKey(ProofOfDelivery, models.PROTECT, related_name="lines")
    shipment_line = models.ForeignKey(ShipmentLine, models.PROTECT, related_name="+")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    accepted_quantity = QuantityField(_("accepted"))
    short_quantity = QuantityField(_("short"), default=0)
    reason = models.CharField(_("reason"), max_length=120, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("proof line")
        verbose_name_plural = _("proof lines")
        constraints = (
            models.UniqueConstraint(
                fields=["proof", "shipment_line"], name="one_proof_line_per_shipment_line"
            ),
            models.CheckConstraint(
                condition=Q(accepted_quantity__gte=0, short_quantity__gte=0),
                name="a_proof_line_is_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.accepted_quantity} taken, {self.short_quantity} short"
