"""What Starlette and Express ask the database: the order to be paid at the point of sale with this token."""

QUESTION = """
SELECT account.user_id, account.notification_token, o.external_reference, o.currency, o.items
FROM orders_order o
JOIN pos_pointofsale pos ON pos.id = o.pos_id
JOIN stores_store store ON store.id = pos.store_id
JOIN stores_account account ON account.id = store.account_id
WHERE pos.poll_token = $1 AND o.status = 'open' AND o.expires_at > now()
  AND pos.is_active AND store.is_active AND account.is_active
"""
