"""Credit: limits and how to set them, and what orders hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact
from b2b.core import actor
from b2b.core.money import Money
from b2b.directory.models import Organization
from b2b.directory.selectors import organization
from finance.models import CreditHold, CreditLimit
from finance.services import exposure


class LimitForm(forms.Form):
    """How much a dealer or its group may owe from now on, and why."""

    dealer = forms.ChoiceField(label=gettext_lazy("Dealer"))
    amount = forms.DecimalField(label=gettext_lazy("Limit"), min_value=0, max_digits=16, decimal_places=2)
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def __init__(self, *args: Any, dealers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dealers = {str(one.pk): one for one in dealers}
        self.fields["dealer"].choices = [
            (key, f"{one} ({one.currency})") for key, one in self.dealers.items()
        ]

    def clean_dealer(self) -> Organization:
        """Return the dealer."""
        return self.dealers[self.cleaned_data["dealer"]]


@operator_site.page("finance/limit/", name="set_limit")
def set_limit(request: HttpRequest) -> HttpResponse:
    """Ask for a limit and set it."""
    who = actor_of(request)
    dealers = list(organization.visible(who).filter(kind=actor.DEALER, group=None).order_by("code"))
    form = LimitForm(request.POST or None, dealers=dealers)
    return asking_page(
        request, _("Set a credit limit"), form, _set, "operator:finance_creditlimit_changelist"
    )


def _set(call: Call) -> str:
    dealer = call.data["dealer"]
    amount = Money.of(call.data["amount"], dealer.currency)
    exposure.set_limit(party_id=dealer.pk, amount=amount, by=call.by, at=call.at, reason=call.data["reason"])
    return _("%(dealer)s may owe %(amount)s.") % {"dealer": dealer.name, "amount": amount}


@admin.register(CreditLimit, site=operator_site)
class Limits(ReadOnlyAdmin):
    """Limits as they were set; the latest of a dealer counts."""

    nav = Nav("money", 30, "credit_score")
    ordering = ("-pk",)
    list_display = (
        columns.text("party.name", gettext_lazy("Dealer or group"), "party__name"),
        columns.money("amount", gettext_lazy("Limit"), order="amount"),
        "reason",
        "set_by",
        columns.moment("set_at", gettext_lazy("Set"), "set_at"),
    )
    list_select_related = ("party",)
    search_fields = ("party__code__startswith",)
    detail_select_related = ("party",)
    list_before_template = "finance/limit_link.html"

    def facts(self, request: HttpRequest, obj: CreditLimit) -> Iterable[Fact]:
        """Say who set what when and why."""
        yield Fact(_("Dealer or group"), str(obj.party))
        yield Fact(_("Limit"), cells.money(obj.amount, obj.currency))
        yield Fact(_("Why"), obj.reason or cells.NOTHING)
        yield Fact(_("Set"), f"{cells.moment(obj.set_at)}, {obj.set_by}")


@admin.register(CreditHold, site=operator_site)
class Holds(ReadOnlyAdmin):
    """What each order holds of its dealer's credit."""

    nav = Nav("money", 35, "lock_clock")
    ordering = ("-created_at",)
    list_display = (
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        "order_id",
        columns.status(),
        columns.minor("held", gettext_lazy("Held")),
        columns.minor("invoiced", gettext_lazy("Invoiced")),
        columns.moment("updated_at", gettext_lazy("Changed"), "updated_at"),
    )
    list_select_related = ("dealer",)
    list_filter = ("status",)
    search_fields = ("dealer__code__startswith", "order_id__exact")
    detail_select_related = ("dealer",)

    def facts(self, request: HttpRequest, obj: CreditHold) -> Iterable[Fact]:
        """Say what is held for which order."""
        yield Fact(_("Dealer"), str(obj.dealer))
        yield Fact(
            _("Order"), cells.link(obj.order_id, reverse("operator:orders_order_change", args=[obj.order_id]))
        )
        yield Fact(_("Held"), cells.money(Money.from_minor(obj.held, obj.currency).amount, obj.currency))
        yield Fact(
            _("Invoiced"), cells.money(Money.from_minor(obj.invoiced, obj.currency).amount, obj.currency)
        )
