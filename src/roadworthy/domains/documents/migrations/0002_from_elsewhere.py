"""A document can have come from its owner's deployment."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_documents'),
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.AlterField(
            model_name='document',
            name='added_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user'),
        ),
    ]
