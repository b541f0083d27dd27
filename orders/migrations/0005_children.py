"""What is named stays: no parent goes while it has children, and no row changes its key or whom it belongs to."""

from django.db import migrations

from b2b.db import operations

# What row-level foreign keys would see to as well. Whoever does not see all rows cannot tell whether there are
# children. Answers, runs and statements are append-only already.
ORDERS = """
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
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphans()
"""
SCHEDULE = """
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
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_scheduleline
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_unscheduled_pegs()
"""
# An order line goes nowhere while it has events.
SUPPLY = """
    CREATE FUNCTION orders_refuse_orphaning() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        found boolean;
    BEGIN
        IF TG_TABLE_NAME = 'orders_purchaseorderline' THEN
            SELECT EXISTS (SELECT FROM orders_scheduleline WHERE purchase_order_line_id = OLD.id)
                OR EXISTS (SELECT FROM orders_supplyevent WHERE purchase_order_line_id = OLD.id)
                OR EXISTS (SELECT FROM orders_orderresponseline WHERE purchase_order_line_id = OLD.id) INTO found;
        ELSIF TG_TABLE_NAME = 'orders_scheduleline' THEN
            SELECT EXISTS (SELECT FROM orders_scheduleline
                WHERE purchase_order_line_id = OLD.purchase_order_line_id AND split_of_id = OLD.id) INTO found;
        ELSIF TG_TABLE_NAME = 'orders_peg' THEN
            SELECT EXISTS (SELECT FROM orders_allocationresult WHERE peg_id = OLD.id)
                OR EXISTS (SELECT FROM orders_costshare WHERE peg_id = OLD.id) INTO found;
        ELSE
            SELECT EXISTS (SELECT FROM orders_costshare WHERE voucher_id = OLD.id) INTO found;
        END IF;
        IF found OR NOT midstream_sees_all() THEN
            RAISE EXCEPTION 'a row of % has rows of its own', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_purchaseorderline
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphaning();
    CREATE TRIGGER no_orphaned_parts AFTER DELETE ON orders_scheduleline
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphaning();
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_peg
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphaning();
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_costvoucher
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphaning()
"""
# A branch for each table: a statement is only looked at when it is reached, and keys are of two types.
NAMED_BY_LINES = ("catalog_product", "directory_site", "directory_organization", "orders_ordercycle")
NAMED = """
    CREATE FUNCTION orders_refuse_parentless_lines() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        is_named boolean;
    BEGIN
        IF NOT midstream_sees_all() THEN
            is_named := true;
        ELSIF TG_TABLE_NAME = 'catalog_product' THEN
            is_named := EXISTS (SELECT FROM orders_orderline WHERE product_id = OLD.id);
        ELSIF TG_TABLE_NAME = 'directory_site' THEN
            is_named := EXISTS (SELECT FROM orders_orderline WHERE ship_to_site_id = OLD.id);
        ELSIF TG_TABLE_NAME = 'directory_organization' THEN
            is_named := EXISTS (SELECT FROM orders_orderline WHERE factory_id = OLD.id);
        ELSE
            is_named := EXISTS (SELECT FROM orders_orderline WHERE cycle_id = OLD.id);
        END IF;
        IF is_named THEN
            RAISE EXCEPTION 'order lines name a row of %', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
""" + "; ".join(
    f"""
    CREATE TRIGGER order_lines_name_it AFTER DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_parentless_lines();
    CREATE TRIGGER order_lines_name_its_key AFTER UPDATE OF id ON {table}
        FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION orders_refuse_parentless_lines()"""
    for table in NAMED_BY_LINES
)
# A trigger BEFORE UPDATE makes PostgreSQL lock, and log, each row before it is looked at whether the trigger is meant;
# one AFTER costs nothing where its columns are not named.
KEYS = {
    "orders_order": ("stays_with_its_dealer", ("id", "dealer_id")),
    "orders_orderline": ("stays_with_its_order", ("id", "order_id", "dealer_id")),
    "orders_peg": ("stays_with_its_order_line", ("id", "order_line_id", "dealer_id")),
    "orders_purchaseorderline": ("stays_with_its_factory", ("id", "factory_id")),
    "orders_scheduleline": (
        "stays_with_its_line",
        ("id", "purchase_order_line_id", "factory_id", "split_of_id"),
    ),
    "orders_costvoucher": ("keeps_its_key", ("id",)),
    "orders_costshare": ("stays_with_its_origin", ("voucher_id", "peg_id", "order_line_id", "dealer_id")),
}


def keep_keys(table):
    """Refuse to change what a row is found by or belongs to, after the fact."""
    name, columns = KEYS[table]
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return operations.sql(
        f"""
        CREATE TRIGGER {name} AFTER UPDATE OF {", ".join(columns)} ON {table}
        FOR EACH ROW WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION midstream_refuse_change()""",
        f"DROP TRIGGER {name} ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_parents"),
        ("catalog", "0001_initial"),
        ("directory", "0003_guards"),
    ]

    operations = [
        operations.sql(ORDERS, "DROP FUNCTION orders_refuse_orphans() CASCADE"),
        operations.sql(SCHEDULE, "DROP FUNCTION orders_refuse_unscheduled_pegs() CASCADE"),
        operations.sql(SUPPLY, "DROP FUNCTION orders_refuse_orphaning() CASCADE"),
        operations.sql(NAMED, "DROP FUNCTION orders_refuse_parentless_lines() CASCADE"),
        *(keep_keys(table) for table in KEYS),
    ]
