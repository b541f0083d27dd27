from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("db", "0001_initial")]

    operations = [
        operations.append_only("db_statuschange"),
        operations.row_security(
            "db_statuschange",
            using="(SELECT midstream_organization()) = ANY(parties)",
            anyone_inserts=True,
        ),
    ]
