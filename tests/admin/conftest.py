"""People of every kind at the doors of the two sites."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from b2b.core import actor
from b2b.core.actor import Actor
from b2b.directory.models import Membership, Organization, User
from b2b.directory.selectors.acting import actor_of


class Person:
    """Somebody signed in: a client, a user and the actor they are."""

    def __init__(self, organization: Organization | None, username: str) -> None:
        self.organization = organization
        self.user = User.objects.create_user(username, password="correct horse")
        if organization:
            with actor.acting_as(actor.system("test")):
                Membership.objects.create(user=self.user, organization=organization)
        self.client = Client()
        self.client.force_login(self.user)

    @property
    def actor(self) -> Actor:
        """Who they act as."""
        return actor_of(self.user)


@pytest.fixture
def person(db: None) -> Callable[..., Person]:
    """Make a signed-in person of an organisation of a kind."""

    def make(kind: str, code: str) -> Person:
        organization = Organization.objects.create(kind=kind, code=code, name=f"{code} Ltd")
        return Person(organization, code.lower())

    return make


@pytest.fixture
def dealer(person: Callable[..., Person]) -> Person:
    """A dealer's buyer."""
    return person(actor.DEALER, "D-ONE")


@pytest.fixture
def rival(person: Callable[..., Person]) -> Person:
    """A buyer of another dealer."""
    return person(actor.DEALER, "D-RIVAL")


@pytest.fixture
def operator(person: Callable[..., Person]) -> Person:
    """A clerk of the operator."""
    return person(actor.OPERATOR, "OPS")
