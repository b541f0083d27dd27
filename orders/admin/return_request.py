"""The button on a delivered order that asks for a return."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import Call, service_action
from b2b.core import clock
from orders.models import Order
from orders.policies import returns as rules
from orders.policies.returns import Reason
from orders.selectors import returnable
from orders.services import returns

SHOWN_LINES = 200


def return_form(request: HttpRequest, order: Order) -> type[forms.Form]:
    """Return a form that asks how much of each line comes back, why, and what shows it."""
    history = returnable.of_order(order.pk)
    now = clock.now()
    fields: dict[str, forms.Field] = {}
    for line in order.lines.select_related("product").order_by("line_number"):
        most = rules.returnable(history[line.pk].drops, now) if line.pk in history else 0
        if most and len(fields) < SHOWN_LINES:
            fields[f"line_{line.line_number}"] = forms.IntegerField(
                label=f"{line.line_number}. {line.product.name} ({line.product.sku})",
                min_value=0,
                max_value=most,
                initial=0,
                help_text=_("at most %(quantity)s") % {"quantity": cells.quantity(most)},
            )
    fields["reason"] = forms.ChoiceField(
        label=_("Reason"), choices=[(one.value, one.label) for one in Reason]
    )
    fields["note"] = forms.CharField(label=_("What is wrong"), required=False, max_length=500)
    fields["evidence"] = forms.CharField(
        label=_("Photos or documents"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Where they can be seen, one a line."),
    )
    return type("ReturnForm", (forms.Form,), fields)


class AsksForReturns:
    """Adds the button to a list of orders."""

    @service_action(
        gettext_lazy("Ask for a return"),
        form=return_form,
        when=lambda order: order.status in ("CONFIRMED", "COMPLETED"),
    )
    def give_back(self, call: Call) -> Any:
        """Ask to give delivered goods back."""
        evidence = tuple(line.strip()[:300] for line in call.data["evidence"].splitlines() if line.strip())
        wanted = [
            returns.Wanted(
                line_number=int(name.removeprefix("line_")),
                quantity=quantity,
                reason=call.data["reason"],
                note=call.data["note"],
                evidence=evidence[:20],
            )
            for name, quantity in call.data.items()
            if name.startswith("line_") and quantity
        ]
        made = returns.request(call.obj, lines=wanted, note=call.data["note"], by=call.by, at=call.at)
        site = call.request.resolver_match.namespace  # type: ignore[union-attr]
        return HttpResponseRedirect(reverse(f"{site}:orders_returnauthorisation_change", args=[made.pk]))
