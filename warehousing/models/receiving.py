"""What is found at the gate: rules, scans, evidence, and goods nobody expected."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.lot import Lot
from warehousing.models.receipt import Receipt, ReceiptLine
from warehousing.models.warehouse import Warehouse


class ReceivingRule(models.Model):
    """How goods of a product, a category or a factory are taken in; the narrowest one decides.

    More than advised and tolerated is refused, or parked as found goods. With `inspection_level` and `aql` (ISO 2859-1)
    goods are held and a sample is inspected.
    """

    class Excess(models.TextChoices):
        """What becomes of more than is tolerated."""

        REFUSE = "REFUSE", _("Refused at the gate")
        PARK = "PARK", _("Parked until somebody decides")

    class Level(models.TextChoices):
        """Inspection levels of ISO 2859-1."""

        NONE = "", _("No inspection")
        S1 = "S-1", "S-1"
        S2 = "S-2", "S-2"
        S3 = "S-3", "S-3"
        S4 = "S-4", "S-4"
        I = "I", "I"  # noqa: E741 - the standard's name
        II = "II", "II"
        III = "III", "III"

    factory = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, blank=True, related_name="+"
    )
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    category = models.CharField(_("category"), max_length=80, blank=True)
    over_receipt_percent = models.PositiveSmallIntegerField(
        _("over-receipt tolerance, %"), null=True, blank=True, help_text=_("empty: that of the warehouse")
    )
    on_excess = models.CharField(_("above it"), max_length=6, choices=Excess.choices, default=Excess.REFUSE)
    inspection_level = models.CharField(
        _("inspection level"), max_length=3, choices=Level.choices, blank=True, default=Level.NONE
    )
    aql = models.DecimalField(_("AQL, %"), max_digits=7, decimal_places=3, null=True, blank=True)
    allows_reduced = models.BooleanField(
        _("reduced inspection allowed"),
        default=False,
        help_text=_("somebody vouches that production is steady (ISO 2859-1, 9.3.3)"),
    )

    class Meta:
        verbose_name = _("receiving rule")
        verbose_name_plural = _("receiving rules")
        constraints = (
            models.UniqueConstraint(
                fields=["product", "category", "factory"],
                nulls_distinct=False,
                name="one_receiving_rule_each",
            ),
            models.CheckConstraint(
                condition=Q(inspection_level="") | Q(aql__gt=0), name="an_inspection_has_an_aql"
            ),
        )

    def __str__(self) -> str:
        parts = [str(one) for one in (self.product, self.category, self.factory) if one]
        return ", ".join(parts) or str(_("everything"))


class Evidence(models.Model):
    """A photo of damage, kept as it came; its SHA-256 shows that it was not changed."""

    sha256 = models.CharField(max_length=64, unique=True)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    def __str__(self) -> str:
        return self.sha256[:12]


class ReceiptScan(models.Model):
    """Goods counted at the gate, one scan after the other; `part` is set when they were booked into stock.

    `key` is the handheld's own: the same scan sent twice counts once. A scan that was taken back is void.
    """

    class Condition(models.TextChoices):
        """How the goods look."""

        GOOD = "GOOD", _("Good")
        DAMAGED = "DAMAGED", _("Damaged")

    tenancy: ClassVar[dict[str, Any]] = {}

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="scans")
    line = models.ForeignKey(ReceiptLine, models.PROTECT, related_name="scans")
    key = models.CharField(max_length=80, blank=True)
    code = models.CharField(_("scanned"), max_length=200, blank=True)
    sscc = models.CharField(_("SSCC"), max_length=18, blank=True)
    condition = models.CharField(_("condition"), max_length=7, choices=Condition.choices)
    quantity = QuantityField(_("quantity"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    photo = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")
    scanned_by = models.CharField(_("by"), max_length=150)
    scanned_at = models.DateTimeField(_("at"))
    part = models.PositiveIntegerField(_("part"), null=True)
    is_void = models.BooleanField(_("taken back"), default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt scan")
        verbose_name_plural = _("receipt scans")
        constraints = (
            models.UniqueConstraint(
                fields=["receipt", "key", "line"], condition=~Q(key=""), name="one_scan_per_key"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="scan_something"),
            models.CheckConstraint(
                condition=Q(is_void=False) | Q(part__isnull=True), name="booked_scans_stand"
            ),
        )
        indexes = (
            models.Index(fields=["line"], condition=Q(part__isnull=True, is_void=False), name="scan_to_book"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.condition}"


class FoundGoods(Document):
    """Goods at the gate that nobody expected; they are not stock until an owner is decided.

    `product` is null while unknown. EXCESS is more than was advised and tolerated, UNEXPECTED a product or unit that is
    on no advice here. `key` is that of the scan they were parked by.
    """

    class Cause(models.TextChoices):
        """Why they are here."""

        EXCESS = "EXCESS", _("More than advised")
        UNEXPECTED = "UNEXPECTED", _("Not advised")
        UNKNOWN = "UNKNOWN", _("Nobody knows what it is")

    machine = states.FOUND_GOODS

    status = StatusField(states.FOUND_GOODS)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    receipt = models.ForeignKey(Receipt, models.PROTECT, null=True, blank=True, related_name="found_goods")
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    product = models.ForeignKey("catalog.Product", models.PROTECT, null=True, blank=True, related_name="+")
    lot_number = models.CharField(_("lot number"), max_length=40, blank=True)
    expiry_date = models.DateField(_("expires"), null=True, blank=True)
    code = models.CharField(_("scanned"), max_length=200, blank=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    quantity = QuantityField(_("quantity"))
    key = models.CharField(_("key of the scan"), max_length=80, blank=True)
    photo = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(Document.Meta):
        abstract = False
        verbose_name = _("found goods")
        verbose_name_plural = _("found goods")
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=1), name="find_something"),
            models.UniqueConstraint(
                fields=["receipt", "key"], condition=~Q(key=""), name="parked_once_per_key"
            ),
            models.CheckConstraint(
                condition=~Q(status="TAKEN_IN") | Q(product__isnull=False), name="known_before_it_is_stock"
            ),
        )
        indexes = (models.Index(fields=["warehouse", "status"], name="found_goods_to_decide"),)


class Inspection(Document):
    """A lot of received goods held in quarantine until a sample has been looked at (ISO 2859-1).

    `nonconforming` is what the sample showed. `accepted_quantity` and `rejected_quantity` say what became of the lot.
    """

    machine = states.INSPECTION
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    status = StatusField(states.INSPECTION)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="inspections")
    line = models.ForeignKey(ReceiptLine, models.PROTECT, related_name="inspections")
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+")
    lot_size = QuantityField(_("lot size"))
    level = models.CharField(_("level"), max_length=3)
    aql = models.DecimalField(_("AQL, %"), max_digits=7, decimal_places=3)
    severity = models.CharField(_("severity"), max_length=12)
    code_letter = models.CharField(_("code letter"), max_length=1)
    sample_size = models.PositiveIntegerField(_("sample"))
    acceptance_number = models.PositiveIntegerField(_("accepts with at most"))
    nonconforming = models.PositiveIntegerField(_("nonconforming"), null=True, blank=True)
    passed_first = models.BooleanField(_("passed at the first inspection"), null=True)
    accepted_quantity = QuantityField(_("accepted"), default=0)
    rejected_quantity = QuantityField(_("rejected"), default=0)
    finding = models.CharField(_("finding"), max_length=200, blank=True)

    class Meta(Document.Meta):
        abstract = False
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        constraints = (
            models.CheckConstraint(
                condition=Q(lot_size__gte=1, accepted_quantity__gte=0, rejected_quantity__gte=0)
                & Q(sample_size__gte=1, sample_size__lte=F("lot_size"))
                & Q(accepted_quantity__lte=F("lot_size") - F("rejected_quantity")),
                name="inspection_within_its_lot",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ACCEPTED", "REJECTED", "SORTED"])
                | Q(lot_size=F("accepted_quantity") + F("rejected_quantity")),
                name="an_ended_inspection_decides_all",
            ),
        )
        indexes = (
            models.Index(fields=["warehouse", "status"], name="inspection_to_do"),
            models.Index(fields=["factory", "product", "id"], name="inspection_history"),
        )
