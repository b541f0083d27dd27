"""The page on which a funder writes a programme down, or the operator for one; somebody else opens it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin.actions import Call
from b2b.admin.asking import asking_page
from b2b.admin.sites import PartySite, actor_of, funder_site, operator_site
from b2b.core.actor import FUNDER, OPERATOR
from b2b.core.money import Money
from b2b.directory.selectors import organization
from finance.policies import day_count, schedule, score
from finance.policies.technique import TECHNIQUES
from finance.services import programme
from finance.services.programme import ORDER, Draft

LIST = "finance_programme_changelist"


def _percent(
    label: Any, *, required: bool = True, most: int = 1_000, help_text: Any = ""
) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, min_value=0, max_value=most, max_digits=8, decimal_places=4,
        help_text=help_text,
    )  # fmt: skip


class DraftForm(forms.Form):
    """The terms; the same for whoever asks, and fixed once the programme is open."""

    funder = forms.TypedChoiceField(label=gettext_lazy("Funder"), coerce=int)
    kind = forms.ChoiceField(
        label=gettext_lazy("Technique"), choices=[(key, known.name) for key, known in TECHNIQUES.items()]
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    currency = forms.RegexField(r"^[A-Z]{3}$", label=gettext_lazy("Currency"), initial="CNY")
    limit = forms.DecimalField(
        label=gettext_lazy("Limit"), min_value=Decimal("0.01"), max_digits=18, decimal_places=2
    )
    party_limit = forms.DecimalField(
        label=gettext_lazy("Limit of one party"), min_value=Decimal("0.01"), max_digits=18, decimal_places=2
    )
    advance = _percent(gettext_lazy("Advance, % of the asset"), most=100)
    fee = _percent(gettext_lazy("Fee, % of the advance"), most=99)
    penalty = _percent(gettext_lazy("Late interest, % a year on top"))
    margin_call = _percent(
        gettext_lazy("Margin call above, % of the worth"), required=False, most=100,
        help_text=gettext_lazy("For loans on goods: empty for none."),
    )  # fmt: skip
    day_count = forms.ChoiceField(
        label=gettext_lazy("Day count"), choices=[(one, one) for one in day_count.CONVENTIONS]
    )
    schedule = forms.ChoiceField(
        label=gettext_lazy("Paid back"), choices=[(one, one) for one in schedule.KINDS],
        help_text=gettext_lazy("BULLET: at once when it is due."),
    )  # fmt: skip
    min_days = forms.IntegerField(label=gettext_lazy("Shortest, days"), min_value=1, initial=1)
    max_days = forms.IntegerField(label=gettext_lazy("Longest, days"), min_value=1, initial=180)
    grace_days = forms.IntegerField(label=gettext_lazy("Grace, days"), min_value=0, initial=0)
    default_days = forms.IntegerField(label=gettext_lazy("In default after days"), min_value=0, initial=30)
    waterfall = forms.CharField(
        label=gettext_lazy("A payment settles"), max_length=80, initial=", ".join(ORDER),
        help_text=gettext_lazy("What first, what last."),
    )  # fmt: skip
    with_recourse = forms.BooleanField(label=gettext_lazy("With recourse"), required=False, initial=True)

    def __init__(self, *args: Any, funders: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["funder"].choices = [(one.pk, str(one)) for one in funders]
        for grade in score.GRADES:
            self.fields[f"rate_{grade}"] = _percent(
                _("Rate for grade %(grade)s, %% a year") % {"grade": grade}, required=False,
                help_text=_("Empty: this grade is not financed."),
            )  # fmt: skip

    def terms(self) -> Draft:
        """Return what was written, percent as fractions, amounts as minor units."""
        given = self.cleaned_data
        rates = {grade: given[f"rate_{grade}"] for grade in score.GRADES}
        same = ("kind", "name", "currency", "day_count", "schedule", "min_days", "max_days", "grace_days",
                "default_days", "with_recourse")  # fmt: skip
        return Draft(
            **{name: given[name] for name in same},
            limit=Money.of(given["limit"], given["currency"]).minor,
            party_limit=Money.of(given["party_limit"], given["currency"]).minor,
            advance_rate=given["advance"] / 100,
            fee_rate=given["fee"] / 100,
            penalty_rate=given["penalty"] / 100,
            margin_call_rate=None if given["margin_call"] is None else given["margin_call"] / 100,
            grade_rates={grade: rate / 100 for grade, rate in rates.items() if rate is not None},
            waterfall=[part.strip().upper() for part in given["waterfall"].split(",") if part.strip()],
        )


def _page(request: HttpRequest, site: PartySite) -> HttpResponse:
    funders = organization.visible(actor_of(request)).filter(kind__in=(FUNDER, OPERATOR)).order_by("code")
    form = DraftForm(request.POST or None, funders=list(funders))

    def draft(call: Call) -> str:
        made = programme.draft(form.terms(), funder_id=call.data["funder"], by=call.by, at=call.at)
        return _("%(number)s is drafted. Somebody else of its funder opens it.") % {"number": made.number}

    return asking_page(request, _("Draft a programme"), form, draft, f"{site.name}:{LIST}", site=site)


@funder_site.page("finance/draft-programme/", name="draft_programme")
def draft_programme(request: HttpRequest) -> HttpResponse:
    """Draft a programme of the funder's own."""
    return _page(request, funder_site)


@operator_site.page("finance/draft-programme/", name="draft_programme")
def draft_for_a_funder(request: HttpRequest) -> HttpResponse:
    """Draft a programme for a funder, or of the house's own for dynamic discounting."""
    return _page(request, operator_site)
