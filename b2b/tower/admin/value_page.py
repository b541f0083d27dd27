"""The value view: what pooling saved, who got it, what circulation costs and how well dealers are served."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, plots
from b2b.admin.csv import download
from b2b.admin.home import Figure
from b2b.admin.nav import Nav
from b2b.admin.sites import PartySite, actor_of, dealer_site, operator_site
from b2b.admin.tables import Column, Table
from b2b.core.actor import Actor
from b2b.tower.admin import span as spans
from b2b.tower.admin.wording import NAMES, SHARES, percent_of, written
from b2b.tower.policies.value import COST_PARTS, Value
from b2b.tower.selectors import value, value_detail
from b2b.tower.selectors.value import Group, Span
from b2b.tower.selectors.value_detail import Pace

GROUPINGS: Final[dict[str, tuple[Any, Callable[[Actor, Span], list[Group]]]]] = {
    "period": (gettext_lazy("Period"), value.by_period),
    "cycle": (gettext_lazy("Order cycle"), value_detail.by_cycle),
    "category": (gettext_lazy("Category"), value.by_category),
    "product": (gettext_lazy("Product"), value_detail.by_product),
    "factory": (gettext_lazy("Factory"), value.by_factory),
    "dealer": (gettext_lazy("Dealer"), value.by_dealer),
}
# What a table shows of each group; cycles have savings only, products no costs of their own but freight.
_SERVICE: Final = ("ordered_quantity", "delivered_quantity", "fill_rate", "on_time_in_full")
COLUMNS: Final = {
    "cycle": ("baseline", "pooled", "saving", *SHARES, *(f"settled_{name}" for name in SHARES)),
    "product": ("ordered_amount", "saving", *SHARES, "freight_amount", *_SERVICE),
}
USUAL: Final = ("ordered_amount", "saving", *SHARES, "circulation_cost", "cost_per_unit", *_SERVICE)
_NAV: Final = Nav("money", 1, "monitoring", gettext_lazy("Value"))


@dealer_site.page("value/", name="value", nav=_NAV)
def dealer_value(request: HttpRequest) -> HttpResponse:
    """Show a dealer what it saved and where its money went."""
    cut = {name: one for name, one in GROUPINGS.items() if name != "dealer"}
    return _page(request, dealer_site, _("What I saved and where the money went"), cut)


@operator_site.page("value/", name="value", nav=_NAV)
def operator_value(request: HttpRequest) -> HttpResponse:
    """Show the operator what circulation costs and saves."""
    return _page(request, operator_site, _("What circulation costs and saves"), GROUPINGS)


def _page(request: HttpRequest, site: PartySite, title: str, cut: dict[str, Any]) -> HttpResponse:
    actor, span = actor_of(request), spans.of_request(request)
    by = request.GET.get("by", "")
    by = by if by in cut else "period"
    groups = cut[by][1](actor, span)
    names = COLUMNS.get(by, USUAL)
    if request.GET.get("csv"):
        rows = ([one.key, one.label, *(one.value.as_dict()[name] for name in names)] for one in groups)
        return download(f"value-by-{by}", [by, "name", *names], rows)
    whole = value.total(actor, span)
    periods = groups if by == "period" else value.by_period(actor, span)
    context = site.page_context(
        request,
        title,
        intro=_(
            "Savings are against every dealer buying alone. Press a figure to see the documents that make it."
        ),
        span=span,
        last_day=span.until - timedelta(days=1),
        by=by,
        groupings=[(name, one[0]) for name, one in cut.items()],
        query=spans.query(span, by=by),
        wide_query=spans.query(replace(span, dealer_id=None, factory_id=None, category=None), by=by),
        narrowed=[(name, found) for name in spans.NARROWING if (found := getattr(span, name)) is not None],
        narrowed_to=_narrowed_to(span),
        figures=list(_figures(site, whole, value_detail.pace(actor, span), span)),
        plots=list(_plots(periods, span)),
        tables=[] if by == "period" else [_table(site, groups, by, names, span)],
        is_empty=not whole.lines and not whole.baseline and not whole.circulation_cost,
        empty=_(
            "Nothing was ordered, saved or spent in this span. Choose another one, or come back once goods move."
        ),
    )
    return TemplateResponse(request, "tower/value.html", context)


def _narrowed_to(span: Span) -> str:
    wanted = [one for one in (span.dealer_id, span.factory_id) if one is not None]
    names = [one.label or one.key for one in value.named([Group(str(one), "", Value("")) for one in wanted])]
    return ", ".join([*names, *([span.category] if span.category else [])])


def _figures(site: PartySite, whole: Value, pace: Pace, span: Span) -> Iterable[Figure]:
    def figure(name: str, hint: Any = "", *, of: str = "", tone: str = "") -> Figure:
        address = f"{reverse(f'{site.name}:value_documents')}?{spans.query(span, figure=of or name)}"
        return Figure(NAMES[name], written(whole, name), hint, address, tone)

    yield figure("saving", percent_of(whole.saving, whole.baseline), tone="good" if whole.saving > 0 else "")
    for name in SHARES:
        yield figure(name, percent_of(getattr(whole, name), whole.saving))
    yield figure("settled_dealer_share", _("closed cycles, as the ledger has it"))
    if site is operator_site:
        yield figure("settled_platform_share", _("closed cycles, as the ledger has it"))
        yield figure("settled_factory_share", _("closed cycles, as the ledger has it"))
    yield Figure(NAMES["cost_per_unit"], written(whole, "cost_per_unit"), written(whole, "circulation_cost"))
    for name, is_platforms in COST_PARTS.items():
        if site is operator_site or not is_platforms:
            yield figure(name)
    yield Figure(NAMES["saved_after_costs"], written(whole, "saved_after_costs"))
    yield figure("fill_rate", _("delivered of ordered"), of="late")
    yield figure("on_time_in_full", _("of the lines"), of="late")
    yield figure("cycle_time_s")
    yield from _pace(site, pace, span)


def _pace(site: PartySite, pace: Pace, span: Span) -> Iterable[Figure]:
    def address(figure: str) -> str:
        return f"{reverse(f'{site.name}:value_documents')}?{spans.query(span, figure=figure)}"

    owed = cells.money(pace.owed_amount, span.currency)
    days = pace.days_sales_outstanding
    label = _("Days sales outstanding") if site is operator_site else _("Days until I pay")
    yield Figure(
        label, cells.NOTHING if days is None else days, _("%(owed)s open") % {"owed": owed}, address("billed")
    )
    if pace.average_on_hand is not None:
        turns = cells.NOTHING if pace.inventory_turns is None else pace.inventory_turns
        hint = _("%(units)s units on hand") % {"units": cells.quantity(pace.average_on_hand)}
        yield Figure(_("Inventory turns a year"), turns, hint, address("issued"))
        bullwhip = cells.NOTHING if pace.bullwhip is None else pace.bullwhip
        yield Figure(
            _("Bullwhip"), bullwhip, _("1: orders at factories vary as demand does"), address("purchased")
        )


def _plots(periods: list[Group], span: Span) -> Iterable[tuple[Any, Any, Table]]:
    places = [one.key for one in periods]
    drawn: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (_("What was saved, and who got it"), SHARES),
        (_("What circulation cost"), tuple(COST_PARTS)),
    )
    for title, names in drawn:
        series = [
            plots.Series(NAMES[name], [getattr(one.value, name) for one in periods], number)
            for number, name in enumerate(names, 1)
        ]
        columns = [Column(_("From")), *(Column(NAMES[name], numeric=True) for name in names)]
        rows = [[one.key, *(written(one.value, name) for name in names)] for one in periods]
        words = _("%(title)s, by %(step)s, in %(currency)s") % {
            "title": title,
            "step": {"day": _("day"), "week": _("week"), "month": _("month")}[span.step],
            "currency": span.currency,
        }
        yield title, plots.stacked(places, series, words), Table(title, columns, rows)


def _table(site: PartySite, groups: list[Group], by: str, names: Iterable[str], span: Span) -> Table:
    names = list(names)
    heading = GROUPINGS[by][0]
    return Table(
        _("By %(grouping)s") % {"grouping": str(heading).lower()},
        [Column(heading), *(Column(NAMES[name], numeric=True) for name in names)],
        [[_place(site, one, by, span), *(written(one.value, name) for name in names)] for one in groups],
        empty=_("Nothing here in this span."),
    )


def _place(site: PartySite, group: Group, by: str, span: Span) -> Any:
    """Lead from a group to what is in it: its figures, its cycle, or its lines."""
    if group.key in ("", "0"):
        return _("The platform's own") if by == "dealer" else _("Of none")
    if by == "cycle":
        name = f"{site.name}:orders_ordercycle_change"
        return cells.link(group.label or group.key, reverse(name, args=[group.key]))
    if by == "product":
        address = f"{reverse(f'{site.name}:value_documents')}?"
        return cells.link(group.label, address + spans.query(span, figure="lines", product_id=group.key))
    narrowed = {"category": "category", "factory": "factory_id", "dealer": "dealer_id"}[by]
    return format_html(
        '<a class="ms-link" href="?{}">{}</a>',
        spans.query(span, **{narrowed: group.key}),
        group.label or group.key,
    )
