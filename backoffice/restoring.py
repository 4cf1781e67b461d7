"""After a backup was restored: what was made after it is not known here any more, but its numbers are out in the world.

A customer has a receipt with a number and a link, a controller remembers an order's id. None of them may come to name
something else, so numbering goes on well behind what can have been given.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Max

from orders.models import Order
from receipts.models import ReceiptBook
from stores.models import Store

_IDS = 1_000_000  # of each table; there are more than enough
_SEQUENCES = """
    SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + %s)
    FROM pg_sequences WHERE schemaname = current_schema()
"""


def last_sale() -> datetime | None:
    """When the newest order that the backup knows was made."""
    made: datetime | None = Order.objects.aggregate(last=Max("created_at"))["last"]
    return made


@transaction.atomic
def skip_numbers(*, receipts: int) -> list[tuple[Store, int]]:
    """Leave out so many receipt numbers of each store, and a million ids; the sequence of each store's next receipt."""
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES, [_IDS])
    ReceiptBook.objects.update(last=F("last") + receipts)
    books = ReceiptBook.objects.select_related("store").order_by("store")
    return [(book.store, book.last + 1) for book in books]
