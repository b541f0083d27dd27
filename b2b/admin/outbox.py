"""Events and their deliveries, for the operator to watch and to mend."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, list_action, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.home import Figure
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.db.selectors import visible
from b2b.outbox.models import Delivery, OutboxEvent, Schedule
from b2b.outbox.services import delivery, schedule


@admin.register(Delivery, site=operator_site)
class DeliveryAdmin(ReadOnlyAdmin):
    """Every event on its way to every handler."""

    nav = Nav("platform", 10, "sync_alt")
    list_display = ("topic", "handler", columns.status(), "attempts", "due_at", "done_at", "shown_error")
    list_filter = ("status", "queue")
    search_fields = ("aggregate_id__exact", "handler__startswith", "topic__startswith")
    ordering = ("-pk",)
    buttons = ("retry", "park")
    actions = ("retry_chosen", "park_chosen")

    @display(description=_("last error"))
    def shown_error(self, obj: Delivery) -> str:
        """Show the beginning of the last error."""
        return obj.last_error[:80]

    @service_action(_("Try again now"), when=lambda obj: obj.status in ("PARKED", "PENDING"))
    def retry(self, call: Call) -> Any:
        """Try one delivery again."""
        delivery.retry([call.obj.pk], by=call.by)
        return gettext("It is tried again within a second.")

    @service_action(
        _("Park"), form=ReasonForm, danger=True, when=lambda obj: obj.status in ("PENDING", "SENT")
    )
    def park(self, call: Call) -> Any:
        """Set one delivery aside."""
        delivery.park([call.obj.pk], reason=call.data["reason"], by=call.by)
        return gettext("It is set aside until somebody tries it again.")

    @list_action(_("Try again now"))
    def retry_chosen(self, call: Call) -> Any:
        """Try the chosen deliveries again."""
        count = delivery.retry(list(call.obj.values_list("pk", flat=True)), by=call.by)
        return gettext("%(count)d deliveries are tried again.") % {"count": count}

    @list_action(_("Park"))
    def park_chosen(self, call: Call) -> Any:
        """Set the chosen deliveries aside."""
        count = delivery.park(list(call.obj.values_list("pk", flat=True)), by=call.by)
        return gettext("%(count)d deliveries are parked.") % {"count": count}

    def facts(self, request: HttpRequest, obj: Delivery) -> Iterable[Fact]:
        """Say what is delivered to whom, and how it went."""
        return (
            Fact(_("Event"), cells.code(obj.topic)),
            Fact(_("Handler"), cells.code(obj.handler)),
            Fact(_("Queue"), obj.queue),
            Fact(_("About"), cells.code(obj.aggregate_id)),
            Fact(_("In order"), _("yes") if obj.ordered else _("no")),
            Fact(_("Attempts"), obj.attempts),
            Fact(_("Due"), cells.moment(obj.due_at)),
            Fact(_("Done"), cells.moment(obj.done_at)),
            Fact(_("Last error"), format_html('<pre class="ms-pre">{}</pre>', obj.last_error or "–")),
        )


@admin.register(OutboxEvent, site=operator_site)
class EventAdmin(ReadOnlyAdmin):
    """Every fact as it was published."""

    nav = Nav("platform", 20, "bolt", _("Events"))
    list_display = ("topic", "aggregate_id", "actor_name", "occurred_at", "recorded_at")
    search_fields = ("aggregate_id__exact",)
    ordering = ("-recorded_at",)

    def facts(self, request: HttpRequest, obj: OutboxEvent) -> Iterable[Fact]:
        """Show the fact and its content."""
        content = json.dumps(obj.payload, indent=2, ensure_ascii=False)
        return (
            Fact(_("Topic"), cells.code(obj.topic)),
            Fact(_("About"), cells.code(obj.aggregate_id)),
            Fact(_("By"), obj.actor_name),
            Fact(_("Occurred"), cells.moment(obj.occurred_at)),
            Fact(_("Recorded"), cells.moment(obj.recorded_at)),
            Fact(_("Content"), format_html('<pre class="ms-pre">{}</pre>', content)),
        )

    def tables(self, request: HttpRequest, obj: OutboxEvent) -> Iterable[Table]:
        """Show who acted on it."""
        rows = [
            (
                cells.link(one.handler, f"../../delivery/{one.pk}/"),
                cells.badge(one.status, one.get_status_display()),
                one.attempts,
                cells.moment(one.done_at),
            )
            for one in visible(actor_of(request), Delivery).filter(event_id=obj.pk).order_by("pk")
        ]
        yield Table(
            _("Deliveries"),
            headings(_("Handler"), _("Status"), (_("Attempts"),), _("Done")),
            rows,
            empty=_("Nobody in the platform acts on this fact."),
        )


@admin.register(Schedule, site=operator_site)
class ScheduleAdmin(ReadOnlyAdmin):
    """Periodic work: when it runs, how it went, and the brake."""

    nav = Nav("platform", 30, "schedule")
    list_display = (
        "name",
        "rule",
        "queue",
        "is_paused",
        columns.moment("last_run_at", _("Last run"), "last_run_at"),
        columns.moment("next_due_at", _("Next"), "next_due_at"),
    )
    list_filter = ("is_paused", "queue")
    ordering = ("name",)
    buttons = ("run_now", "pause", "resume")

    def status_of(self, obj: Schedule) -> str:
        """Say whether it rests."""
        return "paused" if obj.is_paused else "active"

    def facts(self, request: HttpRequest, obj: Schedule) -> Iterable[Fact]:
        """Say when it runs."""
        return (
            Fact(_("Rule"), obj.rule),
            Fact(_("Queue"), obj.queue),
            Fact(_("Last run"), cells.moment(obj.last_run_at)),
            Fact(_("Next"), cells.moment(obj.next_due_at)),
        )

    def tables(self, request: HttpRequest, obj: Schedule) -> Iterable[Table]:
        """Show the runs, the latest first."""
        yield paged(
            request,
            obj.runs.order_by("-pk"),
            _("Runs"),
            headings(_("Period"), _("Status"), (_("Attempts"),), _("Started"), _("Finished"), _("Error")),
            lambda run: (
                run.period,
                cells.badge(run.status, run.get_status_display()),
                run.attempts,
                cells.moment(run.started_at),
                cells.moment(run.finished_at),
                run.last_error[:200],
            ),
            empty=_("It has not run yet."),
        )

    @service_action(
        _("Run now"), confirm=_("Run it once more, beside its periods and even while it is paused.")
    )
    def run_now(self, call: Call) -> Any:
        """Run it once more."""
        schedule.run_now(call.obj.pk, by=call.by)
        return gettext("It runs with the next tick.")

    @service_action(_("Pause"), danger=True, when=lambda obj: not obj.is_paused)
    def pause(self, call: Call) -> Any:
        """Let it rest."""
        schedule.pause(call.obj.pk, by=call.by)
        return gettext("%(name)s rests until it is resumed.") % {"name": call.obj.pk}

    @service_action(_("Resume"), when=lambda obj: obj.is_paused)
    def resume(self, call: Call) -> Any:
        """Let it go on."""
        schedule.resume(call.obj.pk, by=call.by)
        return gettext("%(name)s goes on; what it missed is caught up once.") % {"name": call.obj.pk}


@operator_site.home.figures(90)
def parked(request: HttpRequest) -> Iterable[Figure]:
    """Count the deliveries that wait for a person."""
    count = visible(actor_of(request), Delivery).filter(status="PARKED").count()
    yield Figure(
        _("Parked deliveries"),
        cells.quantity(count),
        _("failed too often; look and try again") if count else _("every event has found its handlers"),
        reverse("operator:outbox_delivery_changelist") + "?status__exact=PARKED",
        "bad" if count else "",
    )
