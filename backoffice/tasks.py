from celery import shared_task

from backoffice.cases import queue


@shared_task
def look_what_waits() -> None:
    """Between two visits of people: what waits since when, and what left by itself, is on record all the same."""
    queue.look()
