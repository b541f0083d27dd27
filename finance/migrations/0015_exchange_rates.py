"""What one currency was worth in another on a day."""


import b2b.db.fields
from django.db import migrations, models

from b2b.db import operations


class Migration(migrations.Migration):

    dependencies = [
        ("finance", "0014_discount_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('base', b2b.db.fields.CurrencyField(default='CNY', max_length=3, verbose_name='of')),
                ('quote', b2b.db.fields.CurrencyField(default='CNY', max_length=3, verbose_name='in')),
                ('date', models.DateField(verbose_name='day')),
                ('rate', models.DecimalField(decimal_places=10, max_digits=20, verbose_name='rate')),
                ('source', models.CharField(max_length=80, verbose_name='source')),
                ('set_by', models.CharField(max_length=150, verbose_name='set by')),
                ('set_at', models.DateTimeField(verbose_name='set')),
            ],
            options={
                'verbose_name': 'exchange rate',
                'verbose_name_plural': 'exchange rates',
                'indexes': [models.Index(fields=['base', 'quote', '-date', '-id'], name='exchange_rate_of_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='exchange_rate_is_positive'), models.CheckConstraint(condition=models.Q(('base', models.F('quote')), _negated=True), name='exchange_rate_is_of_two_currencies')],
            },
        ),
        operations.row_security("finance_exchangerate"),
        operations.append_only("finance_exchangerate"),
    ]
