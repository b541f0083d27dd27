"""What currencies were worth, and how to take a file of rates."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import columns
from b2b.admin.actions import Call
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from finance.models import ExchangeRate
from finance.services import exchange_rate


class RatesForm(forms.Form):
    """A file of rates and who tells them."""

    source = forms.CharField(label=gettext_lazy("Source"), max_length=80)
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("Columns date, base, quote, rate: a unit of base is so many of quote."),
    )


@operator_site.page("finance/rates/", name="take_rates")
def take_rates(request: HttpRequest) -> HttpResponse:
    """Ask for a file and take it."""
    form = RatesForm(request.POST or None, request.FILES or None)
    return asking_page(
        request, _("Take exchange rates"), form, _take, "operator:finance_exchangerate_changelist"
    )


def _take(call: Call) -> str:
    kept = exchange_rate.take_file(
        call.data["file"].read(), source=call.data["source"], by=call.by, at=call.at
    )
    return _("%(count)d rates are kept; what was known already is not kept again.") % {"count": len(kept)}


@admin.register(ExchangeRate, site=operator_site)
class ExchangeRates(ReadOnlyAdmin):
    """Rates as they were told; the last one of a day counts."""

    nav = Nav("money", 34, "currency_exchange")
    ordering = ("-date", "base", "quote", "-pk")
    list_display = (
        columns.day("date", gettext_lazy("Day"), "date"),
        "base",
        "quote",
        "rate",
        "source",
        "set_by",
        columns.moment("set_at", gettext_lazy("Set"), "set_at"),
    )
    list_filter = ("base", "quote")
    list_before_template = "finance/rates_link.html"
