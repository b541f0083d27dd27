"""Migrations that keep classes end in the same state, and render no more models than a change touches."""

from __future__ import annotations

import pytest
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from b2b.db.migration_state import kept_classes

MODELS = ("maker", "product", "line")


def state() -> ProjectState:
    """Three tables in a row: lines name products, products name makers."""
    made = ProjectState()
    key = models.BigAutoField(primary_key=True)
    to_maker = models.ForeignKey("trade.Maker", models.PROTECT)
    to_product = models.ForeignKey("trade.Product", models.PROTECT)
    made.add_model(
        ModelState("trade", "Maker", [("id", key.clone()), ("code", models.CharField(max_length=8))])
    )
    made.add_model(ModelState("trade", "Product", [("id", key.clone()), ("maker", to_maker)]))
    made.add_model(ModelState("trade", "Line", [("id", key.clone()), ("product", to_product)]))
    assert made.apps
    return made


def classes(made: ProjectState) -> dict[str, type[models.Model]]:
    return {name: made.apps.get_model("trade", name) for name in MODELS}


def unindexed(to: str) -> models.Field:
    return models.ForeignKey(to, models.PROTECT, db_index=False)


CHANGES = {
    "add_field": ("product", "second", unindexed("trade.Maker"), True),
    "alter_field": ("product", "maker", unindexed("trade.Maker"), True),
    "remove_field": ("product", "maker"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_field_renders_its_own_model_alone(change: str) -> None:
    made, plain = state(), state()
    before = classes(made)
    getattr(plain, change)("trade", *CHANGES[change])
    with kept_classes():
        getattr(made, change)("trade", *CHANGES[change])
    after = classes(made)
    assert {name for name in MODELS if after[name] is not before[name]} == {"product"}
    assert made == plain
    fields = [field.name for field in after["product"]._meta.get_fields() if field.concrete]
    assert fields == [f.name for f in classes(plain)["product"]._meta.get_fields() if f.concrete]


def test_a_field_that_others_point_at_renders_them_too() -> None:
    made = state()
    before = classes(made)
    with kept_classes():
        made.alter_field("trade", "maker", "id", models.AutoField(primary_key=True), True)
    after = classes(made)
    assert all(after[name] is not before[name] for name in MODELS)


def test_a_state_without_classes_renders_none() -> None:
    made = state()
    del made.__dict__["apps"]
    with kept_classes():
        made.add_field("trade", *CHANGES["add_field"])
    assert "apps" not in made.__dict__
    assert "second" in made.models["trade", "product"].fields
