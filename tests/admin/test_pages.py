"""Every list of the sites opens for whom it is for, with something in the menu, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from b2b.admin import urls  # noqa: F401 - loads every page
from b2b.admin.sites import SITES, PartySite, dealer_site, factory_site, operator_site
from b2b.core.actor import FACTORY, acting_as, system
from b2b.outbox.models import Schedule
from tests.admin.conftest import Person

QUERIES_OF_A_LIST = 16
# What answers something else to who just looks in: only posted to, or asked with a code to print.
OTHERWISE = {
    **dict.fromkeys(("operator:match_payments", "operator:preview_match", "operator:accept_match"), 405),
    **dict.fromkeys(("operator:save_board", "operator:plan_board", "operator:lay_board"), 405),
    "operator:warehousing_print": 404,
}


def lists_of(site: PartySite) -> list[str]:
    return [
        f"{site.name}:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in site._registry
    ]


def pages_of(site: PartySite) -> list[str]:
    """Return the pages that are not of one document; those are tried where the document is made."""
    return [f"{site.name}:{page.name}" for page in site.pages if "<" not in page.route] + [
        f"{site.name}:index"
    ]


def all_of(site: PartySite) -> list[str]:
    return lists_of(site) + pages_of(site)


@pytest.mark.parametrize("name", all_of(dealer_site))
def test_every_dealer_page_opens(dealer: Person, name: str) -> None:
    assert dealer.client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", all_of(factory_site))
def test_every_factory_page_opens(person: Callable[..., Person], operator: Person, name: str) -> None:
    assert person(FACTORY, "F-ONE").client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", all_of(operator_site))
def test_every_operator_page_opens(operator: Person, name: str) -> None:
    assert operator.client.get(reverse(name)).status_code == OTHERWISE.get(name, 200)


@pytest.mark.parametrize("name", all_of(operator_site))
def test_no_operator_page_opens_to_a_dealer(dealer: Person, name: str) -> None:
    assert dealer.client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", [name for site in SITES for name in all_of(site)])
def test_no_page_opens_to_a_stranger(db: None, name: str) -> None:
    assert Client().get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", lists_of(dealer_site))
def test_a_list_costs_few_queries(dealer: Person, name: str) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        dealer.client.get(reverse(name))

    assert len(queries) <= QUERIES_OF_A_LIST


def test_a_menu_leads_to_every_list(operator: Person) -> None:
    page = operator.client.get(reverse("operator:index")).content.decode()

    for name in lists_of(operator_site):
        assert f'href="{reverse(name)}"' in page


def test_a_row_is_found_by_a_name_that_its_address_has_to_quote(operator: Person) -> None:
    with acting_as(system("test")):
        Schedule.objects.create(name="outbox_safety_net", rule="every 30 s", queue="default")
    listed = operator.client.get(reverse("operator:outbox_schedule_changelist")).content.decode()
    [address] = set(re.findall(r'href="(/operator/outbox/schedule/[^"?]+/)"', listed))
    assert "_5F" in address
    assert operator.client.get(address).status_code == 200
