"""Delivered goods that a dealer wants to give back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import (
    AmountField,
    CurrencyField,
    QuantityField,
    StatusField,
    TaxRateField,
    UnitPriceField,
)
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from orders import states
from orders.models.order import Order, OrderLine
from orders.models.peg import Peg
from orders.policies.returns import Reason


class ReturnAuthorisation(Document):
    """A dealer's request to give back delivered goods of one order, and the leave to do so (RMA).

    `credited_net` and `credited_gross` sum what finance has credited for it.
    """

    machine = states.RETURN_AUTHORISATION
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("dealer"))
    order = models.ForeignKey(Order, models.PROTECT, related_name="returns", verbose_name=_("order"))
    status = StatusField(states.RETURN_AUTHORISATION, verbose_name=_("status"))
    currency = CurrencyField(_("currency"))
    return_to_site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("return to")
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)
    credited_net = AmountField(_("credited, net"), default=0)
    credited_gross = AmountField(_("credited, with tax"), default=0)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        constraints = (models.UniqueConstraint(fields=["number"], name="return_number"),)
        indexes = (
            models.Index(fields=["dealer", "-created_at"], name="return_of_dealer"),
            models.Index(fields=["order"], name="return_of_order"),
            models.Index(fields=["updated_at", "id"], name="return_by_update"),
        )


class ReturnLine(models.Model):
    """A quantity of one order line that came with one shipment and, unless it came from stock, through one peg.

    Price and tax are those of the order line when the return was asked for. `approved` is null until the operator
    decides. What came back is restocked, scrapped or sent back to the factory; the rest still waits for inspection.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    authorisation = models.ForeignKey(ReturnAuthorisation, models.PROTECT, related_name="lines")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    line_number = models.PositiveIntegerField(_("line"))
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="returns")
    peg = models.ForeignKey(Peg, models.PROTECT, null=True, related_name="returns")
    shipment_id = models.UUIDField(_("shipment"))
    delivered_at = models.DateTimeField(_("delivered at"))
    reason = models.CharField(_("reason"), max_length=8, choices=[(one.value, one.label) for one in Reason])
    note = models.CharField(_("note"), max_length=500, blank=True)
    evidence = ArrayField(
        models.CharField(max_length=300), verbose_name=_("evidence"), default=list, blank=True
    )
    unit_price = UnitPriceField(_("unit price"))
    tax_rate = TaxRateField(_("tax rate"))
    requested = QuantityField(_("requested"))
    approved = QuantityField(_("approved"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=300, blank=True)
    received = QuantityField(_("received"), default=0)
    credited = QuantityField(_("credited"), default=0)
    restocked = QuantityField(_("restocked"), default=0)
    scrapped = QuantityField(_("scrapped"), default=0)
    sent_back = QuantityField(_("sent back to the factory"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering = ("authorisation", "line_number")
        constraints = (
            models.UniqueConstraint(fields=["authorisation", "line_number"], name="one_return_line_number"),
            models.UniqueConstraint(
                fields=["authorisation", "order_line", "shipment_id", "peg"],
                name="one_return_line_per_origin",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(requested__gte=1, received__gte=0, credited__gte=0)
                & Q(restocked__gte=0, scrapped__gte=0, sent_back__gte=0),
                name="return_line_quantities_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(approved__isnull=True) | Q(approved__gte=0, approved__lte=F("requested")),
                name="return_approved_within_requested",
            ),
            models.CheckConstraint(
                condition=Q(received__lte=Coalesce(F("approved"), 0), credited__lte=F("received"))
                & Q(received__gte=F("restocked") + F("scrapped") + F("sent_back")),
                name="return_credited_within_received_within_approved",
            ),
        )
        indexes = (
            models.Index(fields=["order_line", "shipment_id"], name="return_of_order_line"),
            models.Index(fields=["peg"], condition=Q(peg__isnull=False), name="return_of_peg"),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"
