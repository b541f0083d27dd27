"""Sharings of shortages for the operator: runs with all rows, a replay, equal treatment, and priority tiers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin, ReferenceAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from b2b.core.actor import Actor
from b2b.core.errors import DomainError
from orders.models import AllocationResult, AllocationRun, OrderCycle, PriorityTier
from orders.selectors import allocation_run, order_cycle
from orders.selectors.allocation_run import Treated

SHOWN = 100


class ReplayDiffers(DomainError):
    """The kept inputs give another result than the run keeps."""

    code = "replay_differs"


@admin.register(AllocationRun, site=operator_site)
class AllocationRuns(ReadOnlyAdmin):
    """Each sharing of a factory's answer over the orders it serves."""

    nav = Nav("pool", 35, "balance")
    ordering = ("-pk",)
    list_display = (
        columns.text("purchase_order.number", gettext_lazy("Purchase order")),
        columns.quantity("response_version", gettext_lazy("Answer")),
        columns.text("policy", gettext_lazy("Rule")),
        columns.moment("created_at", gettext_lazy("Shared"), "created_at"),
    )
    list_filter = ("policy",)
    search_fields = ("purchase_order__number__startswith",)
    buttons = ("replay",)

    def rows(self, actor: Actor) -> QuerySet[AllocationRun]:
        """Return the runs without their inputs."""
        return allocation_run.visible(actor)

    def facts(self, request: HttpRequest, obj: AllocationRun) -> Iterable[Fact]:
        """Say what was shared by which rule, and the seals of it."""
        order = obj.purchase_order
        address = reverse("operator:orders_purchaseorder_change", args=[order.pk])
        yield Fact(_("Purchase order"), cells.link(order.number, address))
        yield Fact(_("Cycle"), order.cycle.number)
        yield Fact(_("Answer"), obj.response_version)
        yield Fact(_("Rule"), obj.policy.replace("_", " "))
        yield Fact(_("Policy seal"), cells.code(obj.policy_hash[:16]))
        yield Fact(_("Seed of ties"), obj.seed)
        yield Fact(_("Sealed input"), cells.code(obj.input_hash[:16]))
        yield Fact(_("Sealed result"), cells.code(obj.result_hash[:16]))

    def tables(self, request: HttpRequest, obj: AllocationRun) -> Iterable[Table]:
        """Show what every line was entitled to and got."""
        yield paged(
            request,
            allocation_run.results(actor_of(request), obj.pk).order_by("pk"),
            _("Shares"),
            headings(
                _("Product"), _("Dealer"), _("Order"), (_("Wanted"),), (_("Exact share"),), (_("Place"),),
                (_("Tier"),), (_("Owed before"),), (_("Allotted"),), (_("Owed after"),),
            ),
            _row,
        )  # fmt: skip

    @service_action(gettext_lazy("Replay"))
    def replay(self, call: Call) -> Any:
        """Share the kept inputs again and compare."""
        if not allocation_run.replay(call.obj).is_same:
            raise ReplayDiffers
        return _("Shared again from the kept inputs: the same inputs, the same result, the same hashes.")


def _row(one: AllocationResult) -> tuple[Any, ...]:
    line = one.peg.order_line
    # Only pegs of order lines are shared.
    assert line is not None
    assert one.dealer is not None
    exact = (
        f"{one.entitlement_numerator}"
        if one.entitlement_denominator == 1
        else f"{one.entitlement_numerator}/{one.entitlement_denominator}"
    )
    return (
        one.peg.purchase_order_line.product.sku,
        one.dealer.name,
        cells.link(
            f"{line.order.number}/{line.line_number}",
            reverse("operator:orders_order_change", args=[line.order_id]),
        ),
        cells.quantity(one.requested),
        cells.two_lines(exact, _("all or nothing")) if one.is_forgone else exact,
        one.rank,
        one.tier,
        f"{one.carry_in:+.3f}",
        cells.quantity(one.rounded),
        f"{one.carry_out:+.3f}",
    )


@operator_site.page(
    "equal-treatment/",
    name="equal_treatment",
    nav=Nav("pool", 36, "handshake", gettext_lazy("Equal treatment")),
)
def equal_treatment_page(request: HttpRequest) -> HttpResponse:
    """List the cycles in which something was shared; of one, what equal requests got."""
    asked = request.GET.get("cycle")
    table = _treated(request, asked) if asked else _cycles(request)
    context = operator_site.page_context(
        request,
        _("Equal treatment"),
        intro=_("Equal requests get equal shares, up to rounding to packs and what rounding owed before."),
        tables=[table],
        back=reverse("operator:equal_treatment") if asked else "",
    )
    return TemplateResponse(request, "b2b_admin/tables_page.html", context)


def _cycles(request: HttpRequest) -> Table:
    actor = actor_of(request)
    shared = allocation_run.visible(actor).values("purchase_order__cycle_id")
    cycles = order_cycle.visible(actor).filter(pk__in=shared).order_by("-cutoff_at")[:SHOWN]
    return Table(
        _("Cycles with a sharing"),
        headings(_("Cycle"), _("Cut-off"), _("Rule")),
        [
            (
                cells.link(cycle.number, f"?cycle={cycle.pk}"),
                cells.moment(cycle.cutoff_at),
                str(cycle.policy.get("fair_share", "")).replace("_", " "),
            )
            for cycle in cycles
        ],
        empty=_("Nothing has been shared yet."),
    )


def _treated(request: HttpRequest, asked: str) -> Table:
    cycle = _cycle(request, asked)
    groups = allocation_run.equal_requests(actor_of(request), cycle)
    unequal = sum(not one.group.is_equal for one in groups)
    note = _("%(count)d groups of equal requests, %(unequal)d treated unequally") % {
        "count": len(groups),
        "unequal": unequal,
    }
    return Table(
        cycle.number,
        headings(
            _("Product"), (_("Answer"),), (_("Each wanted"),), (_("Requests"),), (_("Exact share"),), (_("Least"),),
            (_("Most"),), _("Why they differ"),
        ),
        [_group(one) for one in groups[:SHOWN]],
        empty=_("No two requests were equal."),
        note=note,
    )  # fmt: skip


def _group(one: Treated) -> tuple[Any, ...]:
    words = {
        "same": cells.NOTHING,
        "rounding": _("rounding"),
        "rounding and carry": _("rounding, and what it owed before"),
        "received before": _("goods received before"),
        "unequal": cells.badge("REJECTED", _("not explained")),
    }
    return (
        one.sku,
        one.run.response_version,
        cells.quantity(one.group.requested),
        one.group.claims,
        str(one.group.entitlement),
        cells.quantity(one.group.least),
        cells.quantity(one.group.most),
        words[one.group.verdict],
    )


def _cycle(request: HttpRequest, asked: str) -> OrderCycle:
    try:
        found = order_cycle.visible(actor_of(request)).filter(pk=UUID(asked)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


@admin.register(PriorityTier, site=operator_site)
class PriorityTiers(ReferenceAdmin):
    """From when on a dealer is served in which tier; a declaration stays, a later one replaces it."""

    nav = Nav("pool", 37, "stairs")
    ordering = ("-created_at",)
    list_display = (
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        "tier",
        "reason",
        columns.moment("created_at", gettext_lazy("Declared"), "created_at"),
    )
    list_select_related = ("dealer",)
    fields = ("dealer", "tier", "reason")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; who was served first when stays on record."""
        return False

    def save_model(self, request: HttpRequest, obj: PriorityTier, form: Any, change: bool) -> None:
        """Declare it from now on."""
        obj.created_at = clock.now()
        super().save_model(request, obj, form, change)
