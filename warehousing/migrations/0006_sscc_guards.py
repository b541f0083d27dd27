from django.db import migrations

from b2b.db import operations

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
ANYHOW = """
DROP TRIGGER a_series_only_goes_on ON warehousing_ssccseries;
DROP FUNCTION warehousing_check_series()
"""


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0005_sscc"), ("db", "0001_initial")]

    operations = [
        operations.sql(ONWARD, ANYHOW),
        operations.row_security("warehousing_ssccseries"),
    ]
