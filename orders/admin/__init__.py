"""What station managers see of orders, of Mercado Pago's side of them, of refunds, of audits and of shadow answers."""

from orders.admin import audits, mercado_pago, orders, refunds, shadows, trail

__all__ = ["audits", "mercado_pago", "orders", "refunds", "shadows", "trail"]
