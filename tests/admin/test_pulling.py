"""Packages that must not leave are pulled: by a scan at the packing desk, on their page, or all of a recall at once."""

from __future__ import annotations

import pytest
from django.urls import reverse

from b2b.core.actor import acting_as
from tests.admin.test_admin_tenancy import demote
from tests.admin.test_day import Desk
from tests.factories.warehousing import AT, World
from tests.support.trade_day import TEST, open_market
from warehousing.models import Lot, Package
from warehousing.services import demand, packing, picking, recall, wave


@pytest.fixture
def house(db: None) -> World:
    market = open_market()
    with acting_as(TEST):
        return World.build(operator=market.operator, dealer=market.dealer, factory=market.maker)


@pytest.fixture
def desk(house: World) -> Desk:
    return Desk("operator", "operator")


def staged(house: World, batch: Lot) -> Package:
    with acting_as(TEST):
        house.stock(4, lot=batch)
        demand.cover([house.demand_line(4)], at=AT)
        work = picking.confirm(wave.release(house.warehouse.pk, by=TEST, at=AT).pk, by=TEST, at=AT)
        [package] = packing.pack(work.pk, by=TEST, at=AT)
    return package


def recalled(house: World) -> tuple[Package, str]:
    with acting_as(TEST):
        batch = house.lot()
    package = staged(house, batch)
    with acting_as(TEST):
        made = recall.open_([batch.pk], reason="glass", by=TEST, at=AT)
    return package, str(made.pk)


def status(package: Package) -> str:
    with acting_as(TEST):
        return Package.objects.get(pk=package.pk).status


@pytest.mark.parametrize("scanned", ["{}", "(00){}", "]C100{}"])
def test_the_packing_desk_names_what_must_not_leave_and_a_scan_pulls_it(
    house: World, desk: Desk, scanned: str
) -> None:
    package, _ = recalled(house)
    assert f"{package.sscc} holds lot" in desk.page("warehousing_pack")
    given = {"do": "pull", "sscc": scanned.format(package.sscc)}
    page = desk.client.post(reverse("operator:warehousing_pack"), given, follow=True).content.decode()
    assert "is pulled; bring its goods back" in page
    assert "pull these" not in page
    assert status(package) == "PULLED"


def test_a_code_of_nothing_is_refused(house: World, desk: Desk) -> None:
    recalled(house)
    given = {"do": "pull", "sscc": "106141412345678908"}
    page = desk.client.post(reverse("operator:warehousing_pack"), given).content.decode()
    assert "there is no package 106141412345678908" in page


def test_a_recall_pulls_all_that_is_staged(house: World, desk: Desk) -> None:
    package, key = recalled(house)
    page = desk.press("warehousing_recall", key, "pull")
    assert "1 packages are pulled" in page
    assert status(package) == "PULLED"
    assert reverse("operator:warehousing_recall_button", args=[key, "pull"]) not in page


def test_a_sound_package_is_pulled_on_its_page_for_a_reason(house: World, desk: Desk) -> None:
    with acting_as(TEST):
        package = staged(house, house.lot())
    desk.press("warehousing_package", package.pk, "pull", reason="crushed by a fork")
    assert status(package) == "PULLED"


def test_who_may_only_look_pulls_nothing(house: World, desk: Desk) -> None:
    package, _ = recalled(house)
    demote("operator")
    given = {"do": "pull", "sscc": package.sscc}
    page = desk.client.post(reverse("operator:warehousing_pack"), given).content.decode()
    assert "Your role may look, but not act." in page
    assert status(package) == "PACKED"
