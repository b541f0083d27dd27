"""The control tower: what is late, short or blocked over all apps, by age and owner, and how much went on today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, pending
from b2b.admin.csv import download
from b2b.admin.nav import Nav
from b2b.admin.pending import Pending
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Table, columns
from b2b.core import clock
from b2b.tower.selectors import value_detail

# Days until which something is of an age; what is older is of the last.
AGES: Final = (
    (1, gettext_lazy("under a day")),
    (3, gettext_lazy("1 to 3 days")),
    (7, gettext_lazy("3 to 7 days")),
)
OLDEST: Final = gettext_lazy("over a week")
# Kind of flow of a day -> its name and the figure whose documents it is.
FLOWS: Final = {
    "ORDER": (gettext_lazy("Orders confirmed"), "orders"),
    "PURCHASED": (gettext_lazy("Bought from factories"), "purchased"),
    "RECEIVED": (gettext_lazy("Received from factories"), "received"),
    "ISSUED": (gettext_lazy("Left the warehouses"), "issued"),
    "BILLED": (gettext_lazy("Billed to dealers"), "billed"),
    "SETTLED": (gettext_lazy("Paid and credited"), ""),
}


@operator_site.page("tower/", name="tower", nav=Nav("platform", 1, "radar", gettext_lazy("Control tower")))
def control_tower(request: HttpRequest) -> HttpResponse:
    """Show what waits for somebody, narrowed by kind, age or owner; all of it as a file with `?csv=1`."""
    now = clock.now()
    every = pending.everything(request)
    wanted = {name: request.GET[name] for name in ("kind", "age", "owner") if request.GET.get(name)}
    shown = [one for one in every if all(_of(one, now)[name] == text for name, text in wanted.items())]
    if request.GET.get("csv"):
        rows = ([one.kind, one.number, one.since.isoformat(), one.owner, one.reason] for one in shown)
        return download("control-tower", ("kind", "number", "since", "owner", "reason"), rows)
    context = operator_site.page_context(
        request,
        _("Control tower"),
        tables=[_sums(every, now), _listed(shown, now, bool(wanted)), _today(request)],
        download=f"?{urlencode({**wanted, 'csv': '1'})}",
        intro=_("What is late, short or blocked, the oldest first. Press a number to see what it counts."),
        back="?" if wanted else "",
    )
    return TemplateResponse(request, "b2b_admin/tables_page.html", context)


def _of(one: Pending, now: datetime) -> dict[str, str]:
    return {"kind": str(one.kind), "age": str(_age(one, now)), "owner": str(one.owner)}


def _age(one: Pending, now: datetime) -> Any:
    days = (now - one.since).total_seconds() / 86_400
    return next((name for limit, name in AGES if days < limit), OLDEST)


def _sums(every: Iterable[Pending], now: datetime) -> Table:
    counts = Counter((str(one.kind), str(one.owner), str(_age(one, now))) for one in every)
    ages = [*(str(name) for _limit, name in AGES), str(OLDEST)]
    groups = sorted({(kind, owner) for kind, owner, _age_of in counts})

    def count(kind: str, owner: str, age: str) -> Any:
        found = counts[kind, owner, age]
        query = urlencode({"kind": kind, "owner": owner, "age": age})
        return cells.link(cells.quantity(found), f"?{query}") if found else cells.NOTHING

    return Table(
        _("By age and owner"),
        columns(_("What"), _("Whose turn"), *((age,) for age in ages)),
        [[kind, owner, *(count(kind, owner, age) for age in ages)] for kind, owner in groups],
        empty=_("Nothing waits for anybody. Come back later, or look at today's flow below."),
    )


def _listed(shown: list[Pending], now: datetime, is_narrowed: bool) -> Table:
    return Table(
        _("The same, narrowed") if is_narrowed else _("All of it"),
        columns(_("What"), _("Number"), _("Since"), _("Why"), _("Whose turn")),
        [
            [one.kind, cells.link(one.number, one.url), cells.left(one.since, now), one.reason, one.owner]
            for one in shown
        ],
        empty=_("Nothing waits."),
    )


def _today(request: HttpRequest) -> Table:
    today = clock.today(settings.TIME_ZONE)
    found = value_detail.flow_of_day(actor_of(request), today)
    documents = reverse("operator:value_documents")

    def name(kind: str) -> Any:
        label, figure = FLOWS[kind]
        query = urlencode({"figure": figure, "since": today.isoformat(), "until": today.isoformat()})
        return cells.link(label, f"{documents}?{query}") if figure else label

    return Table(
        _("Today's flow"),
        columns(_("What"), (_("Documents"),), (_("Units"),)),
        [
            [name(kind), cells.quantity(found[kind][0]), cells.quantity(abs(found[kind][1]))]
            for kind in FLOWS
            if kind in found
        ],
        empty=_("Nothing has happened today yet."),
    )
