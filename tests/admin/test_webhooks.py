"""A dealer subscribes its own system, tries it, and reads what came of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from b2b.core.actor import acting_as, system
from b2b.exchange import sender
from b2b.exchange.models import WebhookMessage, WebhookSubscription
from tests.admin.conftest import Person
from tests.exchange.receiver import receiving


def only(model):
    with acting_as(system("test")):
        return model.objects.get()


def press(person: Person, model: str, button: str, key: object, **data: str):
    address = reverse(f"dealer:exchange_{model}_button", args=[key, button])
    return person.client.post(address, {"confirmed": "1", **data}, follow=True).content.decode()


@pytest.fixture(autouse=True)
def local(settings) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = ["127.0.0.0/8"]


def test_from_the_address_to_the_log(dealer: Person, rival: Person, operator: Person):
    with receiving() as receiver:
        asked = {"url": receiver.url, "scheme": "hmac", "topics": [], "description": "ERP"}
        shown = dealer.client.post(reverse("dealer:new_webhook"), asked).content.decode()
        assert "whsec_" in shown
        made = only(WebhookSubscription)
        assert "test event is on its way" in press(dealer, "webhooksubscription", "test", made.pk)
        sender.step()
        assert receiver.events[0]["data"] == {"message": "It works."}
    page = reverse("dealer:exchange_webhooksubscription_change", args=[made.pk])
    log = dealer.client.get(page).content.decode()
    assert "exchange.webhook.test.v1" in log
    assert "Delivered" in log
    sent = only(WebhookMessage)
    detail = dealer.client.get(
        reverse("dealer:exchange_webhookmessage_change", args=[sent.pk])
    ).content.decode()
    assert "It works." in detail
    assert "heard" in detail
    assert "sent again" in press(dealer, "webhookmessage", "replay", sent.pk)
    assert only(WebhookMessage).status == "PENDING"
    assert "whsec_" in press(dealer, "webhooksubscription", "rotate", made.pk)
    assert rival.client.get(page).status_code == 404
    listed = operator.client.get(reverse("operator:exchange_webhooksubscription_changelist")).content.decode()
    assert receiver.url in listed
    press(dealer, "webhooksubscription", "end", made.pk)
    assert only(WebhookSubscription).status == "ENDED"


def test_a_bad_address_is_named_in_the_form(dealer: Person):
    asked = {"url": "https://10.0.0.1/", "scheme": "hmac"}
    shown = dealer.client.post(reverse("dealer:new_webhook"), asked).content.decode()
    assert "no address of the public internet" in shown
    with acting_as(system("test")):
        assert not WebhookSubscription.objects.exists()
