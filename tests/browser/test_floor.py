"""A picker and a packer with a scanner in a real browser: a short pick, a carton, a label that says what is in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pypdfium2
import pytest
import zxingcpp

from b2b.catalog.models import Product
from b2b.contracts.warehousing import DemandLine
from b2b.core import clock, gs1
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.directory.models import Site
from tests.browser.conftest import picture
from tests.support.trade_day import Market
from warehousing.models import Location, Lot, Pick, Warehouse
from warehousing.services import demand, movement, wave

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BY = system("test")
GTIN = "09506000134352"


def stocked(market: Market) -> tuple[Lot, Lot]:
    """Ten bolts of each of two lots on the shelf, ten wanted by a shop, and a wave on the floor."""
    now = clock.now()
    with acting_as(BY):
        house = Warehouse.objects.get()
        places = {place.kind: place.pk for place in Location.objects.filter(warehouse=house)}
        Product.objects.filter(sku="BOLT-8").update(gtin=GTIN, weight_g=100, volume_cm3=50)
        bolt = Product.objects.get(sku="BOLT-8")
        lots = [
            Lot.objects.create(
                product=bolt, number=f"B/{days}", expiry_date=now.date() + timedelta(days=days)
            )
            for days in (100, 200)
        ]
        moves = [
            movement.Move(
                product_id=bolt.pk, source_id=places["SUPPLIER"], destination_id=places["STORAGE"], quantity=10,
                lot_id=lot.pk,
            )
            for lot in lots
        ]  # fmt: skip
        movement.post(moves, at=now, document_type="test", document_id=uuid7())
        shop = Site.objects.get(code="LOTUS-1")
        line = DemandLine(
            order_id=uuid7(), order_version=1, order_line_id=1, dealer_id=market.dealer.pk, product_id=bolt.pk,
            ship_to_site_id=shop.pk, quantity=10,
        )  # fmt: skip
        demand.cover([line], at=now)
        wave.release(house.pk, by=BY, at=now)
    return lots[0], lots[1]


def scan(page: Page, label: str, text: str) -> None:
    """Do what a scanner does: type, and press Enter; the separator comes as Ctrl+]."""
    field = page.get_by_label(label)
    for number, part in enumerate(text.split("\x1d")):
        if number:
            field.press("Control+]")
        field.press_sequentially(part)
    field.press("Enter")


def test_a_short_pick_and_a_carton_with_its_label(
    market: Market, server: str, sign_in: Callable[[str, str], Page]
) -> None:
    sooner, later = stocked(market)
    page = sign_in("operator", "operator")
    page.get_by_role("link", name="Picking desk").click()
    page.get_by_label("Picker").fill("ann")
    page.get_by_role("button", name="Claim next").click()
    page.get_by_text("1 pick left").wait_for()
    picture(page, "picking-desk")

    # Another product's code is refused, and says what to do.
    scan(page, "Scan the place", "01-01")
    scan(page, "Scan the goods", "(01)09506000134369")
    scan(page, "Quantity", "10")
    page.get_by_role("alert").get_by_text("put it back", exact=False).wait_for()

    # Six are there; the other four are sent for from the next lot. What was refused is scanned anew.
    scan(page, "Scan the place", "01-01")
    scan(page, "Scan the goods", f"(01){GTIN}(10){sooner.number}")
    page.get_by_label("Quantity").press_sequentially("6")  # nothing was sent with the quantity of before
    page.get_by_role("button", name="No more is there").press("Enter")
    page.get_by_text(later.number).wait_for()
    scan(page, "Scan the place", "01-01")
    scan(page, "Scan the goods", f"]d201{GTIN}10{later.number}\x1d17{later.expiry_date:%y%m%d}")
    scan(page, "Quantity", "4")
    page.get_by_role("button", name="Claim next").wait_for()
    with acting_as(BY):
        assert sorted(Pick.objects.values_list("quantity", "short_quantity", "picker")) == [
            (4, 0, "ann"),
            (6, 4, "ann"),
        ]

    page.get_by_role("link", name="Packing desk").click()
    page.get_by_role("button", name="Open a carton").click()
    for lot, quantity in ((sooner, "6"), (later, "4")):
        scan(page, "Scan the goods", f"(01){GTIN}(10){lot.number}")
        scan(page, "Quantity", quantity)
        page.get_by_text(f"{quantity} × Hex bolt M8").wait_for()
    page.get_by_label("Gross weight").fill("90000")
    page.get_by_role("button", name="Close carton").click()
    page.get_by_role("alert").get_by_text("count what is in it", exact=False).wait_for()
    page.get_by_label("Gross weight").fill("1250")
    page.get_by_role("button", name="Close carton").click()
    print_link = page.get_by_role("link", name="Print label")
    print_link.wait_for()
    picture(page, "packing-desk")

    answer = page.request.get(server + str(print_link.get_attribute("href")))
    image = pypdfium2.PdfDocument(answer.body())[0].render(scale=5, grayscale=True).to_pil()
    codes = {str(code.format): code for code in zxingcpp.read_barcodes(image)}
    read = gs1.parse("]d2" + codes["Data Matrix"].bytes.decode())
    assert (read.item_gtin, read.count, read.gross_weight_kg) == (GTIN, 10, read.measures["330"])
    assert read.sscc is not None
    assert read.sscc in page.locator(".ms-head").inner_text()
