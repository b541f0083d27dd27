"""An order's lines and their events are tied to their parents by one check a statement (ADR 6)."""

import django.db.models.deletion
from django.db import migrations, models

from b2b.db import operations

# DISTINCT first: a hundred thousand lines of one order are one look-up. Index look-ups only: the plan is kept by the
# session, and one made for many rows would read the whole parent for one.
BELONG = """
    CREATE FUNCTION orders_lines_have_parents() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM (SELECT DISTINCT order_id, dealer_id FROM added) child
            WHERE NOT EXISTS (SELECT FROM orders_order parent
                WHERE parent.id = child.order_id AND parent.dealer_id = child.dealer_id))
        THEN
            RAISE EXCEPTION 'an order line needs an order of its dealer' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE FUNCTION orders_events_have_parents() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM added child
            WHERE NOT EXISTS (SELECT FROM orders_orderline parent
                WHERE parent.id = child.line_id AND parent.dealer_id = child.dealer_id))
        THEN
            RAISE EXCEPTION 'a quantity event needs an order line of its dealer'
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER lines_have_parents AFTER INSERT ON orders_orderline
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_lines_have_parents();
    CREATE TRIGGER events_have_parents AFTER INSERT ON orders_quantityevent
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_events_have_parents()
"""
# What a row-level foreign key would see to as well: nobody moves a line to another order, and no parent goes.
STAY = """
    CREATE FUNCTION orders_refuse_orphans() RETURNS trigger LANGUAGE plpgsql AS $$
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
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_order
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphans();
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_orderline
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphans();
    CREATE TRIGGER stays_with_its_order BEFORE UPDATE OF id, order_id, dealer_id ON orders_orderline
        FOR EACH ROW WHEN ((OLD.id, OLD.order_id, OLD.dealer_id) IS DISTINCT FROM (NEW.id, NEW.order_id, NEW.dealer_id))
        EXECUTE FUNCTION midstream_refuse_change();
    CREATE TRIGGER stays_with_its_dealer BEFORE UPDATE OF id, dealer_id ON orders_order
        FOR EACH ROW WHEN ((OLD.id, OLD.dealer_id) IS DISTINCT FROM (NEW.id, NEW.dealer_id))
        EXECUTE FUNCTION midstream_refuse_change()
"""
NO_GUARDS = """
    DROP TRIGGER stays_with_its_dealer ON orders_order;
    DROP TRIGGER stays_with_its_order ON orders_orderline;
    DROP TRIGGER no_orphans ON orders_orderline;
    DROP TRIGGER no_orphans ON orders_order;
    DROP FUNCTION orders_refuse_orphans();
    DROP TRIGGER events_have_parents ON orders_quantityevent;
    DROP TRIGGER lines_have_parents ON orders_orderline;
    DROP FUNCTION orders_events_have_parents();
    DROP FUNCTION orders_lines_have_parents()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0006_buyer_group_guards"),
        ("orders", "0016_quantities_given_up"),
    ]

    operations = [
        migrations.AlterField(
            model_name="orderline",
            name="cycle",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.ordercycle",
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="dealer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="directory.organization",
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="orders.order",
            ),
        ),
        migrations.AlterField(
            model_name="quantityevent",
            name="dealer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="directory.organization",
            ),
        ),
        migrations.AlterField(
            model_name="quantityevent",
            name="line",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quantity_events",
                to="orders.orderline",
            ),
        ),
        operations.sql(f"{BELONG}; {STAY}", NO_GUARDS),
    ]
