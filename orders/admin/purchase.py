"""Purchase orders at factories, their answers, and how a shortage was shared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Entry, Fact, Table
from b2b.admin.tables import columns as headings
from b2b.db.selectors import visible
from orders.admin import purchase_change
from orders.admin.claim import RaisesClaims
from orders.admin.cost import AddsCosts
from orders.models import AllocationResult, DespatchAdvice, PurchaseOrder
from orders.services import purchase_order_response

SHOWN = 200
ANSWERED_LINES = 500


def answer_form(request: HttpRequest, order: PurchaseOrder) -> type[forms.Form]:
    """Return a form that asks for the confirmed quantity and date of each line; an empty quantity leaves it open."""
    fields: dict[str, forms.Field] = {}
    for line in order.lines.select_related("product").order_by("line_number")[:ANSWERED_LINES]:
        fields[f"line_{line.line_number}"] = forms.IntegerField(
            label=f"{line.line_number}. {line.product.name} ({line.product.sku})",
            min_value=line.despatched,
            max_value=line.quantity,
            initial=line.confirmed if line.response_version else line.quantity,
            required=False,
            help_text=_("ordered: %(quantity)s") % {"quantity": cells.quantity(line.quantity)},
        )
        fields[f"date_{line.line_number}"] = forms.DateField(
            label=_("by"),
            initial=line.promised_date or line.requested_date,
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}),
        )
    fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=500)
    return type("AnswerForm", (forms.Form,), fields)


@admin.register(PurchaseOrder, site=operator_site)
class PurchaseOrders(RaisesClaims, AddsCosts, ReadOnlyAdmin):
    """One order of the platform at one factory."""

    nav = Nav("pool", 20, "factory")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        columns.status(),
        columns.quantity("response_version", gettext_lazy("Answers")),
        columns.moment("created_at", gettext_lazy("Sent"), "created_at"),
        columns.money("total_net", gettext_lazy("Net"), order="total_net"),
    )
    list_select_related = ("factory",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "factory__code__startswith")
    detail_select_related = ("factory", "cycle", "warehouse_site")

    buttons = ("answer", "prices", "raise_claim", "add_cost")

    def facts(self, request: HttpRequest, obj: PurchaseOrder) -> Iterable[Fact]:
        """Say what was ordered where."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(_("Cycle"), cells.link(obj.cycle, f"../../ordercycle/{obj.cycle_id}/"))
        yield Fact(_("Deliver to"), str(obj.warehouse_site))
        yield Fact(_("Net"), cells.money(obj.total_net, obj.currency))
        yield Fact(_("Answers of the factory"), obj.response_version)
        if obj.answered_at is None and obj.respond_by_at:
            late = _("%(count)d reminders") % {"count": obj.reminders} if obj.reminders else ""
            yield Fact(_("Answer due"), cells.two_lines(cells.moment(obj.respond_by_at), late))

    def tables(self, request: HttpRequest, obj: PurchaseOrder) -> Iterable[Table]:
        """Show the lines with what the factory promised and sent, and the last sharing of a shortage."""
        lines = obj.lines.select_related("product").order_by("line_number")
        heads = headings(
            _("Line"),
            _("Product"),
            (_("Ordered"),),
            (_("Price, %(currency)s") % {"currency": obj.currency},),
            (_("Confirmed"),),
            (_("Sent"),),
            (_("Received"),),
            _("Asked for"),
            _("Promised"),
        )
        yield paged(
            request,
            lines,
            _("Lines"),
            heads,
            lambda line: (
                line.line_number,
                cells.two_lines(line.product.name, line.product.sku),
                cells.quantity(line.quantity),
                cells.unit_price(line.unit_price, obj.currency),
                cells.quantity(line.confirmed),
                cells.quantity(line.despatched),
                cells.quantity(line.received),
                cells.day(line.requested_date),
                cells.day(line.promised_date),
            ),
        )
        run = obj.allocation_runs.order_by("-response_version").first()
        if run:
            yield self._sharing(request, run)

    @staticmethod
    def _sharing(request: HttpRequest, run: object) -> Table:
        results = (
            visible(actor_of(request), AllocationResult)
            .filter(run=run)
            .select_related("dealer", "peg__purchase_order_line__product")
            .order_by("peg__purchase_order_line__line_number", "pk")[:SHOWN]
        )
        return Table(
            _("Shared by the rule: %(policy)s") % {"policy": run.policy.replace("_", " ")},
            headings(_("Product"), _("For"), (_("Wanted"),), (_("Exact share"),), (_("Allotted"),)),
            [
                (
                    result.peg.purchase_order_line.product.sku,
                    result.dealer.name if result.dealer else _("platform stock"),
                    cells.quantity(result.requested),
                    _fraction(result),
                    cells.quantity(result.rounded),
                )
                for result in results
            ],
            note=_("Sealed input: %(hash)s") % {"hash": run.input_hash[:16]},
        )

    @service_action(gettext_lazy("Answer for the factory"), verb="confirm", form=answer_form)
    def answer(self, call: Call) -> Any:
        """Enter what the factory said by telephone; a shortage is shared at once."""
        answers = [
            purchase_order_response.Answer(
                line_number=int(name.removeprefix("line_")),
                confirmed_quantity=quantity,
                promised_date=call.data[name.replace("line_", "date_")],
            )
            for name, quantity in call.data.items()
            if name.startswith("line_") and quantity is not None
        ]
        note = call.data["note"]
        purchase_order_response.respond(
            call.obj, answers=answers, rest="LEAVE", note=note, by=call.by, at=call.at
        )
        return _("The answer to %(number)s is kept and shared over the orders.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Decide on prices"),
        form=purchase_change.prices_form,
        when=lambda order: purchase_change.proposed(order).exists(),
    )
    def prices(self, call: Call) -> Any:
        """Accept or refuse prices above the tolerance."""
        return purchase_change.decide_prices(call)

    def entries(self, request: HttpRequest, obj: PurchaseOrder) -> Iterable[Entry]:
        """Put the factory's answers and its lorries on the timeline."""
        for response in obj.responses.order_by("response_version"):
            title = _("Factory answered, version %(version)d") % {"version": response.response_version}
            yield Entry(at=response.created_at, title=title, detail=response.note, tone="busy")
        for advice in obj.despatch_advices.order_by("pk"):
            title = _("Despatch advice %(number)s") % {"number": advice.number}
            yield Entry(
                at=advice.created_at, title=title, tone="busy", url=f"../../despatchadvice/{advice.pk}/"
            )


def _fraction(result: AllocationResult) -> str:
    whole, rest = divmod(result.entitlement_numerator, result.entitlement_denominator)
    return f"{whole}" if not rest else f"{result.entitlement_numerator / result.entitlement_denominator:.2f}"


@admin.register(DespatchAdvice, site=operator_site)
class DespatchAdvices(ReadOnlyAdmin):
    """What factories say is in the truck."""

    nav = Nav("pool", 30, "outbox")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        columns.text("purchase_order.number", gettext_lazy("Purchase order")),
        columns.status(),
        columns.moment("expected_at", gettext_lazy("Expected"), "expected_at"),
    )
    list_select_related = ("factory", "purchase_order")
    list_filter = ("status",)
    search_fields = ("number__startswith", "external_reference__startswith")
    detail_select_related = ("factory", "purchase_order")

    def facts(self, request: HttpRequest, obj: DespatchAdvice) -> Iterable[Fact]:
        """Say whose goods come when."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(
            _("Purchase order"),
            cells.link(obj.purchase_order, f"../../purchaseorder/{obj.purchase_order_id}/"),
        )
        yield Fact(_("Factory's reference"), obj.external_reference or cells.NOTHING)
        yield Fact(_("Expected"), cells.moment(obj.expected_at))

    def tables(self, request: HttpRequest, obj: DespatchAdvice) -> Iterable[Table]:
        """Show what is in the truck."""
        lines = obj.lines.select_related("purchase_order_line__product").order_by("line_number")
        yield paged(
            request,
            lines,
            _("Lines"),
            headings(_("Line"), _("Product"), (_("Quantity"),), _("Lot"), _("Expires"), _("SSCC")),
            lambda line: (
                line.line_number,
                cells.two_lines(line.purchase_order_line.product.name, line.purchase_order_line.product.sku),
                cells.quantity(line.quantity),
                line.lot_number or cells.NOTHING,
                cells.day(line.expiry_date),
                line.sscc or cells.NOTHING,
            ),
        )
