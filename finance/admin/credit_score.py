"""How well parties keep their word: scores with what they are made of, and how to make them anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import DEALER, FACTORY
from b2b.directory.models import Organization
from b2b.directory.selectors import organization
from finance.models import CreditScore
from finance.services import scoring


class AssessForm(forms.Form):
    """Whom to assess."""

    party = forms.ChoiceField(label=gettext_lazy("Dealer or factory"))

    def __init__(self, *args: Any, parties: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parties = {str(one.pk): one for one in parties}
        self.fields["party"].choices = [(key, str(one)) for key, one in self.parties.items()]

    def clean_party(self) -> Organization:
        """Return the party."""
        return self.parties[self.cleaned_data["party"]]


@operator_site.page("finance/assess/", name="assess_credit")
def assess_credit(request: HttpRequest) -> HttpResponse:
    """Ask whom to assess and do it."""
    parties = organization.visible(actor_of(request)).filter(kind__in=(DEALER, FACTORY)).order_by("code")
    form = AssessForm(request.POST or None, parties=list(parties))
    return asking_page(request, _("Assess credit"), form, _assess, "operator:finance_creditscore_changelist")


def _assess(call: Call) -> str:
    made = scoring.assess(call.data["party"], by=call.by, at=call.at)
    return _("%(party)s: %(grade)s, %(points)d of 100.") % {
        "party": call.data["party"].name, "grade": made.grade, "points": made.points,
    }  # fmt: skip


class ScorePages(ReadOnlyAdmin):
    """Scores as they were made; the latest of a party counts."""

    nav = Nav("money", 31, "speed", gettext_lazy("Credit scores"))
    ordering = ("-pk",)
    list_select_related = ("party",)
    detail_select_related = ("party",)

    def facts(self, request: HttpRequest, obj: CreditScore) -> Iterable[Fact]:
        """Say what was thought when, and by which rules."""
        yield Fact(_("Dealer or factory"), str(obj.party))
        yield Fact(_("Grade"), obj.grade)
        yield Fact(_("Points of 100"), str(obj.points))
        yield Fact(_("Assessed"), cells.moment(obj.scored_at))
        yield Fact(_("Rules"), obj.rule_version)

    def tables(self, request: HttpRequest, obj: CreditScore) -> Iterable[Table]:
        """Show what lowered it, and what was seen."""
        reasons = [(one,) for one in obj.reasons]
        yield Table(_("Why not more"), headings(_("Reason")), reasons, empty=_("Nothing was found."))
        seen = [(name.replace("_", " "), cells.quantity(value)) for name, value in obj.inputs.items()]
        yield Table(_("What a year showed"), headings(_("What"), (_("Value; bp are parts of 10,000"),)), seen)


@admin.register(CreditScore, site=dealer_site)
class DealerScores(ScorePages):
    """The dealer's own scores."""

    list_display = (columns.moment("scored_at", gettext_lazy("Assessed"), "scored_at"), "grade", "points")


@admin.register(CreditScore, site=operator_site)
class OperatorScores(ScorePages):
    """The scores of all."""

    list_display = (
        columns.text("party.name", gettext_lazy("Dealer or factory"), "party__name"),
        "grade",
        "points",
        columns.moment("scored_at", gettext_lazy("Assessed"), "scored_at"),
    )
    list_filter = ("grade",)
    search_fields = ("party__code__startswith",)
    list_before_template = "finance/assess_link.html"
