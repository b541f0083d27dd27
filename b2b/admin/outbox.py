"""Events and their deliveries, for the operator to watch and to mend."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from b2b.admin import cells
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table, columns
from b2b.core.actor import Actor
from b2b.outbox.models import Delivery, OutboxEvent


@admin.register(Delivery, site=operator_site)
class DeliveryAdmin(ReadOnlyAdmin):
    """Every event on its way to every handler."""

    nav = Nav("platform", 10, "local_shipping")
    list_display = ("topic", "handler", "shown_status", "attempts", "due_at", "done_at", "shown_error")
    list_filter = ("status", "queue")
    search_fields = ("aggregate_id__exact", "handler__startswith", "topic__startswith")
    ordering = ("-pk",)

    @display(description=_("status"), ordering="status")
    def shown_status(self, delivery: Delivery) -> SafeString:
        """Show where the delivery is."""
        return cells.badge(delivery.status, delivery.get_status_display())

    @display(description=_("last error"))
    def shown_error(self, delivery: Delivery) -> str:
        """Show the beginning of the last error."""
        return delivery.last_error[:80]

    def rows(self, actor: Actor) -> QuerySet[Delivery]:
        """Return all deliveries; the site lets operators in alone."""
        return Delivery.objects.all() if actor.sees_all else Delivery.objects.none()

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

    def rows(self, actor: Actor) -> QuerySet[OutboxEvent]:
        """Return all events; the site lets operators in alone."""
        return OutboxEvent.objects.all() if actor.sees_all else OutboxEvent.objects.none()

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
                cells.link(delivery.handler, f"../../delivery/{delivery.pk}/"),
                cells.badge(delivery.status, delivery.get_status_display()),
                delivery.attempts,
                cells.moment(delivery.done_at),
            )
            for delivery in Delivery.objects.filter(event_id=obj.pk).order_by("pk")
        ]
        yield Table(
            _("Deliveries"),
            columns(_("Handler"), _("Status"), (_("Attempts"),), _("Done")),
            rows,
            empty=_("Nobody in the platform acts on this fact."),
        )
