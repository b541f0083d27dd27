"""Recalls on both desks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
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
from b2b.core.actor import Actor, system
from warehousing.admin.lot import trace_tables
from warehousing.admin.trace_picture import picture
from warehousing.models import Recall, RecallNotice
from warehousing.selectors import package, trace
from warehousing.selectors import recall as recalls
from warehousing.services import pull, recall


@admin.register(Recall, site=operator_site)
class Recalls(ReadOnlyAdmin):
    """Recalls and rehearsals, with what was found and what dealers answered."""

    nav = Nav("stock", 45, "assignment_late")
    ordering = ("-pk",)
    list_display = (
        "number",
        "reason",
        columns.status(),
        columns.moment("created_at", gettext_lazy("Opened"), "created_at"),
    )
    list_filter = ("status",)
    search_fields = ("number__startswith",)
    buttons = ("pull", "close")

    def facts(self, request: HttpRequest, obj: Recall) -> Iterable[Fact]:
        """Say what is called back, why, and how long it took to find out."""
        lots = list(obj.lots.select_related("product"))
        yield Fact(_("Lots"), ", ".join(f"{one.product.sku} {one.number}" for one in lots))
        yield Fact(_("Reason"), obj.reason)
        yield Fact(_("What dealers are to do"), obj.instruction or cells.NOTHING)
        finding = recalls.findings(actor_of(request)).filter(recall=obj).first()
        if finding:
            told = finding.found.get("told", finding.found.get("would_tell", []))
            label = _("Would be told") if obj.is_rehearsal else _("Told")
            yield Fact(label, ", ".join(told) or _("nobody"))
            yield Fact(_("Time it took"), _("%(ms)d ms") % {"ms": finding.duration_ms})
        yield Fact(_("Trace"), picture(trace.of_lots(actor_of(request), [one.pk for one in lots])))

    def tables(self, request: HttpRequest, obj: Recall) -> Iterable[Table]:
        """Show the dealers' answers, and where everything is now."""
        back = recalls.came_back(obj)
        yield Table(
            _("Dealers"),
            headings(
                _("Dealer"), (_("Delivered"),), (_("Under way"),), _("Answer"), (_("Held"),), (_("Sold"),),
                (_("Returning"),), (_("Came back"),), _("Note"),
            ),
            [
                (
                    notice.dealer.name, cells.quantity(notice.delivered_quantity),
                    cells.quantity(notice.under_way_quantity), notice.status.capitalize(),
                    cells.quantity(notice.held_quantity), cells.quantity(notice.sold_quantity),
                    cells.quantity(notice.returning_quantity), cells.quantity(back.get(str(notice.pk), 0)), notice.note,
                )
                for notice in obj.notices.select_related("dealer").order_by("pk")
            ],
            empty=_("Nobody was told."),
        )  # fmt: skip
        yield from trace_tables(trace.of_lots(actor_of(request), [one.pk for one in obj.lots.all()]))

    @service_action(
        gettext_lazy("Pull what is staged"),
        when=lambda obj: obj.status == "OPEN" and bool(package.stopped(system("recall"), recall=obj)),
        confirm=gettext_lazy(
            "Closed packages with these lots leave their shipments; dispatch goes without them."
        ),
    )
    def pull(self, call: Call) -> Any:
        """Take all closed packages with goods of it out of their shipments."""
        named = [one.sscc for one in package.stopped(call.by, recall=call.obj)]
        pulled = pull.pull(named, reason=f"{call.obj.number}: {call.obj.reason}", by=call.by, at=call.at)
        return _("%(count)d packages are pulled; bring their goods back to their shelves.") % {
            "count": len(pulled)
        }

    @service_action(gettext_lazy("Close the recall"), verb="close", form=ReasonForm)
    def close(self, call: Call) -> Any:
        """Close it."""
        recall.close(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is closed; its lots stay blocked.") % {"number": call.obj.number}


def answer_form(request: HttpRequest, notice: RecallNotice) -> type[forms.Form]:
    """Return a form that asks what became of the goods."""
    most = notice.delivered_quantity + notice.under_way_quantity
    labels = {
        "held": _("Still held, blocked from sale"),
        "sold": _("Sold or used"),
        "returning": _("On the way back to us"),
    }
    fields: dict[str, forms.Field] = {
        name: forms.IntegerField(
            label=label, min_value=0, max_value=most, initial=most if name == "held" else 0
        )
        for name, label in labels.items()
    }
    fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=1000)
    return type("RecallAnswerForm", (forms.Form,), fields)


@admin.register(RecallNotice, site=dealer_site)
class MyRecalls(ReadOnlyAdmin):
    """What a dealer was told to take off sale, and its answer."""

    nav = Nav("buy", 80, "assignment_late", gettext_lazy("Recalls"))
    ordering = ("-pk",)
    list_display = (
        columns.text("recall.number", gettext_lazy("Recall")),
        columns.text("recall.reason", gettext_lazy("Reason")),
        columns.quantity("delivered_quantity", gettext_lazy("Delivered")),
        columns.status(),
        columns.moment("told_at", gettext_lazy("Told"), "told_at"),
    )
    list_select_related = ("recall",)
    detail_select_related = ("recall", "dealer")
    list_filter = ("status",)
    buttons = ("answer",)

    def rows(self, actor: Actor) -> QuerySet[RecallNotice]:
        """Return the dealer's own notices."""
        return recalls.notices(actor)

    def facts(self, request: HttpRequest, obj: RecallNotice) -> Iterable[Fact]:
        """Say what is called back, why, and what to do."""
        yield Fact(_("Recall"), obj.recall.number)
        yield Fact(_("Reason"), obj.recall.reason)
        yield Fact(_("What to do"), obj.recall.instruction or cells.NOTHING)
        yield Fact(_("Delivered"), cells.quantity(obj.delivered_quantity))
        yield Fact(_("Under way"), cells.quantity(obj.under_way_quantity))
        yield Fact(_("Still held"), cells.quantity(obj.held_quantity))
        yield Fact(_("Sold or used"), cells.quantity(obj.sold_quantity))
        yield Fact(_("On the way back to us"), cells.quantity(obj.returning_quantity))

    def tables(self, request: HttpRequest, obj: RecallNotice) -> Iterable[Table]:
        """Show the dealer's own parcels."""
        yield Table(
            _("Your parcels"),
            headings(_("SKU"), _("Lot"), _("Order"), _("SSCC"), _("Ship to"), _("Stage"), (_("Quantity"),)),
            [
                (
                    row["sku"], row["lot_number"], row["order"] or cells.NOTHING, row["sscc"], row["ship_to"],
                    row["stage"].replace("_", " ").capitalize(), cells.quantity(row["quantity"]),
                )
                for row in obj.goods
            ],
        )  # fmt: skip

    @service_action(
        gettext_lazy("Answer"), form=answer_form, when=lambda notice: notice.recall.status == "OPEN"
    )
    def answer(self, call: Call) -> Any:
        """Say what became of the goods."""
        recall.answer(call.obj.recall_id, **call.data, by=call.by, at=call.at)
        return _("Thank you; to send goods back, ask for a return of their order.")
