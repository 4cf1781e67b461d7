"""The trail of an order's money: what was learnt of it, what was decided about it, by whom, in that order."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.append_only import AppendOnly
from orders.models.order import Order, money_field
from stores.amounts import in_currency


class MoneyEvent(models.TextChoices):
    """What happened to money."""

    PAYMENT = "payment", _("a payment, as Mercado Pago reports it")
    PAID_BACK = "paid_back", _("what went back of a payment, as Mercado Pago reports it")
    REFUND_PROPOSED = "refund_proposed", _("refund proposed")
    REFUND_ASKED = "refund_asked", _("refund asked for")
    REFUND_DECLINED = "refund_declined", _("refund declined: the money is kept")
    REFUND_WITHDRAWN = "refund_withdrawn", _("refund withdrawn")
    REFUND_ANSWERED = "refund_answered", _("refund answered by Mercado Pago")


class MoneyEntry(AppendOnly):
    """One line of the trail. Amounts are in the order's currency; none is ever negative: `event` says which way."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="money_trail", verbose_name=_("order"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    event = models.CharField(_("what"), max_length=20, choices=MoneyEvent)
    amount = money_field(_("amount"))
    before = models.CharField(_("before"), max_length=40, blank=True, default="")
    after = models.CharField(_("after"), max_length=40)
    # Mercado Pago's number of the payment or the refund; null for what is only ours yet.
    remote_id = models.BigIntegerField(_("id at Mercado Pago"), null=True)
    reason = models.CharField(_("why"), max_length=300, blank=True, default="")
    actor = models.CharField(_("who"), max_length=100)

    class Meta:
        verbose_name = _("entry of the money trail")
        verbose_name_plural = _("money trail")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(event__in=MoneyEvent.values), name="money_entry_event_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {in_currency(self.amount, self.order.currency)}"
