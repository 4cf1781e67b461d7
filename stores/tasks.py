"""Telling Mercado Pago of stores. The rows hold the schedule; `pos.tasks.sweep_registrations` wakes what is due."""

from celery import shared_task

from stores import services
from stores.models import Store


@shared_task
def register_store(store_id: int) -> None:
    services.register(Store.objects.select_related("account").get(pk=store_id))
