"""What demand tells a factory to make next."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from orders import states
from orders.models.buffer import PlanRun
from orders.models.cycle import OrderCycle
from orders.models.purchase import PurchaseOrderLine


class ProductionSignal(Document):
    """Quantities per product and week for one factory; raised by a cycle that closed, or by a plan.

    A plan raises at most one that asks to make what buffers lack (`is_order`), and one outlook, which supersedes the
    outlook before it. What a cycle raises restates its purchase order.
    """

    machine = states.PRODUCTION_SIGNAL
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    cycle = models.ForeignKey(OrderCycle, models.PROTECT, null=True, related_name="production_signals")
    run = models.ForeignKey(
        PlanRun, models.PROTECT, null=True, related_name="signals", verbose_name=_("plan")
    )
    is_order = models.BooleanField(_("asks to make"), default=True, db_default=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by", verbose_name=_("supersedes")
    )
    status = StatusField(states.PRODUCTION_SIGNAL, verbose_name=_("status"))

    class Meta:
        verbose_name = _("production signal")
        verbose_name_plural = _("production signals")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="production_signal_number"),
            models.UniqueConstraint(fields=["cycle", "factory"], name="one_signal_per_cycle"),
            models.UniqueConstraint(
                fields=["run", "is_order"], condition=Q(run__isnull=False), name="one_signal_per_plan"
            ),
        )
        indexes = (models.Index(fields=["factory", "id"], name="production_signal_of_factory"),)


class ProductionSignalLine(models.Model):
    """A product, the Monday its week starts, and how binding the quantity is (EDIFACT DELFOR SCC 4 to 1)."""

    class Commitment(models.TextChoices):
        """From a mere outlook to a firm order."""

        FORECAST = "FORECAST", _("Forecast")
        BUY_MATERIAL = "BUY_MATERIAL", _("Buy material")
        MAKE = "MAKE", _("Make")
        FIRM = "FIRM", _("Firm")

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    signal = models.ForeignKey(ProductionSignal, models.PROTECT, related_name="lines")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    line_number = models.PositiveIntegerField(_("line"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    week_start_date = models.DateField(_("week of"))
    quantity = QuantityField(_("quantity"))
    committed_quantity = QuantityField(_("committed quantity"), null=True, blank=True)
    rejected_quantity = QuantityField(_("rejected quantity"), default=0, db_default=0)
    ordered_quantity = QuantityField(_("ordered quantity"), default=0, db_default=0)
    fulfilled_quantity = QuantityField(_("fulfilled quantity"), default=0, db_default=0)
    commitment = models.CharField(_("commitment"), max_length=12, choices=Commitment.choices)
    is_order = models.BooleanField(_("asks to make"), default=True, db_default=True)
    liability_bp = models.PositiveIntegerField(_("liability, basis points"), default=0, db_default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("production signal line")
        verbose_name_plural = _("production signal lines")
        ordering = ("signal", "line_number")
        constraints = (
            models.UniqueConstraint(fields=["signal", "line_number"], name="one_signal_line_number"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="signal_line_wants_something"),
            models.CheckConstraint(
                condition=Q(committed_quantity__isnull=True)
                | Q(committed_quantity__gte=0, committed_quantity__lte=F("quantity")),
                name="committed_within_signalled",
            ),
            # What is neither committed nor rejected is open.
            models.CheckConstraint(
                condition=Q(
                    rejected_quantity__gte=0, fulfilled_quantity__gte=0, fulfilled_quantity__lte=F("quantity")
                )
                & (
                    Q(committed_quantity__isnull=True, rejected_quantity__lte=F("quantity"))
                    | Q(quantity__gte=F("committed_quantity") + F("rejected_quantity"))
                ),
                name="signal_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(ordered_quantity=0)
                | Q(ordered_quantity__gt=0, ordered_quantity__lte=F("committed_quantity")),
                name="signal_line_ordered_within_committed",
            ),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"


class SignalTerms(models.Model):
    """What the platform and a factory agreed about signals: time fences, liability for each step, how calm they are.

    Liability is the part of a line's value, in basis points, that the platform owes when it takes less. What the
    factory commits to is bought at once for `warehouse_site`, by default the one its last cycle delivered to.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    factory = models.OneToOneField(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    firm_weeks = models.PositiveSmallIntegerField(_("firm, weeks"), default=2)
    make_weeks = models.PositiveSmallIntegerField(_("make, weeks"), default=4)
    material_weeks = models.PositiveSmallIntegerField(_("buy material, weeks"), default=8)
    firm_liability_bp = models.PositiveIntegerField(_("liability when firm, basis points"), default=10_000)
    make_liability_bp = models.PositiveIntegerField(_("liability to make, basis points"), default=6_000)
    material_liability_bp = models.PositiveIntegerField(
        _("liability for material, basis points"), default=3_000
    )
    deadband_bp = models.PositiveIntegerField(_("changes not told, basis points"), default=1_000)
    change_bp = models.PositiveIntegerField(
        _("greatest change inside the fences, basis points"), default=5_000
    )
    answer_within_hours = models.PositiveSmallIntegerField(_("answer within hours"), default=48)
    is_automatic = models.BooleanField(_("sent without approval"), default=True)
    is_bought = models.BooleanField(_("bought once committed to"), default=True, db_default=True)
    warehouse_site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("deliver to")
    )
    consume_back_weeks = models.PositiveSmallIntegerField(
        _("orders replace forecast of weeks before"), default=4, db_default=4
    )
    consume_forward_weeks = models.PositiveSmallIntegerField(
        _("orders replace forecast of weeks after"), default=4, db_default=4
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("signal terms")
        verbose_name_plural = _("signal terms")
        constraints = (
            models.CheckConstraint(
                condition=Q(firm_weeks__lte=F("make_weeks"), make_weeks__lte=F("material_weeks")),
                name="signal_fences_in_order",
            ),
            models.CheckConstraint(
                condition=Q(firm_liability_bp__lte=10_000, make_liability_bp__lte=F("firm_liability_bp"))
                & Q(material_liability_bp__lte=F("make_liability_bp")),
                name="signal_liability_falls",
            ),
        )

    def __str__(self) -> str:
        return f"signals to {self.factory_id}"


class SignalCallOff(models.Model):
    """The purchase line by which a part of what a factory committed to was bought; append-only. Operator only."""

    tenancy: ClassVar[dict[str, Any]] = {}

    line = models.ForeignKey(ProductionSignalLine, models.PROTECT, related_name="call_offs")
    purchase_order_line = models.OneToOneField(
        PurchaseOrderLine, models.PROTECT, related_name="+", verbose_name=_("purchase line")
    )
    quantity = QuantityField(_("quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("call-off of a signal")
        verbose_name_plural = _("call-offs of signals")
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=1), name="signal_call_off_of_something"),
        )

    def __str__(self) -> str:
        return f"{self.quantity}"


class SignalPeg(models.Model):
    """The part of a signal line that a region is the reason for; the parts sum to the line. Operator only."""

    tenancy: ClassVar[dict[str, Any]] = {}

    line = models.ForeignKey(ProductionSignalLine, models.PROTECT, related_name="pegs", db_index=False)
    region = models.CharField(_("region"), max_length=40, blank=True)
    quantity = QuantityField(_("quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("signal peg")
        verbose_name_plural = _("signal pegs")
        constraints = (
            models.UniqueConstraint(fields=["line", "region"], name="one_signal_peg_per_region"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="signal_peg_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} for {self.region}"


class SignalReason(models.Model):
    """Why a line asks for what it asks: all that was put in, and the hash of what came out. Operator only.

    `policies.signal_reason.recompute` makes the same text of `inputs` again, byte for byte.
    """

    tenancy: ClassVar[dict[str, Any]] = {}

    line = models.OneToOneField(ProductionSignalLine, models.PROTECT, related_name="reason")
    inputs = models.TextField(_("inputs"))
    result_hash = models.CharField(_("hash of the result"), max_length=64)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason of a signal")
        verbose_name_plural = _("reasons of signals")

    def __str__(self) -> str:
        return self.result_hash


class PlanException(models.Model):
    """What a plan would change if it were allowed to: a line the factory committed to is never touched."""

    class Kind(models.TextChoices):
        """What a person should ask the factory for."""

        EXPEDITE = "EXPEDITE", _("Ask for it earlier")
        DEFER = "DEFER", _("Ask for it later")
        CANCEL = "CANCEL", _("Ask to cancel")
        CAPACITY = "CAPACITY", _("Later than wanted: no capacity")

    tenancy: ClassVar[dict[str, Any]] = {}

    run = models.ForeignKey(PlanRun, models.PROTECT, related_name="exceptions")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    line = models.ForeignKey(ProductionSignalLine, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    quantity = QuantityField(_("quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan exception")
        verbose_name_plural = _("plan exceptions")
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=1), name="plan_exception_of_something"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"
