"""Cycles of a category, purchase lines per need-by window, and pegs that name their schedule line and surplus owner."""

import django.db.models.deletion
from django.db import migrations, models

# Until now every purchase line had one schedule line, and every surplus went to the platform's stock. What the row
# security hides from nobody's eyes the owner of the tables may fill in.
FILL = """
    UPDATE orders_peg peg SET schedule_line_id = schedule.id,
        surplus_owner = CASE WHEN peg.order_line_id IS NULL THEN 'PLATFORM' ELSE '' END
    FROM orders_scheduleline schedule WHERE schedule.purchase_order_line_id = peg.purchase_order_line_id;
    SET CONSTRAINTS ALL IMMEDIATE
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        ('directory', '0004_credential_guards'),
        ('orders', '0009_terms_of_trade_guards'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='ordercycle',
            name='one_cycle_per_cutoff',
        ),
        migrations.RemoveConstraint(
            model_name='peg',
            name='one_peg_per_pair',
        ),
        migrations.RemoveConstraint(
            model_name='peg',
            name='peg_has_an_owner',
        ),
        migrations.RemoveConstraint(
            model_name='productionsignal',
            name='one_signal_per_cycle',
        ),
        migrations.RemoveConstraint(
            model_name='purchaseorderline',
            name='one_purchase_line_per_product',
        ),
        migrations.AddField(
            model_name='ordercycle',
            name='category',
            field=models.CharField(blank=True, max_length=80, verbose_name='product category'),
        ),
        migrations.AddField(
            model_name='ordercycle',
            name='window_days',
            field=models.PositiveSmallIntegerField(blank=True, default=7, null=True, verbose_name='pools needs of so many days'),
        ),
        migrations.AddField(
            model_name='orderline',
            name='waiting_reason',
            field=models.CharField(blank=True, choices=[('PRICE', 'The pool did not reach the highest price you pay'), ('NOT_ON_SALE', 'The factory had no valid price')], db_default='', max_length=12, verbose_name='waits because'),
        ),
        migrations.AddField(
            model_name='peg',
            name='schedule_line',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pegs', to='orders.scheduleline'),
        ),
        migrations.AddField(
            model_name='peg',
            name='surplus_owner',
            field=models.CharField(blank=True, choices=[('PLATFORM', 'Platform stock')], db_default='', max_length=12, verbose_name='owner of the surplus'),
        ),
        migrations.AddField(
            model_name='purchaseorderline',
            name='window_number',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='need-by window'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='peg',
            name='schedule_line',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='pegs', to='orders.scheduleline'),
        ),
        migrations.AlterField(
            model_name='ordercycle',
            name='factory',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization', verbose_name='factory'),
        ),
        migrations.AlterField(
            model_name='peg',
            name='dealer',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization'),
        ),
        migrations.AddConstraint(
            model_name='ordercycle',
            constraint=models.UniqueConstraint(fields=('factory', 'category', 'warehouse_site', 'region', 'currency', 'cutoff_at'), name='one_cycle_per_cutoff', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='ordercycle',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('category', ''), ('factory__isnull', False)), models.Q(models.Q(('factory__isnull', True)), models.Q(('category', ''), _negated=True)), _connector='OR'), name='cycle_is_of_a_factory_or_a_category'),
        ),
        migrations.AddConstraint(
            model_name='ordercycle',
            constraint=models.CheckConstraint(condition=models.Q(('window_days__isnull', True), ('window_days__gte', 1), _connector='OR'), name='cycle_window_is_a_day'),
        ),
        migrations.AddConstraint(
            model_name='peg',
            constraint=models.UniqueConstraint(condition=models.Q(('order_line__isnull', False)), fields=('schedule_line', 'order_line'), name='one_peg_per_pair'),
        ),
        migrations.AddConstraint(
            model_name='peg',
            constraint=models.UniqueConstraint(condition=models.Q(('order_line__isnull', True)), fields=('schedule_line', 'surplus_owner'), name='one_peg_per_surplus_owner'),
        ),
        migrations.AddConstraint(
            model_name='peg',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('dealer__isnull', True), ('order_line__isnull', True)), models.Q(('surplus_owner', ''), _negated=True)), models.Q(('dealer__isnull', False), ('order_line__isnull', False), ('surplus_owner', '')), _connector='OR'), name='peg_has_an_owner'),
        ),
        migrations.AddConstraint(
            model_name='productionsignal',
            constraint=models.UniqueConstraint(fields=('cycle', 'factory'), name='one_signal_per_cycle'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorderline',
            constraint=models.UniqueConstraint(fields=('purchase_order', 'product', 'window_number'), name='one_purchase_line_per_window'),
        ),
    ]
