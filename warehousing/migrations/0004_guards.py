"""Movements balance, nothing is within itself, codes are given once, and a recall keeps what it told."""

from django.db import migrations

from b2b.db import operations

# Every statement adds legs that sum to zero per movement and product, so every movement does at every moment:
# the check needs the statement's own rows only, and costs one pass over them.
BALANCE = """
CREATE FUNCTION warehousing_check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken record;
BEGIN
    SELECT movement, product_id, sum(quantity) AS excess INTO broken FROM appended
        GROUP BY movement, product_id HAVING sum(quantity) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'movement % does not balance: product % is off by %',
            broken.movement, broken.product_id, broken.excess
            USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER movement_sums_to_zero AFTER INSERT ON warehousing_stockledgerentry
    REFERENCING NEW TABLE AS appended FOR EACH STATEMENT EXECUTE FUNCTION warehousing_check_balance()
"""
# A unit or a place is within another: never, by however many steps, within itself.
CIRCLES = """
CREATE FUNCTION warehousing_refuse_circle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above bigint := NEW.parent_id;
    steps integer := 0;
BEGIN
    WHILE above IS NOT NULL LOOP
        steps := steps + 1;
        IF above = NEW.id OR steps > 50 THEN
            RAISE EXCEPTION '% % would be within itself', TG_TABLE_NAME, NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_is_within_itself';
        END IF;
        EXECUTE format('SELECT parent_id FROM %I WHERE id = $1', TG_TABLE_NAME) INTO above USING above;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER nothing_is_within_itself AFTER INSERT OR UPDATE OF parent_id ON warehousing_handlingunit
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION warehousing_refuse_circle();
CREATE TRIGGER nothing_is_within_itself AFTER INSERT OR UPDATE OF parent_id ON warehousing_location
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION warehousing_refuse_circle()
"""
# A place is within one of its own warehouse.
SAME_HOUSE = """
CREATE FUNCTION warehousing_check_parent_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM warehousing_location above
                   WHERE above.id = NEW.parent_id AND above.warehouse_id = NEW.warehouse_id) THEN
        RAISE EXCEPTION 'place % is of another warehouse than the one it is within', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'places_nest_in_one_warehouse';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER places_nest_in_one_warehouse AFTER INSERT OR UPDATE OF parent_id, warehouse_id ON warehousing_location
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION warehousing_check_parent_place()
"""
# An SSCC names one unit for good: neither deleted nor renamed, so that the unique index remembers every code.
CODES = """
CREATE TRIGGER sscc_is_never_reused BEFORE UPDATE OF sscc OR DELETE ON warehousing_handlingunit
    FOR EACH ROW EXECUTE FUNCTION midstream_refuse_change();
CREATE TRIGGER sscc_is_never_reused_truncate BEFORE TRUNCATE ON warehousing_handlingunit
    FOR EACH STATEMENT EXECUTE FUNCTION midstream_refuse_change()
"""
FREE_CODES = """
DROP TRIGGER sscc_is_never_reused ON warehousing_handlingunit;
DROP TRIGGER sscc_is_never_reused_truncate ON warehousing_handlingunit
"""
# A series that could be wound back, or scattered by another key, would give codes a second time.
ONWARD = """
CREATE FUNCTION warehousing_check_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.last_number < OLD.last_number
        OR (NEW.prefix, NEW.extension, NEW.key) IS DISTINCT FROM (OLD.prefix, OLD.extension, OLD.key) THEN
        RAISE EXCEPTION 'the SSCC series % % only goes on', OLD.extension, OLD.prefix
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_series_only_goes_on';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_series_only_goes_on BEFORE UPDATE OR DELETE ON warehousing_ssccseries
    FOR EACH ROW EXECUTE FUNCTION warehousing_check_series()
"""
KEPT = """
CREATE TRIGGER a_recall_keeps_why BEFORE UPDATE OF reason, number ON warehousing_recall
    FOR EACH ROW WHEN (OLD.reason IS DISTINCT FROM NEW.reason OR OLD.number IS DISTINCT FROM NEW.number)
    EXECUTE FUNCTION midstream_refuse_change();
CREATE TRIGGER a_notice_keeps_what_it_told
    BEFORE UPDATE OF goods, delivered_quantity, under_way_quantity, dealer_id, recall_id ON warehousing_recallnotice
    FOR EACH ROW WHEN (OLD.goods IS DISTINCT FROM NEW.goods OR OLD.dealer_id <> NEW.dealer_id
        OR OLD.recall_id <> NEW.recall_id OR OLD.delivered_quantity <> NEW.delivered_quantity
        OR OLD.under_way_quantity <> NEW.under_way_quantity)
    EXECUTE FUNCTION midstream_refuse_change()
"""
LOOSE = """
DROP TRIGGER a_recall_keeps_why ON warehousing_recall;
DROP TRIGGER a_notice_keeps_what_it_told ON warehousing_recallnotice
"""


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0003_row_security")]

    operations = [
        operations.sql(BALANCE, "DROP FUNCTION warehousing_check_balance() CASCADE"),
        operations.sql(CIRCLES, "DROP FUNCTION warehousing_refuse_circle() CASCADE"),
        operations.sql(SAME_HOUSE, "DROP FUNCTION warehousing_check_parent_place() CASCADE"),
        operations.sql(CODES, FREE_CODES),
        operations.sql(ONWARD, "DROP FUNCTION warehousing_check_series() CASCADE"),
        operations.sql(KEPT, LOOSE),
    ]
