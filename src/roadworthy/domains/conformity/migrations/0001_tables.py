"""Findings, what was said of them, comparisons of the fleet, limits."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('campaigns', '0006_reasons_in_both_languages'),
        ('organisations', '0002_two_more_roles'),
        ('software', '0002_append_only'),
        ('vehicles', '0003_relevance_and_imported'),
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=24)),
                ('version', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(default='open', max_length=16)),
                ('rule_id', models.CharField(max_length=24)),
                ('facts', models.JSONField(default=dict)),
                ('vehicles', models.PositiveIntegerField(default=0)),
                ('first_seen_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField()),
                ('explain_by', models.DateField()),
                ('reported_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True)),
                ('ecu', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vehicles.ecu')),
                ('first_vehicle', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vehicles.vehicle')),
                ('manufacturer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
                ('release', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='software.release')),
                ('type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vehicles.vehicletype')),
            ],
        ),
        migrations.CreateModel(
            name='Explanation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('because', models.CharField(max_length=16)),
                ('text', models.TextField()),
                ('document_sha256', models.CharField(blank=True, max_length=64)),
                ('document_name', models.CharField(blank=True, max_length=120)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('undone_because', models.TextField(blank=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='conformity.finding')),
            ],
        ),
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=32)),
                ('value', models.PositiveIntegerField()),
                ('applies_from', models.DateField()),
                ('reason', models.TextField()),
                ('set_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user')),
            ],
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(default='waiting', max_length=16)),
                ('at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
                ('note', models.TextField(blank=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='conformity.finding')),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user')),
            ],
        ),
        migrations.CreateModel(
            name='Snapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('uncovered', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.campaign')),
                ('manufacturer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='software.release')),
            ],
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['manufacturer', 'state', 'first_seen_at'], name='finding_list'),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['state', 'explain_by'], name='finding_due'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'explained', 'noise', 'reported', 'answered', 'closed', 'covered'])), name='finding_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['unfiled-software', 'content-differs', 'frequent-updates', 'defect-as-service'])), name='finding_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.UniqueConstraint(fields=('manufacturer', 'kind', 'type', 'ecu', 'version', 'release'), name='finding_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='explanation',
            constraint=models.CheckConstraint(condition=models.Q(('because__in', ['workshop', 'development', 'earlier', 'format', 'reporting', 'other'])), name='explanation_reason_is_known'),
        ),
        migrations.AddConstraint(
            model_name='explanation',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('finding',), name='one_explanation_stands'),
        ),
        migrations.AddIndex(
            model_name='limit',
            index=models.Index(fields=['key', 'organisation', '-id'], name='limit_newest'),
        ),
        migrations.AddIndex(
            model_name='referral',
            index=models.Index(fields=['authority', 'state', 'at'], name='referral_queue'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'settled'])), name='referral_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.UniqueConstraint(fields=('finding', 'authority'), name='referred_once'),
        ),
        migrations.AddIndex(
            model_name='snapshot',
            index=models.Index(fields=['manufacturer', '-id'], name='snapshot_newest'),
        ),
    ]
