from typing import Any

from django.utils import timezone

from gateway.errors import GatewayError
from orders import services
from orders.models import Order
from stores.commands import ScriptableCommand
from stores.services import connect


class Command(ScriptableCommand):
    help = "Ask Mercado Pago about every order that may have news, now and not when its next check is due."

    def act(self, **options: Any) -> dict[str, Any]:
        asked, changed, failures = 0, 0, []
        for order in Order.objects.filter(next_check_at__isnull=False).with_site().iterator():
            asked += 1
            try:
                after = services.refresh(order, client=connect(order.account), actor="reconcile")
            except GatewayError as error:
                failures.append(f"{order}: {error}")
                continue
            changed += (after.status, after.paid_amount) != (order.status, order.paid_amount)
        if failures:
            raise ValueError(f"{len(failures)} of {asked} orders could not be checked: " + "; ".join(failures[:10]))
        return {"asked": asked, "changed": changed, "at": timezone.now().isoformat(timespec="seconds")}
