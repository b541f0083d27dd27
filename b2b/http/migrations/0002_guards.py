"""Answers and jobs belong to the party that asked; long answers are kept compressed."""

from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("http", "0001_initial"), ("db", "0001_initial")]

    operations = [
        operations.row_security("http_idempotencyrecord", columns=["organization_id"]),
        operations.row_security("http_job", columns=["organization_id"]),
        # TOAST would compress long answers again.
        operations.sql(
            "ALTER TABLE http_idempotencyrecord ALTER COLUMN body SET STORAGE EXTERNAL",
            "ALTER TABLE http_idempotencyrecord ALTER COLUMN body SET STORAGE DEFAULT",
        ),
    ]
