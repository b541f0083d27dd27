"""What is where: the ledger that proves it and the projection that answers fast."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from warehousing.models.handling_unit import HandlingUnit
from warehousing.models.location import Location
from warehousing.models.lot import Lot, Serial


class StockStatus(models.TextChoices):
    """What may be done with goods, apart from the status of their lot; only AVAILABLE ones are reserved."""

    AVAILABLE = "AVAILABLE", _("Available")
    INSPECTION = "INSPECTION", _("In inspection")
    BLOCKED = "BLOCKED", _("Blocked")
    DAMAGED = "DAMAGED", _("Damaged")


class MovementKind(models.TextChoices):
    """What happened, as told by where goods came from and went to unless a service knows better."""

    RECEIPT = "RECEIPT", _("Receipt")
    PUTAWAY = "PUTAWAY", _("Putaway")
    TRANSFER = "TRANSFER", _("Transfer")
    PICK = "PICK", _("Pick")
    PACK = "PACK", _("Pack")
    ISSUE = "ISSUE", _("Issue to a customer")
    RETURN = "RETURN", _("Return from a customer")
    SEND_BACK = "SEND_BACK", _("Sent back to the factory")
    STATUS = "STATUS", _("Change of status")
    OWNER = "OWNER", _("Change of owner")
    COUNT = "COUNT", _("Count")
    SCRAP = "SCRAP", _("Scrap")
    CORRECTION = "CORRECTION", _("Correction")


class StockLedgerEntry(models.Model):
    """One leg of a movement; append-only, partitioned by month of `effective_at`.

    The legs of a movement sum to zero per product, and are written in one statement; the database checks both.
    `owner` null means the platform's own stock. `effective_at` is when it happened, which may be long before
    `recorded_at`. `reverses` names the movement a correction takes back. A leg with a serial moves one piece.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "owner_id"}

    movement = models.UUIDField()
    owner = models.ForeignKey(
        "directory.Organization",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    serial = models.ForeignKey(
        Serial, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", db_constraint=False)
    handling_unit = models.ForeignKey(
        HandlingUnit, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    status = models.CharField(
        _("stock status"), max_length=10, choices=StockStatus.choices, default=StockStatus.AVAILABLE
    )
    quantity = QuantityField(_("quantity"))
    kind = models.CharField(_("kind"), max_length=10, choices=MovementKind.choices)
    effective_at = models.DateTimeField(_("effective at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    document_type = models.CharField(_("document type"), max_length=40)
    document_id = models.UUIDField(_("document"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reverses = models.UUIDField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock ledger entry")
        verbose_name_plural = _("stock ledger entries")
        constraints = (
            models.CheckConstraint(condition=~Q(quantity=0), name="a_leg_moves_something"),
            models.CheckConstraint(
                condition=Q(serial__isnull=True) | Q(quantity__in=[-1, 1]), name="a_serial_is_one_piece"
            ),
        )
        indexes = (
            models.Index(
                fields=["product", "location", "effective_at"],
                include=["quantity", "recorded_at"],
                name="ledger_by_product",
            ),
            models.Index(
                fields=["product", "location", "recorded_at"],
                include=["quantity", "effective_at"],
                name="ledger_by_recording",
            ),
            models.Index(fields=["document_id"], name="ledger_by_document"),
            models.Index(fields=["movement"], name="ledger_by_movement"),
            models.Index(fields=["lot"], condition=Q(lot__isnull=False), name="ledger_by_lot"),
            models.Index(
                fields=["handling_unit"], condition=Q(handling_unit__isnull=False), name="ledger_by_unit"
            ),
            models.Index(fields=["serial"], condition=Q(serial__isnull=False), name="ledger_by_serial"),
            models.Index(fields=["owner"], condition=Q(owner__isnull=False), name="ledger_by_owner"),
        )

    def __str__(self) -> str:
        return f"{self.quantity:+d} at {self.location_id}"


class Quant(models.Model):
    """The balance of one owner's product, lot, unit and status at one real location; follows the ledger.

    `on_hand` changes only in the statement that appends the ledger (services.movement), `reserved` only with the
    reservations. `since_at` is when the present stock began to arrive: first in, first out.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "owner_id"}

    owner = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    handling_unit = models.ForeignKey(
        HandlingUnit, models.PROTECT, null=True, related_name="+", db_index=False
    )
    status = models.CharField(
        _("stock status"), max_length=10, choices=StockStatus.choices, default=StockStatus.AVAILABLE
    )
    on_hand = QuantityField(_("on hand"))
    reserved = QuantityField(_("reserved"), default=0)
    since_at = models.DateTimeField(_("since"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = (
            models.UniqueConstraint(
                fields=["product", "location", "lot", "owner", "handling_unit", "status"],
                nulls_distinct=False,
                name="one_quant_per_key",
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, on_hand__gte=F("reserved")), name="reserved_is_on_hand"
            ),
            models.CheckConstraint(
                condition=Q(reserved=0) | Q(status="AVAILABLE"), name="only_available_stock_is_reserved"
            ),
        )
        indexes = (
            models.Index(
                fields=["handling_unit"], condition=Q(handling_unit__isnull=False), name="quant_in_unit"
            ),
            models.Index(fields=["owner"], condition=Q(owner__isnull=False), name="quant_of_owner"),
        )

    def __str__(self) -> str:
        return f"{self.on_hand} ({self.reserved} reserved) at {self.location_id}"

    @property
    def free(self) -> int:
        """Base units nobody has reserved."""
        return self.on_hand - self.reserved
