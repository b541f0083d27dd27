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
        # Every delivery is updated twice; what is dead must not pile up in the partial indexes that claims read.
        operations.sql(
            "ALTER TABLE outbox_delivery SET (autovacuum_vacuum_scale_factor = 0.01,"
            " autovacuum_vacuum_threshold = 10000, autovacuum_analyze_scale_factor = 0.05,"
            " autovacuum_analyze_threshold = 5000)",
            "ALTER TABLE outbox_delivery RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,"
            " autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)",
        ),
    ]
