from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('receipts', '0004_rows_to_files'),
    ]

    operations = [
        # A default, so that the way back can add the column to rows that are there.
        migrations.AlterField(
            model_name='document',
            name='content',
            field=models.BinaryField(default=b'', verbose_name='content'),
        ),
        migrations.RemoveField(model_name='document', name='content'),
    ]
