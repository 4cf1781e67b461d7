from typing import Any

from django.db import transaction

from receipts.tasks import doorbell, issue_slip


def wake_issue(*, order_id: int, **_: Any) -> None:
    """A closed order gets its receipt, as soon as the close is committed."""
    transaction.on_commit(lambda: doorbell.ring(order_id), robust=True)


def wake_slip(*, request_id: int, **_: Any) -> None:
    """Money that went back gets its slip; the sweep does it when the order has no receipt yet."""
    transaction.on_commit(lambda: issue_slip.delay(request_id), robust=True)
