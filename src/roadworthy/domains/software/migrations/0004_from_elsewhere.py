"""A test report can have come from its institution's deployment."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('software', '0003_test_reports'),
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.AlterField(
            model_name='report',
            name='entered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user'),
        ),
    ]
