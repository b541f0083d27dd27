"""Subscribe an address to events, change it, replace its key, pause and end it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from b2b.core.actor import OPERATOR, SYSTEM, Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db import sequences
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Membership, Organization
from b2b.exchange.models import WebhookKey, WebhookSubscription
from b2b.exchange.policies import endpoint, signature
from b2b.exchange.policies.topics import TOPICS
from b2b.exchange.services import key_box

ADMINISTRATOR = Membership.Role.ADMIN
MOST = 20  # addresses of one organisation
GRACE = timedelta(hours=24)  # a key that was replaced signs beside its successor for so long


class NotManager(Forbidden):
    """Webhooks are managed by an administrator, or by a credential with the scope events:write."""

    code = "not_manager"


class BadSubscription(Invalid):
    """The subscription cannot be kept as asked."""

    code = "bad_subscription"


@unit_of_work()
def subscribe(
    organization: Organization,
    *,
    url: str,
    topics: Sequence[str] = (),
    scheme: str = signature.HMAC,
    description: str = "",
    by: Actor,
    at: datetime,
) -> tuple[WebhookSubscription, str]:
    """Subscribe an address to what is told from now on; return it with the key that its receiver verifies with.

    :raises NotManager: when `by` may not manage the organisation's webhooks.
    :raises BadSubscription: for an address that is not sent to, unknown topics, or one address too many.
    """
    require_manager(by, organization.pk)
    faults = _faults(url, topics)
    if scheme not in signature.SCHEMES:
        faults.append(Problem("unknown_scheme", "hmac or ed25519 is wanted", pointer="/scheme"))
    lock_one(Organization.objects.filter(pk=organization.pk))
    alive = WebhookSubscription.objects.filter(organization=organization).exclude(status="ENDED")
    if alive.count() >= MOST:
        faults.append(
            Problem("too_many", f"{MOST} addresses are the most", remedy="end one that is not used")
        )
    if faults:
        raise BadSubscription(problems=faults)
    [value] = sequences.take("webhook", organization.pk)
    made = WebhookSubscription.objects.create(
        organization=organization,
        number=sequences.number("WH", organization.code.upper(), value),
        url=url,
        topics=sorted(set(topics)),
        scheme=scheme,
        description=description[:200],
        since_at=at,
        free_at=at,
        created_at=at,
        updated_at=at,
    )
    return made, signature.shown(_new_key(made, at))


@unit_of_work()
def change(
    subscription: WebhookSubscription,
    *,
    by: Actor,
    at: datetime,
    url: str | None = None,
    topics: Sequence[str] | None = None,
    description: str | None = None,
) -> WebhookSubscription:
    """Change what is given; messages that wait are sent to the new address.

    :raises NotManager: when `by` may not manage the organisation's webhooks. :raises BadSubscription: see `subscribe`.
    """
    held = _held(subscription.pk, by)
    faults = _faults(held.url if url is None else url, held.topics if topics is None else topics)
    if faults:
        raise BadSubscription(problems=faults)
    if url is not None:
        held.url, held.free_at, held.failures, held.failing_since = url, at, 0, None
    if topics is not None:
        held.topics = sorted(set(topics))
    if description is not None:
        held.description = description[:200]
    held.version += 1
    held.updated_at = at
    held.save(
        update_fields=[
            *("url", "topics", "description", "free_at", "failures", "failing_since", "version", "updated_at")
        ]
    )
    return held


@unit_of_work()
def rotate_key(subscription_id: UUID, *, by: Actor, at: datetime) -> tuple[WebhookSubscription, str]:
    """Make a new key and return it; until GRACE has passed every message bears a signature of both.

    :raises NotManager: when `by` may not manage the organisation's webhooks.
    """
    held = _held(subscription_id, by)
    held.keys.filter(expires_at=None).update(expires_at=at + GRACE)
    held.keys.filter(expires_at__lte=at).delete()
    return held, signature.shown(_new_key(held, at))


@unit_of_work()
def move(
    subscription_id: UUID, verb: str, *, by: Actor, at: datetime, reason: str = ""
) -> WebhookSubscription:
    """Pause, resume or end a subscription; what waits while it is paused is sent when it goes on.

    :raises NotManager: when `by` may not manage the organisation's webhooks.
    :raises IllegalTransition: when its status does not allow the verb.
    """
    held = _held(subscription_id, by)
    fresh = {"failures": 0, "failing_since": None, "free_at": at} if verb == "resume" else {}
    held.advance(verb, by=by, at=at, reason=reason, **fresh)
    return held


def require_manager(by: Actor, organization_id: int) -> None:
    """Check that an actor may manage an organisation's webhooks.

    :raises NotManager: when it is neither the platform, nor an administrator of the organisation or the platform, nor
        one of their credentials with the scope events:write.
    """
    if by.kind == SYSTEM:
        return
    theirs = by.kind == OPERATOR or by.organization_id == organization_id
    manages = "events:write" in by.scopes if by.credential else ADMINISTRATOR in by.roles
    if not theirs or not manages:
        raise NotManager


def _held(subscription_id: UUID, by: Actor) -> WebhookSubscription:
    held = lock_one(WebhookSubscription.objects.visible_to(by).filter(pk=subscription_id))
    require_manager(by, held.organization_id)
    return held


def _new_key(subscription: WebhookSubscription, at: datetime) -> str:
    key = signature.make_key(subscription.scheme)
    WebhookKey.objects.create(
        subscription=subscription,
        organization_id=subscription.organization_id,
        sealed=key_box.seal(key),
        created_at=at,
    )
    return key


def _faults(url: str, topics: Iterable[str]) -> list[Problem]:
    faults = []
    try:
        read = endpoint.read(url)
        allowed = endpoint.networks(settings.WEBHOOK_PRIVATE_NETWORKS)
        if read.scheme != "https" and not allowed:
            raise endpoint.BadEndpoint("give an address that begins with https://")
        if endpoint.is_literal(read.host):
            endpoint.choose(read, [read.host], allowed)
    except endpoint.BadEndpoint as error:
        faults.append(Problem("bad_url", str(error), pointer="/url"))
    unknown = sorted(set(topics) - TOPICS)
    faults += [
        Problem("unknown_topic", f"there is no topic {topic}", pointer="/topics", remedy="see docs/events.md")
        for topic in unknown
    ]
    return faults
