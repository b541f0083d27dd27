"""Close periods and open them again; what the accounts came to; the state of the chain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Entry, Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from b2b.core.actor import Actor
from b2b.core.money import Money
from finance.models import ChainBlock, Period
from finance.policies.chart import CREDIT, MAIN
from finance.selectors import balance, ledger
from finance.selectors import period as periods
from finance.services import period


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **options)


def _book() -> forms.ChoiceField:
    return forms.ChoiceField(choices=[(code, code) for code in (MAIN, CREDIT)], label=gettext_lazy("Book"))


def _money(minor: int, unit: str) -> Any:
    return cells.money(Money.from_minor(minor, unit).amount, unit)


class CloseForm(forms.Form):
    """Which days of which book."""

    book = _book()
    first_date = _day(gettext_lazy("First day"))
    last_date = _day(gettext_lazy("Last day"))


class DatesForm(forms.Form):
    """As of which day, and as known when."""

    book = _book()
    effective = _day(gettext_lazy("Effective until"))
    booked = forms.DateTimeField(
        label=gettext_lazy("As known at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Empty: as it is known now."),
    )


@admin.register(Period, site=operator_site)
class Periods(ReadOnlyAdmin):
    """Days that were closed together, and what was decided about them."""

    nav = Nav("money", 92, "event_busy")
    ordering = ("-first_date", "book")
    list_display = (
        columns.text("book.code", gettext_lazy("Book")),
        columns.day("first_date", gettext_lazy("First day"), "first_date"),
        columns.day("last_date", gettext_lazy("Last day"), "last_date"),
        columns.text("status", gettext_lazy("State")),
    )
    list_filter = ("book",)
    list_before_template = "finance/close_link.html"
    buttons = ("close_again", "ask_reopen", "grant_reopen", "refuse_reopen")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Ask the selector; a period has no party."""
        return periods.visible(actor)

    def facts(self, request: HttpRequest, obj: Period) -> Iterable[Fact]:
        """Say which days of which book."""
        yield Fact(_("Book"), str(obj.book))
        yield Fact(_("Days"), f"{cells.day(obj.first_date)} – {cells.day(obj.last_date)}")

    def entries(self, request: HttpRequest, obj: Period) -> Iterable[Entry]:
        """Show each step with who took it and why."""
        for event in obj.events.all():
            title = event.verb.replace("_", " ").capitalize()
            yield Entry(event.at, title, event.reason, event.actor_name)

    def tables(self, request: HttpRequest, obj: Period) -> Iterable[Table]:
        """Show what the last closing changed against the one before."""
        closings = [event for event in obj.events.all() if event.verb == "close"]
        if len(closings) > 1:
            rows = [
                (
                    cells.two_lines(row["name"], row["code"]),
                    row["party"] or cells.NOTHING,
                    _money(row["before"], row["unit"]),
                    _money(row["after"], row["unit"]),
                )
                for row in periods.difference(actor_of(request), closings[-1])
            ]
            heads = headings(_("Account"), _("Party"), (_("Before"),), (_("After"),))
            yield Table(_("Changed since it was closed before"), heads, rows, empty=_("Nothing changed."))

    @service_action(
        gettext_lazy("Close again"),
        verb="close",
        confirm=gettext_lazy("Nothing more becomes effective then."),
    )
    def close_again(self, call: Call) -> str:
        """Close the same days."""
        days = {"first_date": call.obj.first_date, "last_date": call.obj.last_date}
        period.close(book=call.obj.book.code, **days, by=call.by, at=call.at)
        return _("The period is closed.")

    @service_action(gettext_lazy("Ask to open again"), verb="ask_reopen", form=ReasonForm)
    def ask_reopen(self, call: Call) -> str:
        """Ask, with a reason."""
        period.ask_reopen(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("Somebody else has to grant it; until then the period stays closed.")

    @service_action(
        gettext_lazy("Open again"),
        verb="grant_reopen",
        confirm=gettext_lazy("Entries may become effective then."),
    )
    def grant_reopen(self, call: Call) -> str:
        """Grant what somebody else asked for."""
        period.grant_reopen(call.obj.pk, by=call.by, at=call.at)
        return _("The period is open.")

    @service_action(gettext_lazy("Leave closed"), verb="refuse_reopen", form=ReasonForm)
    def refuse_reopen(self, call: Call) -> str:
        """Refuse, with a reason."""
        period.refuse_reopen(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("The period stays closed.")


@operator_site.page("finance/close-period/", name="close_period")
def close_period(request: HttpRequest) -> HttpResponse:
    """Ask for the days and close them."""
    form = CloseForm(request.POST or None, initial={"book": MAIN})
    return asking_page(request, _("Close a period"), form, _close, "operator:finance_period_changelist")


def _close(call: Call) -> str:
    period.close(**call.data, by=call.by, at=call.at)
    return _("The period is closed.")


@operator_site.page(
    "finance/trial-balance/",
    name="trial_balance",
    nav=Nav("money", 93, "balance", gettext_lazy("Trial balance")),
)
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Show what every account came to on a day, as known at a moment."""
    asked = {"book": MAIN, "effective": clock.today(), **request.GET.dict()}
    form = DatesForm(asked)
    rows: list[dict[str, Any]] = []
    if form.is_valid():
        given = form.cleaned_data
        dates = {"effective": given["effective"], "booked": given["booked"]}
        rows = balance.trial(actor_of(request), **dates, book=given["book"])
    heads = headings(_("Account"), _("Party"), (_("Debit"),), (_("Credit"),), (_("Balance"),))
    lines = [
        (
            cells.two_lines(row["name"], row["code"]),
            row["party"] or cells.NOTHING,
            *(_money(row[side], row["unit"]) for side in ("debit", "credit", "balance")),
        )
        for row in rows
    ]
    table = Table(_("Accounts"), heads, lines, empty=_("Nothing had moved."))
    context = operator_site.page_context(request, _("Trial balance"), form=form, table=table)
    return TemplateResponse(request, "finance/trial_balance.html", context)


@admin.register(ChainBlock, site=operator_site)
class Blocks(ReadOnlyAdmin):
    """The chain that proves the journal; `manage.py verify_ledger` recomputes it."""

    nav = Nav("money", 97, "link")
    ordering = ("-number",)
    list_display = (
        "number",
        columns.moment("sealed_at", gettext_lazy("Sealed"), "sealed_at"),
        "hash",
    )

    def facts(self, request: HttpRequest, obj: ChainBlock) -> Iterable[Fact]:
        """Say what the block seals and what waits."""
        yield Fact(_("Entries"), cells.quantity(len(obj.entry_ids)))
        yield Fact(_("Sealed"), cells.moment(obj.sealed_at))
        yield Fact(_("Hash"), cells.mono(obj.hash))
        yield Fact(_("Hash before"), cells.mono(obj.previous_hash or cells.NOTHING))
        yield Fact(_("Postings that wait for a block"), cells.quantity(ledger.unsealed(actor_of(request))))
