import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0016_found_by_reference_and_amount'),
        ('pos', '0010_reports_of_controllers'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='pos',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pos.pointofsale', verbose_name='point of sale'),
        ),
    ]
