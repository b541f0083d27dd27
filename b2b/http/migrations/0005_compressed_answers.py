"""Long answers are kept compressed; TOAST would compress them again."""

from django.db import migrations, models

from b2b.db import operations

TO_BYTES = """
    ALTER TABLE http_idempotencyrecord ALTER COLUMN body TYPE bytea USING convert_to(body, 'UTF8'),
        ALTER COLUMN body SET STORAGE EXTERNAL
"""
TO_TEXT = "ALTER TABLE http_idempotencyrecord ALTER COLUMN body TYPE text USING ''"


class Migration(migrations.Migration):
    dependencies = [("http", "0004_job_guards")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [operations.sql(TO_BYTES, TO_TEXT)],
            [
                migrations.AlterField(
                    model_name="idempotencyrecord", name="body", field=models.BinaryField(default=b"")
                )
            ],
        ),
        migrations.AddField(
            model_name="idempotencyrecord",
            name="is_compressed",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
