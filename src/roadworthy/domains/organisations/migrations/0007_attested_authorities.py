"""Authorities whose answers are attested, and the keys of those who attest them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0006_deployments'),
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='announcedkey',
            name='announced_purpose_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='signingkey',
            name='key_purpose_is_known',
        ),
        migrations.AddField(
            model_name='organisation',
            name='is_attested',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name='announcedkey',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['release', 'receipt', 'product-change-permit', 'access-permit', 'recall-plan', 'test-report', 'witness', 'attested-miit-receipt', 'attested-miit-change', 'attested-miit-access', 'attested-samr-receipt', 'attested-samr-recall'])), name='announced_purpose_is_known'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('is_attested', False), models.Q(('deployment', ''), ('kind__in', ['miit', 'samr'])), _connector='OR'), name='attested_authorities_act_nowhere'),
        ),
        migrations.AddConstraint(
            model_name='signingkey',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['release', 'receipt', 'product-change-permit', 'access-permit', 'recall-plan', 'test-report', 'witness', 'attested-miit-receipt', 'attested-miit-change', 'attested-miit-access', 'attested-samr-receipt', 'attested-samr-recall'])), name='key_purpose_is_known'),
        ),
    ]
