"""Pledged goods: what they are worth beside what is owed on them, calls for more, and letting them go."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site, funder_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from finance.admin.financing import minor
from finance.models import PledgeValuation, StockPledge
from finance.selectors import pledge as selectors
from finance.services import pledge


class ReleaseForm(forms.Form):
    """How much is let go."""

    quantity = forms.IntegerField(
        label=gettext_lazy("Units"), min_value=1, required=False,
        help_text=gettext_lazy("Empty: all of them. What is left has to secure what is owed."),
    )  # fmt: skip


def share(owed: int, worth: int) -> Any:
    """Write what is owed as a share of what secures it."""
    return cells.percent(Decimal(owed) / worth) if worth else cells.NOTHING


class PledgePages(ReadOnlyAdmin):
    """Goods that secure money; pledged by drawing a loan on stock."""

    nav = Nav("money", 65, "inventory_2")
    ordering = ("-pk",)
    list_display = (
        "number", columns.text("borrower.name", gettext_lazy("Borrower"), "borrower__name"), columns.status(),
        columns.text("product.name", gettext_lazy("Product")), columns.text("site.name", gettext_lazy("Warehouse")),
        columns.quantity("remaining", gettext_lazy("Still pledged"), "remaining"), "last_worth", "margin",
    )  # fmt: skip
    list_filter = ("status",)
    search_fields = ("number__startswith", "borrower__code__startswith")
    detail_select_related = ("financing__programme",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockPledge]:
        """Show what the actor may see, each with its last valuation."""
        return selectors.with_last_value(actor_of(request)).order_by(*self.ordering)

    @admin.display(description=gettext_lazy("Worth"))
    def last_worth(self, obj: Any) -> Any:
        """Say what they were worth when they were last valued."""
        if obj.last_worth is None:
            return cells.NOTHING
        return cells.mono(minor(obj.last_worth, obj.financing.currency))

    @admin.display(description=gettext_lazy("Owed of the worth"))
    def margin(self, obj: Any) -> Any:
        """Say what share of the worth is owed, and whether more is called for."""
        if obj.last_worth is None:
            return cells.NOTHING
        said = share(obj.last_owed, obj.last_worth)
        return cells.two_lines(said, _("margin call")) if obj.last_is_call else cells.mono(said)

    def facts(self, request: HttpRequest, obj: Any) -> Iterable[Fact]:
        """Say what is pledged for what, and how far it secures it."""
        one = obj.financing
        money = reverse(f"{self.admin_site.name}:finance_financing_change", args=[one.pk])
        yield Fact(_("Financing"), cells.link(one.number, money))
        yield Fact(_("Borrower"), str(obj.borrower))
        yield Fact(_("Funder"), str(obj.funder))
        yield Fact(_("Product"), cells.two_lines(obj.product.name, obj.product.sku))
        yield Fact(_("Warehouse"), str(obj.site))
        yield Fact(_("Pledged"), cells.quantity(obj.quantity))
        yield Fact(_("Still pledged"), cells.quantity(obj.remaining))
        yield Fact(_("Owed"), minor(selectors.owed(one), one.currency))
        if obj.last_worth is not None:
            yield Fact(_("Worth when last valued"), minor(obj.last_worth, one.currency))
            yield Fact(_("Owed of the worth"), share(obj.last_owed, obj.last_worth))
        yield Fact(_("Released up to"), cells.percent(one.programme.advance_rate))
        if one.programme.margin_call_rate is not None:
            yield Fact(_("Margin call above"), cells.percent(one.programme.margin_call_rate))
        if obj.last_is_call and obj.status == "PLEDGED":
            yield Fact(_("Margin call"), _("Pay back a part, or bring more of the goods to the warehouse."))

    def tables(self, request: HttpRequest, obj: StockPledge) -> Iterable[Table]:
        """Show what the goods were worth from day to day."""
        currency = obj.financing.currency

        def row(one: PledgeValuation) -> tuple[Any, ...]:
            return (
                cells.day(one.day), cells.quantity(one.quantity), minor(one.worth, currency),
                minor(one.owed, currency), share(one.owed, one.worth),
                cells.badge("HELD", _("margin call")) if one.is_call else cells.NOTHING,
            )  # fmt: skip

        yield paged(
            request,
            selectors.valuations(actor_of(request)).filter(pledge=obj).order_by("-day"),
            _("Valuations"),
            headings(
                _("Day"), (_("Units there"),), (_("Worth"),), (_("Owed"),), (_("Owed of the worth"),), ""
            ),
            row,
            empty=_("They are valued every night."),
        )


@admin.register(StockPledge, site=dealer_site)
class DealerPledges(PledgePages):
    """What of the dealer's goods secures money."""


class SecuredPages(PledgePages):
    """With what a funder may do."""

    buttons = ("release",)

    @service_action(gettext_lazy("Release"), verb="release", form=ReleaseForm)
    def release(self, call: Call) -> Any:
        """Let goods go."""
        held = pledge.release(call.obj.pk, quantity=call.data["quantity"], by=call.by, at=call.at)
        return _("%(units)s units are still pledged.") % {"units": cells.quantity(held.remaining)}


@admin.register(StockPledge, site=funder_site)
class FunderPledges(SecuredPages):
    """What secures the funder's money."""


@admin.register(StockPledge, site=operator_site)
class OperatorPledges(SecuredPages):
    """All pledged goods."""
