"""What dealers may keep when they pay early, and how to agree on it."""

from __future__ import annotations

from decimal import Decimal
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
from b2b.admin.sites import actor_of, operator_site
from b2b.core import actor
from b2b.directory.selectors import organization
from finance.models import DiscountTerms
from finance.services import discount_terms
from finance.services.discount_terms import HIGHEST, MOST_DAYS


class DiscountForm(forms.Form):
    """Who may keep how much when it pays within how many days."""

    dealer = forms.TypedChoiceField(label=gettext_lazy("Dealer"), coerce=int)
    percent = forms.DecimalField(
        label=gettext_lazy("Discount, %"), min_value=0, max_value=HIGHEST * 100, max_digits=5, decimal_places=3,
        help_text=gettext_lazy("0 ends it."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=gettext_lazy("Days after the invoice"), min_value=1, max_value=MOST_DAYS, initial=10
    )

    def __init__(self, *args: Any, dealers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dealer"].choices = [(one.pk, str(one)) for one in dealers]


@operator_site.page("finance/discount/", name="set_discount")
def set_discount(request: HttpRequest) -> HttpResponse:
    """Ask for a discount and agree on it."""
    dealers = organization.visible(actor_of(request)).filter(kind=actor.DEALER).order_by("code")
    form = DiscountForm(request.POST or None, dealers=list(dealers))
    return asking_page(
        request, _("Agree on a discount"), form, _set, "operator:finance_discountterms_changelist"
    )


def _set(call: Call) -> str:
    rate = (call.data["percent"] / Decimal(100)).quantize(Decimal("0.00001"))
    discount_terms.set_terms(
        dealer_id=call.data["dealer"], rate=rate, days=call.data["days"], by=call.by, at=call.at
    )
    return _("It holds for payments matched from now on.")


@admin.register(DiscountTerms, site=operator_site)
class Discounts(ReadOnlyAdmin):
    """Discounts for paying early as they were agreed on; the last of a dealer counts."""

    nav = Nav("money", 33, "percent", gettext_lazy("Discounts for early payment"))
    ordering = ("-pk",)
    list_select_related = ("dealer",)
    list_display = (
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        "discount",
        "days",
        "set_by",
        columns.moment("set_at", gettext_lazy("Set"), "set_at"),
    )
    search_fields = ("dealer__code__startswith",)
    list_before_template = "finance/discount_link.html"

    @admin.display(description=gettext_lazy("Discount"))
    def discount(self, obj: DiscountTerms) -> str:
        """Write the rate as per cent, and that none ends it."""
        return cells.percent(obj.rate) if obj.rate else _("ended")
