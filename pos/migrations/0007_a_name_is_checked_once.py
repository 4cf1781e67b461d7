from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pos', '0006_import_run'),
    ]

    operations = [
        migrations.AlterField(
            model_name='pointofsale',
            name='name',
            field=models.CharField(max_length=44, verbose_name='name'),
        ),
    ]
