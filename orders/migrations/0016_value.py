"""What of a saving came true when its cycle closed, and warehousing as a cost that is shared."""

import b2b.db.fields
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from b2b.db import operations


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_measures'),
        ('directory', '0004_company_prefix'),
        ('orders', '0015_signal_purchases'),
    ]

    operations = [
        migrations.AlterField(
            model_name='costshare',
            name='kind',
            field=models.CharField(choices=[('FREIGHT', 'Freight'), ('DUTY', 'Duty'), ('FEE', 'Fee'), ('STORAGE', 'Warehousing')], max_length=8, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='costvoucher',
            name='kind',
            field=models.CharField(choices=[('FREIGHT', 'Freight'), ('DUTY', 'Duty'), ('FEE', 'Fee'), ('STORAGE', 'Warehousing')], max_length=8, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='SettledSaving',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('baseline', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='baseline: alone')),
                ('pooled', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='pooled')),
                ('dealer_share', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name="dealer's share")),
                ('platform_share', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name="platform's share")),
                ('factory_share', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name="factory's share")),
                ('currency', b2b.db.fields.CurrencyField(default='CNY', max_length=3, verbose_name='currency')),
                ('quantity', b2b.db.fields.QuantityField(verbose_name='received quantity')),
                ('settled_at', models.DateTimeField(verbose_name='settled')),
                ('cycle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='settled_savings', to='orders.ordercycle')),
                ('dealer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization', verbose_name='dealer')),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization', verbose_name='factory')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='product')),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='settled', to='orders.savingsstatement')),
            ],
            options={
                'verbose_name': 'settled saving',
                'verbose_name_plural': 'settled savings',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('baseline', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('pooled'), '+', models.F('dealer_share')), '+', models.F('platform_share')), '+', models.F('factory_share')))), name='settledsaving_shares_sum_to_saving'), models.UniqueConstraint(fields=('statement', 'product', 'factory'), name='a_saving_is_settled_once')],
            },
        ),
        operations.row_security("orders_settledsaving", columns=["dealer_id"]),
        operations.append_only("orders_settledsaving"),
    ]
