"""What happened stays as it was written, in the database too; the largest tables have a partition for each month."""

from django.db import migrations

from b2b.db import operations

BY_MONTH = {
    "warehousing_stockledgerentry": "effective_at",
    "warehousing_epcisevent": "event_time",
    "warehousing_epcismention": "event_time",
}
HISTORY = (
    *BY_MONTH,
    "warehousing_stockcorrection",
    "warehousing_epciscapture",
    "warehousing_pick",
    "warehousing_countattempt",
    "warehousing_recallfinding",
)


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0001_initial"), ("db", "0001_initial")]

    operations = [
        *(operations.partition_by_month(table, column) for table, column in BY_MONTH.items()),
        *(operations.append_only(table) for table in HISTORY),
    ]
