"""A partner speaks of its own units; what it says of others' is kept apart and followed by no trace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.orders import DespatchedUnit
from b2b.core.actor import acting_as
from b2b.core.epcis import document, event, uris
from b2b.core.epcis.event import Facts, Goods
from b2b.directory.models import Organization
from tests.factories.directory import actor, organization
from tests.factories.warehousing import AT, BY, World
from tests.support.ubl import sscc
from warehousing.models import EpcisMention, HandlingUnit, Lot, Package
from warehousing.selectors import epcis_relations, trace
from warehousing.services import epcis_capture, receipt

OURS, THEIRS = sscc(7), sscc(7, "06141419")


def aggregates(parent: str, world: World, lot: Lot, *children: str) -> dict[str, Any]:
    """An event: goods of a lot, and units, were put into a unit."""
    goods = [Goods(uris.goods(world.product.gtin, world.product.sku, lot.number), 3)]
    said = Facts(AT, "packing", "in_progress")
    return event.aggregation_event(
        said, parent=uris.unit(parent), epcs=[uris.unit(code) for code in children], goods=goods
    )


def tell(party: Organization, *events: dict[str, Any]) -> None:
    by = actor(party)
    with acting_as(by):
        job = epcis_capture.capture(document.document(events, at=AT), behaviour="rollback", by=by, at=AT)
    assert job.is_success, job.errors


@pytest.fixture
def lot(world: World) -> Lot:
    """A lot of which something is in stock, and a unit of ours that stands there."""
    made = world.lot()
    world.stock(10, lot=made)
    HandlingUnit.objects.create(sscc=OURS, created_at=AT, status="STORED", location=world.places["STORAGE"])
    return made


def test_a_stranger_puts_nothing_into_the_trace(world: World, lot: Lot) -> None:
    rival = organization("dealer")
    tell(rival, aggregates(OURS, world, lot))
    assert trace.lots_in(BY, OURS) == []
    assert trace.of_lots(BY, [lot.pk]).units == []
    [said] = EpcisMention.objects.filter(uri=uris.unit(OURS))
    assert (said.role, said.is_verified, said.handling_unit_id) == ("PARENT", False, None)


def test_a_factory_speaks_of_units_of_its_own_company_prefix(world: World, lot: Lot) -> None:
    Organization.objects.filter(pk=world.factory.pk).update(gs1_prefix="6141419")
    HandlingUnit.objects.create(sscc=THEIRS, created_at=AT, status="EXPECTED")
    tell(world.factory, aggregates(THEIRS, world, lot))
    assert trace.lots_in(BY, THEIRS) == [lot.pk]
    assert trace.of_lots(BY, [lot.pk]).units == [THEIRS]


def test_what_strangers_say_of_a_traced_unit_stands_apart(world: World, lot: Lot) -> None:
    Organization.objects.filter(pk=world.factory.pk).update(gs1_prefix="6141419")
    HandlingUnit.objects.create(sscc=THEIRS, created_at=AT, status="EXPECTED")
    other, rival = world.lot(), organization("dealer")
    tell(world.factory, aggregates(THEIRS, world, lot))
    tell(rival, aggregates(THEIRS, world, other))
    found = trace.of_lots(BY, [lot.pk])
    assert [(one.sscc, one.party, one.role) for one in found.unverified] == [(THEIRS, rival.code, "PARENT")]
    assert trace.lots_in(BY, THEIRS) == [lot.pk]
    with pytest.raises(Exception, match="no such lot"):
        trace.of_lots(actor(rival), [lot.pk])


def test_a_factory_speaks_of_what_it_advised_and_of_the_pallet_it_stood_on(
    world: World, at: datetime
) -> None:
    pallet, box = sscc(11), sscc(12)
    advised = world.advice((world.product, 5), lot_number="L9")
    lines = tuple(type(line)(**{**_fields(line), "sscc": box}) for line in advised.lines)
    units = (DespatchedUnit(sscc=pallet), DespatchedUnit(sscc=box, parent_sscc=pallet))
    receipt.expect(type(advised)(**{**_fields(advised), "lines": lines, "units": units}), by=BY, at=at)
    named = {uris.unit(code) for code in (pallet, box, OURS)}
    assert epcis_relations.strange(actor(world.factory), named) == {uris.unit(OURS)}
    assert epcis_relations.strange(actor(world.dealer), named) == named
    assert epcis_relations.strange(BY, named) == set()


def test_a_dealer_speaks_of_its_packages_and_who_carried_them_too(world: World) -> None:
    world.gone(4)
    package = Package.objects.get()
    named = {uris.unit(package.sscc)}
    assert epcis_relations.strange(actor(world.dealer), named) == set()
    assert epcis_relations.strange(actor(organization("dealer")), named) == named


def test_one_statement_whatever_is_named(world: World) -> None:
    for count in (1, 40):
        named = {uris.unit(sscc(number)) for number in range(1, count + 1)}
        with CaptureQueriesContext(connection) as queries:
            assert epcis_relations.strange(actor(world.dealer), named) == named
        assert len(queries) == 1


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}
