"""What a software identification number stands for, and which set each vehicle has now."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0002_two_more_roles'),
        ('vehicles', '0003_relevance_and_imported'),
    ]

    operations = [
        migrations.CreateModel(
            name='SwinSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('software_sha256', models.CharField(max_length=64)),
                ('software', models.JSONField()),
                ('first_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='vehicle',
            name='software_sha256',
            field=models.CharField(blank=True, db_default='', max_length=64),
        ),
        migrations.AddIndex(
            model_name='vehicle',
            index=models.Index(fields=['type', 'software_sha256'], name='vehicle_by_software'),
        ),
        migrations.AddField(
            model_name='swinset',
            name='type',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vehicles.vehicletype'),
        ),
        migrations.AddConstraint(
            model_name='swinset',
            constraint=models.UniqueConstraint(fields=('type', 'software_sha256'), name='swin_set_once'),
        ),
    ]
