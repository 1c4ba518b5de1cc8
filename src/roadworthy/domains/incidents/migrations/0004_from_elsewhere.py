"""A report of an incident can have come from its manufacturer's deployment."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disclosure', '0001_tables'),
        ('incidents', '0003_acknowledgements_signed'),
        ('organisations', '0006_deployments'),
        ('vehicles', '0006_build_dates'),
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.AlterField(
            model_name='incident',
            name='number',
            field=models.CharField(max_length=24),
        ),
        migrations.AlterField(
            model_name='report',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user'),
        ),
        migrations.AlterField(
            model_name='report',
            name='number',
            field=models.CharField(max_length=40),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.UniqueConstraint(fields=('manufacturer', 'number'), name='incident_number_once'),
        ),
        migrations.AddField(
            model_name='question',
            name='asked_as',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='question',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('incident', 'authority', 'asked_as'), name='incident_question_told_once'),
        ),
    ]
