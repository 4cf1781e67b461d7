from datetime import date, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from gateway.errors import GatewayError
from orders import audit, reconciliation, services
from orders.models import Audit, Order
from stores import days
from stores.commands import ScriptableCommand
from stores.models import Account, Store
from stores.services import connect


class Command(ScriptableCommand):
    help = (
        "Ask Mercado Pago about every order that may have news and follow all that changed there, now and not when it "
        "is due. With --day, compare that business day of every store with Mercado Pago and list each difference."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--day", metavar="YYYY-MM-DD", help="a business day, or 'yesterday'; each store's own")

    def act(self, **options: Any) -> dict[str, Any]:
        if options["day"] is not None:
            return _compare(options["day"])
        asked, changed, failures = 0, 0, []
        for account in Account.objects.filter(is_active=True):
            try:
                changed += reconciliation.catch_up(account, client=connect(account))
            except GatewayError as error:
                failures.append(f"account {account}: {error}")
        for order in Order.objects.filter(next_check_at__isnull=False).with_site().iterator():
            asked += 1
            try:
                after = services.refresh(order, client=connect(order.account, about=order), actor="reconcile")
            except GatewayError as error:
                failures.append(f"{order}: {error}")
                continue
            changed += (after.status, after.paid_amount) != (order.status, order.paid_amount)
        if failures:
            raise ValueError(f"{len(failures)} could not be checked: " + "; ".join(failures[:10]))
        return {"asked": asked, "changed": changed, "at": timezone.now().isoformat(timespec="seconds")}


def _compare(text: str) -> dict[str, Any]:
    audits: list[Audit] = []
    kinds = Store.objects.order_by().values_list("account", "time_zone", "day_starts").distinct()
    for account_id, time_zone, hour in kinds:
        account = Account.objects.get(pk=account_id)
        day = audit.Day(account, time_zone, _day(text, time_zone, hour), hour)
        audits += audit.compare(day, client=connect(account))
    found = [difference for one in audits for difference in one.differences.select_related("order")]
    return {
        "merchant_orders": sum(one.merchant_orders for one in audits),
        "differences": [
            {
                "store": difference.audit.store.external_id,
                "what": difference.kind,
                "order": difference.order and difference.order.external_reference,
                "merchant_order": difference.merchant_order_id,
                "payment": difference.payment_id,
                "ours": difference.ours,
                "theirs": difference.theirs,
                "healed": difference.healed,
            }
            for difference in found
        ],
    }


def _day(text: str, time_zone: str, hour: int) -> date:
    today = days.day_at(timezone.now(), time_zone, hour=hour)
    if text == "yesterday":
        return today - timedelta(days=1)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--day {text!r}: write it like 2026-11-23", returncode=2) from error
    if day > today:
        raise CommandError(f"--day {text}: that day has not begun", returncode=2)
    if day <= today - reconciliation.SEARCHABLE:
        most = reconciliation.SEARCHABLE.days
        raise CommandError(f"--day {text}: Mercado Pago's search reaches back {most} days only", returncode=2)
    return day
