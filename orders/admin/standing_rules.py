"""What new cycles of a category, or all new cycles, declare: the operator says it once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import Call, carry_out
from b2b.admin.asking import may_act
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import Actor
from orders.admin import cycle_rules
from orders.admin.cycle_forms import RepeatingForm
from orders.admin.cycle_tables import repeats
from orders.admin.terms_pages import history_of_each
from orders.models import StandingRules
from orders.models.cycle import default_policy
from orders.selectors import standing_rules as selectors
from orders.services import standing_rules


class StandingForm(cycle_rules.RulesForm, RepeatingForm):
    """Of which category, and what its cycles declare."""

    category = forms.ChoiceField(label=gettext_lazy("Product category"), required=False)

    def __init__(self, *args: Any, categories: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["category"]
        field.choices = [("", _("everyone")), *((name, name) for name in categories)]
        self.order_fields([*self.field_order, *RepeatingForm.base_fields, "reason"])

    def clean(self) -> dict[str, Any]:
        """Return the arguments of `standing_rules.put`."""
        given = dict(self.cleaned_data)
        whole = super().clean()
        if self.errors:
            return whole
        return {**whole, "category": given["category"], "recurrence": self.recurrence(given)}


@operator_site.page(
    "orders/cycles/standing/",
    name="standing_rules",
    nav=Nav("data", 79, "gavel", gettext_lazy("Standing rules")),
)
def standing_page(request: HttpRequest) -> HttpResponse:
    """Show the rules that stand, and let those of one category, or of everyone, be declared or withdrawn."""
    who = actor_of(request)
    known = {rules.category: rules for rules in selectors.known(who)}
    standing = {category for category, rules in known.items() if category and rules.is_active}
    categories = sorted({*selectors.categories(who), *standing})
    asked = request.POST.get("category", request.GET.get("category", ""))
    stands = known.get(asked)
    stands = stands if stands is not None and stands.is_active else None
    form = StandingForm(request.POST or None, categories=categories, initial=_initial(asked))
    if request.method == "POST" and _carried_out(request, form, stands):
        return HttpResponseRedirect(reverse("operator:standing_rules"))
    names = {rules.pk: rules.category or _("everyone") for rules in known.values()}
    context = operator_site.page_context(
        request,
        _("Standing rules"),
        form=form,
        stands=stands,
        help=_("A new cycle takes these rules over. It keeps them, whatever is declared here later."),
        standing=_standing(who),
        changes=history_of_each(request, standing_rules.SUBJECT, names, _("Product category")),
    )
    return TemplateResponse(request, "orders/standing_rules.html", context)


def _carried_out(request: HttpRequest, form: StandingForm, stands: StandingRules | None) -> bool:
    """Do what the button says."""
    if stands is not None and "withdraw" in request.POST:
        return may_act(request) and bool(
            carry_out(request, _withdraw, stands, {"reason": request.POST.get("reason", "")})
        )
    return form.is_valid() and may_act(request) and bool(carry_out(request, _put, None, form.cleaned_data))


def _put(call: Call) -> str:
    standing_rules.put(**call.data, by=call.by, at=call.at)
    return _("New cycles take these rules over.")


def _withdraw(call: Call) -> str:
    standing_rules.withdraw(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
    return _("These rules stand no longer.")


def _initial(category: str) -> dict[str, Any]:
    rules = selectors.in_force(category)
    shown = cycle_rules.kept({**default_policy(), **rules.policy}, rules.window_days) | {"category": category}
    if rules.recurrence:
        days = rules.recurrence.get("month_days") or [None]
        skipped = ", ".join(rules.recurrence.get("skip", ()))
        shown |= {**rules.recurrence, "month_day": days[0], "skip": skipped}
    return shown


def _standing(who: Actor) -> Table:
    rows = [
        (
            cells.link(rules.category or _("everyone"), "?" + urlencode({"category": rules.category})),
            *cycle_rules.summary({**default_policy(), **rules.policy}),
            repeats(rules.recurrence) if rules.recurrence else _("not"),
        )
        for rules in selectors.visible(who)
    ]
    return Table(
        _("What new cycles take over"),
        headings(
            _("Product category"),
            _("Shortage is shared"),
            _("Saving is shared"),
            _("Surplus belongs to"),
            _("Repeats"),
        ),
        rows,
        empty=_("Nothing yet: each cycle begins with the usual rules. Declare yours below."),
    )
