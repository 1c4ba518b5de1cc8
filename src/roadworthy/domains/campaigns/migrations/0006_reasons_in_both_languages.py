"""Why a campaign stands still: a person's words, or the platform's in both languages."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0005_why_ignored'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE campaigns_campaign ALTER COLUMN pause_reason TYPE jsonb "
                    "USING to_jsonb(pause_reason)",
                    "ALTER TABLE campaigns_campaign ALTER COLUMN pause_reason TYPE text "
                    "USING coalesce(pause_reason ->> 'en', pause_reason #>> '{}')",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='campaign',
                    name='pause_reason',
                    field=models.JSONField(blank=True, default=str),
                ),
            ],
        ),
    ]
