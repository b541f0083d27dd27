"""Returns: a dealer follows its own, the operator decides them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.related import adds_tables
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.db.selectors import visible
from orders.models import Order, ReturnAuthorisation
from orders.services import returns

DECIDED_LINES = 200
SHOWN = 50


def decision_form(request: HttpRequest, asked: ReturnAuthorisation) -> type[forms.Form]:
    """Return a form that asks how much of each line may come back."""
    fields: dict[str, forms.Field] = {}
    for line in asked.lines.select_related("order_line__product").order_by("line_number")[:DECIDED_LINES]:
        product = line.order_line.product
        fields[f"line_{line.line_number}"] = forms.IntegerField(
            label=f"{line.line_number}. {product.name} ({product.sku})",
            min_value=0,
            max_value=line.requested,
            initial=line.requested,
            help_text=f"{line.get_reason_display()}. {line.note}",
        )
    fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=300)
    return type("DecisionForm", (forms.Form,), fields)


class ReturnPages(ReadOnlyAdmin):
    """A list of returns; the page of one from what was asked for to what was credited."""

    nav = Nav("buy", 40, "assignment_return")
    ordering = ("-pk",)
    list_filter = ("status",)
    search_fields: tuple[str, ...] = ("number__startswith", "order__number__startswith")
    detail_select_related = ("dealer", "order", "return_to_site")

    def facts(self, request: HttpRequest, obj: ReturnAuthorisation) -> Iterable[Fact]:
        """Say whose goods come back where, and what they were credited at."""
        yield Fact(_("Dealer"), obj.dealer.name)
        yield Fact(_("Order"), cells.link(obj.order, f"../../order/{obj.order_id}/"))
        yield Fact(_("Return to"), obj.return_to_site.name if obj.return_to_site else cells.NOTHING)
        yield Fact(_("Received"), cells.moment(obj.received_at))
        yield Fact(_("Credited, with tax"), cells.money(obj.credited_gross, obj.currency))
        if obj.note:
            yield Fact(_("Note"), obj.note)

    def tables(self, request: HttpRequest, obj: ReturnAuthorisation) -> Iterable[Table]:
        """Show each line with its reason, what shows it, and how far it has come."""
        yield paged(
            request,
            obj.lines.select_related("order_line__product").order_by("line_number"),
            _("Lines"),
            headings(
                _("Line"),
                _("Product"),
                _("Reason"),
                _("Evidence"),
                (_("Asked for"),),
                (_("Allowed"),),
                (_("Received"),),
                (_("Credited"),),
                _("What became of it"),
            ),
            _line,
        )


def _line(line: Any) -> tuple[Any, ...]:
    product = line.order_line.product
    became = (
        (_("%(quantity)s restocked"), line.restocked),
        (_("%(quantity)s scrapped"), line.scrapped),
        (_("%(quantity)s back to the factory"), line.sent_back),
    )
    return (
        line.line_number,
        cells.two_lines(product.name, product.sku),
        cells.two_lines(line.get_reason_display(), line.note),
        ", ".join(line.evidence) or cells.NOTHING,
        cells.quantity(line.requested),
        cells.two_lines(cells.quantity(line.approved), line.decision),
        cells.quantity(line.received),
        cells.quantity(line.credited),
        ", ".join(text % {"quantity": cells.quantity(number)} for text, number in became if number)
        or cells.NOTHING,
    )


LIST = (
    columns.status(),
    columns.text("order.number", gettext_lazy("Order")),
    columns.moment("created_at", gettext_lazy("Asked for"), "created_at"),
    columns.money("credited_gross", gettext_lazy("Credited")),
)


@admin.register(ReturnAuthorisation, site=dealer_site)
class DealerReturns(ReturnPages):
    """The dealer's own returns."""

    list_display = ("number", *LIST)
    list_select_related = ("order",)
    buttons = ("withdraw",)

    @service_action(gettext_lazy("Withdraw the request"), verb="withdraw", form=ReasonForm, danger=True)
    def withdraw(self, call: Call) -> Any:
        """Take the request back."""
        returns.withdraw(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is withdrawn.") % {"number": call.obj.number}


@admin.register(ReturnAuthorisation, site=operator_site)
class OperatorReturns(ReturnPages):
    """The returns of all dealers, and what is decided on them."""

    list_display = ("number", columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"), *LIST)
    list_select_related = ("dealer", "order")
    search_fields = (*ReturnPages.search_fields, "dealer__code__startswith")
    buttons = ("authorise", "refuse")

    @service_action(gettext_lazy("Allow the return"), verb="authorise", form=decision_form)
    def authorise(self, call: Call) -> Any:
        """Let goods come back, line by line."""
        decisions = [
            returns.Decision(int(name.removeprefix("line_")), quantity, call.data["note"])
            for name, quantity in call.data.items()
            if name.startswith("line_")
        ]
        returns.authorise(call.obj, decisions=decisions, by=call.by, at=call.at)
        return _("%(number)s is allowed; the warehouse expects the goods.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Refuse the return"), verb="refuse", form=ReasonForm, danger=True)
    def refuse(self, call: Call) -> Any:
        """Refuse the return as a whole."""
        returns.refuse(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is refused.") % {"number": call.obj.number}


@adds_tables("orders.order")
def returns_of_order(request: HttpRequest, order: Order) -> Iterable[Table]:
    """Show the returns on the page of their order."""
    found = visible(actor_of(request), ReturnAuthorisation).filter(order=order).order_by("pk")[:SHOWN]
    site = request.resolver_match.namespace  # type: ignore[union-attr]
    rows = [
        (
            cells.link(one.number, reverse(f"{site}:orders_returnauthorisation_change", args=[one.pk])),
            cells.badge(one.status, one.get_status_display()),
            cells.moment(one.created_at),
            cells.money(one.credited_gross, one.currency),
        )
        for one in found
    ]
    if rows:
        yield Table(_("Returns"), headings(_("Return"), _("Status"), _("Asked for"), (_("Credited"),)), rows)
