"""What a dealer bears of freight, duty and fees."""

from django.db import migrations, models

import b2b.db.fields
from b2b.db import operations


class Migration(migrations.Migration):

    dependencies = [
        ('tower', "0003_repeated_steps"),
    ]

    operations = [
        migrations.CreateModel(
            name='CostFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('voucher_id', models.UUIDField()),
                ('number', models.CharField(max_length=40, verbose_name='voucher')),
                ('version', models.PositiveIntegerField()),
                ('dealer_id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=8, verbose_name='kind')),
                ('currency', b2b.db.fields.CurrencyField(default='CNY', max_length=3)),
                ('amount', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='amount')),
                ('shared_at', models.DateTimeField(verbose_name='shared at')),
            ],
            options={
                'verbose_name': 'shared cost',
                'verbose_name_plural': 'shared costs',
                'indexes': [models.Index(fields=['dealer_id', 'shared_at'], name='cost_of_dealer')],
                'constraints': [models.UniqueConstraint(fields=('voucher_id', 'dealer_id'), name='one_cost_per_voucher_and_dealer')],
            },
        ),
        operations.row_security("tower_costfact", columns=["dealer_id"]),
    ]
