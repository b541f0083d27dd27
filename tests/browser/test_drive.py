"""A driver's telephone in a real browser: the page opens and works without a network, and tells later, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from b2b.core import clock
from b2b.core.actor import acting_as
from logistics import states
from logistics.models import DriverAction, Evidence, ProofOfDelivery, Shipment
from logistics.services import driver_pass
from tests.browser.conftest import picture
from tests.factories import directory
from tests.factories import logistics as make
from tests.support.eventually import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 100


@pytest.fixture
def haul(server: str) -> make.Haul:
    """A trip that stands ready to leave."""
    return make.haul(directory.dealer(), directory.carrier(), until="PLANNED")


@pytest.fixture
def phone(sound_page: Page, server: str, haul: make.Haul) -> Page:
    """A telephone on which the driver has opened the link."""
    page = sound_page
    page.set_viewport_size({"width": 390, "height": 844})
    with acting_as(make.PLATFORM) as platform:
        secret = driver_pass.issue(haul.trip.pk, by=platform, at=clock.now())
    page.goto(f"{server}/drive/{secret}/")
    # The page marks itself when its worker answers for it and has kept all of it.
    expect(page.locator("body[data-kept]")).to_be_attached(timeout=60_000)
    return page


def test_a_day_without_a_network_is_told_when_there_is_one(phone: Page, haul: make.Haul) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.context.set_offline(True)
    phone.reload()
    phone.get_by_role("button", name="Start the trip").click()
    phone.get_by_role("button", name="I am here").click()
    phone.locator("summary", has_text="· Delivered").click()
    form = phone.locator("form").first
    form.locator("input[name=line-1]").fill("11")
    form.locator("input[name=signer]").fill("Chen Jie")
    form.get_by_role("button", name="Delivered").click()
    expect(form.get_by_text("No more can be taken than was sent.")).to_be_visible()
    form.locator("input[name=line-1]").fill("8")
    form.locator("input[name=photo]").set_input_files(
        {"name": "note.gif", "mimeType": "image/gif", "buffer": b"GIF89a"}
    )
    form.get_by_role("button", name="Delivered").click()
    expect(form.get_by_text("Take a photo as JPEG or PNG.")).to_be_visible()
    form.locator("input[name=photo]").set_input_files(
        {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": JPEG}
    )
    box = form.locator("canvas").bounding_box()
    assert box is not None
    phone.mouse.move(box["x"] + 20, box["y"] + 20)
    phone.mouse.down()
    phone.mouse.move(box["x"] + 120, box["y"] + 60)
    phone.mouse.up()
    picture(phone, "drive-offline")
    form.get_by_role("button", name="Delivered").click()
    expect(phone.get_by_text("Waiting to be sent: 5")).to_be_visible()
    phone.reload()  # what waits outlives the page, which shows it as done
    expect(phone.get_by_text("Waiting to be sent: 5")).to_be_visible()
    expect(phone.get_by_text(f"{haul.shipment.number}: Done")).to_be_visible()
    with acting_as(make.PLATFORM):
        assert not DriverAction.objects.exists()
    phone.context.set_offline(False)
    expect(phone.get_by_text("Everything is sent.")).to_be_visible(timeout=60_000)
    expect(phone.get_by_text("The trip is over")).to_be_visible()
    with acting_as(make.PLATFORM):
        assert list(DriverAction.objects.order_by("pk").values_list("kind", "problem")) == [
            ("START", ""),
            ("ARRIVE", ""),
            ("DELIVER", ""),
        ]
        assert Shipment.objects.get().status == states.DELIVERED
        proof = ProofOfDelivery.objects.get()
        assert [line.accepted_quantity for line in proof.lines.all()] == [8]
        assert {proof.photo_sha256, proof.signature_sha256} == set(
            Evidence.objects.values_list("sha256", flat=True)
        )
    phone.reload()
    expect(phone.get_by_text(f"{haul.shipment.number}: Done")).to_be_visible()


def test_what_nobody_took_is_told_with_the_reason(phone: Page, haul: make.Haul) -> None:
    phone.get_by_role("button", name="Start the trip").click()
    phone.locator("summary", has_text="Not delivered").click()
    phone.locator("input[name=reason]").fill("Closed")
    phone.get_by_role("button", name="Not delivered").click()
    expect(phone.get_by_text("Everything is sent.")).to_be_visible(timeout=60_000)

    def failed() -> bool:
        with acting_as(make.PLATFORM):
            return Shipment.objects.get().status == states.FAILED

    eventually(failed)
