"""Events are told once and never changed; parties see those that concern them."""

from django.db import migrations

from b2b.db import operations

NAMED = """
    EXISTS (SELECT FROM warehousing_epcisevent parent WHERE parent.id = event_key
        AND parent.event_time = warehousing_epcismention.event_time)
"""


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0009_epcis")]

    operations = [
        operations.partition_by_month("warehousing_epcisevent", "event_time"),
        operations.partition_by_month("warehousing_epcismention", "event_time"),
        operations.append_only("warehousing_epcisevent"),
        operations.append_only("warehousing_epcismention"),
        operations.append_only("warehousing_epciscapture"),
        operations.row_security("warehousing_epcisevent", columns=["dealer_id", "factory_id", "carrier_id"]),
        operations.row_security("warehousing_epcismention", using=NAMED),
        operations.row_security("warehousing_epciscapture", columns=["captured_by_id"]),
    ]
