"""Production signals on the factory's own desk: what is asked, what is firm, by when to answer, and the answer."""

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
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, factory_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from orders.admin.signal import lines_table
from orders.models import ProductionSignal
from orders.policies.demand import monday_of
from orders.selectors import planning
from orders.services import production_signal, signal_progress

WEEKS_SHOWN = 200


def _quantities(request: HttpRequest, obj: ProductionSignal) -> type[forms.Form]:
    """Return a form with a quantity for each line, filled with what is asked."""
    fields = {
        f"line_{line.line_number}": forms.IntegerField(
            label=_("%(sku)s, week of %(week)s (asked %(quantity)s)")
            % {"sku": line.product.sku, "week": cells.day(line.week_start_date), "quantity": line.quantity},
            min_value=line.ordered_quantity,
            max_value=line.quantity,
            initial=line.quantity if line.committed_quantity is None else line.committed_quantity,
        )
        for line in obj.lines.select_related("product").order_by("line_number")
    }
    return type("QuantitiesForm", (forms.Form,), fields)


@admin.register(ProductionSignal, site=factory_site)
class FactorySignals(ReadOnlyAdmin):
    """What the platform asks this factory to make, and what it answers."""

    nav = Nav("make", 10, "campaign")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.status(),
        "is_order",
        columns.moment("created_at", gettext_lazy("Raised"), "created_at"),
    )
    list_filter = ("status",)
    search_fields = ("number__startswith",)
    detail_select_related = ("factory",)
    buttons = ("commit", "refuse", "produce", "ship")

    def facts(self, request: HttpRequest, obj: ProductionSignal) -> Iterable[Fact]:
        """Say what it is, and by when somebody has to answer."""
        yield Fact(_("Raised"), cells.moment(obj.created_at))
        yield Fact(_("Asks to make"), _("yes") if obj.is_order else _("no, it is an outlook"))
        due = planning.answer_by(actor_of(request), obj)
        if due is not None:
            yield Fact(_("Answer by"), cells.moment(due))

    def tables(self, request: HttpRequest, obj: ProductionSignal) -> Iterable[Table]:
        """Show its lines, and all that is asked of the factory by week against what it can make."""
        yield lines_table(request, obj)
        since = monday_of(clock.now().date())
        weeks = planning.weeks_of(actor_of(request), obj.factory_id, since=since)
        yield Table(
            _("All your weeks against your capacity"),
            headings(
                _("Week of"), _("Product"), (_("Asked"),), (_("Firm"),), (_("Committed"),), (_("Capacity"),),
                (_("Above it"),), _("Answer by"),
            ),
            [
                (
                    cells.day(one.week_start_date), cells.two_lines(one.name, one.sku), cells.quantity(one.asked),
                    cells.quantity(one.firm), cells.quantity(one.committed), cells.quantity(one.weekly_capacity),
                    cells.quantity(one.over), cells.moment(one.answer_by) if one.answer_by else "",
                )
                for one in weeks[:WEEKS_SHOWN]
            ],
            empty=_("No plan asks anything of you from this week on."),
        )  # fmt: skip

    @service_action(gettext_lazy("Commit"), verb="commit", form=_quantities)
    def commit(self, call: Call) -> Any:
        """Say how much of each line will be made."""
        committed = {int(name.removeprefix("line_")): quantity for name, quantity in call.data.items()}
        production_signal.answer(call.obj, committed=committed, by=call.by, at=call.at)
        return _("%(number)s is answered.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Refuse all of it"), verb="reject", form=ReasonForm, danger=True)
    def refuse(self, call: Call) -> Any:
        """Say that nothing of it will be made."""
        committed = dict.fromkeys(call.obj.lines.values_list("line_number", flat=True), 0)
        production_signal.answer(
            call.obj, committed=committed, reason=call.data["reason"], by=call.by, at=call.at
        )
        return _("%(number)s is refused.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("It is in production"), verb="produce", confirm=gettext_lazy("Making has begun.")
    )
    def produce(self, call: Call) -> Any:
        """Say that making has begun."""
        signal_progress.tell(call.obj, "produce", by=call.by, at=call.at)
        return _("%(number)s is in production.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("It is shipped"), verb="ship", confirm=gettext_lazy("It has left the factory.")
    )
    def ship(self, call: Call) -> Any:
        """Say that it has left."""
        signal_progress.tell(call.obj, "ship", by=call.by, at=call.at)
        return _("%(number)s is shipped.") % {"number": call.obj.number}
