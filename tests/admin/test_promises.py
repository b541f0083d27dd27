"""The operator reads what is promised of how much, who has a promise, and who waits."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from b2b.admin import urls  # noqa: F401 - loads every page
from b2b.core import clock
from b2b.core.actor import acting_as, system
from tests.admin.conftest import Person
from tests.factories.warehousing import World
from warehousing.models import PromiseBook
from warehousing.services import demand


def test_a_book_shows_its_promises_its_days_and_who_waits(operator: Person) -> None:
    now = clock.now()
    with acting_as(system("test")):
        world = World.build()
        world.stock(10, at=now)
        demand.cover([world.demand_line(7, need_by_date=now.date() + timedelta(days=3))], at=now)
        demand.cover([world.demand_line(8)], at=now)
        book = PromiseBook.objects.get()
    listed = operator.client.get(reverse("operator:warehousing_promisebook_changelist"))
    assert world.product.sku in listed.content.decode()
    assert "10 of 10 promised" in listed.content.decode()
    page = operator.client.get(reverse("operator:warehousing_promisebook_change", args=[book.pk]))
    shown = page.content.decode()
    assert page.status_code == 200
    assert shown.count(world.dealer.name) == 3  # two promises, and the five that are waited for
    assert "<svg" in shown
