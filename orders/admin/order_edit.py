"""The forms by which a dealer changes an order line by line, and what became of its changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import Call
from b2b.admin.sites import actor_of
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from orders.models import Order, OrderChangeLine
from orders.selectors import changes
from orders.services import bulk_order, order_change
from orders.services.order_change import LineEdit, Result

SHOWN = 50
STATES = {
    "REQUESTED": gettext_lazy("the factory is asked"),
    "ACCEPTED": gettext_lazy("the factory agreed"),
    "REFUSED": gettext_lazy("the factory refused"),
}


class EditForm(forms.Form):
    """What a line shall be; what is left empty stays as it is."""

    line_number = forms.IntegerField(label=gettext_lazy("Line"), min_value=1)
    quantity = forms.IntegerField(
        label=gettext_lazy("New quantity"),
        min_value=0,
        max_value=10**12,
        required=False,
        help_text=gettext_lazy("In base units; 0 cancels the line."),
    )
    need_by_date = forms.DateField(
        label=gettext_lazy("Needed by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    ship_to = forms.CharField(
        label=gettext_lazy("Ship to"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("Code of one of your sites."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)


class AddForm(forms.Form):
    """A line to add."""

    sku = forms.CharField(label=gettext_lazy("SKU"), max_length=40)
    quantity = forms.IntegerField(label=gettext_lazy("Quantity"), min_value=1, max_value=10**12)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=8, required=False)


def edit(call: Call) -> Any:
    """Change one line and say what became of what was given up."""
    given = {name: value for name, value in call.data.items() if name != "reason"}
    result = order_change.change(
        call.obj, edits=[LineEdit(**given)], reason=call.data["reason"], by=call.by, at=call.at
    )
    return _told(result)


def add(call: Call) -> Any:
    """Add one line."""
    rows = bulk_order.rows_of([call.data])
    return _told(order_change.change(call.obj, additions=rows, by=call.by, at=call.at))


def _told(result: Result) -> str:
    if result.change is None:
        return _("Nothing changed.")
    asked = sum(line.given(asked=True) for line in result.lines)
    if asked:
        return _("%(units)s units stay owed until the factory agrees to make less.") % {
            "units": cells.quantity(asked)
        }
    return _("%(number)s is changed; it comes to %(total)s now.") % {
        "number": result.order.number,
        "total": cells.money(result.order.total_gross, result.order.currency),
    }


def history(request: HttpRequest, order: Order) -> Table | None:
    """Show what was changed, newest first, and what factories said to it; None when nothing was."""
    found = changes.of_orders(actor_of(request)).filter(order=order).order_by("-pk")[:SHOWN]
    rows = [
        (
            cells.moment(change.created_at),
            line.order_line.line_number,
            line.order_line.product.sku,
            f"{cells.quantity(line.from_quantity)} → {cells.quantity(line.to_quantity)}",
            _given_up(line),
            ", ".join(
                f"{cells.quantity(one.quantity)}: {STATES[one.status]}"
                for one in change.requests.all()
                if one.order_line_id == line.order_line_id
            )
            or cells.NOTHING,
            change.reason or cells.NOTHING,
        )
        for change in found
        for line in change.lines.all()
    ]
    heads = headings(
        _("When"), _("Line"), _("Product"), _("Quantity"), _("Given up"), _("At the factory"), _("Reason")
    )
    return Table(_("Changes"), heads, rows[:SHOWN]) if rows else None


def _given_up(line: OrderChangeLine) -> str:
    """Say where what was being bought went."""
    parts = (
        (line.passed_on, _("%(units)s to others who wait")),
        (line.kept_in_stock, _("%(units)s to platform stock")),
        (line.asked_of_factory, _("%(units)s asked of the factory")),
    )
    told = ", ".join(words % {"units": cells.quantity(units)} for units, words in parts if units)
    return told or cells.NOTHING
