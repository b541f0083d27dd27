"""Goods on their way in."""

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


class Receipt(Document):
    """A delivery expected from a factory and what was found in it (UBL ReceiptAdvice).

    It is counted at once or in parts over hours; `parts` says how many were booked into stock so far.
    """

    machine = states.RECEIPT
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    status = StatusField(states.RECEIPT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+", db_index=False)
    purchase_order_id = models.UUIDField(_("purchase order"))
    purchase_order_number = models.CharField(_("purchase order number"), max_length=40, blank=True)
    despatch_advice_id = models.UUIDField(_("despatch advice"), unique=True)
    despatch_advice_number = models.CharField(_("despatch advice number"), max_length=40, blank=True)
    expected_at = models.DateTimeField(_("expected at"))
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)
    parts = models.PositiveIntegerField(_("parts booked"), default=0)

    class Meta(Document.Meta):
        abstract = False
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        indexes = (
            models.Index(fields=["warehouse", "status", "expected_at"], name="receipt_to_do"),
            models.Index(fields=["factory", "id"], name="receipt_of_factory"),
            models.Index(fields=["purchase_order_id"], name="receipt_of_purchase_order"),
        )


class ReceiptLine(models.Model):
    """One product and lot of a receipt; quantities in base units, counted ones are null until received.

    Rejected goods stand in quarantine and are nobody's to reserve; of these some may be sent back or destroyed. Held
    goods are in inspection: neither accepted nor rejected yet. A line with nothing expected was found beside
    the advice: another lot of a line that is.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "receipt__factory_id"}

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines", db_index=False)
    line_number = models.PositiveIntegerField(_("line"))
    purchase_order_line_id = models.BigIntegerField()
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+")
    lot_number = models.CharField(_("lot number"), max_length=40, blank=True)
    expiry_date = models.DateField(_("expires"), null=True, blank=True)
    sscc = models.CharField(_("SSCC"), max_length=18, blank=True)
    expected_quantity = QuantityField(_("expected"))
    accepted_quantity = QuantityField(_("accepted"), null=True, blank=True)
    rejected_quantity = QuantityField(_("rejected"), null=True, blank=True)
    held_quantity = QuantityField(_("in inspection"), default=0)
    sent_back_quantity = QuantityField(_("sent back"), default=0)
    destroyed_quantity = QuantityField(_("destroyed"), default=0)
    rejection_reason = models.CharField(_("reason of rejection"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt line")
        verbose_name_plural = _("receipt lines")
        constraints = (
            models.UniqueConstraint(fields=["receipt", "line_number"], name="receipt_line_number"),
            models.CheckConstraint(
                condition=Q(expected_quantity__gte=0)
                & (Q(accepted_quantity__isnull=True) | Q(accepted_quantity__gte=0))
                & (Q(rejected_quantity__isnull=True) | Q(rejected_quantity__gte=0)),
                name="receipt_counts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(held_quantity__gte=0, sent_back_quantity__gte=0, destroyed_quantity__gte=0)
                & Q(sent_back_quantity__lte=Coalesce(F("rejected_quantity"), 0) - F("destroyed_quantity")),
                name="receipt_rejects_are_disposed_once",
            ),
        )
        indexes = (models.Index(fields=["sscc"], condition=~Q(sscc=""), name="receipt_line_of_unit"),)

    def __str__(self) -> str:
        return f"{self.receipt_id}/{self.line_number}"
