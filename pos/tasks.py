"""Sending to webhooks. Rows hold the schedule: what fails is due again with a sweep."""

from datetime import timedelta

from celery import shared_task

from pos import delivery, hooks

BATCH = 500
_KEPT = timedelta(days=90)


@shared_task
def sweep_hooks() -> None:
    """Wake every webhook that has something due; each is a task of its own, so that a dead one delays no other."""
    for hook_id in hooks.due():
        send_to_hook.apply_async((hook_id,), expires=10)


@shared_task
def send_to_hook(hook_id: int) -> None:
    delivery.send_due(hook_id)


@shared_task
def purge_hooks() -> None:
    """Forget old deliveries: a batch, and the next one as long as there is something left."""
    if hooks.purge(older_than=_KEPT, batch=BATCH) == BATCH:
        purge_hooks.delay()
