"""Lots with their trace, and the buttons that block, release, reject and call them back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from warehousing import states
from warehousing.admin.trace_picture import picture
from warehousing.models import Lot
from warehousing.selectors import trace
from warehousing.selectors.trace import Trace
from warehousing.services import lot, recall


class RecallForm(forms.Form):
    """Why, and what dealers are to do."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=400)
    instruction = forms.CharField(
        label=gettext_lazy("What dealers are to do"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@admin.register(Lot, site=operator_site)
class Lots(ReadOnlyAdmin):
    """Production lots, where their goods came from and went, and their recall."""

    nav = Nav("stock", 40, "qr_code_2")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("product.sku", gettext_lazy("SKU"), "product__sku"),
        columns.text("product.name", gettext_lazy("Product")),
        columns.day("expiry_date", gettext_lazy("Expires"), "expiry_date"),
        columns.status(),
    )
    list_select_related = ("product",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "product__sku__startswith")
    detail_select_related = ("product",)
    buttons = ("rehearse", "call_back", "block", "release", "reject")

    def facts(self, request: HttpRequest, obj: Lot) -> Iterable[Fact]:
        """Say what the lot is, and draw where it went."""
        yield Fact(_("Product"), str(obj.product))
        yield Fact(_("Expires"), cells.day(obj.expiry_date))
        yield Fact(_("Reason"), obj.status_reason or cells.NOTHING)
        yield Fact(_("Trace"), picture(trace.of_lots(actor_of(request), [obj.pk])))

    def tables(self, request: HttpRequest, obj: Lot) -> Iterable[Table]:
        """Show the trace, back and forth."""
        yield from trace_tables(trace.of_lots(actor_of(request), [obj.pk]))

    @service_action(gettext_lazy("Rehearse a recall"), form=RecallForm)
    def rehearse(self, call: Call) -> Any:
        """Find out what a recall would find; nothing is changed and nobody told."""
        return _opened(call, rehearse=True)

    @service_action(
        gettext_lazy("Recall this lot"),
        form=RecallForm,
        danger=True,
        confirm=gettext_lazy(
            "The lot is blocked at once, its reservations move to other lots, and every dealer that got of it is told."
        ),
    )
    def call_back(self, call: Call) -> Any:
        """Recall the lot."""
        return _opened(call, rehearse=False)

    @service_action(
        gettext_lazy("Block"),
        form=ReasonForm,
        danger=True,
        when=lambda obj: states.LOT.allows(obj.status, "quarantine"),
    )
    def block(self, call: Call) -> Any:
        """Take it out of circulation without a recall."""
        lot.quarantine(call.obj.pk, reason=call.data["reason"][:200], at=call.at)
        return _("Nothing of lot %(number)s is reserved, picked or packed any more.") % {
            "number": call.obj.number
        }

    @service_action(
        gettext_lazy("Release"), form=ReasonForm, when=lambda obj: states.LOT.allows(obj.status, "release")
    )
    def release(self, call: Call) -> Any:
        """Give it back to circulation."""
        lot.release(call.obj.pk, reason=call.data["reason"])
        return _("Lot %(number)s is released.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Reject"),
        form=ReasonForm,
        danger=True,
        when=lambda obj: states.LOT.allows(obj.status, "reject"),
    )
    def reject(self, call: Call) -> Any:
        """Give it up."""
        lot.reject(call.obj.pk, reason=call.data["reason"])
        return _("Lot %(number)s is rejected.") % {"number": call.obj.number}


def _opened(call: Call, *, rehearse: bool) -> HttpResponseRedirect:
    made = recall.open_([call.obj.pk], **call.data, rehearse=rehearse, by=call.by, at=call.at)
    return HttpResponseRedirect(reverse(f"{operator_site.name}:warehousing_recall_change", args=[made.pk]))


def trace_tables(found: Trace) -> Iterable[Table]:
    """Lay a trace out as tables."""
    yield Table(
        _("Where it came from"),
        headings(
            _("Factory"), _("Purchase order"), _("Despatch advice"), _("Receipt"), _("Received"), (_("Quantity"),)
        ),
        [
            (
                one.factory, one.purchase_order, one.despatch_advice, one.receipt, cells.moment(one.received_at),
                cells.quantity(one.quantity),
            )
            for one in found.origins
        ],
        empty=_("No receipt names it."),
    )  # fmt: skip
    yield Table(
        _("Where it stands"),
        headings(_("Warehouse"), _("Place"), _("Unit"), _("Status"), (_("On hand"),), (_("Reserved"),)),
        [
            (
                one.warehouse, one.location, one.sscc or cells.NOTHING, one.status.capitalize(),
                cells.quantity(one.on_hand), cells.quantity(one.reserved),
            )
            for one in found.on_hand
        ],
        empty=_("Nothing of it is on hand."),
    )  # fmt: skip
    yield Table(
        _("For whom it is kept"),
        headings(_("Dealer"), _("Order"), (_("Quantity"),)),
        [(one.dealer, one.order or cells.NOTHING, cells.quantity(one.quantity)) for one in found.reserved],
        empty=_("Nothing of it is reserved."),
    )
    yield Table(
        _("To whom it went"),
        headings(_("Dealer"), _("Order"), _("SSCC"), _("Stage"), _("Left"), _("Arrived"), (_("Quantity"),)),
        [
            (
                one.dealer, one.order or cells.NOTHING, cells.code(one.sscc), one.stage.replace("_", " ").capitalize(),
                cells.moment(one.departed_at), cells.moment(one.delivered_at), cells.quantity(one.quantity),
            )
            for one in found.parcels
        ],
        empty=_("Nothing of it left the house."),
    )  # fmt: skip
    if found.unverified:
        yield Table(
            _("Not verified: said by who has nothing to do with these units"),
            headings(_("SSCC"), _("Said by"), _("When"), _("Event")),
            [
                (cells.code(one.sscc), one.party, cells.moment(one.event_time), cells.code(one.event_id))
                for one in found.unverified
            ],
        )
