"""A line is its own first quantity event: what it asked for when it was written stays, and so does the line (ADR 14)."""

from django.db import migrations

import b2b.db.fields
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
    dependencies = [("orders", "0014_purchase_parts")]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="first_requested",
            field=b2b.db.fields.QuantityField(db_default=0, default=0),
        ),
        operations.sql(KEEP, UNKEEP),
    ]
