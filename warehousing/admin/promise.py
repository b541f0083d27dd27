"""Promises against stock and receipts, product by product: what is free, who has a promise, who waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from b2b.core.actor import Actor
from warehousing.models import PromiseBook
from warehousing.selectors import availability, books

DAYS_AHEAD = (0, 1, 3, 7, 14, 30, 60)


@admin.register(PromiseBook, site=operator_site)
class Promises(ReadOnlyAdmin):
    """How much of each product is promised, of how much there is."""

    nav = Nav("stock", 25, "handshake")
    ordering = ("product__sku", "pk")
    list_display = (
        columns.text("product.sku", gettext_lazy("SKU"), "product__sku"),
        columns.text("product.name", gettext_lazy("Product"), "product__name"),
        columns.text("warehouse.code", gettext_lazy("Warehouse")),
        columns.quantity("there", gettext_lazy("On hand")),
        columns.quantity("promised", gettext_lazy("Promised"), "promised"),
        "free",
        "share",
    )
    list_filter = ("warehouse",)
    search_fields = ("product__sku__startswith", "product__name__startswith")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Show what is there beside what is promised."""
        return books.visible(actor, today=clock.now().date())

    @admin.display(description=gettext_lazy("Free"))
    def free(self, obj: Any) -> str:
        """Show what could still be promised."""
        return cells.quantity(max(0, obj.there - obj.promised))

    @admin.display(description=gettext_lazy("Promised of it"))
    def share(self, obj: Any) -> SafeString:
        """Draw how much of what is there is promised."""
        words = _("%(promised)d of %(there)d promised") % {"promised": obj.promised, "there": obj.there}
        return cells.progress(obj.promised, obj.there, words)

    def facts(self, request: HttpRequest, obj: Any) -> Iterable[Fact]:
        """Say how the book stands, and draw it by day."""
        short = obj.promised - obj.there
        yield Fact(_("Product"), str(obj.product))
        yield Fact(_("Warehouse"), str(obj.warehouse))
        yield Fact(_("Whose goods"), str(obj.owner) if obj.owner else _("anybody may be promised them"))
        yield Fact(_("On hand"), cells.quantity(obj.there))
        yield Fact(_("Promised"), cells.quantity(obj.promised))
        yield (
            Fact(_("Short"), cells.quantity(short)) if short > 0 else Fact(_("Free"), cells.quantity(-short))
        )
        yield Fact(_("Day by day"), picture(self._by_day(request, obj)))

    def tables(self, request: HttpRequest, obj: Any) -> Iterable[Table]:
        """Show who was promised goods, what comes when, and who waits."""
        yield paged(
            request,
            books.promises(obj),
            _("Promised to"),
            headings(
                _("Dealer"),
                _("Ship to"),
                _("Needed by"),
                (_("Promised"),),
                (_("Picked"),),
                _("Must last until"),
                _("Why from here"),
            ),
            lambda row: (
                row.demand.dealer.name,
                row.demand.ship_to_site.name,
                cells.day(row.demand.need_by_date),
                cells.quantity(row.quantity),
                cells.quantity(row.picked),
                cells.day(row.min_expiry_date),
                row.reason or cells.NOTHING,
            ),
            empty=_("Nothing of it is promised."),
        )
        yield Table(
            _("By day"),
            headings(_("Day"), (_("On hand"),), (_("Promised"),), (_("Expected"),), (_("Available"),)),
            [
                (
                    cells.day(one.day),
                    *map(cells.quantity, (one.on_hand, one.promised, one.expected, one.available)),
                )
                for one in self._by_day(request, obj)
            ],
        )
        yield Table(
            _("Who waits"),
            headings(_("Dealer"), _("Ship to"), _("Needed by"), (_("Wanted"),), (_("Waits for"),)),
            [
                (
                    demand.dealer.name,
                    demand.ship_to_site.name,
                    cells.day(demand.need_by_date),
                    cells.quantity(one.quantity),
                    cells.quantity(one.lacking),
                )
                for demand, one in books.waiting(actor_of(request), obj.product_id)
            ],
            empty=_("Nobody waits for this product."),
        )

    def _by_day(self, request: HttpRequest, obj: Any) -> list[availability.Available]:
        today = clock.now().date()
        asked = [
            (obj.product_id, obj.warehouse.site_id, today + timedelta(days=ahead)) for ahead in DAYS_AHEAD
        ]
        return availability.at(actor_of(request), asked, today=today)


def picture(days: list[availability.Available]) -> SafeString:
    """Draw for each day what is on hand and expected (up) and how much of it is promised (the line)."""
    most = max(1, *(max(one.on_hand + one.expected, one.promised) for one in days))
    step = 100 // len(days)
    bars = format_html_join(
        "",
        '<rect x="{0}" y="{1}" width="{2}" height="{3}" fill="currentColor" fill-opacity="0.25"/>'
        '<rect x="{0}" y="{4}" width="{2}" height="{5}" fill="currentColor" fill-opacity="0.6"/>'
        '<rect x="{0}" y="{6}" width="{2}" height="0.8" fill="currentColor"/>',
        (
            (
                place * step,
                40 - 40 * (one.on_hand + one.expected) // most,
                step - 2,
                40 * (one.on_hand + one.expected) // most - 40 * one.on_hand // most,
                40 - 40 * one.on_hand // most,
                40 * one.on_hand // most,
                40 - 40 * one.promised // most,
            )
            for place, one in enumerate(days)
        ),
    )
    words = _("On hand (dark), expected (light) and promised (line), %(count)d days ahead") % {
        "count": DAYS_AHEAD[-1]
    }
    return format_html(
        '<svg viewBox="0 0 100 41" width="320" height="128" role="img" aria-label="{}">{}</svg>', words, bars
    )
