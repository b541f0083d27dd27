"""Rules of approval have a history; how long a warehouse needs is read by the platform alone."""

from django.db import migrations, models

from b2b.db import operations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', "0008_leftovers"),
    ]

    operations = [
        migrations.AlterField(
            model_name='termschange',
            name='subject',
            field=models.CharField(choices=[('AGREEMENT', 'Price agreement'), ('RULE', 'Order rule'), ('SOURCE', 'Supply source'), ('HANDLING', 'Handling of a warehouse'), ('APPROVAL', 'Rule of approval'), ('STAND_IN', 'Substitute of an approver')], max_length=10, verbose_name='subject'),
        ),
        operations.row_security("orders_handlingterm"),
    ]
