from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReceiptsConfig(AppConfig):
    name = "receipts"
    verbose_name = _("Receipts")

    def ready(self) -> None:
        from orders.signals import order_closed, refund_approved
        from receipts.receivers import wake_issue, wake_slip

        order_closed.connect(wake_issue, dispatch_uid="receipts.wake_issue")
        refund_approved.connect(wake_slip, dispatch_uid="receipts.wake_slip")
