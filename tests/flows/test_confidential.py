"""A market is played, and every party reads all it can reach: nothing there tells of somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.test import Client
from rest_framework.test import APIClient

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.directory.models import Organization, Site
from orders.models import PurchaseOrder
from orders.services import pool_progress
from tests.factories import directory
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain
from tests.house.routes import routes

WANTED = (331, 307, 293)  # 931 in all: primes, so that a sum that leaks is told from a quantity of one's own
APPS = ("orders", "warehousing", "logistics", "finance", "tower")
SAMPLES = 3  # documents of a kind that are tried at every address


def played() -> Chain:
    """Three dealers order, the factory answers short and sends, the goods are brought and billed."""
    buyers = [
        directory.dealer(
            code=f"secret-dealer-{'abc'[n]}",
            name=f"Confidential Hardware {n}",
            gln="6901234567892",
            pseudonym=f"P{n}",
        )
        for n in range(3)
    ]
    chain = Chain.of(make.trade(buyers=buyers))
    with acting_as(PLATFORM):
        for shop in chain.trade.shops:
            shop.code, shop.name = f"hidden-shop-{shop.pk}", f"Concealed Store {shop.pk}"
            shop.address = f"{shop.pk} Undisclosed Road"
            shop.save()
        cycle = make.cycle(chain.trade)
        for index, wanted in enumerate(WANTED):
            chain.wants(wanted, dealer=index)
        with clock.travel(chain.now):
            pool_progress.tell(cycle, by=PLATFORM, at=chain.now)
        placed = chain.closes(cycle)
        chain.answers(placed, 900)
        chain.sends(placed, 900)
        chain.receives()
        chain.packs()
        chain.departs()
        chain.delivers()
    return chain


def secrets_of(dealer: Organization) -> set[str]:
    """Return what would betray a dealer: its names and places, and the numbers and keys of its documents."""
    found = {dealer.code, dealer.name}
    with acting_as(PLATFORM):
        for site in dealer.sites.all():
            found |= {site.code, site.name, site.address}
        for model in documents():
            names = {field.attname for field in model._meta.concrete_fields}
            if "dealer_id" not in names:
                continue
            for row in model._default_manager.filter(dealer_id=dealer.pk):
                found.add(str(row.pk))
                found.add(getattr(row, "number", "") or str(row.pk))
    return {secret for secret in found if len(secret) > 5}


def documents() -> Iterator[Any]:
    """Return the models of the trade whose rows are known by a UUID."""
    for model in apps.get_models():
        if model._meta.app_label in APPS and model._meta.pk.get_internal_type() == "UUIDField":
            yield model


def keys_for(parameter: str) -> list[UUID]:
    """Return some documents of the kinds a URL value may mean, whoever's they are; of every kind for a strange name."""
    kind = parameter.removesuffix("_id").replace("_", "")
    meant = [model for model in documents() if model._meta.model_name.endswith(kind)] or list(documents())
    return [key for model in meant for key in model._default_manager.values_list("pk", flat=True)[:SAMPLES]]


def addresses() -> list[str]:
    """Return every address of the API, with documents put in, and with names where names are asked for."""
    found = []
    with acting_as(PLATFORM):
        names = [
            *Organization.objects.values_list("code", flat=True),
            *Site.objects.values_list("code", flat=True),
        ]
        for route in sorted(routes()):
            values = re.findall(r"<(?:(\w+):)?(\w+)>", route)
            if not values:
                found.append(f"/api/v1/{route}")
            elif len(values) == 1:
                [(kind, name)] = values
                tried = keys_for(name) if kind == "uuid" else names if kind in ("", "str", "slug") else [1, 2]
                found += [f"/api/v1/{re.sub('<[^>]+>', str(value), route)}" for value in tried]
    return found


def read_by(who: Organization) -> dict[str, str]:
    """Return all that an organisation is answered with, by address."""
    client = APIClient()
    client.raise_request_exception = False
    client.force_login(directory.person(who))
    found = {}
    for address in addresses():
        answer = client.get(address)
        if answer.status_code == 200:
            found[address] = (b"".join(answer) if answer.streaming else answer.content).decode(
                errors="replace"
            )
    return found


def leaks(read: dict[str, str], secrets: set[str]) -> list[str]:
    return sorted(
        f"{address}: {secret}" for address, text in read.items() for secret in secrets if secret in text
    )


@pytest.fixture
def chain(committed_db: str) -> Chain:
    return played()


def test_nobody_reads_of_somebody_else(chain: Chain) -> None:
    dealers = chain.trade.dealers
    of_factory = read_by(chain.trade.maker)
    assert {"/api/v1/purchase-orders/", "/api/v1/despatch-advices/", "/api/v1/events/"} <= set(of_factory)
    with acting_as(PLATFORM):
        assert f"/api/v1/purchase-orders/{PurchaseOrder.objects.get().pk}/" in of_factory
    for dealer in dealers:
        assert leaks(of_factory, secrets_of(dealer)) == []
    read, own = read_by(dealers[0]), secrets_of(dealers[0])
    assert any(secret in text for secret in own for text in read.values()), "a dealer does read its own"
    for other in dealers[1:]:
        assert leaks(read, secrets_of(other) - own) == []
    assert [address for address, text in read.items() if re.search(r"\b(931|900)\b", _figures(text))] == []


def _figures(text: str) -> str:
    """Return a text without keys and moments, whose digits mean nothing."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d(T[\d:.+Z-]*)?", "", text)


# One series of a GS1 company prefix for all, scattered by a key; see docs/adr/0003-identifiers.md.
OF_THE_PLATFORM = {"warehousing.package"}
LONGEST_COUNT = 7  # digits behind which a number may tell parties apart


def test_a_number_counts_the_documents_of_one_party_alone(chain: Chain) -> None:
    """Who reads two numbers of its own learns how many lie between them, so that those must be its own as well."""
    tried = 0
    with acting_as(PLATFORM):
        for model in documents():
            names = {field.attname for field in model._meta.concrete_fields}
            if "number" not in names or model._meta.label_lower in OF_THE_PLATFORM:
                continue
            for party in names & {"dealer_id", "factory_id"}:
                rows = model._default_manager.exclude(**{party: None}).values_list("number", party)
                holders: dict[str, set[int]] = {}
                for number, holder in rows:
                    series = re.sub(rf"\d{{1,{LONGEST_COUNT}}}$", "", number)
                    holders.setdefault(series, set()).add(holder)
                    tried += 1
                shared = [series for series, parties in holders.items() if len(parties) > 1]
                assert shared == [], f"{model._meta.label}: a series that several parties read"
    assert tried > 5


def test_a_factory_has_no_desk(chain: Chain) -> None:
    person = Client()
    person.force_login(directory.person(chain.trade.maker))
    assert {person.get(door).status_code for door in ("/dealer/", "/operator/")} <= {302, 403, 404}
