"""Labels and packing lists through the API: what is decoded from the file is what was packed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from b2b.core import gs1
from b2b.directory.models import Organization
from tests.factories import directory
from tests.factories.warehousing import AT, BY, World, product
from warehousing.models import Location, Package
from warehousing.services import demand, packing, picking, wave

Api = Callable[[Organization], Any]


@pytest.fixture
def package(world: World) -> Package:
    bolt = product(gtin="09506000134352", name="六角螺栓 M8")
    batch = world.lot(date(2027, 5, 31), of=bolt)
    world.stock(48, of=bolt, lot=batch)
    demand.cover([world.demand_line(48, of=bolt)], at=AT)
    work = wave.release(world.warehouse.pk, by=BY, at=AT)
    picking.confirm(work.pk, by=BY, at=AT)
    [made] = packing.pack(work.pk, by=BY, at=AT)
    return made


def test_the_label_says_what_is_in_the_package(world: World, package: Package, api_as: Api) -> None:
    answer = api_as(world.dealer).get(f"/api/v1/packages/{package.sscc}/label.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    image = pypdfium2.PdfDocument(answer.content)[0].render(scale=5, grayscale=True).to_pil()
    codes = {str(code.format): code for code in zxingcpp.read_barcodes(image)}
    scan = gs1.parse("]d2" + codes["Data Matrix"].bytes.decode())
    lot = package.lines.get().lot
    assert lot is not None
    assert (scan.sscc, scan.item_gtin, scan.count) == (package.sscc, "09506000134352", 48)
    assert (scan.lot, scan.expiry) == (lot.number, date(2027, 5, 31))


def test_the_label_comes_as_zpl(world: World, package: Package, api_as: Api) -> None:
    answer = api_as(world.dealer).get(f"/api/v1/packages/{package.sscc}/label.zpl")
    assert answer.status_code == 200
    assert answer.content.startswith(b"^XA")
    assert f">;>800{package.sscc}^FS" in answer.content.decode()


def test_the_packing_list_names_goods_in_chinese(world: World, package: Package, api_as: Api) -> None:
    answer = api_as(world.dealer).get(f"/api/v1/packages/{package.sscc}/packing-list.pdf")
    text = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert "六角螺栓 M8" in text
    assert f"(00){package.sscc}" in text


@pytest.mark.parametrize("name", ["label.pdf", "label.zpl", "packing-list.pdf"])
def test_a_rival_prints_nothing(package: Package, api_as: Api, name: str) -> None:
    rival = api_as(directory.organization("dealer"))
    assert rival.get(f"/api/v1/packages/{package.sscc}/{name}").status_code == 404
    assert rival.get(f"/api/v1/packages/123456789012345678/{name}").status_code == 404


def test_the_label_says_what_people_handle_it_by(world: World, api_as: Api) -> None:
    bolt = product(gtin="09506000134352", attributes={"un_number": "1263"})
    Location.objects.filter(kind="STORAGE").update(temperature="CHILLED")
    world.stock(48, of=bolt)
    carrier = directory.organization("carrier", name="Green Vans")
    demand.cover([world.demand_line(48, of=bolt)], at=AT)
    work = wave.release(
        world.warehouse.pk, plan=wave.Plan(route="NORTH-7", carrier_id=carrier.pk), by=BY, at=AT
    )
    picking.confirm(work.pk, by=BY, at=AT)
    [made] = packing.pack(work.pk, by=BY, at=AT)
    for reader in (world.dealer, world.warehouse.site.organization):
        address = f"/api/v1/packages/{made.sscc}"
        words = api_as(reader).get(f"{address}/label.zpl").content.decode()
        for hint in ("UN1263", "KEEP CHILLED", "Route NORTH-7"):
            assert hint in words
        assert words.index("UN1263") < words.index("KEEP CHILLED") < words.index("Route NORTH-7")
        listed = pypdfium2.PdfDocument(api_as(reader).get(f"{address}/packing-list.pdf").content)
        assert "UN1263" in listed[0].get_textpage().get_text_range()
