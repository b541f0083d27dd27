"""Cases: differences that only a person may decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact
from finance.models import Case
from finance.services import case as cases


@admin.register(Case, site=operator_site)
class Cases(ReadOnlyAdmin):
    """What, how much, since when, and how it ended."""

    nav = Nav("money", 70, "gavel")
    ordering = ("-pk",)
    list_display = (
        "number",
        "kind",
        columns.text("reason", gettext_lazy("Reason")),
        columns.money("amount", gettext_lazy("Amount")),
        columns.status(),
        columns.text("owner.username", gettext_lazy("Owner")),
        columns.quantity("age_days", gettext_lazy("Days open")),
        columns.moment("created_at", gettext_lazy("Opened"), "created_at"),
    )
    list_filter = ("status", "kind", "owner")
    list_select_related = ("owner",)
    search_fields = ("number__startswith", "reference__startswith")
    detail_select_related = ("statement_line", "owner")
    buttons = ("take", "resolve")

    def facts(self, request: HttpRequest, obj: Case) -> Iterable[Fact]:
        """Say what the case is about."""
        yield Fact(_("Kind"), obj.kind.replace("_", " ").capitalize())
        yield Fact(_("Reason"), obj.reason)
        yield Fact(_("Reference"), obj.reference or cells.NOTHING)
        yield Fact(_("Amount"), cells.money(obj.amount, obj.currency) if obj.currency else cells.NOTHING)
        yield Fact(_("Opened"), cells.moment(obj.created_at))
        yield Fact(_("Days open"), str(obj.age_days))
        yield Fact(_("Owner"), str(obj.owner or cells.NOTHING))
        if obj.statement_line_id:
            yield Fact(
                _("Bank line"),
                cells.link(obj.statement_line, f"../../statementline/{obj.statement_line_id}/"),
            )
        if obj.resolution:
            yield Fact(_("Resolution"), obj.resolution)

    @service_action(gettext_lazy("Take it on"), when=lambda case: case.status == "OPEN")
    def take(self, call: Call) -> Any:
        """Make the person who asks its owner."""
        cases.take(call.obj.pk, by=call.by, at=call.at)
        return _("Case %(number)s is yours.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Resolve"), verb="resolve", form=ReasonForm)
    def resolve(self, call: Call) -> Any:
        """Close the case with the reason."""
        cases.resolve(call.obj.pk, resolution=call.data["reason"], by=call.by, at=call.at)
        return _("Case %(number)s is resolved.") % {"number": call.obj.number}
