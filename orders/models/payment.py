"""What Mercado Pago made of our orders, and what was paid."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order, money_field
from orders.money import Money, add_up
from orders.states import FOREIGN, MERCHANT_ORDER_STATUSES, PAYMENT_STATUSES, Attention
from pos.models import PointOfSale
from stores.models import Account


class MerchantOrder(models.Model):
    """Mercado Pago's own order. Every scan makes one, so one order has many."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("account"))
    order = models.ForeignKey(Order, models.PROTECT, related_name="merchant_orders", verbose_name=_("order"))
    remote_id = models.BigIntegerField(_("id at Mercado Pago"))
    status = models.CharField(_("status"), max_length=30)
    # Why no news of it is taken: it is not ours, or not understood any more.
    objection = models.CharField(_("not counted"), max_length=20, choices=Attention, blank=True, default="")
    order_status = models.CharField(_("order status"), max_length=30, blank=True, default="")
    total_amount = money_field(_("total"))
    created_at = models.DateTimeField(_("made at Mercado Pago"), null=True)
    updated_at = models.DateTimeField(_("changed at Mercado Pago"), null=True)
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("merchant order")
        verbose_name_plural = _("merchant orders")
        constraints = [
            models.UniqueConstraint(fields=["account", "remote_id"], name="merchant_order_remote_id_unique"),
            models.CheckConstraint(
                condition=Q(status__in=MERCHANT_ORDER_STATUSES) | ~Q(objection=""), name="merchant_order_status_known"
            ),
        ]
        indexes = [models.Index(fields=["order", "created_at"], name="merchant_order_of_day")]

    def __str__(self) -> str:
        return str(self.remote_id)


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Which payments."""

    def counted_for(self, order_id: int) -> "PaymentQuerySet":
        """An order's own. What was understood once stays counted when its merchant order is not understood any more."""
        return self.filter(merchant_order__order=order_id).exclude(merchant_order__objection__in=FOREIGN)


class Payment(models.Model):
    """A payment as Mercado Pago last reported it. Rejected ones are kept: they explain what the customer saw."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("account"))
    merchant_order = models.ForeignKey(
        MerchantOrder, models.PROTECT, related_name="payments", verbose_name=_("merchant order")
    )
    # Its order's, kept beside it: a day of a store is found by it, among the payments of years.
    pos = models.ForeignKey(PointOfSale, models.PROTECT, related_name="+", verbose_name=_("point of sale"))
    remote_id = models.BigIntegerField(_("id at Mercado Pago"))
    status = models.CharField(_("status"), max_length=15)
    status_detail = models.CharField(_("status detail"), max_length=100, blank=True, default="")
    amount = money_field(_("amount"))
    refunded = money_field(_("refunded"), default=Decimal(0))
    operation_type = models.CharField(_("operation type"), max_length=40, blank=True, default="")
    approved_at = models.DateTimeField(_("approved"), null=True)
    updated_at = models.DateTimeField(_("changed at Mercado Pago"), null=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["account", "remote_id"], name="payment_remote_id_unique"),
            models.CheckConstraint(condition=Q(status__in=PAYMENT_STATUSES), name="payment_status_known"),
            # Card validations are payments of amount 0 (protocol.md §6).
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="payment_refunded_at_most_amount"
            ),
        ]
        indexes = [
            models.Index(
                fields=["pos", "approved_at"], condition=Q(approved_at__isnull=False), name="payment_of_day_at_pos"
            ),
        ]

    def __str__(self) -> str:
        return str(self.remote_id)


def money_of(order: Order) -> Money:
    """The sum of all payments of an order, as last reported."""
    return add_up(order.total_amount, Payment.objects.counted_for(order.pk))
