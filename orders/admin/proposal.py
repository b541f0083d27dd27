"""Prices that factories propose, on the operator's desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from orders.admin.agreement import told
from orders.models import PriceProposal
from orders.policies.agreement_row import COLUMNS
from orders.services import price_proposal

ROWS_SHOWN: Final = 500


@admin.register(PriceProposal, site=operator_site)
class Proposals(ReadOnlyAdmin):
    """Price lists that wait for a decision, and those decided."""

    nav = Nav("data", 75, "request_quote")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("seller.name", gettext_lazy("Factory"), "seller__name"),
        columns.status(),
        columns.quantity("agreement_count", gettext_lazy("Agreements")),
        columns.moment("created_at", gettext_lazy("Proposed"), "created_at"),
    )
    list_select_related = ("seller",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "seller__code__startswith")
    detail_select_related = ("seller",)
    buttons = ("approve", "reject")

    def facts(self, request: HttpRequest, obj: PriceProposal) -> Iterable[Fact]:
        """Say who proposes how much, and why."""
        yield Fact(_("Factory"), str(obj.seller))
        yield Fact(_("Agreements"), cells.quantity(obj.agreement_count))
        yield Fact(_("Note"), obj.note or cells.NOTHING)

    def tables(self, request: HttpRequest, obj: PriceProposal) -> Iterable[Table]:
        """Show the rows as the factory sent them."""
        used = [name for name in COLUMNS if any(values.get(name) for _row, values in obj.rows)]
        note = ""
        if obj.row_count > ROWS_SHOWN:
            note = _("The first %(shown)d of %(count)d rows.") % {"shown": ROWS_SHOWN, "count": obj.row_count}
        yield Table(
            _("Rows"),
            headings(_("Row"), *used),
            [(number, *(values.get(name, "") for name in used)) for number, values in obj.rows[:ROWS_SHOWN]],
            note=note,
        )

    @service_action(
        gettext_lazy("Put in force"),
        verb="approve",
        confirm=gettext_lazy("All of its prices hold as they stand."),
    )
    def approve(self, call: Call) -> str:
        """Put it in force."""
        return told(price_proposal.approve(call.obj, by=call.by, at=call.at))

    @service_action(gettext_lazy("Turn down"), verb="reject", form=ReasonForm, danger=True)
    def reject(self, call: Call) -> str:
        """Turn it down."""
        price_proposal.reject(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("The factory reads why.")
