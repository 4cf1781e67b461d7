from django.db import migrations
from django.db.models import OuterRef, Subquery

BATCH = 5000


def tell(apps, schema_editor):
    """In batches that are committed one by one: a run that is broken off goes on where it was."""
    payments = apps.get_model('orders', 'Payment').objects
    its_own = apps.get_model('orders', 'MerchantOrder').objects.filter(pk=OuterRef('merchant_order'))
    while ids := list(payments.filter(pos=None).order_by('pk').values_list('pk', flat=True)[:BATCH]):
        payments.filter(pk__gte=ids[0], pk__lte=ids[-1]).update(pos=Subquery(its_own.values('order__pos')[:1]))


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0017_payments_know_their_point_of_sale'),
    ]

    operations = [
        migrations.RunPython(tell, migrations.RunPython.noop),
    ]
