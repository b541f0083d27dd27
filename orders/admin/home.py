"""What orders puts on the home pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin import cells
from b2b.admin.home import Card, Figure
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.admin.tables import Table, columns
from b2b.core import clock
from b2b.db.selectors import visible
from orders.models import ApprovalStep, Order, OrderCycle, PurchaseOrder, SavingsStatement
from orders.selectors import order_cycle, pool_progress
from orders.selectors.pool_progress import Progress

SHOWN = 6
POOLS = 3


@dealer_site.home.figures(10)
def dealer_figures(request: HttpRequest) -> Iterable[Figure]:
    """Count the dealer's open orders and what pooling has saved."""
    actor = actor_of(request)
    found = visible(actor, Order).aggregate(open=Count("pk", filter=Q(status="CONFIRMED")))
    yield Figure(
        _("Open orders"),
        cells.quantity(found["open"]),
        _("confirmed, not yet delivered in full"),
        reverse("dealer:orders_order_changelist") + "?status__exact=CONFIRMED",
    )
    for row in (
        visible(actor, SavingsStatement)
        .filter(restated_by=None)
        .order_by()
        .values("currency")
        .annotate(saved=Sum("dealer_share"))
    ):
        yield Figure(
            _("Saved by pooling"),
            cells.money(row["saved"], row["currency"]),
            _("against ordering alone"),
            reverse("dealer:orders_savingsstatement_changelist"),
            "good",
        )


@dealer_site.home.figures(15)
@operator_site.home.figures(15)
def approvals(request: HttpRequest) -> Iterable[Figure]:
    """Count what waits for somebody of the reader's own organisation, if anything does."""
    actor = actor_of(request)
    own = visible(actor, ApprovalStep).filter(organization_id=actor.organization_id)
    if waiting := own.filter(status="PENDING").count():
        desk = "operator" if actor.sees_all else "dealer"
        yield Figure(
            _("To approve"),
            cells.quantity(waiting),
            _("orders wait until somebody agrees"),
            reverse(f"{desk}:orders_approvalstep_changelist") + "?status__exact=PENDING",
            "warn",
        )


@dealer_site.home.card(20)
def pools(request: HttpRequest) -> Card | None:
    """Show when the open pools close, and how near each product is to its next price."""
    actor, now = actor_of(request), clock.now()
    cycles = order_cycle.visible(actor).filter(status__in=("OPEN", "BOXFILL"), cutoff_at__gt=now)
    rows = []
    for cycle in cycles.order_by("cutoff_at")[:POOLS]:
        when = cells.two_lines(cells.moment(cycle.cutoff_at), cells.left(cycle.cutoff_at, now))
        known = pool_progress.of_cycle(actor, cycle, at=now)[:SHOWN]
        rows += [_pool(cycle, when, one) for one in known] or [(cycle.supplied_by, when, "", "", "")]
    table = Table(
        _("Next cut-offs"),
        columns(_("Factory or category"), _("Closes"), _("Product"), (_("Yours"),), _("To the next price")),
        rows,
        empty=_("No pool is open at the moment; orders wait for the next one."),
        note=_(
            "Orders of all dealers are bought together at the cut-off; a fuller pool means a lower price."
        ),
    )
    return Card(table.title, "b2b_admin/card_table.html", {"table": table}, wide=True)


def _pool(cycle: OrderCycle, when: Any, one: Progress) -> tuple[Any, ...]:
    reached: Any = _("best price reached")
    if one.percent_of_next_break is not None and one.next_unit_price is not None:
        words = _("%(percent)d %% of the way to %(price)s") % {
            "percent": one.percent_of_next_break,
            "price": cells.price(one.next_unit_price, cycle.currency),
        }
        reached = cells.two_lines(cells.progress(one.percent_of_next_break, 100, words), words)
    product = cells.two_lines(one.name, one.sku)
    return cycle.supplied_by, when, product, cells.quantity(one.own_quantity), reached


@dealer_site.home.card(30)
def latest_orders(request: HttpRequest) -> Card:
    """Show the dealer's latest orders."""
    orders = visible(actor_of(request), Order).order_by("-pk")[:SHOWN]
    rows = [
        (
            cells.link(order.number, reverse("dealer:orders_order_change", args=[order.pk])),
            cells.badge(order.status, order.get_status_display()),
            cells.day(order.created_at.date()),
            cells.money(order.total_gross, order.currency),
        )
        for order in orders
    ]
    table = Table(
        _("Latest orders"),
        columns(_("Number"), _("Status"), _("Placed"), (_("Total"),)),
        rows,
        empty=_("You have not ordered yet. Upload a list or paste it on the bulk order page."),
        more_url=reverse("dealer:orders_order_changelist") if rows else reverse("dealer:bulk_order"),
        more_label=_("All orders") if rows else _("Place a bulk order"),
    )
    return Card(table.title, "b2b_admin/card_table.html", {"table": table})


@operator_site.home.figures(10)
def operator_figures(request: HttpRequest) -> Iterable[Figure]:
    """Count the cycles near their cut-off and the purchase orders without an answer."""
    actor, now = actor_of(request), clock.now()
    cycles = visible(actor, OrderCycle).filter(status__in=OrderCycle.machine.open)
    due = cycles.filter(cutoff_at__lte=now, status="OPEN").count()
    yield Figure(
        _("Open cycles"),
        cells.quantity(cycles.filter(status="OPEN").count()),
        _("%(count)d past their cut-off") % {"count": due} if due else _("none past its cut-off"),
        reverse("operator:orders_ordercycle_changelist") + "?status__exact=OPEN",
        "warn" if due else "",
    )
    purchases = visible(actor, PurchaseOrder)
    waiting = purchases.filter(status="SENT").count()
    late = purchases.filter(answered_at=None, respond_by_at__lt=now).count()
    yield Figure(
        _("Purchase orders unanswered"),
        cells.quantity(waiting),
        _("%(count)d answers overdue") % {"count": late} if late else _("the factory has not confirmed yet"),
        reverse("operator:orders_purchaseorder_changelist") + "?status__exact=SENT",
        "warn" if waiting else "",
    )


@operator_site.home.card(20)
def next_cutoffs(request: HttpRequest) -> Card:
    """Show the cycles that close next."""
    now = clock.now()
    cycles = (
        visible(actor_of(request), OrderCycle)
        .filter(status="OPEN")
        .select_related("factory")
        .order_by("cutoff_at")[:SHOWN]
    )
    rows = [
        (
            cells.link(cycle.number, reverse("operator:orders_ordercycle_change", args=[cycle.pk])),
            cycle.supplied_by,
            cells.moment(cycle.cutoff_at),
            cells.left(cycle.cutoff_at, now),
        )
        for cycle in cycles
    ]
    table = Table(
        _("Next cut-offs"),
        columns(_("Cycle"), _("Factory or category"), _("Cut-off"), _("Left")),
        rows,
        empty=_("No cycle is open."),
        more_url=reverse("operator:orders_ordercycle_changelist"),
    )
    return Card(table.title, "b2b_admin/card_table.html", {"table": table})
