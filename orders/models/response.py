"""What a factory answers to a purchase order (UBL OrderResponse); a later version replaces an earlier one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.fields import QuantityField, StatusField, UnitPriceField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders import states
from orders.models.purchase import PurchaseOrder, PurchaseOrderLine, ResponseCode


class OrderResponse(models.Model):
    """One answer, kept as it came."""

    class Code(models.TextChoices):
        """UN/CEFACT 4343, as PEPPOL BIS Ordering uses it for the whole document."""

        ACKNOWLEDGED = "AB", _("Received")
        ACCEPTED = "AP", _("Accepted")
        CONDITIONAL = "CA", _("Accepted with changes")
        REJECTED = "RE", _("Rejected")

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="responses")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    response_version = models.PositiveIntegerField(_("version"))
    code = models.CharField(_("answer"), max_length=2, choices=Code.choices, default="CA", db_default="CA")
    external_reference = models.CharField(_("factory's reference"), max_length=80, blank=True)
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("received at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order response")
        verbose_name_plural = _("order responses")
        ordering = ("purchase_order", "response_version")
        constraints = (
            models.UniqueConstraint(
                fields=["purchase_order", "response_version"], name="one_response_per_version"
            ),
        )

    def __str__(self) -> str:
        return f"version {self.response_version}"


class OrderResponseLine(models.Model):
    """What the factory promises for one purchase line, or for the part of it of one schedule line.

    `substitute_units` of `substitute` are offered for every `replaced_units` of the product ordered.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    # Checked by statement, not by row (ADR 7): answer and purchase line are of the factory.
    response = models.ForeignKey(
        OrderResponse, models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    factory = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    purchase_order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, related_name="response_lines", db_constraint=False
    )
    schedule_number = models.PositiveSmallIntegerField(_("schedule"), default=1, db_default=1)
    code = models.CharField(_("answer"), max_length=16, choices=ResponseCode.choices)
    confirmed_quantity = QuantityField(_("confirmed quantity"))
    promised_date = models.DateField(_("promised date"))
    unit_price = UnitPriceField(_("unit price"), null=True)
    substitute = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+", db_index=False)
    substitute_units = QuantityField(default=1, db_default=1)
    replaced_units = QuantityField(default=1, db_default=1)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order response line")
        verbose_name_plural = _("order response lines")
        constraints = (
            models.UniqueConstraint(
                fields=["response", "purchase_order_line", "schedule_number"], name="one_answer_per_schedule"
            ),
            models.CheckConstraint(condition=Q(confirmed_quantity__gte=0), name="answer_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.confirmed_quantity} by {self.promised_date}"


class PriceAnswer(models.Model):
    """Another price than the agreed one, as the last response that names one states it for a line.

    Within the tolerance of the supply terms it is taken at once; above, the operator accepts or refuses it. Until then
    the line is bought at the agreed price.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="price_answers")
    purchase_order_line = models.OneToOneField(PurchaseOrderLine, models.PROTECT, related_name="price_answer")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    response_version = models.PositiveIntegerField(_("version"))
    agreed_unit_price = UnitPriceField(_("agreed price"))
    offered_unit_price = UnitPriceField(_("price asked"))
    status = StatusField(states.PRICE_ANSWER, verbose_name=_("status"))
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("price answer")
        verbose_name_plural = _("price answers")
        indexes = (
            models.Index(
                fields=["purchase_order"], condition=Q(status="PROPOSED"), name="price_answer_proposed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.offered_unit_price} for {self.agreed_unit_price}"
