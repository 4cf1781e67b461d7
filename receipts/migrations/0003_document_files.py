from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('receipts', '0002_refund_slips_and_copies'),
    ]

    operations = [
        migrations.AlterField(
            model_name='document',
            name='format',
            field=models.CharField(choices=[('html', 'HTML'), ('pdf', 'PDF'), ('escpos', 'ESC/POS'), ('txt', 'plain text')], max_length=6, verbose_name='format'),
        ),
        migrations.AddField(
            model_name='document',
            name='variant',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='variant'),
        ),
        migrations.AddField(
            model_name='document',
            name='name',
            field=models.CharField(default='', max_length=100, verbose_name='file'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='document',
            name='sha256',
            field=models.CharField(default='', max_length=64, verbose_name='SHA-256'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='document',
            name='size',
            field=models.PositiveIntegerField(default=0, verbose_name='bytes'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='document',
            name='drawn_at',
            field=models.DateTimeField(auto_now=True, verbose_name='drawn'),
        ),
        migrations.RemoveConstraint(model_name='document', name='document_once_per_format'),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('receipt', 'format', 'variant'), name='document_once'),
        ),
    ]
