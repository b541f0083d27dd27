"""The tables refuse what must not happen."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

TENANT_TABLES = [
    "vehicle",
    "driver",
    "tariff",
    "shipment",
    "shipmentline",
    "shipmentpackage",
    "trip",
    "stop",
    "drop",
    "trackingevent",
    "proofofdelivery",
    "proofline",
    "freightcharge",
]


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_table_has_forced_row_security(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
            [f"logistics_{table}"],
        )
        assert cursor.fetchone() == (True, True)


def test_tracking_events_are_partitioned_by_month():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relkind FROM pg_class WHERE oid = 'logistics_trackingevent'::regclass")
        assert cursor.fetchone()[0] in ("p", b"p")
