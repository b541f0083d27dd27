"""The window in which dealers' orders are pooled for one factory, or for all factories of a category."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from orders import states


def default_policy() -> dict[str, Any]:
    """Return the declared rules of a cycle: how a shortage and a saving (basis points) is shared, what is told.

    `surplus` names who owns what rounding buys beyond the need: platform stock, or the next cycle of the same goods.
    `given_up` says whether the factory is asked not to make what a dealer gives up and nobody waits for, or platform
    stock takes it. `policies.cycle_policy` says what each may be.
    """
    return {
        "fair_share": "proportional",
        "surplus": "PLATFORM",
        "given_up": "ask",
        "sharing": {"dealer": 7000, "platform": 2000, "factory": 1000},
        "shortage": {"withdraw_hours": 48, "second_source_hours": 24},
        "progress": {"fewest_dealers": 3, "every_minutes": 60, "parts": 4, "least_step": 10},
    }


class OrderCycle(Document):
    """Orders for a factory's goods, or for a category of many factories, pooled at `cutoff_at` by the database's clock.

    The goods are kept at one warehouse. Either `factory` or `category` is given; each factory gets one purchase order.
    Needs whose dates fall into the same `window_days` are bought together; null pools all dates.
    From `boxfill_at` (null: never) only what lowers the shortage to a full pack is taken. `recurrence` says when the
    cycle after this one closes (`policies.recurrence`), null for a single one; that cycle `follows` this one.
    `progress_at` is when dealers were last told how full its pools are. `policy_hash` is the SHA-256 of the policy as
    it stood when the cycle was frozen. Every dealer may read cycles; a factory only its own.
    A cycle `for_stock` buys what a factory committed to make for the platform's buffers; no order joins it and no
    dealer hears of it.
    """

    machine = states.ORDER_CYCLE
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    factory = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("factory")
    )
    category = models.CharField(_("product category"), max_length=80, blank=True)
    warehouse_site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("warehouse"))
    region = models.CharField(_("region"), max_length=40, blank=True)
    currency = CurrencyField(_("currency"))
    opens_at = models.DateTimeField(_("opens at"))
    boxfill_at = models.DateTimeField(_("fills packs from"), null=True, blank=True)
    cutoff_at = models.DateTimeField(_("cut-off at"))
    recurrence = models.JSONField(_("repeats"), null=True, blank=True)
    follows = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by", verbose_name=_("follows")
    )
    progress_at = models.DateTimeField(_("progress told at"), null=True, blank=True)
    window_days = models.PositiveSmallIntegerField(
        _("pools needs of so many days"), null=True, blank=True, default=7
    )
    status = StatusField(states.ORDER_CYCLE, verbose_name=_("status"))
    policy = models.JSONField(_("policy"), default=default_policy)
    policy_hash = models.CharField(_("policy hash"), max_length=64, blank=True)
    for_stock = models.BooleanField(_("for platform stock"), default=False, db_default=False)

    class Meta:
        verbose_name = _("order cycle")
        verbose_name_plural = _("order cycles")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="order_cycle_number"),
            models.UniqueConstraint(
                fields=["factory", "category", "warehouse_site", "region", "currency", "cutoff_at"],
                condition=Q(for_stock=False),
                name="one_cycle_per_cutoff",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(factory__isnull=False, category="") | Q(Q(factory__isnull=True), ~Q(category="")),
                name="cycle_is_of_a_factory_or_a_category",
            ),
            models.CheckConstraint(
                condition=Q(window_days__isnull=True) | Q(window_days__gte=1), name="cycle_window_is_a_day"
            ),
            models.CheckConstraint(
                condition=Q(cutoff_at__gt=F("opens_at")), name="cycle_opens_before_cutoff"
            ),
            models.CheckConstraint(
                condition=Q(boxfill_at__isnull=True)
                | Q(boxfill_at__gte=F("opens_at"), boxfill_at__lte=F("cutoff_at")),
                name="cycle_fills_packs_before_cutoff",
            ),
        )
        indexes = (
            models.Index(
                fields=["factory", "cutoff_at"],
                condition=Q(status__in=states.BEFORE_CUTOFF),
                name="cycle_open",
            ),
            models.Index(fields=["cutoff_at"], name="cycle_by_cutoff"),
        )

    @property
    def supplied_by(self) -> str:
        """Name the factory, or the category of a cycle of many factories."""
        return self.factory.name if self.factory is not None else self.category


class Leftover(models.Model):
    """A product of a cycle after its cut-off of which lines may wait again: the factory came short.

    Such lines keep their cycle, so that an answer to a hundred thousand of them writes no index (ADR 7). The next cycle
    finds them here, and drops what nobody waits for.
    """

    cycle = models.ForeignKey(OrderCycle, models.PROTECT, related_name="+", db_index=False)
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", db_index=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("leftover")
        verbose_name_plural = _("leftovers")
        constraints = (
            models.UniqueConstraint(fields=["factory", "product", "cycle"], name="one_leftover_of_a_cycle"),
        )

    def __str__(self) -> str:
        return f"product {self.product_id} of {self.cycle_id}"
