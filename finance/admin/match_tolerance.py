"""By how much bills of factories may exceed what was agreed, and how to set it."""

from __future__ import annotations

from collections.abc import Iterable
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
from b2b.admin.tables import Fact
from b2b.core import actor
from b2b.directory.selectors import organization
from finance.models import MatchTolerance
from finance.services import match_tolerance


class ToleranceForm(forms.Form):
    """How much dearer than agreed a bill may be, and why."""

    factory = forms.TypedChoiceField(
        label=gettext_lazy("Factory"), coerce=int, empty_value=None, required=False
    )
    price_percent = forms.DecimalField(
        label=gettext_lazy("Unit price, %"), min_value=0, max_digits=6, decimal_places=3, initial=Decimal(0)
    )
    price_amount = forms.DecimalField(
        label=gettext_lazy("Unit price, amount"), min_value=0, max_digits=18, decimal_places=6, initial=Decimal(0),
        help_text=gettext_lazy("The greater of the two counts."),
    )  # fmt: skip
    total_amount = forms.DecimalField(
        label=gettext_lazy("Whole bill, amount"), min_value=0, max_digits=16, decimal_places=3, initial=Decimal(0),
        help_text=gettext_lazy("What is too dear in spite of that passes when it is no more than this in all."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def __init__(self, *args: Any, factories: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", _("all that have none of their own"))
        self.fields["factory"].choices = [every, *((one.pk, str(one)) for one in factories)]


@operator_site.page("finance/tolerance/", name="set_tolerance")
def set_tolerance(request: HttpRequest) -> HttpResponse:
    """Ask for a tolerance and set it."""
    who = actor_of(request)
    factories = list(organization.visible(who).filter(kind=actor.FACTORY).order_by("code"))
    form = ToleranceForm(request.POST or None, factories=factories)
    return asking_page(
        request, _("Set a tolerance"), form, _set, "operator:finance_matchtolerance_changelist"
    )


def _set(call: Call) -> str:
    given = dict(call.data)
    match_tolerance.set_tolerance(factory_id=given.pop("factory"), **given, by=call.by, at=call.at)
    return _("Bills matched from now on are held against it.")


@admin.register(MatchTolerance, site=operator_site)
class MatchTolerances(ReadOnlyAdmin):
    """Tolerances as they were set; the latest of a factory counts."""

    nav = Nav("money", 52, "rule")
    ordering = ("-pk",)
    list_display = (
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        "price_percent",
        "price_amount",
        "total_amount",
        "reason",
        "set_by",
        columns.moment("set_at", gettext_lazy("Set"), "set_at"),
    )
    list_select_related = ("factory",)
    search_fields = ("factory__code__startswith",)
    detail_select_related = ("factory",)
    list_before_template = "finance/tolerance_link.html"

    def facts(self, request: HttpRequest, obj: MatchTolerance) -> Iterable[Fact]:
        """Say who set what when and why."""
        yield Fact(_("Factory"), str(obj.factory) if obj.factory else _("all that have none of their own"))
        yield Fact(_("Unit price"), f"{obj.price_percent.normalize():f} %, {obj.price_amount.normalize():f}")
        yield Fact(_("Whole bill"), f"{obj.total_amount.normalize():f}")
        yield Fact(_("Why"), obj.reason)
        yield Fact(_("Set"), f"{cells.moment(obj.set_at)}, {obj.set_by}")
