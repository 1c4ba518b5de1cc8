"""Organisations that act at another deployment, and the keys that they tell of."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0005_data_compliance_role'),
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnnouncedKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(max_length=24)),
                ('keyid', models.CharField(max_length=64, unique=True)),
                ('public', models.JSONField()),
                ('announced_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='organisation',
            name='deployment',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AlterField(
            model_name='signingkey',
            name='holder',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('deployment', ''), ('ddi_tenant__isnull', True), _connector='OR'), name='vehicles_ask_their_own_deployment'),
        ),
        migrations.AddField(
            model_name='announcedkey',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation'),
        ),
        migrations.AddConstraint(
            model_name='announcedkey',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['release', 'receipt', 'product-change-permit', 'access-permit', 'recall-plan', 'test-report', 'witness'])), name='announced_purpose_is_known'),
        ),
    ]
