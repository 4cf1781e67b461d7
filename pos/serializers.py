"""Amounts, and a point of sale, as controllers send and see them."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from gateway.sites import Site
from pos.models import ControllerStatus, PointOfSale
from pos.wire import NUMBER, StrictSerializer


class AmountField(serializers.DecimalField):
    """A positive amount: `"500.00"`, or `"500"` where the currency has no decimals. Needs `site` in the context."""

    def __init__(self, *, or_zero: bool = False, **options: Any) -> None:
        self.or_zero = or_zero
        super().__init__(max_digits=12, decimal_places=None, **options)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """As in any field: REST framework's decimals take an empty text for null."""
        return serializers.Field.validate_empty_values(self, data)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, str) and not NUMBER.fullmatch(data):
            raise serializers.ValidationError(_("Write the amount in digits, like 500.00."))
        amount = super().to_internal_value(data)
        site: Site = self.context["site"]
        if amount < 0 or (amount == 0 and not self.or_zero):
            least = _("An amount must be 0 or more.") if self.or_zero else _("An amount must be greater than 0.")
            raise serializers.ValidationError(least)
        if not site.fits(amount):
            text = _("%(currency)s has %(decimals)s decimals; send %(amount)s.")
            values = {"currency": site.currency, "decimals": site.decimals, "amount": site.text(amount)}
            raise serializers.ValidationError(text % values)
        if amount >= 10**10:
            raise serializers.ValidationError(_("Amounts must be less than 10,000,000,000."))
        return site.quantize(amount)


class StatusSerializer(StrictSerializer):
    """What a controller reports."""

    status = serializers.ChoiceField(
        choices=ControllerStatus.choices,
        error_messages={"invalid_choice": "{input} is none of idle, in_process, offline."},
    )
    amount_so_far = AmountField(
        or_zero=True,
        required=False,
        allow_null=True,
        help_text="Only with `in_process`: what the sale comes to so far, for the people at the station. "
        "It is never charged.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("amount_so_far") is not None and attrs["status"] != ControllerStatus.IN_PROCESS:
            text = _("Only while a sale is in process there is an amount so far: leave it out with %(status)s.")
            raise serializers.ValidationError({"amount_so_far": [text % {"status": attrs["status"]}]})
        return attrs


class PointOfSaleSerializer(serializers.ModelSerializer[PointOfSale]):
    """The point of sale itself; its open order is added by the layer that knows orders."""

    store = serializers.CharField(source="store.external_id")
    active = serializers.BooleanField(
        source="is_in_service", help_text="False when it, its store or its account is switched off."
    )
    currency = serializers.CharField(source="store.account.site.currency")
    status = serializers.ChoiceField(choices=ControllerStatus.choices)
    status_at = serializers.DateTimeField(allow_null=True, help_text="When that was last reported.")
    amount_so_far = serializers.CharField(allow_null=True, help_text="What the running sale comes to so far.")
    heartbeat = serializers.IntegerField(
        allow_null=True,
        help_text="Seconds: report the status at least twice as often, or customers are told that you are "
        "unreachable. Null: no need to.",
    )
    order_lifetime = serializers.IntegerField(help_text="Seconds until an order expires that has no `expires_in`.")

    class Meta:
        model = PointOfSale
        fields = (
            "external_id", "name", "store", "active", "currency", "status", "status_at", "amount_so_far", "heartbeat",
            "order_lifetime",
        )  # fmt: skip

    def to_representation(self, instance: PointOfSale) -> dict[str, Any]:
        so_far = instance.amount_so_far
        text = None if so_far is None else instance.store.account.site.text(so_far)
        return super().to_representation(instance) | {"amount_so_far": text}


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="For programs, e.g. urn:problem:open-order.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="For people.")
    errors = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="By field."
    )  # type: ignore[assignment]  # the name is RFC 9457's
