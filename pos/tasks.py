"""What workers do for points of sale. Rows hold the schedule; what fails is due again later."""

from celery import shared_task
from django.utils import timezone

from pos import official
from pos.models import PointOfSale

BATCH = 100


@shared_task
def sweep_official_files() -> None:
    """Wake a fetch for every point of sale whose QR code, or a file of it, is missing here."""
    for pos_id in official.lease(timezone.now(), limit=BATCH):
        fetch_official_files.apply_async((pos_id,), expires=60)


@shared_task
def fetch_official_files(pos_id: int) -> None:
    official.fetch(PointOfSale.objects.select_related("store__account").get(pk=pos_id))
