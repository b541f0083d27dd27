"""What is where: the ledger that proves it and the projection that answers fast."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from warehousing.models.lot import Lot
from warehousing.models.warehouse import Location


class StockLedgerEntry(models.Model):
    """One leg of a movement; append-only, partitioned by month of `effective_at`.

    The legs of a movement sum to zero per product, and are written in one statement; the database checks both.
    `owner` null means the platform's own stock. `reverses` names the movement a correction takes back.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "owner_id"}

    movement = models.UUIDField()
    owner = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    quantity = QuantityField(_("quantity"))
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
        constraints = (models.CheckConstraint(condition=~Q(quantity=0), name="a_leg_moves_something"),)
        indexes = (
            models.Index(fields=["product", "location", "effective_at"], name="ledger_by_product"),
            models.Index(fields=["document_id"], name="ledger_by_document"),
            models.Index(fields=["movement"], name="ledger_by_movement"),
            models.Index(fields=["lot"], condition=Q(lot__isnull=False), name="ledger_by_lot"),
        )

    def __str__(self) -> str:
        return f"{self.quantity:+d} at {self.location_id}"


class Quant(models.Model):
    """The balance of one owner's product and lot at one real location; follows the ledger, statement by statement.

    `on_hand` changes only in the statement that appends the ledger (services.movement), `reserved` only with the
    reservations. `since_at` is when the present stock began to arrive: first in, first out.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "owner_id"}

    owner = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    on_hand = QuantityField(_("on hand"))
    reserved = QuantityField(_("reserved"), default=0)
    since_at = models.DateTimeField(_("since"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = (
            models.UniqueConstraint(
                fields=["product", "location", "lot", "owner"], nulls_distinct=False, name="one_quant_per_key"
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, on_hand__gte=F("reserved")), name="reserved_is_on_hand"
            ),
        )
        indexes = (
            models.Index(
                fields=["product"], condition=Q(on_hand__gt=F("reserved")), name="quant_with_free_stock"
            ),
        )

    def __str__(self) -> str:
        return f"{self.on_hand} ({self.reserved} reserved) at {self.location_id}"

    @property
    def free(self) -> int:
        """Base units nobody has reserved."""
        return self.on_hand - self.reserved
