"""Counts are the house's own; what was seen on the shelf is history."""

from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0013_counts")]

    operations = [
        operations.row_security("warehousing_cyclecount"),
        operations.row_security("warehousing_countline"),
        operations.row_security("warehousing_countattempt"),
        operations.append_only("warehousing_countattempt"),
    ]
