"""What foreign currencies are worth; discounts as a history; credit notes of debit notes."""

import b2b.db.fields
import django.db.models.deletion
from django.db import migrations, models

from b2b.db import operations


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0004_company_prefix'),
        ('finance', '0017_pledges'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExchangeValuation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('currency', b2b.db.fields.CurrencyField(default='CNY', max_length=3, verbose_name='books in')),
                ('rate', models.DecimalField(decimal_places=10, max_digits=20, verbose_name='rate')),
                ('balance', models.BigIntegerField()),
                ('historic', models.BigIntegerField()),
                ('worth', models.BigIntegerField()),
                ('valued_at', models.DateTimeField(verbose_name='valued')),
            ],
            options={
                'verbose_name': 'exchange valuation',
                'verbose_name_plural': 'exchange valuations',
            },
        ),
        migrations.RemoveConstraint(
            model_name='discountterms',
            name='discount_is_a_fraction',
        ),
        migrations.AddField(
            model_name='creditnote',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='reason'),
        ),
        migrations.AddField(
            model_name='creditnoteline',
            name='debit_line',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='finance.debitnoteline'),
        ),
        migrations.AlterField(
            model_name='creditnote',
            name='return_id',
            field=models.UUIDField(null=True, verbose_name='return'),
        ),
        migrations.AlterField(
            model_name='creditnote',
            name='return_receipt_id',
            field=models.UUIDField(null=True, verbose_name='return receipt'),
        ),
        migrations.AlterField(
            model_name='creditnoteline',
            name='return_line_id',
            field=models.BigIntegerField(null=True, verbose_name='return line'),
        ),
        migrations.AlterField(
            model_name='discountterms',
            name='dealer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization'),
        ),
        migrations.AddIndex(
            model_name='discountterms',
            index=models.Index(fields=['dealer', '-id'], name='discount_terms_of_dealer'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('return_id__isnull', False), ('return_receipt_id__isnull', False)), models.Q(('return_id', None), ('return_receipt_id', None), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='credit_note_says_what_for'),
        ),
        migrations.AddConstraint(
            model_name='creditnoteline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('debit_line', None), ('return_line_id__isnull', False)), models.Q(('debit_line__isnull', False), ('return_line_id', None)), _connector='OR'), name='credit_is_of_return_or_debit'),
        ),
        migrations.AddConstraint(
            model_name='discountterms',
            constraint=models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lt', 1)), name='discount_is_a_fraction'),
        ),
        migrations.AddField(
            model_name='exchangevaluation',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.account'),
        ),
        migrations.AddField(
            model_name='exchangevaluation',
            name='entry',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.journalentry'),
        ),
        migrations.AddIndex(
            model_name='exchangevaluation',
            index=models.Index(fields=['account', '-id'], name='exchange_valuation_of_account'),
        ),
        migrations.AddConstraint(
            model_name='exchangevaluation',
            constraint=models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='valued_at_a_positive_rate'),
        ),
        operations.row_security("finance_exchangevaluation"),
        operations.append_only("finance_exchangevaluation"),
        operations.append_only("finance_discountterms"),
    ]
