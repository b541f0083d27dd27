"""A warehouse, two dealers with a shop each, two carriers of whom one has a van."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from b2b.catalog.models import Product
from b2b.core.actor import Actor, acting_as
from b2b.directory.models import Organization, Site
from logistics.models import Trip, Vehicle
from tests.factories import catalog, directory
from tests.factories import logistics as make


@dataclass(frozen=True)
class World:
    """Who takes part in a test."""

    warehouse: Site
    dealer: Organization
    rival: Organization
    shop: Site
    rival_shop: Site
    carrier: Organization
    other_carrier: Organization
    vehicle: Vehicle
    product: Product

    @property
    def as_dealer(self) -> Actor:
        """The dealer acting."""
        return directory.actor(self.dealer)

    @property
    def as_rival(self) -> Actor:
        """The other dealer acting."""
        return directory.actor(self.rival)

    @property
    def as_carrier(self) -> Actor:
        """The carrier with a van acting."""
        return directory.actor(self.carrier)

    @property
    def as_other_carrier(self) -> Actor:
        """The carrier without work acting."""
        return directory.actor(self.other_carrier)


@pytest.fixture
def world(db: None) -> World:
    """Build the world; the rival's shop is eleven kilometres from the dealer's."""
    dealer, rival, carrier = directory.dealer(), directory.dealer(), directory.carrier()
    return World(
        warehouse=directory.warehouse(latitude="30.500000", longitude="114.300000", region="hubei"),
        dealer=dealer,
        rival=rival,
        shop=directory.site(dealer, latitude="30.600000", longitude="114.300000"),
        rival_shop=directory.site(rival, latitude="30.700000", longitude="114.300000"),
        carrier=carrier,
        other_carrier=directory.carrier(),
        vehicle=make.vehicle(carrier),
        product=catalog.product(),
    )


@pytest.fixture
def platform() -> Iterator[Actor]:
    """Let the platform itself act for the length of the test."""
    with acting_as(make.PLATFORM) as actor:
        yield actor


@pytest.fixture
def northward(world: World) -> Trip:
    """A van on its way to two shops, 11 and 22 km to the north."""
    units = [make.packed_unit(place, world.product) for place in (world.shop, world.rival_shop)]
    make.shipments(world.warehouse, units)
    (made,) = make.departed(world.warehouse)
    return made
