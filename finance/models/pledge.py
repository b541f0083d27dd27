"""Goods that secure a financing, and what they were worth from day to day."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from finance.models.financing import PARTIES, Financing
from finance.states import STOCK_PLEDGE


class StockPledge(Document):
    """Base units of a product at a site that a borrower may neither ship nor pledge again.

    `entry` is pending in the goods book over `remaining`; it is replaced by a smaller one when a part is released.
    """

    machine = STOCK_PLEDGE
    tenancy: ClassVar[dict[str, Any]] = PARTIES

    financing = models.OneToOneField(Financing, models.PROTECT, related_name="pledge")
    borrower = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    funder = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    status = StatusField(STOCK_PLEDGE)
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    site = models.ForeignKey("directory.Site", models.PROTECT, related_name="+")
    quantity = QuantityField(_("pledged"))
    remaining = QuantityField(_("still pledged"))
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("stock pledge")
        verbose_name_plural = _("stock pledges")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="one_pledge_number"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, remaining__gte=0, remaining__lte=F("quantity")),
                name="pledge_remains_within_itself",
            ),
            models.CheckConstraint(
                condition=Q(status="PLEDGED", remaining__gt=0, entry__isnull=False)
                | (~Q(status="PLEDGED") & Q(remaining=0, entry=None)),
                name="pledge_has_its_entry",
            ),
        )


class PledgeValuation(models.Model):
    """What pledged goods were worth on a day beside what was owed on them, in minor units; append-only."""

    tenancy: ClassVar[dict[str, Any]] = PARTIES

    pledge = models.ForeignKey(StockPledge, models.PROTECT, related_name="valuations")
    borrower = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    funder = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    quantity = QuantityField(_("quantity"))
    worth = models.BigIntegerField(_("worth"))
    owed = models.BigIntegerField(_("owed"))
    is_call = models.BooleanField(_("margin call"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pledge valuation")
        verbose_name_plural = _("pledge valuations")
        constraints = (
            models.UniqueConstraint(fields=["pledge", "day"], name="one_valuation_a_day"),
            models.CheckConstraint(
                condition=Q(worth__gte=0, owed__gte=0), name="pledge_valuation_is_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pledge_id}: {self.day}"
