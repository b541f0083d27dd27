"""Bank files of every format: what kind of message they are, what is wrong with them, how CSV is laid out."""

import b2b.db.fields
from b2b.db import operations
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('finance', "0002_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name='bankstatement',
            name='format',
            field=models.CharField(blank=True, max_length=24, verbose_name='format'),
        ),
        migrations.AddField(
            model_name='bankstatement',
            name='kind',
            field=models.CharField(choices=[('STATEMENT', 'Statement'), ('REPORT', 'Report'), ('NOTIFICATION', 'Notification')], default='STATEMENT', max_length=12, verbose_name='kind'),
        ),
        migrations.AddField(
            model_name='bankstatement',
            name='problem',
            field=models.CharField(blank=True, max_length=300, verbose_name='problem'),
        ),
        migrations.AddField(
            model_name='statementline',
            name='charges_amount',
            field=b2b.db.fields.AmountField(decimal_places=3, max_digits=18, null=True, verbose_name='charges'),
        ),
        migrations.AddField(
            model_name='statementline',
            name='instructed_amount',
            field=b2b.db.fields.AmountField(decimal_places=3, max_digits=18, null=True, verbose_name='ordered'),
        ),
        migrations.AddField(
            model_name='statementline',
            name='instructed_currency',
            field=b2b.db.fields.CurrencyField(blank=True, default='', max_length=3, verbose_name='ordered in'),
        ),
        migrations.AddField(
            model_name='statementline',
            name='is_return',
            field=models.BooleanField(default=False, verbose_name='return'),
        ),
        migrations.AddField(
            model_name='statementline',
            name='transaction_code',
            field=models.CharField(blank=True, max_length=35, verbose_name="bank's code"),
        ),
        migrations.AlterField(
            model_name='bankstatement',
            name='closing_amount',
            field=b2b.db.fields.AmountField(decimal_places=3, max_digits=18, null=True, verbose_name='closing'),
        ),
        migrations.AlterField(
            model_name='bankstatement',
            name='opening_amount',
            field=b2b.db.fields.AmountField(decimal_places=3, max_digits=18, null=True, verbose_name='opening'),
        ),
        migrations.AlterField(
            model_name='statementline',
            name='status',
            field=b2b.db.fields.StatusField(choices=[('OPEN', 'Open'), ('PROPOSED', 'Proposed'), ('IN_CASE', 'In case'), ('HELD', 'Held'), ('MATCHED', 'Matched'), ('SET_ASIDE', 'Set aside')], default='OPEN', max_length=24),
        ),
        migrations.CreateModel(
            name='StatementLayout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('columns', models.JSONField(verbose_name='columns')),
                ('delimiter', models.CharField(default=',', max_length=1, verbose_name='delimiter')),
                ('encoding', models.CharField(default='utf-8-sig', max_length=24, verbose_name='encoding')),
                ('date_format', models.CharField(default='%Y-%m-%d', max_length=24, verbose_name='date format')),
                ('decimal_mark', models.CharField(default='.', max_length=1, verbose_name='decimal mark')),
                ('skipped_rows', models.PositiveSmallIntegerField(default=0, verbose_name='rows before the header')),
                ('bank_account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='layout', to='finance.bankaccount')),
            ],
            options={
                'verbose_name': 'statement layout',
                'verbose_name_plural': 'statement layouts',
            },
        ),
        operations.row_security("finance_statementlayout"),
    ]
