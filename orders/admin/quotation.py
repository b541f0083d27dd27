"""Requests for quotation and quotations: ask, compare, award; a dealer asks, reads and accepts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import Actor
from b2b.db.selectors import visible
from orders.admin.quotation_forms import award_form, awards_of, offers_of, quote_form
from orders.admin.quotation_tables import comparison
from orders.models import Quotation, QuotationInvitation, QuotationRequest
from orders.selectors import quotation as selectors
from orders.services import quotation, quotation_acceptance, quotation_award, quotation_request


class RequestPages(ReadOnlyAdmin):
    """A list of requests; the page of one with its lines."""

    nav = Nav("buy", 40, "request_quote")
    ordering = ("-pk",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "title__icontains")
    list_before_template = "orders/quotation_link.html"
    list_display: tuple[Any, ...] = (
        "number",
        "title",
        columns.status(),
        columns.moment("deadline_at", gettext_lazy("Deadline"), "deadline_at"),
    )

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return what the actor may see."""
        return selectors.requests(actor)

    def facts(self, request: HttpRequest, obj: QuotationRequest) -> Iterable[Fact]:
        """Say what is asked until when."""
        yield Fact(_("Title"), obj.title)
        yield Fact(_("Deadline"), cells.moment(obj.deadline_at))
        if obj.note:
            yield Fact(_("Note"), obj.note)

    def tables(self, request: HttpRequest, obj: QuotationRequest) -> Iterable[Table]:
        """Show what is asked for."""
        yield Table(
            _("Asked for"),
            headings(_("Line"), _("Product"), (_("Quantity"),), _("Needed by")),
            [
                (
                    line.line_number,
                    cells.two_lines(line.product.name, line.product.sku)
                    if line.product
                    else line.description,
                    cells.quantity(line.quantity),
                    cells.day(line.need_by_date),
                )
                for line in obj.lines.select_related("product").order_by("line_number")
            ],
        )

    @service_action(gettext_lazy("Withdraw"), verb="cancel", form=ReasonForm, danger=True)
    def cancel(self, call: Call) -> Any:
        """Withdraw the request."""
        quotation_request.cancel(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is withdrawn.") % {"number": call.obj.number}


@admin.register(QuotationRequest, site=dealer_site)
class DealerRequests(RequestPages):
    """What the dealer asked the platform to quote."""

    buttons = ("cancel",)


def _is_ours(request: QuotationRequest) -> bool:
    return request.dealer_id is None


@admin.register(QuotationRequest, site=operator_site)
class OperatorRequests(RequestPages):
    """What the platform asked factories, and what dealers asked the platform."""

    buttons = ("quote", "unseal", "award", "close", "cancel")
    list_display = (
        "number",
        "title",
        columns.text("dealer.name", gettext_lazy("Dealer")),
        columns.status(),
        columns.moment("deadline_at", gettext_lazy("Deadline"), "deadline_at"),
    )

    def tables(self, request: HttpRequest, obj: QuotationRequest) -> Iterable[Table]:
        """Show who was asked, and how the unsealed quotations compare."""
        yield from super().tables(request, obj)
        if obj.dealer_id is None:
            asked = visible(actor_of(request), QuotationInvitation).filter(request=obj)
            yield Table(
                _("Asked"),
                headings(_("Factory"), _("Answer"), _("Answered")),
                [
                    (one.factory.name, one.get_answer_display(), cells.moment(one.answered_at))
                    for one in asked.select_related("factory").order_by("factory__code")
                ],
                note=_("Sealed until the deadline or the last answer.") if obj.status == "ASKED" else "",
            )
            yield from comparison(actor_of(request), obj)

    @service_action(
        gettext_lazy("Quote to the dealer"),
        form=quote_form,
        when=lambda request: request.status == "ASKED" and not _is_ours(request),
    )
    def quote(self, call: Call) -> Any:
        """Answer a dealer."""
        made = quotation.submit(
            call.obj,
            lines=offers_of(call.data),
            valid_until=call.data["valid_until"],
            note=call.data["note"],
            by=call.by,
            at=call.at,
        )
        return _("Quotation %(number)s is sent.") % {"number": made.number}

    @service_action(gettext_lazy("Open the quotations"), verb="unseal", when=_is_ours)
    def unseal(self, call: Call) -> Any:
        """Open the quotations after the deadline."""
        quotation_request.unseal(call.obj, by=call.by, at=call.at)
        return _("The quotations are open.")

    @service_action(gettext_lazy("Award"), verb="award", form=award_form, when=_is_ours)
    def award(self, call: Call) -> Any:
        """Decide by line."""
        quotation_award.award(
            call.obj,
            awards_of(call.data),
            becomes=call.data["becomes"],
            valid_to=call.data["valid_to"],
            by=call.by,
            at=call.at,
        )
        return _("%(number)s is awarded.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Close without award"), verb="close", form=ReasonForm, danger=True)
    def close(self, call: Call) -> Any:
        """End it; all quotations lose."""
        quotation_award.close(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is closed.") % {"number": call.obj.number}


class QuotationPages(ReadOnlyAdmin):
    """Quotations that may be read; the page of one with its prices."""

    nav = Nav("buy", 45, "sell")
    ordering = ("-pk",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "request__number__startswith")
    list_select_related = ("request", "factory", "dealer")
    detail_select_related = ("request", "factory", "dealer", "order", "blanket_order")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return what the actor may see."""
        return selectors.visible(actor)

    def facts(self, request: HttpRequest, obj: Quotation) -> Iterable[Fact]:
        """Say what the offer answers and until when it holds."""
        yield Fact(_("Request"), cells.link(obj.request, f"../../quotationrequest/{obj.request_id}/"))
        yield Fact(_("Valid until"), cells.day(obj.valid_until))
        if obj.order:
            yield Fact(_("Order"), cells.link(obj.order, f"../../order/{obj.order_id}/"))
        if obj.note:
            yield Fact(_("Note"), obj.note)

    def tables(self, request: HttpRequest, obj: Quotation) -> Iterable[Table]:
        """Show each line with its price breaks."""
        yield Table(
            _("Lines"),
            headings(
                _("Line"),
                _("Product"),
                (_("Minimum"),),
                (_("Multiple"),),
                (_("Days"),),
                _("Prices, %(currency)s") % {"currency": obj.currency},
                (_("Awarded"),),
            ),
            [
                (
                    line.line_number,
                    cells.two_lines(line.product.name, line.product.sku),
                    cells.quantity(line.moq),
                    cells.quantity(line.order_multiple),
                    line.lead_time_days,
                    ", ".join(
                        f"{step.min_quantity}+ {cells.unit_price(step.unit_price, obj.currency)}"
                        for step in selectors.breaks_of(line)
                    ),
                    cells.quantity(line.awarded_quantity),
                )
                for line in obj.lines.all()
            ],
        )


@admin.register(Quotation, site=dealer_site)
class DealerQuotations(QuotationPages):
    """What the platform quoted to the dealer."""

    buttons = ("accept",)
    list_display = (
        "number",
        columns.text("request.title", gettext_lazy("Request")),
        columns.status(),
        columns.day("valid_until", gettext_lazy("Valid until"), "valid_until"),
    )

    @service_action(
        gettext_lazy("Accept and order"),
        verb="award",
        confirm=gettext_lazy("All that was asked for is ordered at the quoted prices."),
    )
    def accept(self, call: Call) -> Any:
        """Order what was quoted."""
        taken = quotation_acceptance.accept(call.obj, by=call.by, at=call.at)
        return _("Order %(number)s is placed.") % {"number": taken.order.number if taken.order else ""}


@admin.register(Quotation, site=operator_site)
class OperatorQuotations(QuotationPages):
    """Quotations of factories, once unsealed, and those to dealers."""

    list_display = (
        "number",
        columns.text("request.number", gettext_lazy("Request")),
        "supplier",
        columns.status(),
        columns.day("valid_until", gettext_lazy("Valid until"), "valid_until"),
    )

    @admin.display(description=gettext_lazy("From or to"))
    def supplier(self, obj: Quotation) -> str:
        """Name the other party."""
        return str(obj.factory or obj.dealer)
