"""A line is its own first quantity event and stays (ADR 14); what a new cycle takes over is declared once."""

from django.db import migrations, models

import b2b.db.fields
import orders.models.cycle
from b2b.db import operations

# Lines from before have an event for it: what they began with is 0, and their sums are what they were.
KEEP = """
    CREATE TRIGGER keeps_what_it_asked_for AFTER UPDATE OF first_requested ON orders_orderline
        FOR EACH ROW WHEN (OLD.first_requested <> NEW.first_requested) EXECUTE FUNCTION midstream_refuse_change();
    DROP TRIGGER no_orphans ON orders_orderline;
    CREATE TRIGGER is_kept BEFORE DELETE ON orders_orderline
        FOR EACH ROW EXECUTE FUNCTION midstream_refuse_change();
    CREATE OR REPLACE FUNCTION orders_refuse_orphans() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM orders_orderline WHERE order_id = OLD.id) THEN
            RAISE EXCEPTION 'a row of % has rows of its own', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$
"""
UNKEEP = """
    DROP TRIGGER keeps_what_it_asked_for ON orders_orderline;
    DROP TRIGGER is_kept ON orders_orderline;
    CREATE OR REPLACE FUNCTION orders_refuse_orphans() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        found boolean;
    BEGIN
        IF TG_TABLE_NAME = 'orders_order' THEN
            SELECT EXISTS (SELECT FROM orders_orderline WHERE order_id = OLD.id) INTO found;
        ELSE
            SELECT EXISTS (SELECT FROM orders_quantityevent WHERE line_id = OLD.id) INTO found;
        END IF;
        IF found THEN
            RAISE EXCEPTION 'a row of % has rows of its own', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_orderline
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphans()
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0018_rehearsals")]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="first_requested",
            field=b2b.db.fields.QuantityField(db_default=0, default=0),
        ),
        operations.sql(KEEP, UNKEEP),
        migrations.AlterField(
            model_name='termschange',
            name='subject',
            field=models.CharField(choices=[('AGREEMENT', 'Price agreement'), ('RULE', 'Order rule'), ('SOURCE', 'Supply source'), ('HANDLING', 'Handling of a warehouse'), ('CYCLES', 'Standing rules of cycles'), ('APPROVAL', 'Rule of approval'), ('STAND_IN', 'Substitute of an approver')], max_length=10, verbose_name='subject'),
        ),
        migrations.CreateModel(
            name='StandingRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(blank=True, max_length=80, verbose_name='product category')),
                ('policy', models.JSONField(default=orders.models.cycle.default_policy, verbose_name='policy')),
                ('window_days', models.PositiveSmallIntegerField(blank=True, default=7, null=True, verbose_name='pools needs of so many days')),
                ('recurrence', models.JSONField(blank=True, null=True, verbose_name='repeats')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'standing rules',
                'verbose_name_plural': 'standing rules',
                'constraints': [models.UniqueConstraint(fields=('category',), name='one_standing_rules_of_a_category'), models.CheckConstraint(condition=models.Q(('window_days__isnull', True), ('window_days__gte', 1), _connector='OR'), name='standing_window_is_a_day')],
            },
        ),
        operations.row_security("orders_standingrules"),
    ]
