"""What owners said about their data joins the ordered change feed of the gateways."""

from django.db import migrations, models


FORWARD = """
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON gateway_consent
    FOR EACH ROW EXECUTE FUNCTION gateway_stamp();
CREATE TRIGGER ring AFTER INSERT OR UPDATE ON gateway_consent
    FOR EACH STATEMENT EXECUTE FUNCTION gateway_ring('gateway_feed');
"""
REVERSE = """
DROP TRIGGER ring ON gateway_consent;
DROP TRIGGER stamp ON gateway_consent;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('rights', '0001_requests_and_consents'),
        ('campaigns', '0003_gateway_feed'),
    ]

    operations = [
        migrations.CreateModel(
            name='GatewayConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant', models.CharField(max_length=40)),
                ('controller_id', models.CharField(max_length=256)),
                ('given', models.JSONField()),
                ('withdrawn', models.JSONField()),
                ('seq', models.BigIntegerField()),
            ],
            options={
                'db_table': 'gateway_consent',
                'indexes': [models.Index(fields=['seq'], name='gateway_consent_feed')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'controller_id'), name='gateway_consent_of_vehicle')],
            },
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
