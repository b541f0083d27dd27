"""The second wall stands everywhere: every tenant table has forced row-level security and a policy."""

import pytest
from django.apps import apps

from b2b.db.bulk import fetch

OURS = (
    "orders",
    "warehousing",
    "logistics",
    "finance",
    "tower",
    "exchange",
    "outbox",
    "http",
    "db",
    "directory",
)
# Columns that make a row somebody's own.
PARTY_COLUMNS = {"dealer_id", "factory_id", "carrier_id", "buyer_id", "organization_id", "parties"}
# Not a tenant's rows: a named series of numbers, a person's sign-ins; each with its reason.
OPEN = {
    "directory_user": "people are looked up by name when they sign in; no screen lists them to a party",
}

pytestmark = pytest.mark.django_db


def tenant_tables():
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in OURS or not model._meta.managed:
            continue
        columns = {field.column for field in model._meta.concrete_fields}
        if getattr(model, "tenancy", None) or columns & PARTY_COLUMNS:
            yield model._meta.db_table


TABLES = sorted(set(tenant_tables()) - set(OPEN))


def test_every_tenant_table_has_forced_row_security_and_a_policy():
    found = dict(
        fetch(
            """
            SELECT relname, relrowsecurity AND relforcerowsecurity
                AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)
            FROM pg_class WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace
            """,
            [TABLES],
        )
    )
    assert sorted(found) == TABLES
    open_tables = [table for table, walled in found.items() if not walled]
    assert not open_tables, f"add operations.row_security to a migration for: {open_tables}"
