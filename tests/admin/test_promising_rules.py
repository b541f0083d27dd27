"""The operator keeps by hand what promises go by."""

from __future__ import annotations

from django.urls import reverse

from b2b.admin import urls  # noqa: F401 - loads every page
from b2b.core import clock
from b2b.core.actor import acting_as, system
from tests.admin.conftest import Person
from tests.factories.warehousing import World
from warehousing.models import Promise, RotationRule, ShelfLifeTerm, SourcingCost
from warehousing.services import demand


def add(operator: Person, model: str, **given: object) -> str:
    answer = operator.client.post(reverse(f"operator:warehousing_{model}_add"), given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_shelf_life_term_binds_what_is_promised_already_and_stays_as_history(operator: Person) -> None:
    today = clock.now().date()
    with acting_as(system("test")):
        world = World.build()
        world.stock(10)
        demand.cover([world.demand_line(4)], at=clock.now())
    given = {"dealer": world.dealer.pk, "product": "", "min_remaining_days": 30, "valid_from": today}
    add(operator, "shelflifeterm", **given)
    refused = add(operator, "shelflifeterm", **{**given, "min_remaining_days": 9999})
    assert "3650" in refused
    with acting_as(system("test")):
        term = ShelfLifeTerm.objects.get()
        assert (term.min_remaining_days, term.product, bool(term.set_by)) == (30, None, True)
        assert Promise.objects.get().min_remaining_days == 30
    change = reverse("operator:warehousing_shelflifeterm_change", args=[term.pk])
    assert operator.client.post(change, {**given, "min_remaining_days": 1}).status_code in (302, 403)
    with acting_as(system("test")):
        assert ShelfLifeTerm.objects.get().min_remaining_days == 30


def test_costs_and_rotation_are_added(operator: Person) -> None:
    with acting_as(system("test")):
        world = World.build()
    amounts = {f"{name}_amount": "1.50" for name in ("leg", "km", "kg", "split")}
    add(operator, "sourcingcost", warehouse=world.warehouse.pk, currency="CNY", **amounts)
    add(operator, "rotationrule", method="LIFO", product=world.product.pk, owner="")
    again = add(operator, "rotationrule", method="FIFO", product=world.product.pk, owner="")
    assert "already exists" in again or "one_rotation_per_key" in again
    with acting_as(system("test")):
        assert SourcingCost.objects.get().warehouse == world.warehouse
        assert RotationRule.objects.get().method == "LIFO"
