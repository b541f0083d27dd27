"""Periods, the chain and checkpoints; a journal that functions write (ADR 10)."""

from pathlib import Path

import b2b.db.fields
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from b2b.db import operations


OPERATORS_ONLY = ("period", "periodevent", "periodbalance", "unsealedposting", "chainblock", "balancecheckpoint")
APPEND_ONLY = ("periodevent", "periodbalance", "chainblock")
WRITTEN_BY_FUNCTIONS = ("journalentry", "journalline", "unsealedposting", "chainblock")
NEVER_REWRITTEN = ("period", "periodevent", "periodbalance")


class Migration(migrations.Migration):

    dependencies = [
        ('finance', "0006_stock_value"),
    ]

    operations = [
        migrations.CreateModel(
            name='BalanceCheckpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('span', models.CharField(choices=[('D', 'Day'), ('M', 'Minute')], max_length=1)),
                ('booked_from', models.DateTimeField()),
                ('effective_date', models.DateField()),
                ('debit', models.BigIntegerField()),
                ('credit', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'balance checkpoint',
                'verbose_name_plural': 'balance checkpoints',
            },
        ),
        migrations.CreateModel(
            name='ChainBlock',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('previous_hash', models.CharField(blank=True, max_length=64, verbose_name='previous hash')),
                ('hash', models.CharField(max_length=64, verbose_name='hash')),
                ('entry_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('sealed_at', models.DateTimeField(verbose_name='sealed')),
            ],
            options={
                'verbose_name': 'chain block',
                'verbose_name_plural': 'chain blocks',
            },
        ),
        migrations.CreateModel(
            name='Period',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_date', models.DateField(verbose_name='first day')),
                ('last_date', models.DateField(verbose_name='last day')),
            ],
            options={
                'verbose_name': 'period',
                'verbose_name_plural': 'periods',
            },
        ),
        migrations.CreateModel(
            name='PeriodBalance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('balance', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'balance at closing',
                'verbose_name_plural': 'balances at closing',
            },
        ),
        migrations.CreateModel(
            name='PeriodEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('verb', models.CharField(max_length=24, verbose_name='step')),
                ('status', b2b.db.fields.StatusField(choices=[('OPEN', 'Open'), ('CLOSED', 'Closed'), ('REOPEN_ASKED', 'Reopen asked')], default='OPEN', max_length=24)),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('actor_name', models.CharField(max_length=150, verbose_name='by')),
                ('user_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'period event',
                'verbose_name_plural': 'period events',
                'ordering': ('number',),
            },
        ),
        migrations.CreateModel(
            name='UnsealedPosting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
            ],
            options={
                'verbose_name': 'unsealed posting',
                'verbose_name_plural': 'unsealed postings',
            },
        ),
        migrations.RemoveIndex(
            model_name='journalentry',
            name='entry_by_booking',
        ),
        migrations.AddField(
            model_name='journalline',
            name='effective_date',
            field=models.DateField(default=datetime.date(2000, 1, 1)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='journalline',
            name='is_pending',
            field=models.BooleanField(default=False),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='book',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='finance.book'),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='line_count',
            field=models.IntegerField(),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='resolves',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.journalentry'),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='reverses',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.journalentry'),
        ),
        migrations.AlterField(
            model_name='journalline',
            name='account',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='finance.account'),
        ),
        migrations.AlterField(
            model_name='journalline',
            name='entry',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='finance.journalentry'),
        ),
        migrations.AlterField(
            model_name='journalline',
            name='line_number',
            field=models.IntegerField(),
        ),
        migrations.AddIndex(
            model_name='journalentry',
            index=models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at'], name='entry_that_expires'),
        ),
        migrations.AddIndex(
            model_name='journalline',
            index=models.Index(fields=['account', 'booked_at'], include=('effective_date', 'amount', 'is_pending'), name='line_of_account'),
        ),
        migrations.AddConstraint(
            model_name='journalentry',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='entry_reversed_once'),
        ),
        migrations.AddConstraint(
            model_name='journalentry',
            constraint=models.UniqueConstraint(condition=models.Q(('resolves__isnull', False)), fields=('resolves',), name='entry_resolved_once'),
        ),
        migrations.AddConstraint(
            model_name='journalentry',
            constraint=models.CheckConstraint(condition=models.Q(('line_count__gt', 0), ('resolves__isnull', False), _connector='OR'), name='entry_moves_something'),
        ),
        migrations.AddField(
            model_name='balancecheckpoint',
            name='account',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.account'),
        ),
        migrations.AddField(
            model_name='period',
            name='book',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='finance.book'),
        ),
        migrations.AddField(
            model_name='periodbalance',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.account'),
        ),
        migrations.AddField(
            model_name='periodevent',
            name='period',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='finance.period'),
        ),
        migrations.AddField(
            model_name='periodbalance',
            name='event',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='finance.periodevent'),
        ),
        migrations.AddConstraint(
            model_name='balancecheckpoint',
            constraint=models.UniqueConstraint(fields=('account', 'span', 'booked_from', 'effective_date'), include=('debit', 'credit'), name='one_checkpoint_per_span'),
        ),
        migrations.AddConstraint(
            model_name='period',
            constraint=models.CheckConstraint(condition=models.Q(('last_date__gte', models.F('first_date'))), name='period_has_days'),
        ),
        migrations.AddConstraint(
            model_name='periodevent',
            constraint=models.UniqueConstraint(fields=('period', 'number'), name='one_period_event_number'),
        ),
        migrations.AddConstraint(
            model_name='periodevent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verb', 'ask_reopen'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='reopening_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='periodbalance',
            constraint=models.UniqueConstraint(fields=('event', 'account'), name='one_balance_at_closing'),
        ),
        *(operations.append_only(f"finance_{name}") for name in APPEND_ONLY),
        *(operations.row_security(f"finance_{name}") for name in OPERATORS_ONLY),
        *(operations.revoke(f"finance_{name}", "INSERT", "UPDATE", "DELETE", "TRUNCATE") for name in WRITTEN_BY_FUNCTIONS),
        *(operations.revoke(f"finance_{name}", "UPDATE", "DELETE", "TRUNCATE") for name in NEVER_REWRITTEN),
        *(operations.revoke(f"finance_{name}", "DELETE", "TRUNCATE") for name in ("book", "account")),
        operations.sql_file(Path(__file__).parent / "close.sql"),
    ]
