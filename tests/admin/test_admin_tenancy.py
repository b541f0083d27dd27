"""Every page of every desk, tried as everybody: read off the address list, so that a new page is tried too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from b2b.admin.sites import SITES, PartySite, dealer_site, factory_site, operator_site
from b2b.core import clock
from b2b.core.actor import DEALER, KINDS, acting_as
from b2b.db.selectors import visible
from b2b.directory.models import Membership, Organization, User
from b2b.directory.services import api_key
from b2b.exchange.services import fan_out, subscription
from orders.models import Order, OrderCycle
from tests.admin.conftest import Person
from tests.admin.test_bulk_order import draft_of, preview
from tests.admin.test_day import Desk, live
from tests.house.routes import addresses
from tests.support import agreed_day, changed_day, financed_day
from tests.support.trade_day import TEST, Market, open_market
from warehousing.models import Lot
from warehousing.services import recall

# Open before anybody has signed in.
DOORS = ("login/", "logout/")
# Those who have a desk of their own, or none at all, try to change things as well.
DOORED = frozenset({dealer_site.kind, factory_site.kind, operator_site.kind, "anonymous", "archived"})
# Announced to all of them; what a page of it tells of others is tried in tests/orders/services/test_pool_progress.py.
OPEN_TO_DEALERS = {OrderCycle}
FILLED = {"uuid": "01890000-0000-7000-8000-000000000000"}


def pages_of(site: PartySite) -> list[str]:
    """Return every address of a site with values put in; what they name does not exist."""
    found = [f"/{filled(route)}" for route in addresses(f"{site.name}/")]
    return [address for address in found if not address.endswith(DOORS)]


def filled(route: str) -> str:
    """Put values into a route of Django's admin: converters, a choice of app labels, and the rest of the path."""
    made = route.replace("(?P<url>.*)$", "nowhere/")
    made = re.sub(r"\^?\(\?P<\w+>([^)|]+)[^)]*\)/\$", r"\1/", made)
    made = re.sub(r"<(?:(\w+):)?\w+>", lambda part: FILLED.get(part[1], "1"), made)
    assert not re.search(r"[<>()^$]", made), f"{route}: teach this test to fill it"
    return made


def opened(client: Client, site: PartySite, methods: tuple[str, ...]) -> Iterator[str]:
    """Yield what opened although it should not have."""
    for address in pages_of(site):
        for method in methods:
            answer = getattr(client, method)(address)
            if answer.status_code != 302 or not answer["Location"].startswith(f"/{site.name}/login/"):
                yield f"{method} {address}: {answer.status_code} {answer.get('Location', '')}"


def test_the_addresses_are_found() -> None:
    for site in SITES:
        known = set(pages_of(site))
        for model in site._registry:
            name = f"{site.name}:{model._meta.app_label}_{model._meta.model_name}"
            assert reverse(f"{name}_changelist") in known
            assert reverse(f"{name}_change", args=["1"]) in known
        assert {f"/{site.name}/{filled(page.route)}" for page in site.pages} <= known


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
@pytest.mark.parametrize("kind", [*KINDS, "anonymous"])
def test_a_desk_is_shut_to_every_other_kind(
    person: Callable[..., Person], site: PartySite, kind: str
) -> None:
    if kind == site.kind:
        kind = "archived"
    client = Client()
    if kind != "anonymous":
        stranger = person(kind if kind in KINDS else site.kind, "STRANGER")
        client = stranger.client
        if kind == "archived":
            Organization.objects.filter(pk=stranger.organization.pk).update(is_active=False)  # type: ignore[union-attr]

    methods = ("get", "post") if kind in DOORED else ("get",)
    assert list(opened(client, site, methods)) == []


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


def own_rows(market: Market) -> Iterator[tuple[type, Any]]:
    """Yield a row of the dealer for every list of the dealer's desk."""
    with acting_as(TEST):
        api_key.issue(market.dealer, name="ERP", scopes=["orders:read"], by=TEST, at=clock.now())
        listening, _ = subscription.subscribe(
            market.dealer, url="https://erp.example.com/", by=TEST, at=clock.now()
        )
        fan_out.send_test(listening.pk, at=clock.now())
        changed_day.offer_to_dealer(market)
        agreed_day.agree_with_dealer(market)
        agreed_day.quote_to_dealer(market)
        agreed_day.wait_for_approval(market)
        agreed_day.name_a_substitute(market)
        financed_day.finance_the_dealer(market.dealer)
        financed_day.pledge_goods_of(market.dealer)
        financed_day.hand_a_voucher_to(market.dealer)
        recall.open_(Lot.objects.values_list("pk", flat=True), reason="cracks", by=TEST, at=clock.now())
        for model in set(dealer_site._registry) - OPEN_TO_DEALERS:
            owners = model.tenancy[DEALER]  # type: ignore[attr-defined]
            owner = owners if isinstance(owners, str) else owners[0]
            row = visible(TEST, model).filter(**{owner: market.dealer.pk}).first()
            assert row, f"{model._meta.label}: let live() make one, or this test tries nothing"
            yield model, row


def test_a_rival_finds_nothing_of_another_dealer(market: Market) -> None:
    live(market)
    owner, rival = Desk("dealer", "dealer"), Desk("rival", "dealer")

    for model, row in list(own_rows(market)):
        name = f"dealer:{model._meta.app_label}_{model._meta.model_name}"
        page = reverse(f"{name}_change", args=[row.pk])
        assert owner.client.get(page).status_code == 200
        buttons = [action.name for action in dealer_site._registry[model].service_actions()]  # type: ignore[attr-defined]
        for address in (page, *(reverse(f"{name}_button", args=[row.pk, button]) for button in buttons)):
            for answer in (rival.client.get(address), rival.client.post(address, {"reason": "mine"})):
                assert answer.status_code == 404, f"{address}: {answer.status_code}"
        shown = rival.client.get(reverse(f"{name}_changelist"), {"pk__exact": row.pk}, follow=True)
        assert page not in shown.content.decode()
        for words in (str(row), str(getattr(row, "prefix", row))):
            listed = rival.client.get(reverse(f"{name}_changelist"), {"q": words})
            found = rival.client.get(reverse("dealer:search"), {"s": words, "extended": "1"})
            assert page not in listed.content.decode() + found.content.decode()


def demote(username: str, role: str = "VIEWER") -> User:
    user = User.objects.get(username=username)
    with acting_as(TEST):
        Membership.objects.filter(user=user).update(role=role)
    return user


def test_a_viewer_of_a_dealer_may_look_at_a_preview_but_not_order(market: Market) -> None:
    desk = Desk("dealer", "dealer")
    draft = draft_of(preview(desk, "BOLT-8,48\n"))
    demote("dealer")

    page = desk.client.post(reverse("dealer:bulk_order"), {"draft": draft, "do": "atomic"}).content.decode()

    assert "Your role may look, but not act." in page
    with acting_as(TEST):
        assert not visible(TEST, Order).exists()


@pytest.mark.parametrize("role", ["CLERK", "VIEWER"])
def test_only_an_administrator_says_who_acts_for_whom(operator: Person, role: str) -> None:
    demote("ops", role)
    keys = {"username": "mole", "password1": "correct horse", "password2": "correct horse"}

    for address, body in (
        (reverse("operator:directory_user_add"), keys),
        (reverse("operator:directory_membership_add"), {"role": "ADMIN"}),
        (reverse("operator:auth_user_password_change", args=[operator.user.pk]), keys),
    ):
        assert operator.client.post(address, body).status_code == 403

    assert list(User.objects.values_list("username", flat=True)) == ["ops"]
