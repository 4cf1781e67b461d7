"""The `loyalty` block of a sale as controllers send it, checked by Mercado Pago's tables (protocol.md §1.2)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from gateway import loyalty
from gateway.sites import Site
from pos.wire import NUMBER, StrictSerializer


class FixedField(serializers.CharField):
    """A text of exactly so many letters and digits. One that is shorter is not padded: whoever knows it sends it."""

    def __init__(self, length: int, **options: Any) -> None:
        self.length = length
        super().__init__(min_length=length, max_length=length, **options)

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if text and not (text.isascii() and text.isalnum()):
            raise serializers.ValidationError(_("Letters and digits only."))
        if 0 < len(text) < self.length:
            values = {"length": self.length, "value": text.zfill(self.length)}
            raise serializers.ValidationError(
                _("This has %(length)d characters, with zeros in front: send %(value)s.") % values
            )
        return text


class PositiveField(serializers.DecimalField):
    """A number above 0, frozen as the exact text of it."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and not NUMBER.fullmatch(data):
            self.fail("invalid")
        number: Decimal = super().to_internal_value(data)
        if number <= 0:
            raise serializers.ValidationError(_("This must be greater than 0."))
        return f"{number.normalize():f}"


class MomentField(serializers.CharField):
    """A date and time of ISO 8601 with its offset, frozen in the shape of the document's sample."""

    def to_internal_value(self, data: Any) -> str:
        try:
            moment = datetime.fromisoformat(super().to_internal_value(data))
            if moment.tzinfo is not None:
                return moment.isoformat(timespec="milliseconds")
        except ValueError:
            pass
        text = _("Write the date and the time of ISO 8601 with their offset, like 2019-12-12T10:40:49.000-03:00.")
        raise serializers.ValidationError(text)


class ProductSerializer(StrictSerializer):
    """What earns points."""

    code = serializers.CharField(max_length=40, help_text="The program's code of the product.")
    quantity = PositiveField(max_digits=12, decimal_places=3, help_text="Up to 3 decimals: litres.")
    unit = serializers.ChoiceField(choices=loyalty.UNITS, error_messages={"invalid_choice": _("litre or piece.")})
    unit_price = PositiveField(max_digits=14, decimal_places=None)


class CashierSerializer(StrictSerializer):
    """Who sold it."""

    type = serializers.CharField(max_length=40, help_text="Kind of document, e.g. DNI.")
    number = serializers.CharField(max_length=40, help_text="00000000 when it is not known.")


class LoyaltySerializer(StrictSerializer):
    """A sale for the program of YPF (`serviclub`) or Shell (`CTC`). Argentina, dialect v1. Every field is needed."""

    program = serializers.ChoiceField(
        choices=loyalty.PROGRAMS, error_messages={"invalid_choice": _("serviclub (YPF) or CTC (Shell).")}
    )
    transaction_id = serializers.CharField(
        max_length=40, help_text="Never used before by anybody: join store_id, pump side and the sale's number."
    )
    invoice_number = FixedField(8, help_text="Zeros in front: 00000012.")
    transaction_date = MomentField(help_text="ISO 8601 with its offset.")
    transaction_amount = PositiveField(max_digits=12, decimal_places=2, help_text="The order's total.")
    store_id = FixedField(5, help_text="APIES of YPF, SiteID of Shell; zeros in front: 00029.")
    products = ProductSerializer(many=True, allow_empty=False, max_length=200)  # type: ignore[call-arg]  # an option of many=True
    cashier_identification = CashierSerializer()
    period = FixedField(4, help_text="0000 when there is none.")
    shift = FixedField(1)
    affinity_plan = FixedField(1, help_text="7")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        program, products = attrs["program"], attrs["products"]
        are_fuel = [loyalty.is_fuel(program, code=p["code"], unit=p["unit"]) for p in products]
        wrong: dict[int, Any] = {}
        for index, product in enumerate(products):
            if are_fuel[index] and not all(are_fuel[:index]):
                wrong[index] = {"code": [_("Fuel must be the first product: put it before all others.")]}
            if product["code"] == loyalty.SHOP[program] and product["quantity"] != "1":
                text = _("What the shop sold is one piece: send quantity 1, and as unit_price what it comes to.")
                wrong[index] = {"quantity": [text]}
        if wrong:
            raise serializers.ValidationError({"products": [wrong.get(i, {}) for i in range(len(products))]})
        return attrs


def of_total(block: dict[str, Any], total: Decimal, site: Site) -> dict[str, Any]:
    """The block as it is frozen. The whole order earns points, so its amount and the block's are one."""
    if Decimal(block["transaction_amount"]) != total:
        text = _("This is not the order's total: send %(amount)s.") % {"amount": site.text(total)}
        raise serializers.ValidationError({"loyalty": {"transaction_amount": [text]}})
    return block | {"transaction_amount": site.text(total)}
