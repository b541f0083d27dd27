"""What accounts in foreign currencies were worth at the end of days, and how to value them now."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.contrib import admin
from django.core.validators import MaxValueValidator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.core import clock
from b2b.core.money import Money
from finance.models import ExchangeValuation
from finance.services import exchange_valuation


class DayForm(forms.Form):
    """The day at whose end accounts are valued."""

    day = forms.DateField(
        label=gettext_lazy("At the end of"),
        help_text=gettext_lazy(
            "Every night values the day before; here it is done at once, e.g. after late rates."
        ),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].validators.append(MaxValueValidator(today))
        self.fields["day"].initial = today - timedelta(days=1)


@operator_site.page("finance/value-currencies/", name="value_currencies")
def value_currencies(request: HttpRequest) -> HttpResponse:
    """Ask for the day and value what is had and owed in foreign currencies."""
    form = DayForm(request.POST or None, today=timezone.localtime(clock.now()).date())
    return asking_page(
        request, _("Value foreign currencies"), form, _value, "operator:finance_exchangevaluation_changelist"
    )


def _value(call: Call) -> str:
    fresh = exchange_valuation.value(call.data["day"], by=call.by, at=call.at)
    return _("%(count)d accounts are valued anew.") % {"count": len(fresh)}


@admin.register(ExchangeValuation, site=operator_site)
class ExchangeValuations(ReadOnlyAdmin):
    """Accounts in foreign currencies by day; the last one of an account counts."""

    nav = Nav("money", 35, "currency_yuan", gettext_lazy("Foreign currency at day's rates"))
    ordering = ("-pk",)
    list_select_related = ("account__party",)
    list_display = (
        columns.day("day", gettext_lazy("Day"), "day"),
        "where",
        "balance_there",
        "rate",
        "worth_then",
        "worth_now",
        "gained",
    )
    list_filter = ("account__unit",)
    search_fields = ("account__code__startswith", "account__party__code__startswith")
    list_before_template = "finance/value_currencies_link.html"

    @admin.display(description=gettext_lazy("Account"))
    def where(self, obj: ExchangeValuation) -> str:
        """Name the account and whose it is."""
        return cells.two_lines(f"{obj.account.code} {obj.account.name}", str(obj.account.party or ""))

    @admin.display(description=gettext_lazy("Balance"))
    def balance_there(self, obj: ExchangeValuation) -> str:
        """Write the balance in its own currency."""
        return _written(obj.balance, obj.account.unit)

    @admin.display(description=gettext_lazy("Worth when it moved"))
    def worth_then(self, obj: ExchangeValuation) -> str:
        """Write what its movements were worth on their days."""
        return _written(obj.historic, obj.currency)

    @admin.display(description=gettext_lazy("Worth that day"))
    def worth_now(self, obj: ExchangeValuation) -> str:
        """Write what it is worth at the day's rate."""
        return _written(obj.worth, obj.currency)

    @admin.display(description=gettext_lazy("Gained in all"))
    def gained(self, obj: ExchangeValuation) -> str:
        """Write the difference of both."""
        return _written(obj.difference, obj.currency)


def _written(minor: int, currency: str) -> str:
    return cells.money(Money.from_minor(minor, currency).amount, currency)
