"""API keys on the dealer's desk: shown once, revoked at once, nobody else's."""

from __future__ import annotations

import re

from django.urls import reverse

from b2b.core.actor import acting_as
from b2b.directory.models import ApiKey
from tests.admin.conftest import Person


def make(dealer: Person) -> str:
    answer = dealer.client.post(
        reverse("dealer:new_key"),
        {"name": "ERP", "scopes": ["orders:read"], "lifetime_days": "30", "networks": ""},
    )
    found = re.search(r'<code class="ms-secret">([^<]+)</code>', answer.content.decode())
    assert found, answer.content.decode()
    return found[1]


def only_key(dealer: Person) -> ApiKey:
    with acting_as(dealer.actor):
        return ApiKey.objects.get()


def test_a_key_is_shown_once(dealer: Person) -> None:
    token = make(dealer)

    key = only_key(dealer)
    again = dealer.client.get(reverse("dealer:directory_apikey_change", args=[key.pk])).content.decode()

    assert key.prefix in again
    assert token not in again


def test_a_revoked_key_opens_nothing(dealer: Person) -> None:
    make(dealer)
    key = only_key(dealer)

    dealer.client.post(reverse("dealer:directory_apikey_button", args=[key.pk, "revoke"]))

    assert only_key(dealer).revoked_at is not None


def test_a_rival_cannot_revoke_it(dealer: Person, rival: Person) -> None:
    make(dealer)
    key = only_key(dealer)

    answer = rival.client.post(reverse("dealer:directory_apikey_button", args=[key.pk, "revoke"]))

    assert answer.status_code == 404
    assert only_key(dealer).revoked_at is None
