"""The tables point upstream, their migrations are complete, the generated documents are up to date."""

from django.apps import apps
from django.core.management import call_command
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tests.house.sources import listed

# From downstream to upstream: a foreign key may only point to the right.
FLOW = ("finance", "logistics", "warehousing", "orders", "directory", "catalog", "db")
OURS = {*FLOW, "outbox", "exchange", "tower", "market", "http", "embedded"}
# The kernel knows parties, sites and products, and nothing of the trade.
KERNEL = {"directory", "catalog", "db", "outbox"}


def foreign_keys():
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.app_label
        if label not in OURS:
            continue
        for field in model._meta.get_fields():
            remote = getattr(field, "remote_field", None)
            if remote is not None and getattr(field, "concrete", False) and field.related_model is not None:
                yield label, model, field, field.related_model._meta.app_label


def test_foreign_keys_point_upstream():
    found = []
    for label, model, field, target in foreign_keys():
        if target not in OURS or target == label:
            continue
        if label in FLOW and target in FLOW and FLOW.index(target) > FLOW.index(label):
            continue
        if label not in FLOW and target in KERNEL:
            continue
        found.append(f"{model._meta.label}.{field.name} -> {target}")
    assert not found, listed(
        "Keep the other's id as plain data, or turn the key round (docs/flow.md).", found
    )


def test_foreign_keys_between_trade_apps_leave_no_trace_upstream():
    trade = set(FLOW[:4])
    found = [
        f"{model._meta.label}.{field.name}"
        for label, model, field, target in foreign_keys()
        if label in trade and target in trade - {label} and not field.remote_field.is_hidden()
    ]
    assert not found, listed('Write related_name="+": upstream must not know who came after it.', found)


# Models that tests of the base views declare; they have no table.
_TOYS = {"Toy"}


def test_migrations_are_complete():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(
        loader.graph
    )
    found = [
        f"{app}: {op.describe()}"
        for app, steps in changes.items()
        for step in steps
        for op in step.operations
        if getattr(op, "name", "") not in _TOYS
    ]
    assert not found, listed("Run `make migrations` and commit what it writes.", found)
    assert not loader.detect_conflicts(), (
        "Two migrations follow the same one: python manage.py makemigrations --merge"
    )


def test_the_document_of_events_is_up_to_date():
    call_command("document_events", "--check")


def test_the_document_of_the_api_is_up_to_date():
    call_command("document_api", "--check")
