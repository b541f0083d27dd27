"""In which parts dealers pay their invoices, and how to agree on it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.admin.tables import Fact
from b2b.core import actor
from b2b.directory.selectors import organization
from finance.models import PaymentPlan
from finance.policies.instalment import Part
from finance.services import payment_plan

_PART = re.compile(r"(\d{1,4})\s*:\s*(\d{1,3}(?:\.\d{1,2})?)", re.ASCII)


class PlanForm(forms.Form):
    """Who pays in which parts from now on, and why."""

    dealer = forms.TypedChoiceField(label=gettext_lazy("Dealer"), coerce=int)
    parts = forms.CharField(
        label=gettext_lazy("Parts"),
        required=False,
        help_text=gettext_lazy(
            "Days after delivery and per cent, e.g. 0:30, 30:30, 60:40. Empty: as each order says."
        ),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def __init__(self, *args: Any, dealers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dealer"].choices = [(one.pk, str(one)) for one in dealers]

    def clean_parts(self) -> list[Part]:
        """Read days and per cent.

        :raises ValidationError: naming the part that cannot be read.
        """
        found = []
        for text in filter(None, (part.strip() for part in self.cleaned_data["parts"].split(","))):
            read = _PART.fullmatch(text)
            if read is None:
                raise ValidationError(
                    _("%(part)s: write days, a colon and per cent, e.g. 30:50"), params={"part": text}
                )
            found.append(Part(int(read[1]), int(Decimal(read[2]) * 100)))
        return found


@operator_site.page("finance/payment-plan/", name="set_payment_plan")
def set_plan(request: HttpRequest) -> HttpResponse:
    """Ask for a plan and set it."""
    who = actor_of(request)
    dealers = list(organization.visible(who).filter(kind=actor.DEALER).order_by("code"))
    form = PlanForm(request.POST or None, dealers=dealers)
    return asking_page(
        request, _("Agree on instalments"), form, _set, "operator:finance_paymentplan_changelist"
    )


def _set(call: Call) -> str:
    given = dict(call.data)
    payment_plan.set_plan(dealer_id=given.pop("dealer"), **given, by=call.by, at=call.at)
    return _("It holds for what is invoiced from now on.")


def in_words(plan: PaymentPlan) -> str:
    """Say the parts of a plan."""
    parts = zip(plan.days, plan.shares, strict=True)
    named = ", ".join(
        _("%(percent)s %% after %(days)d days") % {"percent": f"{Decimal(share) / 100:f}", "days": days}
        for days, share in parts
    )
    return named or _("as each order says")


class PlanPages(ReadOnlyAdmin):
    """Plans as they were agreed on; the latest counts."""

    nav = Nav("money", 32, "calendar_month")
    ordering = ("-pk",)
    list_select_related = ("dealer",)
    detail_select_related = ("dealer",)

    @admin.display(description=gettext_lazy("Parts"))
    def parts(self, obj: PaymentPlan) -> str:
        """Say the parts."""
        return in_words(obj)

    def facts(self, request: HttpRequest, obj: PaymentPlan) -> Iterable[Fact]:
        """Say who agreed to what when and why."""
        yield Fact(_("Dealer"), str(obj.dealer))
        yield Fact(_("Parts"), in_words(obj))
        yield Fact(_("Why"), obj.reason)
        yield Fact(_("Set"), f"{cells.moment(obj.set_at)}, {obj.set_by}")


@admin.register(PaymentPlan, site=dealer_site)
class DealerPlans(PlanPages):
    """The dealer's own plans."""

    list_display = (columns.moment("set_at", gettext_lazy("Agreed"), "set_at"), "parts", "reason")


@admin.register(PaymentPlan, site=operator_site)
class OperatorPlans(PlanPages):
    """The plans of all dealers."""

    list_display = (
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        "parts",
        "reason",
        "set_by",
        columns.moment("set_at", gettext_lazy("Set"), "set_at"),
    )
    search_fields = ("dealer__code__startswith",)
    list_before_template = "finance/plan_link.html"
