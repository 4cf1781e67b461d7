"""The two statements of a delivery. Written out: building them anew each time would cost more than running them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from stores.fields import open_sealed

_FIND = "SELECT id, webhook_secret FROM stores_account WHERE notification_token = %s"
_KEEP = """INSERT INTO notifications_notification (
        account_id, received_at, headers, query, body, verdict, topic, resource_id, next_attempt_at,
        outcome, attempts, error, set_aside_by, set_aside_because
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'received', 0, '', '', '') RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Addressee:
    """The account that a token belongs to."""

    account_id: int
    sealed_secret: str

    @property
    def webhook_secret(self) -> str:
        return open_sealed(self.sealed_secret, f"stores.Account {self.account_id}, webhook_secret")


def find(token: str) -> Addressee | None:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [token])
        found = cursor.fetchall()
    return Addressee(*found[0]) if found else None


def keep(
    addressee: Addressee,
    *,
    headers: Mapping[str, str],
    query: str,
    body: bytes,
    verdict: str,
    topic: str,
    resource_id: int | None,
    now: datetime,
    next_attempt_at: datetime,
) -> int:
    """Store a delivery; the number of its row."""
    moment = connection.ops.adapt_datetimefield_value
    values = [addressee.account_id, moment(now), json.dumps(headers), query, body, verdict, topic, resource_id]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [*values, moment(next_attempt_at)])
        [[notification_id]] = cursor.fetchall()
    return int(notification_id)
