"""Debit notes: invoices of type 383 that correct an earlier one upwards, with lines of their own."""


import b2b.db.fields
import django.db.models.deletion
from django.db import migrations, models

from b2b.db import operations


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0003_guards'),
        ("finance", "0011_payments_that_come_back"),
    ]

    operations = [
        migrations.CreateModel(
            name='DebitNoteLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line_number', models.PositiveIntegerField(verbose_name='line')),
                ('text', models.CharField(max_length=200, verbose_name='what for')),
                ('quantity', b2b.db.fields.QuantityField(verbose_name='quantity')),
                ('unit_price', b2b.db.fields.UnitPriceField(decimal_places=6, max_digits=18, verbose_name='unit price')),
                ('tax_category', models.CharField(max_length=2, verbose_name='tax category')),
                ('tax_rate', b2b.db.fields.TaxRateField(decimal_places=5, max_digits=6, verbose_name='tax rate')),
                ('net_amount', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='net')),
            ],
            options={
                'verbose_name': 'debit note line',
                'verbose_name_plural': 'debit note lines',
            },
        ),
        migrations.CreateModel(
            name='DebitNote',
            fields=[
            ],
            options={
                'verbose_name': 'debit note',
                'verbose_name_plural': 'debit notes',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('finance.invoice',),
        ),
        migrations.RemoveConstraint(
            model_name='invoice',
            name='one_invoice_per_shipment',
        ),
        migrations.AddField(
            model_name='invoice',
            name='corrects',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='debit_notes', to='finance.invoice'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='reason'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='type_code',
            field=models.CharField(default='380', max_length=3, verbose_name='type'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(condition=models.Q(('type_code', '380')), fields=('shipment_id', 'currency', 'payment_terms_days'), name='one_invoice_per_shipment'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects', None), ('type_code', '380')), models.Q(('corrects__isnull', False), ('type_code', '383'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='debit_note_says_what_it_corrects'),
        ),
        migrations.AddField(
            model_name='debitnoteline',
            name='dealer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization'),
        ),
        migrations.AddField(
            model_name='debitnoteline',
            name='debit_note',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debit_lines', to='finance.invoice'),
        ),
        migrations.AddField(
            model_name='debitnoteline',
            name='invoice_line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debit_lines', to='finance.invoiceline'),
        ),
        migrations.AddConstraint(
            model_name='debitnoteline',
            constraint=models.UniqueConstraint(fields=('debit_note', 'line_number'), name='one_debit_note_line_number'),
        ),
        migrations.AddConstraint(
            model_name='debitnoteline',
            constraint=models.CheckConstraint(condition=models.Q(('net_amount__gt', 0), ('quantity__gt', 0)), name='debited_amount_is_positive'),
        ),
        operations.row_security("finance_debitnoteline", columns=["dealer_id"]),
        operations.append_only("finance_debitnoteline"),
    ]
