"""Delivered or refused goods on their way back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.lot import Lot
from warehousing.models.warehouse import Warehouse


class ReturnReceipt(Document):
    """Goods expected back from a dealer, what was found, and what became of it.

    They come with leave of a return authorisation (`return_id`), or were refused at the door with a shipment: then
    `return_id` is null and `shipment_id` names it.
    """

    machine = states.RETURN_RECEIPT
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    status = StatusField(states.RETURN_RECEIPT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+", db_index=False)
    return_id = models.UUIDField(_("return"), null=True, blank=True)
    shipment_id = models.UUIDField(_("shipment"), null=True, blank=True)
    source_number = models.CharField(_("return or shipment"), max_length=40)
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)

    class Meta(Document.Meta):
        abstract = False
        verbose_name = _("return receipt")
        verbose_name_plural = _("return receipts")
        constraints = (
            models.UniqueConstraint(
                fields=["return_id"],
                condition=Q(return_id__isnull=False),
                name="one_return_receipt_per_return",
            ),
            models.UniqueConstraint(
                fields=["shipment_id"],
                condition=Q(shipment_id__isnull=False),
                name="one_return_receipt_per_shipment",
            ),
            models.CheckConstraint(
                condition=Q(return_id__isnull=True) ^ Q(shipment_id__isnull=True),
                name="return_receipt_has_one_source",
            ),
        )
        indexes = (
            models.Index(fields=["warehouse", "status"], name="return_receipt_to_do"),
            models.Index(fields=["dealer", "id"], name="return_receipt_of_dealer"),
        )


class ReturnReceiptLine(models.Model):
    """One product, lot and owner expected back; `received` is null until counted, all in base units.

    `shipped_from` is the warehouse whose customer place the goods went to. Counted goods stand in quarantine until
    they are restocked, scrapped or sent back to the factory.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "receipt__dealer_id"}

    receipt = models.ForeignKey(ReturnReceipt, models.PROTECT, related_name="lines", db_index=False)
    line_number = models.PositiveIntegerField(_("line"))
    return_line_id = models.BigIntegerField(null=True)
    order_line_id = models.BigIntegerField()
    shipment_id = models.UUIDField(_("shipment"))
    shipped_from = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    expected_quantity = QuantityField(_("expected"))
    received_quantity = QuantityField(_("received"), null=True, blank=True)
    restocked_quantity = QuantityField(_("restocked"), default=0)
    scrapped_quantity = QuantityField(_("scrapped"), default=0)
    sent_back_quantity = QuantityField(_("sent back to the factory"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("return receipt line")
        verbose_name_plural = _("return receipt lines")
        constraints = (
            models.UniqueConstraint(fields=["receipt", "line_number"], name="return_receipt_line_number"),
            models.CheckConstraint(
                condition=Q(expected_quantity__gte=1)
                & (
                    Q(received_quantity__isnull=True)
                    | Q(received_quantity__gte=0, received_quantity__lte=F("expected_quantity"))
                ),
                name="return_received_within_expected",
            ),
            models.CheckConstraint(
                condition=Q(restocked_quantity__gte=0, scrapped_quantity__gte=0, sent_back_quantity__gte=0)
                & Q(
                    restocked_quantity__lte=Coalesce(F("received_quantity"), 0)
                    - F("scrapped_quantity")
                    - F("sent_back_quantity")
                ),
                name="return_disposed_within_received",
            ),
        )
        indexes = (models.Index(fields=["shipment_id", "order_line_id"], name="return_receipt_line_origin"),)

    def __str__(self) -> str:
        return f"{self.receipt_id}/{self.line_number}"
