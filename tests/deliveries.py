"""Deliveries as they are stored."""

from notifications import services
from notifications.models import Notification
from stores.models import Account


def delivered(account: Account, query: str, body: bytes = b"") -> Notification:
    """A delivery without headers, stored for this account."""
    notification_id = services.receive(account.notification_token, headers={}, query=query, body=body)
    assert notification_id is not None
    return Notification.objects.get(pk=notification_id)
