"""Facts by product, what every document adds to a figure, and the sums of each day."""

from pathlib import Path

import b2b.db.fields
import django.db.models.expressions
from django.db import migrations, models

from b2b.db import operations


UNDO = """
DROP FUNCTION tower_fold_savings CASCADE;
DROP FUNCTION tower_fold_lines CASCADE;
DROP FUNCTION tower_changed_rows
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tower', '0004_costs'),
    ]

    operations = [
        migrations.CreateModel(
            name='FlowFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('ORDER', 'Orders'), ('INBOUND', 'Freight from factories'), ('DUTY', 'Duty'), ('FEE', 'Fees'), ('STORAGE', 'Warehousing'), ('FINANCING', 'Financing'), ('SHRINKAGE', 'Lost and sent back'), ('CLAIM', 'Claimed back from factories'), ('DEALER_SHARE', 'Settled: dealers'), ('PLATFORM_SHARE', 'Settled: platform'), ('FACTORY_SHARE', 'Settled: factories'), ('BILLED', 'Billed'), ('SETTLED', 'Paid and credited'), ('PURCHASED', 'Bought from factories'), ('RECEIVED', 'Received from factories'), ('ISSUED', 'Issued from stock'), ('STOCK', 'Other movements of stock')], max_length=14, verbose_name='figure')),
                ('source_id', models.UUIDField()),
                ('part', models.CharField(default='', max_length=120)),
                ('version', models.PositiveIntegerField(default=0)),
                ('number', models.CharField(default='', max_length=60, verbose_name='document')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('day', models.DateField(verbose_name='day')),
                ('dealer_id', models.BigIntegerField(null=True)),
                ('factory_id', models.BigIntegerField(null=True)),
                ('owner_factory_id', models.GeneratedField(db_persist=True, expression=models.Case(models.When(dealer_id__isnull=True, then='factory_id')), output_field=models.BigIntegerField(null=True))),
                ('product_id', models.BigIntegerField(null=True)),
                ('cycle_id', models.UUIDField(null=True)),
                ('currency', b2b.db.fields.CurrencyField(default='CNY', max_length=3)),
                ('quantity', models.BigIntegerField(default=0, verbose_name='quantity')),
                ('amount', b2b.db.fields.AmountField(decimal_places=3, default=0, max_digits=18, verbose_name='amount')),
            ],
            options={
                'verbose_name': 'value flow',
                'verbose_name_plural': 'value flows',
            },
        ),
        migrations.CreateModel(
            name='SavingLineFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('baseline', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='bought alone')),
                ('pooled', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='bought pooled')),
                ('dealer_share', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='share of the dealer')),
                ('platform_share', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='share of the platform')),
                ('factory_share', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='share of the factory')),
                ('statement_id', models.UUIDField()),
                ('product_id', models.BigIntegerField()),
                ('category', models.CharField(max_length=80, verbose_name='category')),
                ('dealer_id', models.BigIntegerField()),
                ('factory_id', models.BigIntegerField()),
                ('cycle_id', models.UUIDField()),
                ('currency', b2b.db.fields.CurrencyField(default='CNY', max_length=3)),
                ('day', models.DateField(verbose_name='day')),
                ('quantity', b2b.db.fields.QuantityField(verbose_name='pooled quantity')),
            ],
            options={
                'verbose_name': 'saving on a product',
                'verbose_name_plural': 'savings on products',
            },
        ),
        migrations.CreateModel(
            name='ValueDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('baseline', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='bought alone')),
                ('pooled', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='bought pooled')),
                ('dealer_share', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='share of the dealer')),
                ('platform_share', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='share of the platform')),
                ('factory_share', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='share of the factory')),
                ('day', models.DateField(verbose_name='day')),
                ('currency', b2b.db.fields.CurrencyField(default='CNY', max_length=3)),
                ('dealer_id', models.BigIntegerField()),
                ('factory_id', models.BigIntegerField()),
                ('category', models.CharField(max_length=80, verbose_name='category')),
                ('lines', models.BigIntegerField(default=0)),
                ('ordered_quantity', models.BigIntegerField(default=0)),
                ('ordered_amount', b2b.db.fields.AmountField(decimal_places=3, default=0, max_digits=18)),
                ('delivered_quantity', models.BigIntegerField(default=0)),
                ('freight_amount', b2b.db.fields.AmountField(decimal_places=3, default=0, max_digits=18)),
                ('lines_in_full', models.BigIntegerField(default=0)),
                ('lines_on_time_in_full', models.BigIntegerField(default=0)),
                ('cycle_s', models.BigIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'value of a day',
                'verbose_name_plural': 'values of days',
            },
        ),
        migrations.DeleteModel(
            name='CostFact',
        ),
        migrations.RemoveIndex(
            model_name='orderlinefact',
            name='line_fact_of_dealer',
        ),
        migrations.AddField(
            model_name='deliveryfact',
            name='shipment_number',
            field=models.CharField(db_default='', default='', max_length=40, verbose_name='shipment'),
        ),
        migrations.AddField(
            model_name='orderlinefact',
            name='category',
            field=models.CharField(db_default='', default='', max_length=80, verbose_name='category'),
        ),
        migrations.AddField(
            model_name='orderlinefact',
            name='day',
            field=models.DateField(null=True, verbose_name='day'),
        ),
        migrations.AddField(
            model_name='orderlinefact',
            name='delivered_at',
            field=models.DateTimeField(null=True, verbose_name='last delivered at'),
        ),
        migrations.AddField(
            model_name='orderlinefact',
            name='delivered_date',
            field=models.DateField(null=True, verbose_name='last delivered on'),
        ),
        migrations.AddField(
            model_name='orderlinefact',
            name='delivered_quantity',
            field=b2b.db.fields.QuantityField(db_default=0, default=0, verbose_name='delivered'),
        ),
        migrations.AddField(
            model_name='orderlinefact',
            name='factory_id',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='orderlinefact',
            name='freight_amount',
            field=b2b.db.fields.AmountField(db_default=0, decimal_places=3, default=0, max_digits=18, verbose_name='freight'),
        ),
        migrations.AddField(
            model_name='orderlinefact',
            name='order_number',
            field=models.CharField(db_default='', default='', max_length=40, verbose_name='order'),
        ),
        migrations.AddField(
            model_name='savingfact',
            name='cycle_number',
            field=models.CharField(db_default='', default='', max_length=40, verbose_name='cycle'),
        ),
        migrations.AddField(
            model_name='savingfact',
            name='is_restated',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name='orderlinefact',
            index=models.Index(fields=['dealer_id', 'day'], name='line_fact_of_dealer'),
        ),
        migrations.AddIndex(
            model_name='orderlinefact',
            index=models.Index(fields=['day'], name='line_fact_of_day'),
        ),
        migrations.AddIndex(
            model_name='flowfact',
            index=models.Index(fields=['kind', 'day'], name='flow_of_day'),
        ),
        migrations.AddIndex(
            model_name='flowfact',
            index=models.Index(fields=['dealer_id', 'kind', 'day'], name='flow_of_dealer'),
        ),
        migrations.AddIndex(
            model_name='flowfact',
            index=models.Index(fields=['owner_factory_id', 'kind', 'day'], name='flow_of_factory'),
        ),
        migrations.AddIndex(
            model_name='flowfact',
            index=models.Index(condition=models.Q(('cycle_id__isnull', False)), fields=['cycle_id'], name='flow_of_cycle'),
        ),
        migrations.AddConstraint(
            model_name='flowfact',
            constraint=models.UniqueConstraint(fields=('kind', 'source_id', 'part'), name='a_flow_is_noted_once'),
        ),
        migrations.AddIndex(
            model_name='savinglinefact',
            index=models.Index(fields=['dealer_id', 'day'], name='saving_line_of_dealer'),
        ),
        migrations.AddIndex(
            model_name='savinglinefact',
            index=models.Index(fields=['day'], name='saving_line_of_day'),
        ),
        migrations.AddConstraint(
            model_name='savinglinefact',
            constraint=models.CheckConstraint(condition=models.Q(('baseline', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('pooled'), '+', models.F('dealer_share')), '+', models.F('platform_share')), '+', models.F('factory_share')))), name='line_shares_sum_to_the_saving'),
        ),
        migrations.AddConstraint(
            model_name='savinglinefact',
            constraint=models.UniqueConstraint(fields=('statement_id', 'product_id'), name='one_saving_per_product'),
        ),
        migrations.AddIndex(
            model_name='valueday',
            index=models.Index(fields=['dealer_id', 'day'], name='value_day_of_dealer'),
        ),
        migrations.AddConstraint(
            model_name='valueday',
            constraint=models.UniqueConstraint(fields=('day', 'currency', 'dealer_id', 'factory_id', 'category'), name='one_value_per_day'),
        ),
        *(operations.row_security(table, columns=["dealer_id"]) for table in ("tower_savinglinefact", "tower_valueday")),
        operations.row_security("tower_flowfact", columns=["dealer_id", "owner_factory_id"]),
        operations.sql((Path(__file__).parent / "fold.sql").read_text(), UNDO),
    ]
