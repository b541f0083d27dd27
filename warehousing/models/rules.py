"""What dealers and the platform ask of the goods that are chosen."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField
from b2b.db.querysets import ScopedQuerySet
from warehousing.models.warehouse import Warehouse


class ShelfLifeTerm(models.Model):
    """How many days goods must still last when a dealer gets them; append-only, the latest that is in force counts.

    One for a product goes before one for all products (`product` null).
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", models.PROTECT, null=True, blank=True, related_name="+")
    min_remaining_days = models.PositiveIntegerField(_("remaining shelf life, days"))
    valid_from = models.DateField(_("in force from"))
    set_by = models.CharField(_("set by"), max_length=150)
    set_at = models.DateTimeField(_("set at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("shelf life term")
        verbose_name_plural = _("shelf life terms")
        indexes = (
            models.Index(fields=["dealer", "product", "-valid_from", "-id"], name="shelf_life_in_force"),
        )

    def __str__(self) -> str:
        return f"{self.min_remaining_days} days from {self.valid_from}"


class RotationRule(models.Model):
    """Which goods go first; one that names product and owner goes before one for the product, then for the owner.

    `owner` null stands for all owners, `product` null for all products. Without a rule the first expired goes first.
    """

    class Method(models.TextChoices):
        """The order in which goods leave."""

        FEFO = "FEFO", _("First expired, first out")
        FIFO = "FIFO", _("First in, first out")
        LIFO = "LIFO", _("Last in, first out")

    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, blank=True, related_name="+"
    )
    method = models.CharField(_("method"), max_length=4, choices=Method.choices)

    class Meta:
        verbose_name = _("rotation rule")
        verbose_name_plural = _("rotation rules")
        constraints = (
            models.UniqueConstraint(
                fields=["product", "owner"], nulls_distinct=False, name="one_rotation_per_key"
            ),
        )

    def __str__(self) -> str:
        return self.method


class SourcingCost(models.Model):
    """What it costs to serve from a warehouse, by which orders are spread over several (`policies.sourcing`).

    `leg_amount` for anything that is sent at all, with `km_amount` for every kilometre to the place of delivery, and
    `kg_amount` a kilogram; `split_amount` for each further warehouse that serves one product of an order. Costs are
    compared, so that all are in one currency; the database refuses another.
    """

    warehouse = models.OneToOneField(Warehouse, models.PROTECT, related_name="sourcing_cost")
    currency = CurrencyField(_("currency"))
    leg_amount = AmountField(_("a leg"))
    km_amount = AmountField(_("a kilometre"))
    kg_amount = AmountField(_("a kilogram"))
    split_amount = AmountField(_("a split"))

    class Meta:
        verbose_name = _("cost of sourcing")
        verbose_name_plural = _("costs of sourcing")
        constraints = (
            models.CheckConstraint(
                condition=Q(leg_amount__gte=0, km_amount__gte=0, kg_amount__gte=0, split_amount__gte=0),
                name="sourcing_costs_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.leg_amount} {self.currency}"

    def clean(self) -> None:
        """Refuse a currency that the costs of other warehouses are not in.

        :raises ValidationError: naming the currency they are in.
        """
        other = SourcingCost.objects.exclude(warehouse_id=self.warehouse_id).exclude(currency=self.currency)
        if said := other.values_list("currency", flat=True).first():
            told = _("other warehouses say their costs in %(currency)s; say these in it too")
            raise ValidationError({"currency": told % {"currency": said}})
