"""Why a report changed nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0004_exclusions_and_deadlines'),
    ]

    operations = [
        migrations.AddField(
            model_name='gatewayreport',
            name='ignored',
            field=models.CharField(db_default='', max_length=24),
        ),
    ]
