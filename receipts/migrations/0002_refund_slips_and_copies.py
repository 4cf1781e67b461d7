import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0006_dialect_v2_shadow_and_loyalty'),
        ('receipts', '0001_initial'),
        ('stores', '0007_receipt_settings'),
    ]

    operations = [
        migrations.AddField(
            model_name='receipt',
            name='kind',
            field=models.CharField(choices=[('receipt', 'receipt'), ('refund', 'refund slip')], default='receipt', max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='receipt',
            name='order',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipt', to='orders.order', verbose_name='order'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='of',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slips', to='receipts.receipt', verbose_name='of receipt'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='refund_request',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slip', to='orders.refundrequest', verbose_name='refund request'),
        ),
        migrations.RemoveConstraint(model_name='receipt', name='receipt_sequence_unique'),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'receipt')), fields=('store', 'sequence'), name='receipt_sequence_unique'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'refund')), fields=('of', 'sequence'), name='slip_sequence_unique'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'receipt'), ('of', None), ('order__isnull', False), ('refund_request', None)), models.Q(('kind', 'refund'), ('of__isnull', False), ('order', None), ('refund_request__isnull', False)), _connector='OR'), name='receipt_of_an_order_or_a_refund'),
        ),
        migrations.CreateModel(
            name='Copy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('actor', models.CharField(max_length=100, verbose_name='who')),
                ('made_at', models.DateTimeField(verbose_name='when')),
                ('mark', models.CharField(max_length=200, verbose_name='mark')),
                ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='copies', to='receipts.receipt', verbose_name='receipt')),
            ],
            options={
                'verbose_name': 'copy',
                'verbose_name_plural': 'copies',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('receipt', 'number'), name='copy_number_unique'), models.CheckConstraint(condition=models.Q(('number__gte', 2)), name='copy_number_from_two')],
            },
        ),
    ]
