from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("http", "0003_jobs")]

    operations = [operations.row_security("http_job", columns=["organization_id"])]
