"""Orders, as controllers send and see them."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from gateway.sites import Site
from orders.loyalty_block import LoyaltySerializer, of_total
from orders.models import Order, Refund, RefundRequest
from orders.states import Attention, LoyaltyStatus, PaymentStatus, RefundStatus, RequestStatus, Status
from pos.models import PointOfSale
from pos.openapi import number
from pos.serializers import AmountField, PointOfSaleSerializer
from pos.wire import NUMBER, StrictSerializer

MAX_ITEMS = 200


@extend_schema_field(number("exclusiveMinimum", below=10**6, pattern=r"^[0-9]{1,6}(\.[0-9]{1,3})?$"))
class QuantityField(serializers.DecimalField):
    """How much was sold: up to 3 decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=9, decimal_places=3, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, str) and not NUMBER.fullmatch(data):
            self.fail("invalid")
        quantity = super().to_internal_value(data)
        if quantity <= 0:
            raise serializers.ValidationError(_("A quantity must be greater than 0."))
        return quantity


class ItemSerializer(StrictSerializer):
    """What was sold: so many litres at so much. Becomes what is frozen into the order."""

    title = serializers.CharField(max_length=200)
    quantity = QuantityField(help_text="Up to 3 decimals: litres, kWh.")
    unit_price = AmountField()
    unit_measure = serializers.CharField(max_length=20, default="unit")
    total_amount = AmountField(
        required=False, help_text="What quantity × unit_price comes to, within the precision of the quantity."
    )
    description = serializers.CharField(max_length=256, default="", allow_blank=True)
    sku_number = serializers.CharField(max_length=64, default="", allow_blank=True)
    category = serializers.CharField(max_length=64, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        site: Site = self.context["site"]
        quantity, price = attrs["quantity"], attrs["unit_price"]
        total = attrs.get("total_amount", site.quantize(quantity * price))
        low, high = plausible_totals(quantity, price, site)
        if not low <= total <= high:
            text = _("%(quantity)s × %(price)s is %(amount)s. Send that, or leave total_amount out.")
            values = {"quantity": _plain(quantity), "price": site.text(price), "amount": site.text(quantity * price)}
            raise serializers.ValidationError({"total_amount": [text % values]})
        if total <= 0:
            raise serializers.ValidationError({"quantity": [_("This quantity at this price comes to nothing.")]})
        return attrs | {
            "quantity": _plain(quantity),
            "unit_price": site.text(price),
            "total_amount": site.text(total),
        }


class SaleSerializer(StrictSerializer):
    """A sale that a controller reports: step 4A."""

    items = ItemSerializer(many=True, allow_empty=False, max_length=MAX_ITEMS)  # type: ignore[call-arg]  # an option of many=True
    reference = serializers.CharField(max_length=64, default="", allow_blank=True, help_text="Yours; we only keep it.")
    title = serializers.CharField(max_length=256, default="", allow_blank=True)
    description = serializers.CharField(max_length=256, default="", allow_blank=True)
    expires_in = serializers.IntegerField(
        min_value=30, max_value=24 * 3600, required=False, help_text="Seconds; the point of sale has its default."
    )
    replace = serializers.BooleanField(default=False, help_text="Cancel the open order of this point of sale first.")
    loyalty = LoyaltySerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        total = sum((Decimal(item["total_amount"]) for item in attrs["items"]), Decimal(0))
        if total >= 10**10:
            raise serializers.ValidationError({"items": [_("An order must be less than 10,000,000,000 in total.")]})
        if "loyalty" in attrs:
            attrs["loyalty"] = of_total(attrs["loyalty"], total, self.context["site"])
        return attrs


def plausible_totals(quantity: Decimal, price: Decimal, site: Site) -> tuple[Decimal, Decimal]:
    """The least and the greatest total that this quantity can mean.

    A pump that was set to 500.00 measures 10.333 litres at 48.39, which multiplies to 500.01: the true volume lies
    within half of the quantity's last decimal. Whole quantities are exact.
    """
    last_decimal = Decimal((0, (1,), int(quantity.normalize().as_tuple().exponent)))
    blur = last_decimal / 2 if last_decimal < 1 else Decimal(0)
    low = ((quantity - blur) * price).quantize(site.unit, rounding=ROUND_FLOOR)
    return low, ((quantity + blur) * price).quantize(site.unit, rounding=ROUND_CEILING)


def _plain(quantity: Decimal) -> str:
    """10.500 → 10.5, 1E+1 → 10."""
    return f"{quantity.normalize():f}"


class OrderItemSerializer(serializers.Serializer[Mapping[str, Any]]):
    """An item as it was frozen."""

    title = serializers.CharField()
    quantity = serializers.CharField()
    unit_measure = serializers.CharField()
    unit_price = serializers.CharField()
    total_amount = serializers.CharField()
    description = serializers.CharField()
    sku_number = serializers.CharField()
    category = serializers.CharField()


class ReceiptSummarySerializer(serializers.Serializer[Any]):
    """Where the receipt is."""

    number = serializers.CharField()
    links = serializers.DictField(child=serializers.URLField())


class OrderReceiptSerializer(ReceiptSummarySerializer):
    """The receipt, and the slips of what went back."""

    refunds = serializers.SerializerMethodField()

    def get_attribute(self, instance: Order) -> Any:
        if instance.status != Status.CLOSED:  # it has none: it is not looked for
            return None
        return super().get_attribute(instance)

    @extend_schema_field(ReceiptSummarySerializer(many=True))
    def get_refunds(self, receipt: Any) -> list[dict[str, Any]]:
        if not receipt.order.refunded_amount:  # nearly always: it is not looked for
            return []
        return list(ReceiptSummarySerializer(receipt.slips.drawn().order_by("pk"), many=True).data)


class EarnedSerializer(LoyaltySerializer):
    """The block as it was frozen, and what became of the points. A status is null until Mercado Pago is asked."""

    status = serializers.ChoiceField(choices=LoyaltyStatus.choices, allow_null=True)
    points = serializers.IntegerField(allow_null=True)


class OrderSerializer(serializers.ModelSerializer[Order]):
    """An order, as in contract §4."""

    store = serializers.CharField(source="pos.store.external_id")
    pos = serializers.CharField(source="pos.external_id")
    status = serializers.ChoiceField(choices=Status.choices)
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    attention = serializers.ChoiceField(choices=Attention.choices, allow_null=True)
    items = OrderItemSerializer(many=True)
    loyalty = serializers.SerializerMethodField()
    # The reverse side of receipts.Receipt.order: null until that app has made one and drawn it.
    receipt = OrderReceiptSerializer(allow_null=True, default=None)

    class Meta:
        model = Order
        fields = (
            "id", "external_reference", "reference", "store", "pos", "status", "payment_status", "currency",
            "total_amount", "paid_amount", "refunded_amount", "items", "title", "description", "attention",
            "created_at", "expires_at", "first_served_at", "closed_at", "receipt",
            "loyalty",
        )  # fmt: skip

    @extend_schema_field(EarnedSerializer(allow_null=True))
    def get_loyalty(self, order: Order) -> dict[str, Any] | None:
        if not order.loyalty:
            return None
        return {**order.loyalty, "status": order.loyalty_status or None, "points": order.loyalty_points}

    def to_representation(self, instance: Order) -> dict[str, Any]:
        data = super().to_representation(instance)
        for name in ("total_amount", "paid_amount", "refunded_amount"):
            data[name] = instance.site.text(getattr(instance, name))
        if data["receipt"] and instance.receipt.drawn_at is None:  # its links would answer 404 for a moment yet
            data["receipt"] = None
        return data


class PosWithOrderSerializer(PointOfSaleSerializer):
    """The point of sale with its open order."""

    open_order = serializers.SerializerMethodField()

    class Meta(PointOfSaleSerializer.Meta):
        fields = (*PointOfSaleSerializer.Meta.fields, "open_order")  # type: ignore[assignment]

    def get_open_order(self, pos: PointOfSale) -> dict[str, Any] | None:
        order = Order.objects.open().with_site().filter(pos=pos).first()
        return OrderSerializer(order).data if order else None


class RefundAskSerializer(StrictSerializer):
    """How much is to go back, and why."""

    amount = AmountField(required=False, help_text="Without it: all that is left.")
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class RefundSerializer(serializers.ModelSerializer[Refund]):
    """What goes back of one payment."""

    payment = serializers.IntegerField(source="payment.remote_id", help_text="Mercado Pago's id of the payment.")
    status = serializers.ChoiceField(choices=RefundStatus.choices)

    class Meta:
        model = Refund
        fields = ("payment", "amount", "status", "error")

    def to_representation(self, instance: Refund) -> dict[str, Any]:
        data = super().to_representation(instance)
        return data | {"amount": instance.request.order.site.text(instance.amount)}


class RefundRequestSerializer(serializers.ModelSerializer[RefundRequest]):
    """A request to give money back, and the refunds it takes."""

    status = serializers.ChoiceField(choices=RequestStatus.choices)
    currency = serializers.CharField(source="order.currency")
    refunds = RefundSerializer(many=True)
    # The reverse side of receipts.Receipt.refund_request, as an order's `receipt`.
    receipt = ReceiptSummarySerializer(source="slip", allow_null=True, default=None)

    class Meta:
        model = RefundRequest
        fields = ("id", "order", "amount", "currency", "status", "reason", "created_at", "refunds", "receipt")

    def to_representation(self, instance: RefundRequest) -> dict[str, Any]:
        data = super().to_representation(instance)
        if data["receipt"] and instance.slip.drawn_at is None:
            data["receipt"] = None
        return data | {"amount": instance.order.site.text(instance.amount)}
