"""Claims on factories, raised from the page of a purchase order."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.db.selectors import visible
from orders.models import Claim, ClaimShare
from orders.services import claim, claim_answer

ANSWERED_LINES = 500


class ClaimForm(forms.Form):
    """Ask at which rate goods that came short are claimed."""

    compensation_percent = forms.DecimalField(
        label=gettext_lazy("Compensation, % of the price"),
        min_value=0,
        max_value=100,
        required=False,
        max_digits=6,
        decimal_places=3,
        help_text=gettext_lazy(
            "For goods rejected or missing at receipt; returned goods are claimed in full."
            " Empty: what the source of each declares, 0 % where nothing is agreed."
        ),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=500)


def answer_form(request: HttpRequest, raised: Claim) -> type[forms.Form]:
    """Return a form that asks how much of each line the factory takes on itself."""
    fields: dict[str, forms.Field] = {}
    lines = raised.lines.select_related("purchase_order_line__product").order_by("line_number")
    for line in lines[:ANSWERED_LINES]:
        product = line.purchase_order_line.product
        fields[f"line_{line.line_number}"] = forms.IntegerField(
            label=f"{line.line_number}. {product.name} ({product.sku}): {line.get_cause_display()}",
            min_value=0,
            max_value=line.claimed_quantity,
            initial=line.claimed_quantity,
        )
    fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=500)
    return type("ClaimAnswerForm", (forms.Form,), fields)


class RaisesClaims:
    """Adds the button to a list of purchase orders."""

    @service_action(
        gettext_lazy("Claim from the factory"),
        form=ClaimForm,
        when=lambda order: order.status in ("CONFIRMED", "CLOSED"),
    )
    def raise_claim(self, call: Call) -> Any:
        """Claim all that was wrong with the purchase order."""
        percent = call.data["compensation_percent"]
        made = claim.raise_for(
            call.obj,
            compensation_rate=None if percent is None else Decimal(percent) / 100,
            note=call.data["note"],
            by=call.by,
            at=call.at,
        )
        return _("%(number)s claims %(amount)s from the factory.") % {
            "number": made.number,
            "amount": cells.money(made.claimed_amount, made.currency),
        }


@admin.register(Claim, site=operator_site)
class Claims(ReadOnlyAdmin):
    """What the platform claims from factories, and whose loss it was."""

    nav = Nav("pool", 40, "gavel")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        columns.text("purchase_order.number", gettext_lazy("Purchase order")),
        columns.status(),
        columns.money("claimed_amount", gettext_lazy("Claimed"), order="claimed_amount"),
        columns.money("accepted_amount", gettext_lazy("Accepted"), order="accepted_amount"),
    )
    list_select_related = ("factory", "purchase_order")
    list_filter = ("status",)
    search_fields = ("number__startswith", "factory__code__startswith")
    detail_select_related = ("factory", "purchase_order")
    buttons = ("answer", "settle", "withdraw")

    def facts(self, request: HttpRequest, obj: Claim) -> Iterable[Fact]:
        """Say what is claimed from whom, and what came of it."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(
            _("Purchase order"),
            cells.link(obj.purchase_order, f"../../purchaseorder/{obj.purchase_order_id}/"),
        )
        rate = obj.compensation_rate
        yield Fact(
            _("Compensation for short goods"),
            _("as each source declares") if rate is None else cells.percent(rate),
        )
        yield Fact(_("Claimed"), cells.money(obj.claimed_amount, obj.currency))
        yield Fact(_("Accepted"), cells.money(obj.accepted_amount, obj.currency))
        yield Fact(_("Answer"), obj.answer_note or cells.NOTHING)
        yield Fact(_("Supplier credit"), obj.supplier_credit_number or cells.NOTHING)

    def tables(self, request: HttpRequest, obj: Claim) -> Iterable[Table]:
        """Show the lines as the factory sees them, and below whose loss they are."""
        yield paged(
            request,
            obj.lines.select_related("purchase_order_line__product").order_by("line_number"),
            _("Lines"),
            headings(
                _("Line"),
                _("Product"),
                _("Cause"),
                (_("Quantity"),),
                (_("Claimed"),),
                (_("Accepted"),),
                _("Answer"),
            ),
            lambda line: (
                line.line_number,
                cells.two_lines(line.purchase_order_line.product.name, line.purchase_order_line.product.sku),
                line.get_cause_display(),
                cells.quantity(line.claimed_quantity),
                cells.money(line.claimed_amount, obj.currency),
                cells.money(line.accepted_amount, obj.currency),
                line.answer or cells.NOTHING,
            ),
        )
        yield paged(
            request,
            visible(actor_of(request), ClaimShare)
            .filter(line__claim=obj)
            .select_related("line", "dealer", "return_line__authorisation")
            .order_by("line__line_number", "pk"),
            _("Whose loss it was"),
            headings(
                _("Line"), _("Dealer"), _("Refunded by"), (_("Quantity"),), (_("Claimed"),), (_("Accepted"),)
            ),
            lambda share: (
                share.line.line_number,
                share.dealer.name if share.dealer else _("platform stock"),
                share.return_line.authorisation.number if share.return_line else cells.NOTHING,
                cells.quantity(share.quantity),
                cells.money(share.claimed_amount, obj.currency),
                cells.money(share.accepted_amount, obj.currency),
            ),
            parameter="shares",
        )

    @service_action(gettext_lazy("Answer for the factory"), verb="accept", form=answer_form)
    def answer(self, call: Call) -> Any:
        """Enter what the factory said by telephone."""
        answers = [
            claim_answer.Answer(int(name.removeprefix("line_")), quantity)
            for name, quantity in call.data.items()
            if name.startswith("line_")
        ]
        claim_answer.answer(call.obj, answers=answers, note=call.data["note"], by=call.by, at=call.at)
        return _("The answer to %(number)s is kept.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Settle"),
        verb="settle",
        confirm=gettext_lazy(
            "What the factory accepted is taken off what it is owed, and the dealers get their parts."
        ),
    )
    def settle(self, call: Call) -> Any:
        """Settle the claim at what was accepted."""
        claim.settle(call.obj, by=call.by, at=call.at)
        return _("%(number)s is settled.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Withdraw the claim"), verb="withdraw", form=ReasonForm, danger=True)
    def withdraw(self, call: Call) -> Any:
        """Take the claim back."""
        claim.withdraw(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is withdrawn.") % {"number": call.obj.number}
