from typing import Any

from django.db import transaction

from receipts.tasks import issue_receipt


def wake_issue(*, order_id: int, **_: Any) -> None:
    """A closed order gets its receipt, as soon as the close is committed."""
    transaction.on_commit(lambda: issue_receipt.delay(order_id), robust=True)
