"""What one document adds to a figure: a cost, a bill, a payment, goods bought, goods moved."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField
from b2b.db.querysets import ScopedQuerySet


class FlowKind(models.TextChoices):
    """Which figure it adds to."""

    ORDER = "ORDER", _("Orders")
    INBOUND = "INBOUND", _("Freight from factories")
    DUTY = "DUTY", _("Duty")
    FEE = "FEE", _("Fees")
    STORAGE = "STORAGE", _("Warehousing")
    FINANCING = "FINANCING", _("Financing")
    SHRINKAGE = "SHRINKAGE", _("Lost and sent back")
    CLAIM = "CLAIM", _("Claimed back from factories")
    DEALER_SHARE = "DEALER_SHARE", _("Settled: dealers")
    PLATFORM_SHARE = "PLATFORM_SHARE", _("Settled: platform")
    FACTORY_SHARE = "FACTORY_SHARE", _("Settled: factories")
    BILLED = "BILLED", _("Billed")
    SETTLED = "SETTLED", _("Paid and credited")
    PURCHASED = "PURCHASED", _("Bought from factories")
    RECEIVED = "RECEIVED", _("Received from factories")
    ISSUED = "ISSUED", _("Issued from stock")
    STOCK = "STOCK", _("Other movements of stock")


class FlowFact(models.Model):
    """One part of one document, noted once; of a later version of it the newest counts.

    `source_id` is the document and `part` tells its parts from each other. A row without a dealer is a factory's, one
    without either the platform's own. Amounts in `currency`, quantities in base units, both signed; `day` is in the
    platform's time zone.
    """

    # What is a dealer's is no factory's: its rows name a factory at most to be summed up by it.
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id", actor.FACTORY: "owner_factory_id"}

    kind = models.CharField(_("figure"), max_length=14, choices=FlowKind.choices)
    source_id = models.UUIDField()
    part = models.CharField(max_length=120, default="")
    version = models.PositiveIntegerField(default=0)
    number = models.CharField(_("document"), max_length=60, default="")
    at = models.DateTimeField(_("at"))
    day = models.DateField(_("day"))
    dealer_id = models.BigIntegerField(null=True)
    factory_id = models.BigIntegerField(null=True)
    owner_factory_id = models.GeneratedField(
        expression=models.Case(models.When(dealer_id__isnull=True, then="factory_id")),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    product_id = models.BigIntegerField(null=True)
    cycle_id = models.UUIDField(null=True)
    currency = CurrencyField()
    quantity = models.BigIntegerField(_("quantity"), default=0)
    amount = AmountField(_("amount"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("value flow")
        verbose_name_plural = _("value flows")
        constraints = (
            models.UniqueConstraint(fields=["kind", "source_id", "part"], name="a_flow_is_noted_once"),
        )
        indexes = (
            models.Index(fields=["kind", "day"], name="flow_of_day"),
            models.Index(fields=["dealer_id", "kind", "day"], name="flow_of_dealer"),
            models.Index(fields=["owner_factory_id", "kind", "day"], name="flow_of_factory"),
            models.Index(
                fields=["cycle_id"], condition=models.Q(cycle_id__isnull=False), name="flow_of_cycle"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
