"""The parties and goods of a simulated market, made once from fixtures/demo and a seed."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from b2b.catalog.models import Packaging, Product
from b2b.core import actor
from b2b.core.actor import Actor
from b2b.core.ids import uuid7
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Membership, Organization, Site, User
from b2b.directory.selectors.acting import of_organization

FIXTURES = settings.BASE_DIR / "fixtures" / "demo"
PASSWORD = "midstream"  # noqa: S105 - of the demo market, printed by `make run`
CENTRE = (Decimal("31.2304"), Decimal("121.4737"))  # the dealers' town: People's Square, Shanghai
SURNAMES = (
    "Chen",
    "Gao",
    "Han",
    "Jiang",
    "Li",
    "Lin",
    "Ma",
    "Qian",
    "Shen",
    "Tang",
    "Wang",
    "Wu",
    "Xu",
    "Zhang",
)
TRADES = ("Hardware", "Building", "Lighting", "Plumbing", "Tools", "Home", "Electric", "Supply")


@dataclass(frozen=True, slots=True)
class World:
    """The market's parties by kind; `region` is the region its warehouse serves."""

    operator: Organization
    warehouse: Site
    factories: tuple[Organization, ...]
    carriers: tuple[Organization, ...]
    dealers: tuple[Organization, ...]
    funders: tuple[Organization, ...] = ()
    region: str = "shanghai"

    def actor(self, organization: Organization, name: str = "") -> Actor:
        """Return the actor an organisation is."""
        return of_organization(organization, name=name or f"{organization.name}")


def rows(name: str) -> Iterator[dict[str, str]]:
    """Read a demo fixture."""
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def exists() -> bool:
    """Tell whether a market has been made in this database."""
    return Organization.objects.filter(kind=actor.OPERATOR).exists()


@unit_of_work()
def make(*, dealers: int, seed: int) -> World:
    """Create what is missing of the market's parties, sites, people and products; the same seed makes the same."""
    _parties()
    _products()
    _dealers(dealers, random.Random(seed))
    return load(dealers=dealers)


def load(*, dealers: int | None = None) -> World:
    """Return the market that is there, with its first `dealers` dealers."""
    organizations = list(Organization.objects.filter(is_active=True).order_by("pk"))
    of_kind: dict[str, list[Organization]] = {kind: [] for kind in actor.KINDS}
    for organization in organizations:
        of_kind[organization.kind].append(organization)
    [operator] = of_kind[actor.OPERATOR]
    return World(
        operator=operator,
        warehouse=Site.objects.get(organization=operator, kind=Site.Kind.WAREHOUSE),
        factories=tuple(of_kind[actor.FACTORY]),
        carriers=tuple(of_kind[actor.CARRIER]),
        dealers=tuple(of_kind[actor.DEALER][:dealers]),
        funders=tuple(of_kind[actor.FUNDER]),
    )


def _parties() -> None:
    for row in rows("parties.csv"):
        organization, _ = Organization.objects.get_or_create(
            code=row["code"], defaults={"kind": row["kind"], "name": row["name"]}
        )
        if row["site_code"]:
            Site.objects.get_or_create(
                code=row["site_code"],
                defaults={
                    "organization": organization,
                    **{name: row[f"site_{name}"] for name in ("name", "kind")},
                    **{name: row[name] for name in ("region", "address", "latitude", "longitude")},
                },
            )
        _person(organization, row["code"] if row["kind"] != actor.OPERATOR else "operator")


def _person(organization: Organization, username: str) -> None:
    user, created = User.objects.get_or_create(
        username=username, defaults={"is_staff": True, "first_name": organization.name[:150]}
    )
    if created:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    Membership.objects.get_or_create(user=user, organization=organization)


def _products() -> None:
    known = set(Product.objects.values_list("sku", flat=True))
    wanted = [row for row in rows("products.csv") if row["sku"] not in known]
    made = Product.objects.bulk_create(Product(**_product(row)) for row in wanted)
    Packaging.objects.bulk_create(
        Packaging(product=product, code="CT", units=int(row["carton_units"]))
        for product, row in zip(made, wanted, strict=True)
    )


def _product(row: dict[str, str]) -> dict[str, Any]:
    named = {name: row[name] for name in ("sku", "gtin", "name", "category", "base_unit")}
    return named | {name: int(row[name]) for name in ("weight_g", "volume_cm3")}


def _dealers(count: int, chance: random.Random) -> None:
    known = set(Organization.objects.filter(kind=actor.DEALER).values_list("code", flat=True))
    wanted = []
    for index in range(1, count + 1):
        name = f"{chance.choice(SURNAMES)} & {chance.choice(SURNAMES)} {chance.choice(TRADES)}"
        place = (chance.gauss(0, 0.12), chance.gauss(0, 0.12), chance.choice([7, 14, 21]))
        if (code := f"dealer-{index:03d}") not in known:
            wanted.append((code, name, place))
    organizations = Organization.objects.bulk_create(
        Organization(
            kind=actor.DEALER,
            code=code,
            name=name,
            payment_terms_days=place[2],
            pseudonym=f"drop-{uuid7().hex[-6:]}",
        )
        for code, name, place in wanted
    )
    Site.objects.bulk_create(
        Site(
            organization=organization,
            code=f"shop-{organization.code[-3:]}",
            name=f"{organization.name} shop",
            kind=Site.Kind.SHOP,
            region="shanghai",
            address=f"{100 + index} Trade Road, Shanghai",
            latitude=round(CENTRE[0] + Decimal(place[0]), 6),
            longitude=round(CENTRE[1] + Decimal(place[1]), 6),
        )
        for index, (organization, (_, _, place)) in enumerate(zip(organizations, wanted, strict=True))
    )
    for organization in organizations[:5]:  # enough people to sign in as; a password costs a second each
        _person(organization, organization.code)
