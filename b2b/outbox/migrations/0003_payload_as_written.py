"""Keep payloads as they were written: nothing searches in them, and taking one apart costs as much as storing it."""

import b2b.db.fields
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0002_guards'),
    ]

    operations = [
        migrations.AlterField(
            model_name='outboxevent',
            name='payload',
            field=b2b.db.fields.WrittenJSONField(),
        ),
    ]
