from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("http", "0001_initial"), ("db", "0001_initial")]

    operations = [operations.row_security("http_idempotencyrecord", columns=["organization_id"])]
