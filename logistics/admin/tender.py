"""Tenders and the answers of carriers, as the operator decides on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from logistics import states
from logistics.models import Offer, Tender
from logistics.selectors import tender as tenders
from logistics.services import tender, tender_answer


def why(reasons: Iterable[dict[str, Any]]) -> str:
    """Say in words why a carrier was asked."""
    said = []
    for reason in reasons:
        if reason["code"] == "NEAR":
            said.append(
                _("%(vehicle)s is %(distance)s km away, %(minutes)d min")
                % {
                    "vehicle": reason["vehicle"],
                    "distance": cells.kilometres(reason["distance_m"]),
                    "minutes": -(-reason["drive_s"] // 60),
                }
            )
        elif reason["code"] == "ROOM":
            said.append(_("room for %(weight)s kg more") % {"weight": cells.kilograms(reason["weight_g"])})
        else:
            said.append(_("named by the operator"))
    return "; ".join(said)


@admin.register(Tender, site=operator_site)
class Tenders(ReadOnlyAdmin):
    """Loads that are or were offered."""

    nav = Nav("carry", 15, "gavel")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("warehouse_site.name", gettext_lazy("From")),
        columns.status(),
        columns.money("price", gettext_lazy("Price")),
        columns.moment("pickup_from_at", gettext_lazy("Pick-up from"), "pickup_from_at"),
        columns.moment("pickup_until_at", gettext_lazy("Pick-up until"), "pickup_until_at"),
    )
    list_select_related = ("warehouse_site",)
    list_filter = ("status", "warehouse_site")
    search_fields = ("number__startswith",)
    detail_select_related = ("warehouse_site", "trip")
    buttons = ("withdraw",)

    def facts(self, request: HttpRequest, obj: Tender) -> Iterable[Fact]:
        """Say what is offered, when it is fetched, and what became of it."""
        yield Fact(_("From"), obj.warehouse_site.name)
        yield Fact(
            _("Load"),
            _("%(weight)s kg to %(drops)d drop points")
            % {"weight": cells.kilograms(obj.weight_g), "drops": obj.drops},
        )
        yield Fact(_("Farthest drop"), _("%(distance)s km") % {"distance": cells.kilometres(obj.distance_m)})
        yield Fact(_("Pick-up from"), cells.moment(obj.pickup_from_at))
        yield Fact(_("Pick-up until"), cells.moment(obj.pickup_until_at))
        price = cells.money(obj.price, obj.currency) if obj.price is not None else _("carriers name theirs")
        yield Fact(_("Price"), price)
        yield Fact(_("Asks"), obj.get_mode_display())
        if obj.queue:
            waiting = ngettext("%(count)d carrier", "%(count)d carriers", len(obj.queue))
            yield Fact(_("Still to be asked"), waiting % {"count": len(obj.queue)})
        if obj.trip is not None:
            trip = reverse("operator:logistics_trip_change", args=[obj.trip_id])
            yield Fact(_("Trip"), cells.link(obj.trip.number, trip))

    def tables(self, request: HttpRequest, obj: Tender) -> Iterable[Table]:
        """Show who was asked with the answers, and what is in the load."""
        actor = actor_of(request)
        offers = tenders.offers(actor).filter(tender=obj).order_by("rank")
        rows = [
            (
                cells.link(one.carrier.name, reverse("operator:logistics_offer_change", args=[one.pk])),
                cells.badge(one.status, one.get_status_display()),
                cells.money(one.price, obj.currency),
                cells.moment(one.pickup_at),
                cells.moment(one.expires_at),
                why(one.reasons),
            )
            for one in offers
        ]
        heads = headings(
            _("Carrier"), _("Answer"), (_("Price"),), _("Pick-up"), _("Answer until"), _("Why asked")
        )
        yield Table(_("Offers"), heads, rows, empty=_("Nobody has been asked yet."))
        shipments = tenders.shipments(actor, obj).select_related("dealer")
        yield Table(
            _("Shipments"),
            headings(_("Shipment"), _("Dealer"), _("Ship to"), (_("Weight, kg"),), _("Status")),
            [
                (
                    cells.link(one.number, reverse("operator:logistics_shipment_change", args=[one.pk])),
                    one.dealer.name,
                    one.ship_to_name,
                    cells.kilograms(one.weight_g),
                    cells.badge(one.status, one.get_status_display()),
                )
                for one in shipments
            ],
        )

    @service_action(gettext_lazy("Withdraw"), verb="withdraw", form=ReasonForm, danger=True)
    def withdraw(self, call: Call) -> Any:
        """Take the tender back."""
        tender.withdraw(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is withdrawn; its shipments wait for a plan.") % {"number": call.obj.number}


@admin.register(Offer, site=operator_site)
class Offers(ReadOnlyAdmin):
    """What carriers answered."""

    nav = Nav("carry", 16, "request_quote")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("carrier.name", gettext_lazy("Carrier"), "carrier__name"),
        columns.status(),
        columns.money("price", gettext_lazy("Price"), currency="tender.currency", order="price"),
        columns.moment("pickup_at", gettext_lazy("Pick-up"), "pickup_at"),
        columns.moment("expires_at", gettext_lazy("Answer until"), "expires_at"),
    )
    list_select_related = ("carrier", "tender")
    list_filter = ("status",)
    search_fields = ("number__startswith", "carrier__code__startswith")
    detail_select_related = ("carrier", "tender", "vehicle")
    buttons = ("choose", "refuse")

    def facts(self, request: HttpRequest, obj: Offer) -> Iterable[Fact]:
        """Say who was asked, why, and what the answer is."""
        page = reverse("operator:logistics_tender_change", args=[obj.tender_id])
        yield Fact(_("Tender"), cells.link(obj.tender.number, page))
        yield Fact(_("Carrier"), str(obj.carrier))
        yield Fact(_("Why asked"), why(obj.reasons))
        yield Fact(_("Answer until"), cells.moment(obj.expires_at))
        yield Fact(_("Price"), cells.money(obj.price, obj.tender.currency))
        yield Fact(_("Pick-up"), cells.moment(obj.pickup_at))
        yield Fact(_("Vehicle"), str(obj.vehicle) if obj.vehicle else cells.NOTHING)

    @service_action(
        gettext_lazy("Choose this offer"),
        verb="accept",
        when=lambda offer: offer.status == states.OFFERED,
        confirm=gettext_lazy("The carrier gets the load at its price, and the others are told it is gone."),
    )
    def choose(self, call: Call) -> Any:
        """Let it win."""
        commitment = tender_answer.prepare(call.obj.pk, by=call.by, at=call.at)
        tender_answer.accept(call.obj.pk, commitment, by=call.by, at=call.at)
        return _("%(number)s has won; its trip is planned.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Refuse"), verb="refuse", form=ReasonForm, danger=True)
    def refuse(self, call: Call) -> Any:
        """Refuse the price."""
        tender_answer.end(call.obj.pk, "refuse", reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is refused.") % {"number": call.obj.number}
