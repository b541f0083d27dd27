"""The driver's page over HTTP: a link that is good for one trip."""

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as
from logistics import states
from logistics.models import Evidence, Shipment
from logistics.policies.photo import LARGEST
from logistics.services import driver_pass
from tests.factories import directory
from tests.factories import logistics as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_the_morning():
    """Let the platform live in the day of the test."""
    with clock.travel(make.MORNING):
        yield


@pytest.fixture
def haul():
    return make.haul(directory.dealer(), directory.carrier(), until="PLANNED")


@pytest.fixture
def link(haul):
    with acting_as(make.PLATFORM) as platform:
        return f"/drive/{driver_pass.issue(haul.trip.pk, by=platform, at=make.MORNING)}/"


def action(name, kind, **content):
    return {"id": name, "kind": kind, "occurred_at": make.MORNING.isoformat(), "content": content}


def send(client, link, *actions):
    return client.post(f"{link}actions/", {"actions": list(actions)}, content_type="application/json")


def test_the_page_shows_its_trip_and_nothing_else(client, haul, link):
    page = client.get(link)
    assert page.status_code == 200
    assert haul.trip.number in page.content.decode()
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    stops = client.get(f"{link}state/").json()["stops"]
    assert [one["number"] for stop in stops for one in stop["shipments"]] == [haul.shipment.number]
    assert client.get("/drive/worker.js").headers["Content-Type"] == "text/javascript"


def test_a_wrong_link_opens_nothing(client, link):
    for address in ("", "state/"):
        assert client.get(f"/drive/wrong/{address}").status_code == 404
    assert send(client, "/drive/wrong/", action("a", "START")).status_code == 404


def test_actions_are_carried_out_and_answered(client, haul, link):
    answer = send(
        client,
        link,
        action("a", "START"),
        action("b", "DELIVER", shipment_id=str(haul.shipment.pk), signer_name="Chen Jie"),
    )
    assert answer.json() == {"answers": [{"id": "a", "problem": ""}, {"id": "b", "problem": ""}]}
    with acting_as(make.PLATFORM):
        assert Shipment.objects.get().status == states.DELIVERED


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"actions": 1}', b'{"actions": [{"id": "a"}]}', b'{"actions": [1]}'],
)
def test_nonsense_is_a_problem_and_changes_nothing(client, link, body):
    answer = client.post(f"{link}actions/", body, content_type="application/json")
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_pictures_of_the_wrong_type_or_too_large_are_refused(client, haul, link):
    address = f"{link}evidence/{haul.shipment.pk}/PHOTO/"
    for body, code in ((b"GIF89a", "wrong_type"), (b"\xff\xd8\xff" + bytes(LARGEST), "too_large")):
        answer = client.post(address, body, content_type="application/octet-stream")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == code
    assert client.post(address, b"\xff\xd8\xff0", content_type="image/jpeg").status_code == 201
    with acting_as(make.PLATFORM):
        assert Evidence.objects.get().media_type == "image/jpeg"
