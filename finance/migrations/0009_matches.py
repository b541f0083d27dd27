"""Matches of lines and invoices in place of proposals, what a payment did not pay in cash, runs in batches."""

import b2b.core.ids
import b2b.db.fields
import django.db.models.deletion
from django.db import migrations, models

from b2b.db import operations


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0003_guards'),
        ("finance", "0008_payment_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name='DiscountTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rate', models.DecimalField(decimal_places=5, max_digits=6, verbose_name='rate')),
                ('days', models.PositiveIntegerField(verbose_name='days')),
            ],
            options={
                'verbose_name': 'discount terms',
                'verbose_name_plural': 'discount terms',
            },
        ),
        migrations.CreateModel(
            name='Match',
            fields=[
                ('id', models.UUIDField(default=b2b.core.ids.uuid7, primary_key=True, serialize=False)),
                ('rule', models.CharField(max_length=24, verbose_name='rule')),
                ('rule_version', models.CharField(max_length=24, verbose_name='rules')),
                ('explanation', models.CharField(max_length=300, verbose_name='why')),
                ('alternatives', models.PositiveIntegerField(default=0, verbose_name='alternatives')),
                ('status', b2b.db.fields.StatusField(choices=[('PROPOSED', 'Proposed'), ('ACCEPTED', 'Accepted'), ('REJECTED', 'Rejected'), ('UNDONE', 'Undone')], default='PROPOSED', max_length=24)),
                ('decided_by', models.CharField(blank=True, max_length=150, verbose_name='decided by')),
            ],
            options={
                'verbose_name': 'match',
                'verbose_name_plural': 'matches',
            },
        ),
        migrations.CreateModel(
            name='MatchMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, verbose_name='amount')),
                ('paid_amount', b2b.db.fields.AmountField(decimal_places=3, max_digits=18, null=True, verbose_name='paid')),
            ],
            options={
                'verbose_name': 'member of a match',
                'verbose_name_plural': 'members of a match',
            },
        ),
        migrations.RemoveField(
            model_name='matchproposal',
            name='invoice',
        ),
        migrations.RemoveField(
            model_name='matchproposal',
            name='line',
        ),
        migrations.RemoveField(
            model_name='matchproposal',
            name='run',
        ),
        migrations.AddField(
            model_name='allocation',
            name='discount_amount',
            field=b2b.db.fields.AmountField(decimal_places=3, default=0, max_digits=18, verbose_name='discount'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='exchange_amount',
            field=b2b.db.fields.AmountField(decimal_places=3, default=0, max_digits=18, verbose_name='exchange difference'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='fee_amount',
            field=b2b.db.fields.AmountField(decimal_places=3, default=0, max_digits=18, verbose_name="bank's fee"),
        ),
        migrations.AddField(
            model_name='allocation',
            name='paid_amount',
            field=b2b.db.fields.AmountField(decimal_places=3, default=0, max_digits=18, verbose_name='paid'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='allocation',
            name='write_off_amount',
            field=b2b.db.fields.AmountField(decimal_places=3, default=0, max_digits=18, verbose_name='written off'),
        ),
        migrations.AddField(
            model_name='reconciliationrun',
            name='cursor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='reconciliationrun',
            name='finished_at',
            field=models.DateTimeField(null=True, verbose_name='finished'),
        ),
        migrations.AddField(
            model_name='reconciliationrun',
            name='phase',
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name='reconciliationrun',
            name='total',
            field=models.PositiveIntegerField(default=0, verbose_name='to examine'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='statement_line',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='finance.statementline'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='status',
            field=b2b.db.fields.StatusField(choices=[('RECEIVED', 'Received'), ('ALLOCATED', 'Allocated'), ('CANCELLED', 'Cancelled'), ('RETURNED', 'Returned')], default='RECEIVED', max_length=24),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'CANCELLED'), _negated=True), fields=('statement_line',), name='one_payment_of_a_bank_line'),
        ),
        migrations.AddField(
            model_name='discountterms',
            name='dealer',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization'),
        ),
        migrations.AddField(
            model_name='match',
            name='run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='finance.reconciliationrun'),
        ),
        migrations.AddField(
            model_name='matchmember',
            name='invoice',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.invoice'),
        ),
        migrations.AddField(
            model_name='matchmember',
            name='line',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='finance.statementline'),
        ),
        migrations.AddField(
            model_name='matchmember',
            name='match',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='finance.match'),
        ),
        migrations.DeleteModel(
            name='MatchProposal',
        ),
        migrations.AddConstraint(
            model_name='discountterms',
            constraint=models.CheckConstraint(condition=models.Q(('rate__gt', 0), ('rate__lt', 1)), name='discount_is_a_fraction'),
        ),
        migrations.AddConstraint(
            model_name='matchmember',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('invoice', None), ('line__isnull', False)), models.Q(('invoice__isnull', False), ('line', None)), _connector='OR'), name='member_is_line_or_invoice'),
        ),
        operations.append_only("finance_matchmember"),
        operations.row_security("finance_match"),
        operations.row_security("finance_matchmember"),
        operations.row_security("finance_discountterms"),
    ]
