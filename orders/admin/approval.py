"""What waits for approval on both desks, and the rules as the operator keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin, ReferenceAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import Actor
from orders.models import ApprovalRule, ApprovalStep, ApprovalSubstitute
from orders.selectors import approval as selectors
from orders.services import approval_decision, purchase_order_approval

CHANGED_LINES = 200


def approve_form(request: HttpRequest, step: ApprovalStep) -> type[forms.Form]:
    """Return a form that asks for a word, and for an order for the quantity of each line."""
    fields: dict[str, forms.Field] = {}
    if step.order is not None:
        for line in step.order.lines.select_related("product").order_by("line_number")[:CHANGED_LINES]:
            wanted = line.requested - line.cancelled
            fields[f"line_{line.line_number}"] = forms.IntegerField(
                label=f"{line.line_number}. {line.product.name} ({line.product.sku})",
                min_value=0,
                initial=wanted,
                help_text=_("wanted: %(quantity)s; 0 drops the line") % {"quantity": cells.quantity(wanted)},
            )
    fields["reason"] = forms.CharField(label=_("Note"), required=False, max_length=500)
    return type("ApproveForm", (forms.Form,), fields)


class ApprovalPages(ReadOnlyAdmin):
    """Approvals that wait and that were given; the page of one with what it is about."""

    ordering = ("-pk",)
    list_filter = ("status",)
    search_fields = ("number__startswith",)
    buttons = ("approve", "decline")
    list_display = (
        "number",
        columns.status(),
        columns.money("amount", gettext_lazy("Net"), order="amount"),
        "tier",
        "requester_name",
        "decided_by_name",
        columns.moment("created_at", gettext_lazy("Asked"), "created_at"),
    )

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return what the actor may see."""
        return selectors.visible(actor)

    def facts(self, request: HttpRequest, obj: ApprovalStep) -> Iterable[Fact]:
        """Say what waits for whom, and why."""
        document = obj.order or obj.purchase_order
        assert document is not None
        address = reverse(
            f"{self.admin_site.name}:orders_{document._meta.model_name}_change", args=[document.pk]
        )
        yield Fact(_("Document"), cells.link(document.number, address))
        yield Fact(_("Rule"), _("%(rule)s, tier %(tier)d") % {"rule": obj.rule.name, "tier": obj.tier})
        yield Fact(_("Net"), cells.money(obj.amount, obj.currency))
        yield Fact(_("Asked by"), obj.requester_name)
        yield Fact(_("Decided by"), str(obj.approver) if obj.approver else obj.role.capitalize())
        for number, (before, after) in sorted(obj.changes.items(), key=lambda one: int(one[0])):
            yield Fact(_("Line %(number)s") % {"number": number}, f"{before} → {after}")

    def tables(self, request: HttpRequest, obj: ApprovalStep) -> Iterable[Table]:
        """Show the lines that are to be approved."""
        document = obj.order or obj.purchase_order
        assert document is not None
        yield paged(
            request,
            document.lines.select_related("product").order_by("line_number"),
            _("Lines"),
            headings(
                _("Line"),
                _("Product"),
                (_("Quantity"),),
                (_("Price, %(currency)s") % {"currency": obj.currency},),
                (_("Net, %(currency)s") % {"currency": obj.currency},),
            ),
            lambda line: (
                line.line_number,
                cells.two_lines(line.product.name, line.product.sku),
                cells.quantity(line.quantity),
                cells.unit_price(line.unit_price, obj.currency),
                cells.amount(line.net_amount, obj.currency),
            ),
        )

    @service_action(gettext_lazy("Approve"), verb="approve", form=approve_form)
    def approve(self, call: Call) -> Any:
        """Approve, with other quantities if they were changed."""
        step, reason = call.obj, call.data["reason"]
        if step.order is None:
            purchase_order_approval.approve(step.purchase_order, reason=reason, by=call.by, at=call.at)
            return _("%(number)s is approved.") % {"number": step.purchase_order.number}
        lines = step.order.lines.values_list("line_number", "requested", "cancelled")
        wanted = {number: requested - cancelled for number, requested, cancelled in lines}
        changed = {
            number: quantity
            for name, quantity in call.data.items()
            if name.startswith("line_") and wanted.get(number := int(name.removeprefix("line_"))) != quantity
        }
        order = approval_decision.approve(
            step.order, quantities=changed, reason=reason, by=call.by, at=call.at
        )
        return _("%(number)s: %(status)s") % {"number": order.number, "status": order.get_status_display()}

    @service_action(gettext_lazy("Decline"), verb="decline", form=ReasonForm, danger=True)
    def decline(self, call: Call) -> Any:
        """Decline with a reason."""
        step = call.obj
        document = step.order or step.purchase_order
        decide = approval_decision.decline if step.order else purchase_order_approval.decline
        decide(document, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is declined.") % {"number": document.number}


@admin.register(ApprovalStep, site=dealer_site)
class DealerApprovals(ApprovalPages):
    """What waits for somebody of the dealer."""

    nav = Nav("buy", 25, "approval", gettext_lazy("To approve"))


@admin.register(ApprovalStep, site=operator_site)
class OperatorApprovals(ApprovalPages):
    """What waits for somebody of the platform, and what waits at dealers."""

    nav = Nav("pool", 40, "approval", gettext_lazy("To approve"))


@admin.register(ApprovalRule, site=operator_site)
class Rules(ReferenceAdmin):
    """From which amount on who approves: dealers' orders, and the platform's purchase orders."""

    nav = Nav("data", 95, "rule_settings")
    list_display = (
        "name",
        "organization",
        "tier",
        "amount_from",
        "currency",
        "role",
        "approver",
        "is_active",
    )
    list_filter = ("is_active", "organization__kind")
    list_select_related = ("organization", "approver")
    search_fields = ("name", "organization__code__startswith")
    autocomplete_fields = ("organization", "site", "approver")
    ordering = ("organization__code", "tier", "pk")
    fieldsets = (
        (None, {"fields": (("organization", "name"), ("tier", "is_active"))}),
        (
            gettext_lazy("For which orders"),
            {"fields": (("amount_from", "currency"), ("category", "site"))},
        ),
        (
            gettext_lazy("Who approves"),
            {"fields": (("role", "approver"), ("allow_requester", "remind_after_hours"))},
        ),
    )


@admin.register(ApprovalSubstitute, site=operator_site)
class Substitutes(ReferenceAdmin):
    """Who decides for whom while they are away."""

    nav = Nav("data", 96, "switch_account")
    list_display = ("approver", "substitute", "organization", "from_date", "to_date")
    list_select_related = ("approver", "substitute", "organization")
    search_fields = ("approver__username", "substitute__username", "organization__code__startswith")
    autocomplete_fields = ("organization", "approver", "substitute")
    ordering = ("-to_date", "pk")
