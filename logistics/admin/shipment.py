"""Shipments: goods for one drop point, from packed to signed for."""

from __future__ import annotations

from collections.abc import Iterable
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
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.admin.tables import Entry, Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.ids import uuid7
from b2b.db.selectors import visible
from logistics import states
from logistics.models import ProofOfDelivery, Shipment
from logistics.services import delivery
from logistics.services import shipment as shipments


class SignatureForm(forms.Form):
    """Who took the goods; everything was taken."""

    signer_name = forms.CharField(label=gettext_lazy("Signed by"), max_length=150)
    signer_role = forms.CharField(label=gettext_lazy("Role"), max_length=80, required=False)


class ShipmentPages(ReadOnlyAdmin):
    """A list of shipments; the page of one with its content, packages, proof and journey."""

    nav = Nav("carry", 10, "local_shipping")
    ordering = ("-pk",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "ship_to_code__startswith")
    detail_select_related = ("dealer", "carrier", "warehouse_site")

    def facts(self, request: HttpRequest, obj: Shipment) -> Iterable[Fact]:
        """Say what goes where, when and for how much."""
        yield Fact(_("Ship to"), cells.two_lines(obj.ship_to_name, obj.ship_to_address))
        yield Fact(_("From"), obj.warehouse_site.name)
        yield Fact(_("Carrier"), obj.carrier.name if obj.carrier else cells.NOTHING)
        yield Fact(_("Weight"), _("%(weight)s kg") % {"weight": cells.kilograms(obj.weight_g)})
        yield Fact(_("Planned arrival"), cells.moment(obj.planned_arrival_at))
        yield Fact(_("Delivered"), cells.moment(obj.delivered_at))
        yield Fact(_("Freight"), cells.money(obj.freight_amount, obj.currency))

    def tables(self, request: HttpRequest, obj: Shipment) -> Iterable[Table]:
        """Show what is in it, in which packages, and who signed."""
        yield paged(
            request,
            obj.lines.select_related("product").order_by("line_number"),
            _("Content"),
            headings(_("Line"), _("Product"), (_("Quantity"),)),
            lambda line: (
                line.line_number,
                cells.two_lines(line.product.name, line.product.sku),
                cells.quantity(line.quantity),
            ),
        )
        yield paged(
            request,
            obj.packages.order_by("pk"),
            _("Packages"),
            headings(_("SSCC"), (_("Weight, kg"),)),
            lambda package: (cells.code(package.sscc), cells.kilograms(package.weight_g)),
            parameter="packages",
        )
        yield from self._proofs(request, obj)

    @staticmethod
    def _proofs(request: HttpRequest, obj: Shipment) -> Iterable[Table]:
        proofs = visible(actor_of(request), ProofOfDelivery).filter(shipment=obj).order_by("pk")
        rows = [
            (
                proof.signer_name,
                proof.signer_role or cells.NOTHING,
                cells.moment(proof.delivered_at),
                cells.code(proof.hash[:16]),
            )
            for proof in proofs
        ]
        if rows:
            heads = headings(_("Signed by"), _("Role"), _("When"), _("Seal"))
            yield Table(_("Proof of delivery"), heads, rows)

    def entries(self, request: HttpRequest, obj: Shipment) -> Iterable[Entry]:
        """Put what was seen on the way on the timeline."""
        for event in obj.tracking_events.visible_to(actor_of(request)).order_by("-occurred_at")[:50]:
            title = event.get_kind_display().replace("_", " ").capitalize()
            yield Entry(at=event.occurred_at, title=title, detail=event.note, who=event.source, tone="busy")


@admin.register(Shipment, site=dealer_site)
class DealerShipments(ShipmentPages):
    """What is on its way to the dealer."""

    list_display = (
        "number",
        columns.text("ship_to_name", gettext_lazy("Ship to")),
        columns.status(),
        columns.moment("planned_arrival_at", gettext_lazy("Planned arrival"), "planned_arrival_at"),
        columns.moment("delivered_at", gettext_lazy("Delivered"), "delivered_at"),
    )


@admin.register(Shipment, site=operator_site)
class OperatorShipments(ShipmentPages):
    """What is on its way to everybody."""

    list_display = (
        "number",
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        columns.text("ship_to_name", gettext_lazy("Ship to")),
        columns.text("carrier.name", gettext_lazy("Carrier")),
        columns.status(),
        columns.moment("planned_arrival_at", gettext_lazy("Planned arrival"), "planned_arrival_at"),
        columns.moment("delivered_at", gettext_lazy("Delivered"), "delivered_at"),
    )
    list_select_related = ("dealer", "carrier")
    list_filter = ("status", "warehouse_site")
    search_fields = (*ShipmentPages.search_fields, "dealer__code__startswith")
    buttons = ("confirm_delivery", "report_failure", "try_again")

    @service_action(gettext_lazy("Confirm delivery"), verb="deliver", form=SignatureForm)
    def confirm_delivery(self, call: Call) -> Any:
        """Keep the proof that everything was taken."""
        capture = delivery.Capture(
            capture_id=f"desk-{uuid7()}",
            signer_name=call.data["signer_name"],
            signer_role=call.data["signer_role"],
            delivered_at=call.at,
        )
        delivery.confirm(call.obj.pk, capture=capture, by=call.by, at=call.at)
        return _("%(number)s is delivered; it will be invoiced.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Report a failed delivery"), verb="fail", form=ReasonForm, danger=True)
    def report_failure(self, call: Call) -> Any:
        """Say that nobody could take the goods."""
        delivery.fail(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("The failed delivery of %(number)s is noted.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Try again"), verb="retry", when=lambda shipment: shipment.status == states.FAILED
    )
    def try_again(self, call: Call) -> Any:
        """Put it back to the plan."""
        shipments.retry(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s waits for the next plan.") % {"number": call.obj.number}
