from typing import Any

from django.db import transaction

from pos.tasks import send_to_hook


def wake_hook(*, hook_id: int, **_: Any) -> None:
    """A webhook gets its delivery, as soon as what it tells is committed."""
    transaction.on_commit(lambda: send_to_hook.delay(hook_id), robust=True)
