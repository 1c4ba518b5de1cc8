"""Who was left out and why; when an action times out; what a group was resumed with."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0003_gateway_feed'),
        ('vehicles', '0003_relevance_and_imported'),
    ]

    operations = [
        migrations.CreateModel(
            name='Exclusion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=24)),
                ('ecu_name', models.CharField(blank=True, max_length=40)),
                ('found', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name='action',
            name='deadline_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='action',
            name='seen_version',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='group',
            name='failures_accepted',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(fields=['campaign', 'offered_at'], name='action_by_offer'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(condition=models.Q(('deadline_at__isnull', False)), fields=['deadline_at'], name='action_by_deadline'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.campaign'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='vehicle',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vehicles.vehicle'),
        ),
        migrations.AddConstraint(
            model_name='exclusion',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['not-registered', 'type-not-covered', 'other-campaign', 'no-such-ecu', 'wrong-hardware', 'unknown-version', 'already-installed', 'wrong-version'])), name='exclusion_reason_is_known'),
        ),
        migrations.AddConstraint(
            model_name='exclusion',
            constraint=models.UniqueConstraint(fields=('campaign', 'vehicle'), name='excluded_once'),
        ),
    ]
