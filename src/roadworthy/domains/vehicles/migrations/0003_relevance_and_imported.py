"""Which ECUs count for the approval; columns of an import file that nothing else keeps."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vehicles', '0002_append_only'),
    ]

    operations = [
        migrations.AddField(
            model_name='ecu',
            name='approval_relevant',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='vehicle',
            name='imported',
            field=models.JSONField(default=dict),
        ),
    ]
