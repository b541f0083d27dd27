"""Order rules on the operator's desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.core.actor import Actor
from orders.admin.terms_pages import (
    buyer_field,
    group_field,
    history_table,
    product_field,
    reason_field,
    seller_field,
)
from orders.models import OrderRule
from orders.selectors import price_list as reading
from orders.services import order_rules
from orders.services.order_rules import RULE, Rule

FIELDS = ("min_quantity", "order_multiple", "max_quantity", "min_amount")


class ValuesForm(forms.Form):
    """What a rule says; what is left empty is inherited from the next rule."""

    min_quantity = forms.IntegerField(
        label=gettext_lazy("Minimum quantity"), required=False, min_value=1, max_value=10**12
    )
    order_multiple = forms.IntegerField(
        label=gettext_lazy("Multiple"), required=False, min_value=1, max_value=10**12
    )
    max_quantity = forms.IntegerField(
        label=gettext_lazy("Maximum quantity"), required=False, min_value=1, max_value=10**12
    )
    min_amount = forms.DecimalField(
        label=gettext_lazy("Minimum amount of an order"), required=False, min_value=0, max_digits=18, decimal_places=3,
        help_text=gettext_lazy("Before tax, at this factory; only in a rule for all products."),
    )  # fmt: skip
    reason = reason_field()


class RuleForm(ValuesForm):
    """A rule and its scope."""

    seller = seller_field()
    product = product_field(
        required=False, help_text=gettext_lazy("Leave empty for all products of the factory.")
    )
    buyer = buyer_field()
    group = group_field()
    currency = forms.RegexField(r"^[A-Z]{3}$", label=gettext_lazy("Currency of the amount"), initial="CNY")
    priority = forms.IntegerField(label=gettext_lazy("Priority"), initial=1, min_value=0, max_value=32_767)
    field_order = ("seller", "product", "buyer", "group", "priority", *FIELDS, "currency")


@operator_site.page("orders/rules/new/", name="new_rule")
def new_rule(request: HttpRequest) -> HttpResponse:
    """Ask for a rule and keep it."""
    form = RuleForm(request.POST or None)
    return asking_page(request, _("Make a rule"), form, _make, "operator:orders_orderrule_changelist")


def _make(call: Call) -> str:
    data = call.data
    order_rules.put(
        data["seller"],
        Rule(**{name: data[name] for name in FIELDS}),
        product=data["product"],
        buyer=data["buyer"],
        buyer_group=data["group"],
        currency=data["currency"],
        priority=data["priority"],
        reason=data["reason"],
        by=call.by,
        at=call.at,
    )
    return _("The rule holds.")


@admin.register(OrderRule, site=operator_site)
class Rules(ReadOnlyAdmin):
    """What a dealer must keep to when ordering."""

    nav = Nav("data", 80, "rule")
    list_display = (
        columns.text("product", gettext_lazy("Product"), "product__sku"),
        columns.text("seller", gettext_lazy("Seller"), "seller__code"),
        columns.text("buyer", gettext_lazy("Dealer"), "buyer__code"),
        columns.text("buyer_group", gettext_lazy("Buyer group"), "buyer_group__code"),
        columns.quantity("min_quantity", gettext_lazy("Minimum")),
        columns.quantity("order_multiple", gettext_lazy("Multiple")),
        columns.quantity("max_quantity", gettext_lazy("Maximum")),
        columns.money("min_amount", gettext_lazy("Order minimum")),
    )
    search_fields = ("product__sku__startswith", "seller__code__startswith", "buyer__code__startswith")
    ordering = ("product__sku", "pk")
    list_before_template = "orders/rule_links.html"
    buttons = ("change", "remove")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the rules with who and what they name."""
        return reading.rules(actor)

    def facts(self, request: HttpRequest, obj: OrderRule) -> Iterable[Fact]:
        """Say for whom it is and what it says."""
        yield Fact(_("Product"), str(obj.product or _("all products")))
        yield Fact(_("Seller"), str(obj.seller))
        yield Fact(_("For"), str(obj.buyer or obj.buyer_group or _("everyone")))
        yield Fact(_("Minimum"), cells.quantity(obj.min_quantity))
        yield Fact(_("Multiple"), cells.quantity(obj.order_multiple))
        yield Fact(_("Maximum"), cells.quantity(obj.max_quantity))
        yield Fact(_("Order minimum"), cells.money(obj.min_amount, obj.currency))

    def tables(self, request: HttpRequest, obj: OrderRule) -> Iterable[Table]:
        """Show who changed it."""
        yield history_table(request, RULE, obj.pk)

    @service_action(gettext_lazy("Change"), form=ValuesForm)
    def change(self, call: Call) -> str:
        """Say something else for the same scope."""
        one: OrderRule = call.obj
        order_rules.put(
            one.seller,
            Rule(**{name: call.data[name] for name in FIELDS}),
            product=one.product,
            buyer=one.buyer,
            buyer_group=one.buyer_group,
            currency=one.currency,
            priority=one.priority,
            reason=call.data["reason"],
            by=call.by,
            at=call.at,
        )
        return _("The rule was changed.")

    @service_action(
        gettext_lazy("Remove"), confirm=gettext_lazy("It no longer holds from now on."), danger=True
    )
    def remove(self, call: Call) -> HttpResponse:
        """Take it away."""
        order_rules.remove(call.obj, by=call.by, at=call.at)
        messages.success(call.request, _("The rule is gone; its history stays."))
        return HttpResponseRedirect(reverse("operator:orders_orderrule_changelist"))
