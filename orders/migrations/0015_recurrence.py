"""A recurrence says more than a number of days: weekdays, days of a month, holidays, a time zone."""

from django.db import migrations, models

from b2b.db import operations

# The latest of repeating cycles alike goes on; the earlier ones have been followed already.
CARRY_OVER = """
    UPDATE orders_ordercycle cycle
    SET recurrence = jsonb_build_object('every', 'days', 'interval', cycle.recurrence_days)
    FROM (SELECT DISTINCT ON (factory_id, category, warehouse_site_id, region, currency) id
          FROM orders_ordercycle WHERE recurrence_days IS NOT NULL
          ORDER BY factory_id, category, warehouse_site_id, region, currency, cutoff_at DESC) latest
    WHERE latest.id = cycle.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0006_buyer_group_guards'),
        ('orders', '0014_returns_claims_costs_guards'),
    ]

    operations = [
        operations.sql(CARRY_OVER, "SELECT 1"),
        migrations.RemoveIndex(
            model_name='ordercycle',
            name='cycle_open',
        ),
        migrations.RemoveField(
            model_name='ordercycle',
            name='recurrence_days',
        ),
        migrations.AddIndex(
            model_name='ordercycle',
            index=models.Index(condition=models.Q(('status__in', ('DRAFT', 'OPEN', 'BOXFILL'))), fields=['factory', 'cutoff_at'], name='cycle_open'),
        ),
    ]
