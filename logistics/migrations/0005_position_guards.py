from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("logistics", "0004_positions")]

    operations = [
        operations.partition_by_month("logistics_positionfix", "fix_at"),
        operations.row_security("logistics_vehiclemirror", columns=["carrier_id"]),
        operations.row_security("logistics_positionfix", columns=["carrier_id"]),
        operations.row_security("logistics_quarantinedfix", columns=["carrier_id"]),
        operations.append_only("logistics_positionfix"),
        operations.append_only("logistics_quarantinedfix"),
        operations.sql(
            """
            ALTER TABLE logistics_vehiclemirror
                ADD COLUMN place point GENERATED ALWAYS AS (point(longitude, latitude)) STORED;
            CREATE INDEX mirror_place ON logistics_vehiclemirror USING gist (place);
            CREATE INDEX vehicle_code ON logistics_vehicle (code)
            """,
            "DROP INDEX vehicle_code; ALTER TABLE logistics_vehiclemirror DROP COLUMN place",
        ),
    ]
