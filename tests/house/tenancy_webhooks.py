"""Who may see and manage which webhooks."""

from __future__ import annotations

from b2b.core import clock
from b2b.core.actor import DEALER, FACTORY, KINDS, OPERATOR, acting_as, system
from b2b.exchange.models import WebhookMessage
from b2b.exchange.services import fan_out, subscription
from b2b.outbox.models import OutboxEvent
from b2b.outbox.publish import publish
from tests.exchange.test_feed import confirmed
from tests.house.tenancy_line import ALL, Case, Line, World

ADDRESS = "https://erp.example.com/midstream"


def _webhook(world: World) -> Case:
    with acting_as(system("test")) as platform:
        made, _key = subscription.subscribe(world[FACTORY], url=f"{ADDRESS}/own", by=platform, at=clock.now())
    return Case({"webhook_id": made.pk}, marker=f"{ADDRESS}/own")


def _message(world: World) -> Case:
    case = _webhook(world)
    with acting_as(system("test")):
        fan_out.send_test(case.values["webhook_id"], at=clock.now())
        sent = WebhookMessage.objects.get()
    return Case({"message_id": sent.pk}, marker=str(sent.pk))


def _log(world: World) -> Case:
    case, sent = _webhook(world), None
    with acting_as(system("test")):
        fan_out.send_test(case.values["webhook_id"], at=clock.now())
        sent = WebhookMessage.objects.get()
    return Case(case.values, marker=str(sent.pk))


def _event(world: World) -> Case:
    with acting_as(system("test")):
        publish(confirmed(world[DEALER].pk, "DO-OWN-1"))
        told = OutboxEvent.objects.get()
    return Case({"event_id": told.pk}, marker="DO-OWN-1")


_OWN = frozenset({"owner", OPERATOR})
_SPAN = {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}

LINES: dict[str, Line] = {
    # tests/exchange shows whose events are whose with commits, without which the feed is empty.
    "events/": Line(lambda world: Case(), sees=ALL),
    "events/<uuid:event_id>/": Line(_event),
    # Everybody may subscribe an address of their own, and lists their own alone.
    "webhooks/": Line(
        lambda world: Case(marker=_webhook(world).marker),
        FACTORY,
        changes=frozenset({"owner", "rival", *KINDS}),
        body=lambda world: {"url": ADDRESS},
    ),
    "webhooks/<uuid:webhook_id>/": Line(
        _webhook, FACTORY, changes=_OWN, body=lambda world: {"description": "ours"}
    ),
    **{
        f"webhooks/<uuid:webhook_id>/{verb}/": Line(_webhook, FACTORY, sees=frozenset(), changes=_OWN)
        for verb in ("rotate-key", "pause", "resume", "end", "test")
    },
    "webhooks/<uuid:webhook_id>/replay/": Line(
        _webhook, FACTORY, sees=frozenset(), changes=_OWN, body=lambda world: _SPAN
    ),
    "webhooks/<uuid:webhook_id>/messages/": Line(_log, FACTORY),
    "webhook-messages/<uuid:message_id>/": Line(_message, FACTORY),
    "webhook-messages/<uuid:message_id>/replay/": Line(_message, FACTORY, sees=frozenset(), changes=_OWN),
}
