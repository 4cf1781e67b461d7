"""What station managers see of orders, of Mercado Pago's side of them, of refunds and of audits."""

from orders.admin import audits, mercado_pago, orders, refunds

__all__ = ["audits", "mercado_pago", "orders", "refunds"]
