from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial"), ("db", "0001_initial")]

    operations = [
        operations.row_security("directory_membership", columns=["organization_id"]),
        operations.row_security(
            "directory_site",
            columns=["organization_id"],
            using="kind = 'WAREHOUSE' AND (SELECT midstream_organization()) IS NOT NULL",
        ),
    ]
