"""What a closed cycle left over, for the operator and the platform alone."""

import django.db.models.deletion
from django.db import migrations, models

from b2b.db import operations


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        ('directory', '0003_guards'),
        ('orders', "0007_waiting_not_found"),
    ]

    operations = [
        migrations.CreateModel(
            name='Leftover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cycle', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.ordercycle')),
                ('factory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
            ],
            options={
                'verbose_name': 'leftover',
                'verbose_name_plural': 'leftovers',
                'constraints': [models.UniqueConstraint(fields=('factory', 'product', 'cycle'), name='one_leftover_of_a_cycle')],
            },
        ),
        operations.row_security("orders_leftover"),
    ]
