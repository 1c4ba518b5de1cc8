"""What an authority answered on paper."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON filings_attestedanswer
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
REVERSE = """
DROP TRIGGER append_only ON filings_attestedanswer;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0002_from_elsewhere'),
        ('filings', '0011_from_elsewhere'),
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='AttestedAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.CharField(max_length=16)),
                ('reference', models.CharField(max_length=80)),
                ('reference_on', models.DateField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.user')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('filing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='filings.filing')),
            ],
            options={
                'indexes': [models.Index(fields=['filing', '-id'], name='attested_answer_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('decision__in', ['accepted', 'returned', 'refused']), models.Q(('reference', ''), _negated=True)), name='attested_answer_is_one')],
            },
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
