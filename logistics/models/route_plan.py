"""A plan of routes that was asked for: worked by a process of its own, looked at, accepted or thrown away."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import CurrencyField, StatusField
from b2b.db.models import Document
from b2b.directory.models import Site
from logistics import states
from logistics.policies.figures import COST_UNITS


class RoutePlan(Document):
    """What a planner was asked and what it found; only the operator sees it.

    `snapshot` holds the problem as it was when it was asked (msgspec JSON, zlib), `plan` the best plan known. `curve`
    is a list of [seconds since the start, cost in planner's units, jobs left out], one for each better plan;
    `findings` are the verifier's, `changes` what differs from the trips planned before. `attempt` names the worker:
    one that was thought lost writes nothing any more. `heartbeat_at` is its last sign of life.
    """

    machine = states.ROUTE_PLAN
    tenancy: ClassVar[dict[str, Any]] = {}

    number = models.CharField(_("number"), max_length=40, unique=True)
    status = StatusField(states.ROUTE_PLAN, verbose_name=_("status"))
    warehouse_site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("warehouse"))
    day = models.DateField(_("day"))
    asked_by = models.CharField(_("asked by"), max_length=150)
    seconds = models.PositiveIntegerField(_("time to plan, s"), validators=[MinValueValidator(1)])
    seed = models.BigIntegerField(_("seed"))
    is_replan = models.BooleanField(_("planned trips anew"), default=False)
    without_vehicles = ArrayField(models.BigIntegerField(), verbose_name=_("without vehicles"), default=list)
    shipments = models.PositiveIntegerField(_("shipments"), default=0)
    vehicles = models.PositiveIntegerField(_("vehicles"), default=0)
    snapshot = models.BinaryField(_("snapshot"))
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    started_at = models.DateTimeField(_("started"), null=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    percent = models.PositiveSmallIntegerField(_("progress, %"), default=0)
    phase = models.CharField(_("phase"), max_length=24, blank=True)
    curve = models.JSONField(_("best cost over time"), default=list)
    plan = models.JSONField(_("plan"), null=True)
    findings = models.JSONField(_("findings of the verifier"), default=list)
    changes = models.JSONField(_("changes"), default=dict)
    currency = CurrencyField(_("currency"))
    memory_mb = models.PositiveIntegerField(_("memory of the planner, MB"), null=True)
    fault = models.TextField(_("what went wrong"), blank=True)

    class Meta:
        verbose_name = _("route plan")
        verbose_name_plural = _("route plans")
        constraints = (
            models.CheckConstraint(
                condition=~Q(status__in=[states.FOUND, states.ACCEPTED]) | Q(plan__isnull=False),
                name="a_plan_found_is_a_plan",
            ),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True)
                | Q(ended_at__isnull=True)
                | Q(ended_at__gte=F("started_at")),
                name="a_plan_ends_after_it_starts",
            ),
        )
        indexes = (
            models.Index(
                fields=["id"],
                condition=Q(status__in=[states.QUEUED, states.RUNNING]),
                name="route_plan_to_work",
            ),
            models.Index(fields=["warehouse_site", "day", "-id"], name="route_plan_of_day"),
        )

    @property
    def costs(self) -> list[dict[str, Any]]:
        """The best plan after so many seconds: its cost in the currency, and how many shipments it leaves out."""
        return [
            {"seconds": seconds, "cost": Decimal(cost) / COST_UNITS, "left_out": left_out}
            for seconds, cost, left_out in self.curve
        ]
