"""Who gets through which door, and what the others are told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from b2b.admin.sites import SITES
from b2b.core import actor
from b2b.directory.models import User
from tests.admin.conftest import Person


def test_each_person_finds_their_own_desk_open(
    person: Callable[..., Person], dealer: Person, operator: Person
) -> None:
    assert dealer.client.get("/dealer/").status_code == 200
    assert person(actor.FACTORY, "MILL").client.get("/factory/").status_code == 200
    assert person(actor.FUNDER, "BANK").client.get("/funder/").status_code == 200
    assert operator.client.get("/operator/").status_code == 200


def test_a_dealer_at_the_operator_desk_is_told_where_to_go(dealer: Person) -> None:
    answer = dealer.client.get("/operator/", follow=True)

    assert answer.redirect_chain[0][0].startswith("/operator/login/")
    assert "who has no access to this desk" in answer.content.decode()
    assert 'href="/dealer/"' in answer.content.decode()


def test_carriers_have_no_desk(person: Callable[..., Person]) -> None:
    stranger = person(actor.CARRIER, "STRANGER")

    for site in SITES:
        assert stranger.client.get(f"/{site.name}/").status_code == 302


def test_the_front_page_leads_to_every_desk(db: None, client: Client) -> None:
    front = client.get("/").content.decode()

    for site in SITES:
        assert f'href="/{site.name}/"' in front


def test_a_superuser_without_a_membership_gets_nothing(db: None) -> None:
    root = User.objects.create_superuser("root", password="correct horse")
    client = Client()
    client.force_login(root)

    for door in ("/dealer/", "/operator/"):
        assert client.get(door).status_code == 302


@pytest.mark.parametrize(
    ("door", "username", "sentence"),
    [
        ("/dealer/login/", "d-one", None),
        ("/operator/login/", "d-one", "dealers sign in at the dealer desk"),
        ("/dealer/login/", "ops", "This desk is for dealers"),
        ("/factory/login/", "d-one", "This desk is for factories"),
        ("/dealer/login/", "nobody", "belongs to no organisation yet"),
    ],
)
def test_signing_in_asks_for_the_right_kind_of_organisation(
    dealer: Person, operator: Person, door: str, username: str, sentence: str | None
) -> None:
    User.objects.create_user("nobody", password="correct horse")

    answer = Client().post(door, {"username": username, "password": "correct horse", "next": "/dealer/"})

    if sentence is None:
        assert answer.status_code == 302
    else:
        assert answer.status_code == 200
        assert sentence in answer.content.decode()


def test_who_came_straight_to_the_door_is_let_in(dealer: Person) -> None:
    answer = Client().post("/dealer/login/", {"username": "d-one", "password": "correct horse"})

    assert (answer.status_code, answer["Location"]) == (302, "/dealer/")
