from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial"), ("db", "0001_initial")]

    operations = [
        operations.partition_by_month("outbox_outboxevent", "recorded_at"),
        operations.append_only("outbox_outboxevent"),
        operations.row_security(
            "outbox_outboxevent",
            using="(SELECT midstream_organization()) = ANY(parties)",
            anyone_inserts=True,
        ),
        operations.row_security("outbox_delivery", anyone_inserts=True),
    ]
