"""What comes from a manufacturer's deployment, and what an authority signs for it."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON filings_remotecandidate
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON filings_remotesignature
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON filings_otherdecision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
REVERSE = """
DROP TRIGGER append_only ON filings_otherdecision;
DROP TRIGGER append_only ON filings_remotesignature;
DROP TRIGGER append_only ON filings_remotecandidate;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('filings', '0010_reports_of_recalls'),
        ('organisations', '0006_deployments'),
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mirror',
            fields=[
                ('filing', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='mirror', serialize=False, to='filings.filing')),
                ('evaluation', models.JSONField(null=True)),
                ('received_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RemoteCandidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=120)),
                ('release_number', models.CharField(max_length=40)),
                ('payload', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('received_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RemoteSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(max_length=24)),
                ('signature', models.JSONField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='question',
            name='asked_as',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='filing',
            name='number',
            field=models.CharField(max_length=24),
        ),
        migrations.AlterField(
            model_name='question',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.UniqueConstraint(fields=('manufacturer', 'number'), name='filing_number_once'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('filing', 'asked_as'), name='question_told_once'),
        ),
        migrations.AddField(
            model_name='remotecandidate',
            name='dossier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='filings.dossier'),
        ),
        migrations.AddField(
            model_name='remotesignature',
            name='candidate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='filings.remotecandidate'),
        ),
        migrations.AddField(
            model_name='remotesignature',
            name='filing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='filings.filing'),
        ),
        migrations.AddField(
            model_name='remotesignature',
            name='key',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.signingkey'),
        ),
        migrations.AddConstraint(
            model_name='remotecandidate',
            constraint=models.UniqueConstraint(fields=('dossier', 'sha256'), name='candidate_told_once'),
        ),
        migrations.AddConstraint(
            model_name='remotesignature',
            constraint=models.UniqueConstraint(fields=('candidate', 'key'), name='signed_there_once'),
        ),
        migrations.CreateModel(
            name='OtherDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('manufacturer', models.SlugField(max_length=40)),
                ('number', models.CharField(max_length=24)),
                ('kind', models.CharField(max_length=16)),
                ('dossier_sha256', models.CharField(max_length=64)),
                ('decision', models.CharField(max_length=16)),
                ('decided_at', models.DateTimeField()),
                ('receipt', models.TextField(blank=True)),
                ('received_at', models.DateTimeField()),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['dossier_sha256', '-decided_at'], name='other_decision_about')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decision', 'accept'), _negated=True), models.Q(('receipt', ''), _negated=True), _connector='OR'), name='other_acceptance_is_signed')],
            },
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
