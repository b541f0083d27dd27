"""Goods called back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.lot import Lot


class Recall(Document):
    """Lots taken out of circulation and called back from everybody who got of them.

    A rehearsed one (mock recall) found out the same and changed nothing. Dealers who have a notice see the row; what
    was found of everybody stands beside it.
    """

    machine = states.RECALL
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "notices__dealer_id"}

    status = StatusField(states.RECALL)
    lots: models.ManyToManyField[Lot, Any] = models.ManyToManyField(
        Lot, related_name="+", verbose_name=_("lots")
    )
    reason = models.CharField(_("reason"), max_length=400)
    instruction = models.CharField(_("what to do"), max_length=1000, blank=True)

    class Meta(Document.Meta):
        abstract = False
        verbose_name = _("recall")
        verbose_name_plural = _("recalls")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="recall_number_is_one"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_recall_says_why"),
        )
        indexes = (models.Index(fields=["status", "id"], name="recall_to_do"),)

    @property
    def is_rehearsal(self) -> bool:
        """True for a mock recall."""
        return bool(self.status == "REHEARSED")


class RecallFinding(models.Model):
    """What was known of the lots when a recall was opened, for operators alone.

    `found` holds what is on hand, reserved, staged, under way and delivered, with documents; `duration_ms` is how long
    it took to find out, block and tell.
    """

    recall = models.OneToOneField(Recall, models.PROTECT, primary_key=True, related_name="finding")
    found = models.JSONField(_("what was found"))
    duration_ms = models.PositiveIntegerField(_("time it took, ms"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding of a recall")
        verbose_name_plural = _("findings of recalls")

    def __str__(self) -> str:
        return str(self.recall_id)


class RecallNotice(models.Model):
    """What one dealer was told of a recall, and what it answered; base units, null until answered.

    `goods` are the dealer's own parcels: SKU, lot, quantity, SSCC, order, and when they left and arrived.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    id = models.UUIDField(primary_key=True, editable=False)
    recall = models.ForeignKey(Recall, models.PROTECT, related_name="notices", db_index=False)
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+", db_index=False)
    status = StatusField(states.RECALL_NOTICE)
    told_at = models.DateTimeField(_("told at"))
    goods = models.JSONField(_("goods"), default=list)
    delivered_quantity = QuantityField(_("delivered"), default=0)
    under_way_quantity = QuantityField(_("under way"), default=0)
    held_quantity = QuantityField(_("still held"), null=True)
    sold_quantity = QuantityField(_("sold or used"), null=True)
    returning_quantity = QuantityField(_("being sent back"), null=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("recall notice")
        verbose_name_plural = _("recall notices")
        constraints = (
            models.UniqueConstraint(fields=["recall", "dealer"], name="one_notice_per_dealer"),
            models.CheckConstraint(
                condition=Q(status="TOLD")
                | Q(
                    held_quantity__gte=0,
                    sold_quantity__gte=0,
                    returning_quantity__gte=0,
                    answered_at__isnull=False,
                ),
                name="an_answer_counts_everything",
            ),
        )
        indexes = (models.Index(fields=["dealer", "id"], name="recall_notice_of_dealer"),)

    def __str__(self) -> str:
        return f"{self.recall_id} to {self.dealer_id}"
