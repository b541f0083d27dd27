"""Pegs and the lines of savings statements are tied to their parents by one check a statement (ADR 7)."""

import django.db.models.deletion
from django.db import migrations, models

from b2b.db import operations

# DISTINCT where many rows name the same parent; index look-ups, because the plan is kept by the session.
BELONG = """
    CREATE FUNCTION orders_pegs_have_parents() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM (SELECT DISTINCT schedule_line_id, purchase_order_line_id FROM added) child
            WHERE NOT EXISTS (SELECT FROM orders_scheduleline parent
                WHERE parent.id = child.schedule_line_id
                    AND parent.purchase_order_line_id = child.purchase_order_line_id))
        THEN
            RAISE EXCEPTION 'a peg needs a schedule line of its purchase line' USING ERRCODE = 'foreign_key_violation';
        END IF;
        IF EXISTS (
            SELECT FROM added child WHERE child.order_line_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM orders_orderline parent
                WHERE parent.id = child.order_line_id AND parent.dealer_id = child.dealer_id))
        THEN
            RAISE EXCEPTION 'a peg needs an order line of its dealer' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE FUNCTION orders_savings_have_parents() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM (SELECT DISTINCT statement_id, dealer_id FROM added) child
            WHERE NOT EXISTS (SELECT FROM orders_savingsstatement parent
                WHERE parent.id = child.statement_id AND parent.dealer_id = child.dealer_id))
        THEN
            RAISE EXCEPTION 'a line of savings needs a statement of its dealer' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER pegs_have_parents AFTER INSERT ON orders_peg
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_pegs_have_parents();
    CREATE TRIGGER savings_have_parents AFTER INSERT ON orders_savingsstatementline
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_savings_have_parents()
"""
# A peg stays with its order line; it may move to another delivery, which is looked at when it does. An order line goes
# nowhere while it has events, and statements are append-only, so that schedule lines alone are watched when they go.
STAY = """
    CREATE FUNCTION orders_moved_peg_has_parent() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM orders_scheduleline parent
            WHERE parent.id = NEW.schedule_line_id AND parent.purchase_order_line_id = NEW.purchase_order_line_id)
        THEN
            RAISE EXCEPTION 'a peg needs a schedule line of its purchase line' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE FUNCTION orders_refuse_unscheduled_pegs() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT midstream_sees_all() OR EXISTS (
                SELECT FROM orders_peg WHERE schedule_line_id = OLD.id AND order_line_id IS NOT NULL)
            OR EXISTS (SELECT FROM orders_peg WHERE schedule_line_id = OLD.id AND order_line_id IS NULL)
        THEN
            RAISE EXCEPTION 'a schedule line has pegs' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER moved_peg_has_parent AFTER UPDATE OF schedule_line_id, purchase_order_line_id ON orders_peg
        FOR EACH ROW EXECUTE FUNCTION orders_moved_peg_has_parent();
    CREATE TRIGGER stays_with_its_order_line BEFORE UPDATE OF order_line_id, dealer_id ON orders_peg
        FOR EACH ROW WHEN ((OLD.order_line_id, OLD.dealer_id) IS DISTINCT FROM (NEW.order_line_id, NEW.dealer_id))
        EXECUTE FUNCTION midstream_refuse_change();
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_scheduleline
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_unscheduled_pegs();
    CREATE TRIGGER stays_with_its_line BEFORE UPDATE OF id, purchase_order_line_id ON orders_scheduleline
        FOR EACH ROW WHEN ((OLD.id, OLD.purchase_order_line_id) IS DISTINCT FROM (NEW.id, NEW.purchase_order_line_id))
        EXECUTE FUNCTION midstream_refuse_change()
"""
NO_GUARDS = """
    DROP TRIGGER stays_with_its_line ON orders_scheduleline;
    DROP TRIGGER no_orphans ON orders_scheduleline;
    DROP TRIGGER stays_with_its_order_line ON orders_peg;
    DROP TRIGGER moved_peg_has_parent ON orders_peg;
    DROP FUNCTION orders_refuse_unscheduled_pegs();
    DROP FUNCTION orders_moved_peg_has_parent();
    DROP TRIGGER savings_have_parents ON orders_savingsstatementline;
    DROP TRIGGER pegs_have_parents ON orders_peg;
    DROP FUNCTION orders_savings_have_parents();
    DROP FUNCTION orders_pegs_have_parents()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0006_buyer_group_guards'),
        ('orders', '0023_price_proposal_guards'),
    ]

    operations = [
        migrations.AlterField(
            model_name='orderline',
            name='factory',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization'),
        ),
        migrations.AlterField(
            model_name='orderline',
            name='ship_to_site',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.site', verbose_name='ship to'),
        ),
        migrations.AlterField(
            model_name='peg',
            name='dealer',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization'),
        ),
        migrations.AlterField(
            model_name='peg',
            name='order_line',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pegs', to='orders.orderline'),
        ),
        migrations.AlterField(
            model_name='peg',
            name='purchase_order_line',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='pegs', to='orders.purchaseorderline'),
        ),
        migrations.AlterField(
            model_name='peg',
            name='schedule_line',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='pegs', to='orders.scheduleline'),
        ),
        migrations.AlterField(
            model_name='savingsstatementline',
            name='dealer',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization'),
        ),
        migrations.AlterField(
            model_name='savingsstatementline',
            name='statement',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='orders.savingsstatement'),
        ),
        operations.sql(f"{BELONG}; {STAY}", NO_GUARDS),
    ]
