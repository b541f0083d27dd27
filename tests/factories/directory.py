"""Parties, people and places for tests."""

from __future__ import annotations

import factory

from b2b.core.actor import CARRIER, DEALER, FACTORY, FUNDER, OPERATOR, Actor, acting_as, system
from b2b.directory.models import Membership, Organization, Site, User
from b2b.directory.selectors.acting import of_organization


class OrganizationFactory(factory.django.DjangoModelFactory):
    """A dealer unless told otherwise."""

    class Meta:
        model = Organization

    kind = DEALER
    code = factory.LazyAttributeSequence(lambda made, n: f"{made.kind}-{n}")
    name = factory.LazyAttribute(lambda made: f"{made.code} Ltd")
    pseudonym = factory.Sequence(lambda n: f"Party {n}")


class UserFactory(factory.django.DjangoModelFactory):
    """A person; the password is "secret"."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    password = factory.django.Password("secret")


class MembershipFactory(factory.django.DjangoModelFactory):
    """An administrator of an organisation."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organization = factory.SubFactory(OrganizationFactory)


class SiteFactory(factory.django.DjangoModelFactory):
    """A shop of a dealer in Wuhan unless told otherwise."""

    class Meta:
        model = Site

    organization = factory.SubFactory(OrganizationFactory)
    code = factory.Sequence(lambda n: f"site-{n}")
    name = factory.LazyAttribute(lambda made: f"Place {made.code}")
    kind = Site.Kind.SHOP
    latitude = "30.592800"
    longitude = "114.305500"


def organization(kind: str = DEALER, **values: object) -> Organization:
    """Create an organisation as the platform."""
    with acting_as(system("test")):
        return OrganizationFactory(kind=kind, **values)


def dealer(**values: object) -> Organization:
    """Create a dealer."""
    return organization(DEALER, **values)


def factory_organization(**values: object) -> Organization:
    """Create a factory."""
    return organization(FACTORY, **values)


def carrier(**values: object) -> Organization:
    """Create a carrier."""
    return organization(CARRIER, **values)


def funder(**values: object) -> Organization:
    """Create a funder."""
    return organization(FUNDER, **values)


def operator(**values: object) -> Organization:
    """Create an operator of the platform."""
    return organization(OPERATOR, **values)


def site(owner: Organization, kind: str = Site.Kind.SHOP, **values: object) -> Site:
    """Create a place of `owner`."""
    with acting_as(system("test")):
        return SiteFactory(organization=owner, kind=kind, **values)


def warehouse(**values: object) -> Site:
    """Create a warehouse of the platform, with an operator unless one is given."""
    owner = values.pop("organization", None) or operator()
    return site(owner, Site.Kind.WAREHOUSE, **values)  # type: ignore[arg-type]


def person(owner: Organization, role: str = Membership.Role.ADMIN, **values: object) -> User:
    """Create somebody who acts for `owner`."""
    with acting_as(system("test")):
        return MembershipFactory(organization=owner, role=role, user=UserFactory(**values)).user


def actor(owner: Organization, **values: object) -> Actor:
    """Return the actor `owner` is."""
    return of_organization(owner, **values)  # type: ignore[arg-type]
