"""Stock, its ledger, and who it is kept for."""

from __future__ import annotations

from collections.abc import Iterable

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
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from warehousing.models import Quant, StockLedgerEntry
from warehousing.services import count
from warehousing.services.cycle_count import Found


class AdjustForm(forms.Form):
    """What is there, and why the books are wrong."""

    counted = forms.IntegerField(label=gettext_lazy("Found, base units"), min_value=0, max_value=10**12)
    reason = forms.CharField(label=gettext_lazy("Why the books are wrong"), max_length=200)


@admin.register(Quant, site=operator_site)
class Stock(ReadOnlyAdmin):
    """What is where, and how much of it is promised."""

    nav = Nav("stock", 30, "inventory_2")
    ordering = ("product__sku", "pk")
    list_display = (
        columns.text("product.sku", gettext_lazy("SKU"), "product__sku"),
        columns.text("product.name", gettext_lazy("Product"), "product__name"),
        columns.text("location.code", gettext_lazy("Place")),
        columns.text("lot.number", gettext_lazy("Lot")),
        columns.quantity("on_hand", gettext_lazy("On hand"), "on_hand"),
        columns.quantity("reserved", gettext_lazy("Reserved"), "reserved"),
        columns.quantity("free", gettext_lazy("Free")),
    )
    list_select_related = ("product", "location", "lot")
    list_filter = ("location__warehouse", "location__kind")
    search_fields = ("product__sku__startswith", "lot__number__startswith")
    detail_select_related = ("product", "location", "lot", "owner")
    buttons = ("adjust",)

    def facts(self, request: HttpRequest, obj: Quant) -> Iterable[Fact]:
        """Say what stands here."""
        yield Fact(_("Product"), str(obj.product))
        yield Fact(_("Place"), f"{obj.location.code} ({obj.location.get_kind_display()})")
        yield Fact(_("Lot"), obj.lot.number if obj.lot else cells.NOTHING)
        yield Fact(_("Owner"), str(obj.owner) if obj.owner else _("the platform"))
        yield Fact(_("On hand"), cells.quantity(obj.on_hand))
        yield Fact(_("Reserved"), cells.quantity(obj.reserved))
        yield Fact(_("Free"), cells.quantity(obj.free))

    def tables(self, request: HttpRequest, obj: Quant) -> Iterable[Table]:
        """Show for whom it is kept."""
        kept = obj.reservations.filter(status="ACTIVE").select_related(
            "demand__dealer", "demand__ship_to_site"
        )
        yield paged(
            request,
            kept.order_by("pk"),
            _("Kept for"),
            headings(_("Dealer"), _("Ship to"), (_("Quantity"),), _("Since")),
            lambda row: (
                row.demand.dealer.name,
                row.demand.ship_to_site.name,
                cells.quantity(row.quantity),
                cells.moment(row.reserved_at),
            ),
            empty=_("Nothing of it is reserved."),
        )

    @service_action(gettext_lazy("Adjust"), form=AdjustForm)
    def adjust(self, call: Call) -> str:
        """Make the books say what is there."""
        quant: Quant = call.obj
        found = Found(
            quant.location_id,
            quant.product_id,
            call.data["counted"],
            lot_id=quant.lot_id,
            owner_id=quant.owner_id,
            handling_unit_id=quant.handling_unit_id,
            stock_status=quant.status,
        )
        line = count.adjust(found, reason=call.data["reason"], by=call.by, at=call.at)
        if line.status == "HELD":
            return _(
                "%(units)s units are too many for one: %(number)s waits for somebody else to approve."
            ) % {
                "units": f"{line.variance:+d}",
                "number": line.cycle_count.number,
            }
        return _("The books say what was found.")


@admin.register(StockLedgerEntry, site=operator_site)
class StockLedger(ReadOnlyAdmin):
    """Every movement that ever was."""

    nav = Nav("stock", 60, "receipt")
    ordering = ("-pk",)
    list_display = (
        columns.moment("effective_at", gettext_lazy("When"), "effective_at"),
        columns.text("product.sku", gettext_lazy("SKU")),
        columns.text("location.code", gettext_lazy("Place")),
        columns.quantity("quantity", gettext_lazy("Quantity"), "quantity"),
        columns.text("document_type", gettext_lazy("Document")),
        columns.text("reason", gettext_lazy("Reason")),
    )
    list_select_related = ("product", "location")
    search_fields = ("product__sku__startswith", "document_id__exact")
    detail_select_related = ("product", "location", "lot", "owner")

    def facts(self, request: HttpRequest, obj: StockLedgerEntry) -> Iterable[Fact]:
        """Say what moved, when and why."""
        yield Fact(_("Product"), str(obj.product))
        yield Fact(_("Place"), obj.location.code)
        yield Fact(_("Quantity"), cells.quantity(obj.quantity))
        yield Fact(_("Lot"), obj.lot.number if obj.lot else cells.NOTHING)
        yield Fact(_("When"), cells.moment(obj.effective_at))
        yield Fact(_("Recorded"), cells.moment(obj.recorded_at))
        yield Fact(_("Document"), f"{obj.document_type} {obj.document_id}")
        yield Fact(_("Reason"), obj.reason or cells.NOTHING)
