import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0018_whose_payments_were_made_before'),
    ]

    operations = [
        migrations.AlterField(
            model_name='payment',
            name='pos',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pos.pointofsale', verbose_name='point of sale'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('approved_at__isnull', False)), fields=['pos', 'approved_at'], name='payment_of_day_at_pos'),
        ),
        migrations.RemoveIndex(
            model_name='payment',
            name='payment_of_day',
        ),
    ]
