"""Who may subscribe what, and what is refused."""

from __future__ import annotations

import pytest

from b2b.core import clock
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import NotFound
from b2b.directory.models import Organization
from b2b.exchange.models import WebhookSubscription
from b2b.exchange.services import subscription
from tests.factories import directory

BY = system("test")
ADDRESS = "https://erp.example.com/midstream"
pytestmark = pytest.mark.django_db


@pytest.fixture
def dealer() -> Organization:
    return directory.organization("dealer")


def listen(party: Organization, url: str, **more) -> tuple[WebhookSubscription, str]:
    with acting_as(BY):
        return subscription.subscribe(party, url=url, by=BY, at=clock.now(), **more)


def test_a_subscription_without_a_key_in_the_clear(dealer):
    made, key = listen(dealer, ADDRESS, topics=["orders.order.confirmed.v1"], description="ERP")
    assert (made.status, made.topics, made.scheme) == ("ACTIVE", ["orders.order.confirmed.v1"], "hmac")
    assert key.startswith("whsec_")
    with acting_as(BY):
        assert key[8:20] not in made.keys.get().sealed


def test_there_is_a_most(dealer):
    for _ in range(subscription.MOST):
        made, _ = listen(dealer, ADDRESS)
    with pytest.raises(subscription.BadSubscription) as caught:
        listen(dealer, ADDRESS)
    assert caught.value.problems[0].code == "too_many"
    with acting_as(BY):
        subscription.move(made.pk, "end", by=BY, at=clock.now())
    listen(dealer, ADDRESS)


def test_a_party_manages_its_own_alone(dealer):
    made, _ = listen(dealer, ADDRESS)
    other = directory.organization("dealer")
    rival = Actor(kind="dealer", organization_id=other.pk, roles=frozenset({"ADMIN"}))
    clerk = Actor(kind="dealer", organization_id=dealer.pk, roles=frozenset({"BUYER"}))
    machine = Actor(
        kind="dealer", organization_id=dealer.pk, credential="k", scopes=frozenset({"events:read"})
    )
    with acting_as(rival), pytest.raises(NotFound):
        subscription.move(made.pk, "end", by=rival, at=clock.now())
    for who in (clerk, machine):
        with acting_as(who), pytest.raises(subscription.NotManager):
            subscription.move(made.pk, "end", by=who, at=clock.now())


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"url": "http://erp.example.com/"}, ""),
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": "https://169.254.169.254/latest"}, "/url"),
        ({"url": "nonsense"}, "/url"),
        ({"url": "https://erp.example.com/", "topics": ["no.such.topic"]}, "/topics"),
        ({"url": "https://erp.example.com/", "scheme": "rot13"}, "/scheme"),
    ],
)
def test_bad_input_is_named_and_nothing_is_kept(dealer, settings, given, pointer):
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    with pytest.raises(subscription.BadSubscription) as caught:
        listen(dealer, **given)
    assert caught.value.problems[0].pointer == (pointer or "/url")
    with acting_as(BY):
        assert not WebhookSubscription.objects.exists()
